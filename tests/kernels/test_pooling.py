"""Pooling and its gradients, compared with XLA."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax
from numpy.testing import assert_allclose, assert_array_equal

from keras._kernels import pooling

# (space, size, strides, padding): adjacent windows, overlaps, gaps, remainders, one to three dimensions.
CASES = [
    ((6, 6), (2, 2), (2, 2), "VALID"),
    ((7, 9), (2, 2), (2, 2), "VALID"),
    ((7, 9), (2, 2), (2, 2), "SAME"),
    ((7, 6), (3, 3), (1, 1), "SAME"),
    ((8, 9), (3, 2), (2, 1), "VALID"),
    ((8, 9), (1, 2), (3, 3), "SAME"),
    ((9,), (4,), (3,), "SAME"),
    ((5, 4, 6), (2, 3, 2), (1, 2, 2), "SAME"),
]


def of_xla(x, size, strides, padding, start, function):
    return lax.reduce_window(x, start, function, (1, *size, 1), (1, *strides, 1), padding)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_maximum_and_its_gradient_equal_xla(case):
    space, *options = case
    numbers = np.random.RandomState(0)
    # Few different numbers, so that many windows hold their maximum twice.
    x = jnp.asarray(numbers.randint(0, 4, (3, *space, 2)), "float32")
    wanted, pullback = jax.vjp(lambda x: of_xla(x, *options, -jnp.inf, lax.max), x)
    got, own_pullback = jax.vjp(lambda x: pooling.max_pool(x, *options), x)
    g = jnp.asarray(numbers.randn(*wanted.shape), "float32")
    assert_array_equal(got, wanted)
    assert_allclose(own_pullback(g)[0], pullback(g)[0], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_mean_and_its_gradient_equal_xla(case):
    space, *options = case
    numbers = np.random.RandomState(0)
    x = jnp.asarray(numbers.randn(3, *space, 2), "float32")
    counts = of_xla(jnp.ones_like(x), *options, 0.0, lax.add)
    wanted, pullback = jax.vjp(lambda x: of_xla(x, *options, 0.0, lax.add) / counts, x)
    got, own_pullback = jax.vjp(lambda x: pooling.mean_pool(x, *options), x)
    g = jnp.asarray(numbers.randn(*wanted.shape), "float32")
    assert_allclose(got, wanted, rtol=1e-5, atol=1e-6)
    assert_allclose(own_pullback(g)[0], pullback(g)[0], rtol=1e-5, atol=1e-6)


def test_gradient_of_ties_goes_to_the_first_element():
    # As in Keras 1.2.2: the first in row-major order.
    x = jnp.zeros((1, 2, 2, 1))
    gradient = jax.grad(lambda x: jnp.sum(pooling.max_pool(x, (2, 2), (2, 2), "VALID")))(x)
    assert_array_equal(gradient[0, :, :, 0], [[1, 0], [0, 0]])


@pytest.mark.parametrize("pool", [pooling.max_pool, pooling.mean_pool])
def test_second_gradient_equals_xla(pool):
    numbers = np.random.RandomState(0)
    x, v = (jnp.asarray(numbers.permutation(2 * 5 * 5 * 2).reshape(2, 5, 5, 2), "float32") for _ in range(2))
    x = x / 100

    def directional(x):
        gradient = jax.grad(lambda x: jnp.sum(pool(x, (3, 3), (2, 2), "SAME") ** 3))(x)
        return jnp.sum(gradient * v)

    # The third power of a piecewise linear function has smooth pieces: central differences are exact to h^2.
    step = 1e-3 * jnp.zeros_like(x).at[0, 2, 2, 1].set(1)
    quotient = (directional(x + step) - directional(x - step)) / 2e-3
    assert_allclose(jax.grad(directional)(x)[0, 2, 2, 1], quotient, rtol=2e-2, atol=1e-2)


def test_large_window_equals_xla():
    x = jnp.asarray(np.random.RandomState(0).randn(1, 20, 20, 2), "float32")
    assert_array_equal(pooling.max_pool(x, (20, 20), (1, 1), "VALID")[0, 0, 0], np.max(x, (0, 1, 2)))
