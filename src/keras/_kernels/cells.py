"""The step of an LSTM with a gradient of its own.

The gradient that JAX makes of the step's formula keeps some fourteen arrays a step, and gathers the gradients
of the four gates with a pad and a sum each. All that is needed follows from the gates' values and the two
cell states, since the usual activations' derivatives are functions of what they give:

    dc = dc' + dh o a'(c')                     c' = f c + i g,  h = o a(c')
    dz = (dc g s'(i), dc i a'(g), dc c s'(f), dh a(c') s'(o)),  dc_before = dc f

for z the sums that go into the gates i, g (the candidate), f and o.

Reference: Gers, Schmidhuber and Cummins 2000, Neural Computation 12(10), without their truncation of the
gradient, as in Graves and Schmidhuber 2005, Neural Networks 18(5-6), appendix.
"""

import functools

import jax
import jax.numpy as jnp

#: Name -> (function, its derivative as a function of what it gives).
ACTIVATIONS = {
    "tanh": (jnp.tanh, lambda y: 1 - y * y),
    "sigmoid": (jax.nn.sigmoid, lambda y: y * (1 - y)),
    "hard_sigmoid": (
        lambda x: jnp.clip(0.2 * x + 0.5, 0, 1),
        lambda y: jnp.where((y > 0) & (y < 1), 0.2, 0).astype(y.dtype),
    ),
    "relu": (jax.nn.relu, lambda y: (y > 0).astype(y.dtype)),
    "linear": (lambda x: x, jnp.ones_like),
}


@functools.partial(jax.custom_vjp, nondiff_argnums=(2, 3))
def lstm(z, c, activation, inner_activation):
    """One step of an LSTM after its products.

    Args:
        z: float array (samples, 4 * units): the sums of the products for the input gate, the candidate,
            the forget gate and the output gate, side by side.
        c: float array (samples, units), the cell's state.
        activation, inner_activation: keys of `ACTIVATIONS`; the latter is that of the gates.
    Returns:
        (h, c), the output and the new state of the cell, (samples, units) each.
    """
    return _forward(z, c, activation, inner_activation)[0]


def _forward(z, c, activation, inner_activation):
    a, s = ACTIVATIONS[activation][0], ACTIVATIONS[inner_activation][0]
    i, g, f, o = jnp.split(z, 4, axis=1)
    i, g, f, o = s(i), a(g), s(f), s(o)
    new = f * c + i * g
    return (o * a(new), new), (jnp.concatenate([i, g, f, o], axis=1), c, new)


def _backward(activation, inner_activation, kept, gradients):
    (a, da), (_, ds) = ACTIVATIONS[activation], ACTIVATIONS[inner_activation]
    gates, c, new = kept
    dh, dc = gradients
    i, g, f, o = jnp.split(gates, 4, axis=1)
    y = a(new)
    dc = dc + dh * o * da(y)
    dz = [dc * g * ds(i), dc * i * da(g), dc * c * ds(f), dh * y * ds(o)]
    # A state may be of a narrower type than the sums, whose step then made a wider one of it.
    return jnp.concatenate(dz, axis=1), (dc * f).astype(c.dtype)


lstm.defvjp(_forward, _backward)
