"""Batch normalization and its gradients, compared with JAX's derivatives of the formula."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from keras import backend as K
from keras._kernels.normalization import normalize

CASES = {
    "rows": ((6, 4), (0,)),
    "channels last": ((3, 4, 5, 2), (0, 1, 2)),
    "channels first": ((3, 2, 4, 5), (0, 2, 3)),
    "two axes left": ((5, 3, 2), (0,)),
    "one value": ((1, 4), (0,)),
}


def formula(x, gamma, beta, axes, epsilon):
    """Ioffe and Szegedy 2015, algorithm 1."""
    mean, var = jnp.mean(x, axes, keepdims=True), jnp.var(x, axes, keepdims=True)
    gamma, beta = gamma.reshape(mean.shape), beta.reshape(mean.shape)
    normal = gamma * (x - mean) / jnp.sqrt(var + epsilon) + beta
    return normal, mean.squeeze(axes), var.squeeze(axes)


def loss(step, axes, x, gamma, beta):
    """Returns a loss that depends on all three results, with different weights for each element."""
    parts = step(x, gamma, beta, axes, 0.01)
    return sum(jnp.sum(jnp.linspace(0.5, 2, part.size).reshape(part.shape) * part**3) for part in parts)


def arrays(shape, axes):
    numbers = np.random.RandomState(0)
    left = [size for axis, size in enumerate(shape) if axis not in axes]
    return [jnp.asarray(numbers.randn(*size)) for size in (shape, left, left)]


@pytest.mark.parametrize("name", CASES)
def test_values_and_gradients_equal_the_formula(name):
    shape, axes = CASES[name]
    with jax.enable_x64(True):
        ours, plain = (
            jax.value_and_grad(lambda *a, step=step: loss(step, axes, *a), (0, 1, 2))(*arrays(shape, axes))
            for step in (normalize, formula)
        )
    for one, other in zip(jax.tree.leaves(ours), jax.tree.leaves(plain), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-10, atol=1e-10)


def test_second_gradient_equals_the_formula():
    shape, axes = CASES["channels last"]

    def curvature(step):
        def slope(*a):
            return jnp.sum(jax.grad(lambda x: loss(step, axes, x, *a[1:]))(a[0]) ** 2)

        return jax.grad(slope, (0, 1, 2))(*arrays(shape, axes))

    with jax.enable_x64(True):
        for one, other in zip(curvature(normalize), curvature(formula), strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-9)


def test_negative_axes_and_weights_of_full_rank_are_accepted():
    x = np.random.RandomState(1).randn(4, 3, 2).astype("float32")
    gamma, beta = np.full((1, 3, 1), 2, "float32"), np.full((1, 3, 1), 0.5, "float32")
    normal, mean, var = K.normalize_batch_in_training(*map(K.variable, (x, gamma, beta)), [0, -1])
    np.testing.assert_allclose(K.eval(mean), x.mean((0, 2)), rtol=1e-5)
    np.testing.assert_allclose(K.eval(var), x.var((0, 2)), rtol=1e-5)
    expected = 2 * (x - x.mean((0, 2), keepdims=True)) / np.sqrt(x.var((0, 2), keepdims=True) + 1e-3) + 0.5
    np.testing.assert_allclose(K.eval(normal), expected, rtol=1e-4, atol=1e-5)
