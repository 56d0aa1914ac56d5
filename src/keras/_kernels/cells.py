"""One step or all steps of an LSTM, with a gradient written by hand.

JAX's gradient of the formula keeps some fourteen arrays per step, and collects the gradients of the four
gates with a pad and a sum each. The gradient here needs only the values of the gates and the two cell states,
since the derivatives of the usual activations are functions of their results:

    dc = dc' + dh o a'(c')                     c' = f c + i g,  h = o a(c')
    dz = (dc g s'(i), dc c s'(f), dc i a'(g), dh a(c') s'(o)),  dc_before = dc f

where z are the inputs of the activations of the gates i, f, g (the candidate) and o. For all steps together,
only dz needs a loop; the gradient of the recurrent weights is one product after it (arXiv:1604.01946, section
3.2).

Reference: Gers, Schmidhuber and Cummins 2000, Neural Computation 12(10), without their truncation of the
gradient, as in Graves and Schmidhuber 2005, Neural Networks 18(5-6), appendix.
"""

import functools
from collections.abc import Callable
from typing import Any, TypeAlias

import jax
import jax.numpy as jnp

from .sums import reduce_sum

Activation: TypeAlias = Callable[[jax.Array], jax.Array]
#: The values of the gates i, g, f and o, (samples, units) each.
Gates: TypeAlias = tuple[jax.Array, jax.Array, jax.Array, jax.Array]

#: Name -> (function, its derivative as a function of the result).
ACTIVATIONS: dict[str, tuple[Activation, Activation]] = {
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
def lstm(z: jax.Array, c: jax.Array, activation: str, inner_activation: str) -> tuple[jax.Array, jax.Array]:
    """One step of an LSTM, from the sums of its products.

    Args:
        z: float array (samples, 4 * units): the sums of the products for the input gate, the forget gate,
            the candidate and the output gate, side by side.
        c: float array (samples, units), the state of the cell.
        activation: key of `ACTIVATIONS`, for the candidate and the output.
        inner_activation: key of `ACTIVATIONS`, for the gates.
    Returns:
        (h, c), the output and the new state of the cell, (samples, units) each.
    """
    return _forward(z, c, activation, inner_activation)[0]


def _forward(z: jax.Array, c: jax.Array, activation: str, inner_activation: str) -> Any:
    return _forward_of(jnp.split(z, 4, axis=1), c, activation, inner_activation)


def _forward_of(
    sums_of_gates: list[jax.Array], c: jax.Array, activation: str, inner_activation: str
) -> tuple[tuple[jax.Array, jax.Array], tuple[Gates, jax.Array, jax.Array]]:
    """((output, new state), what `_backward` needs)."""
    a, s = ACTIVATIONS[activation][0], ACTIVATIONS[inner_activation][0]
    i, f, g, o = sums_of_gates
    i, g, f, o = s(i), a(g), s(f), s(o)
    new = f * c + i * g
    return (o * a(new), new), ((i, g, f, o), c, new)


def _backward(
    activation: str,
    inner_activation: str,
    kept: tuple[Gates, jax.Array, jax.Array],
    gradients: tuple[jax.Array, jax.Array],
) -> tuple[jax.Array, jax.Array]:
    (a, da), (_, ds) = ACTIVATIONS[activation], ACTIVATIONS[inner_activation]
    (i, g, f, o), c, new = kept
    dh, dc = gradients
    y = a(new)
    dc = dc + dh * o * da(y)
    dz = [dc * g * ds(i), dc * c * ds(f), dc * i * da(g), dh * y * ds(o)]
    # The state may have a narrower type than the sums, in whose type the step returned the new state.
    return jnp.concatenate(dz, axis=1), (dc * f).astype(c.dtype)


lstm.defvjp(_forward, _backward)


@functools.partial(jax.custom_vjp, nondiff_argnums=(5, 6, 7))
def lstm_sequence(
    z: jax.Array,
    U: jax.Array,
    b: jax.Array,
    h: jax.Array,
    c: jax.Array,
    activation: str,
    inner_activation: str,
    backwards: bool,
) -> tuple[jax.Array, jax.Array, jax.Array]:
    """All steps of an LSTM, from the products of its inputs. All arrays have the same dtype.

    Args:
        z: float array (steps, samples, 4 * units): the products of the inputs of each step and the weights of
            the gates.
        U: array (units, 4 * units), the recurrent weights, with the gates in the order of `lstm`.
        b: array (4 * units,), the bias of the gates.
        h, c: arrays (samples, units), the output and the state of the cell before the first step.
        activation, inner_activation: as in `lstm`.
        backwards: bool, whether to start with the last step.
    Returns:
        (outputs (steps, samples, units), in the order of z; the last output; the last state of the cell).
    """
    return _sequence_forward(z, U, b, h, c, activation, inner_activation, backwards)[0]


def _sequence_forward(
    z: jax.Array,
    U: jax.Array,
    b: jax.Array,
    h: jax.Array,
    c: jax.Array,
    activation: str,
    inner_activation: str,
    backwards: bool,
) -> tuple[tuple[jax.Array, jax.Array, jax.Array], Any]:
    def step(state: Any, z: jax.Array) -> Any:
        h, c = state
        # Added gate by gate, inside the gates' own fused kernels. XLA would pass a sum with the whole product
        # to its matrix library, and copy z and broadcast the bias to all samples and steps for that.
        parts = [jnp.split(part, 4, axis=-1) for part in (h @ U, z, b)]
        sums_of_gates = [own + outside + bias for own, outside, bias in zip(*parts, strict=True)]
        (h, c), (gates, _, _) = _forward_of(sums_of_gates, c, activation, inner_activation)
        return (h, c), (h, c, gates)

    (last, state), (outputs, states, gates) = jax.lax.scan(step, (h, c), z, reverse=backwards)
    return (outputs, last, state), (U, h, c, outputs, states, gates)


def _sequence_backward(
    activation: str, inner_activation: str, backwards: bool, kept: Any, gradients: Any
) -> tuple[jax.Array, jax.Array, jax.Array, jax.Array, jax.Array]:
    U, h, c, outputs, states, gates = kept
    d_outputs, d_last, d_state = gradients

    def step(carry: Any, items: Any) -> Any:
        dh, dc = carry
        d_output, gates, c, new = items
        dz, dc = _backward(activation, inner_activation, (gates, c, new), (dh + d_output, dc))
        return (dz @ U.T, dc), dz

    items = (d_outputs, gates, _before(c, states, backwards), states)
    (dh, dc), dz = jax.lax.scan(step, (d_last, d_state), items, reverse=not backwards)
    hidden, all_dz = _before(h, outputs, backwards).reshape(-1, h.shape[1]), dz.reshape(-1, dz.shape[2])
    return dz, hidden.T @ all_dz, reduce_sum(dz, (0, 1)), dh, dc


def _before(first: jax.Array, steps: jax.Array, backwards: bool) -> jax.Array:
    """For each step, the result of the step before it."""
    parts = (steps[1:], first[None]) if backwards else (first[None], steps[:-1])
    return jnp.concatenate(parts)


lstm_sequence.defvjp(_sequence_forward, _sequence_backward)
