"""Activations by name, and their values at a few points."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from numpy.testing import assert_allclose

from keras import activations
from keras import backend as K

X = np.array([[-3.0, -0.5, 0.0, 0.5, 3.0]])

# Formulas written out in NumPy.
EXPECTED = {
    "linear": X,
    "relu": np.maximum(X, 0),
    "elu": np.where(X > 0, X, np.expm1(X)),
    "softplus": np.log1p(np.exp(X)),
    "softsign": X / (1 + np.abs(X)),
    "tanh": np.tanh(X),
    "sigmoid": 1 / (1 + np.exp(-X)),
    "hard_sigmoid": np.clip(0.2 * X + 0.5, 0, 1),
    "softmax": np.exp(X) / np.exp(X).sum(),
}


@pytest.mark.parametrize("name", EXPECTED)
def test_value_equals_the_formula(name):
    assert_allclose(K.eval(activations.get(name)(K.variable(X))), EXPECTED[name], rtol=1e-5, atol=1e-7)


def test_relu_with_slope_and_bound():
    y = activations.relu(K.variable(X), alpha=0.1, max_value=2.0)
    assert_allclose(K.eval(y), [[-0.3, -0.05, 0.0, 0.5, 2.0]], rtol=1e-6)


def test_softmax_of_steps_takes_the_last_axis():
    y = K.eval(activations.softmax(K.variable(np.random.rand(2, 3, 4))))
    assert_allclose(y.sum(axis=-1), np.ones((2, 3)), rtol=1e-6)


def test_softmax_does_not_overflow():
    assert_allclose(K.eval(activations.softmax(K.variable([[1e4, 0.0]]))), [[1, 0]])


@pytest.mark.parametrize("shape", [(3,), (1, 2, 3, 4)])
def test_softmax_of_another_rank_is_refused(shape):
    with pytest.raises(ValueError, match=str(shape[-1])):
        activations.softmax(K.variable(np.zeros(shape)))


def test_get_none_returns_linear():
    assert activations.get(None) is activations.linear


def test_get_returns_functions_unchanged():
    assert activations.get(np.tanh) is np.tanh


def test_get_refuses_names_of_other_functions():
    with pytest.raises(ValueError, match="Did you mean 'relu'"):
        activations.get("rellu")
    with pytest.raises(ValueError):
        activations.get("get_from_module")  # Keras 1.2.2 finds it: it looks into its globals


def test_relu_gradient_is_0_at_0():
    x = jnp.asarray([-2.0, 0.0, 3.0])
    relu = K.relu.rule
    np.testing.assert_array_equal(jax.grad(lambda x: relu(x).sum())(x), [0, 0, 1])
    np.testing.assert_array_equal(jax.jvp(relu, (x,), (x * 2,))[1], [0, 0, 6])
    np.testing.assert_array_equal(jax.hessian(lambda x: (relu(x) ** 2).sum() / 2)(x), np.diag([0, 0, 1]))
