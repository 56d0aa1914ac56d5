"""The LSTM's step and its gradients, against the formula as JAX differentiates it."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from keras import activations
from keras._graph import ancestors
from keras._kernels.cells import ACTIVATIONS, lstm
from keras.layers import LSTM, Input
from keras.models import Model


def formula(z, c, activation, inner_activation):
    """Gers et al. 2000, with the gates in the order i, candidate, f, o."""
    a, s = ACTIVATIONS[activation][0], ACTIVATIONS[inner_activation][0]
    i, g, f, o = jnp.split(z, 4, axis=1)
    new = s(f) * c + s(i) * a(g)
    return s(o) * a(new), new


def loss(step, z, c, *names):
    h, new = step(z, c, *names)
    weights = np.linspace(0.5, 2, h.size).reshape(h.shape)
    return jnp.sum(weights * h**2) + jnp.sum(weights[::-1] * new**3)


def case():
    numbers = np.random.RandomState(0)
    return jnp.asarray(2 * numbers.randn(3, 20)), jnp.asarray(numbers.randn(3, 5))


@pytest.mark.parametrize("inner_activation", ACTIVATIONS)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_values_and_gradients(activation, inner_activation):
    with jax.enable_x64(True):
        names = activation, inner_activation
        ours = jax.value_and_grad(lambda z, c: loss(lstm, z, c, *names), (0, 1))(*case())
        plain = jax.value_and_grad(lambda z, c: loss(formula, z, c, *names), (0, 1))(*case())
    for one, other in zip(jax.tree.leaves(ours), jax.tree.leaves(plain), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-12)


def test_the_second_gradient():
    def curvature(step):
        def slope(z, c):
            return jnp.sum(jax.grad(lambda z: loss(step, z, c, "tanh", "sigmoid"))(z) ** 2)

        return jax.grad(slope, (0, 1))(*case())

    with jax.enable_x64(True):
        for one, other in zip(curvature(lstm), curvature(formula), strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-10)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_the_activations_are_those_of_the_layers(name):
    x = np.linspace(-4, 4, 41, dtype="float32")
    np.testing.assert_array_equal(ACTIVATIONS[name][0](x), getattr(activations, name)(x))


def test_any_other_activation_goes_by_the_formula():
    numbers = np.random.RandomState(0).randn(2, 4, 3).astype("float32")
    outputs = []
    for activation in ("tanh", lambda x: activations.tanh(x)):
        x = Input((4, 3))
        model = Model(x, LSTM(5, activation=activation)(x))
        model.set_weights([np.random.RandomState(1).randn(*w.shape) for w in model.get_weights()])
        outputs.append(model.predict(numbers))
        body = next(node.body for node in ancestors(model.outputs) if node.body)
        assert ("lstm" in {node.name for node in ancestors(body.outputs)}) == (activation == "tanh")
    np.testing.assert_allclose(*outputs, rtol=1e-5)
