"""The forms of a convolution's gradients against XLA's own, and gradients of gradients."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from numpy.testing import assert_allclose

from keras._kernels import convolution

# (space, size, strides, padding, dilation): every option, in one to three dimensions.
CASES = [
    ((9, 8), (3, 3), (1, 1), "SAME", (1, 1)),
    ((9, 8), (3, 2), (2, 1), "VALID", (1, 1)),
    ((10, 8), (3, 3), (1, 1), "VALID", (2, 2)),
    ((9, 8), (1, 1), (2, 2), "SAME", (1, 1)),
    ((12,), (4,), (3,), "SAME", (1,)),
    ((5, 6, 7), (2, 3, 2), (1, 2, 1), "SAME", (1, 1, 1)),
]


@pytest.fixture
def small_blocks(monkeypatch):
    """Blocks so small that there are several, with a rest."""
    monkeypatch.setattr(convolution, "BLOCK_BYTES", 2000)
    monkeypatch.setattr(convolution, "LEAST_POSITIONS", 8)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_value_and_two_derivatives_are_those_of_xla(case, small_blocks):
    space, size, strides, padding, dilation = case
    numbers = np.random.RandomState(0)
    x = jnp.asarray(numbers.randn(3, *space, 2), "float32")
    kernel = jnp.asarray(numbers.randn(*size, 2, 4), "float32")

    def ours(x, kernel):
        return convolution.convolve(x, kernel, strides, padding, dilation)

    def xla(x, kernel):
        geometry = convolution._geometry(space, kernel, strides, padding, dilation)
        return convolution._lax_convolve(x, kernel, geometry)

    # Sums in another order: float32 keeps 7 digits of the largest number.
    for got, wanted in zip(_derivatives(ours, x, kernel), _derivatives(xla, x, kernel), strict=True):
        assert_allclose(got, wanted, atol=1e-5 * max(1, np.abs(wanted).max()))


def _derivatives(function, x, kernel):
    """The value, the gradient of a function of it, and the gradient of a function of that."""

    def loss(x, kernel):
        return jnp.sum(jnp.tanh(function(x, kernel)))

    def of_gradients(x, kernel):
        return sum(jnp.sum(jnp.sin(g)) for g in jax.grad(loss, (0, 1))(x, kernel))

    first, second = (jax.grad(f, (0, 1))(x, kernel) for f in (loss, of_gradients))
    return [function(x, kernel), *first, *second]


def test_filter_gradient_is_the_difference_quotient():
    numbers = np.random.RandomState(0)
    with jax.enable_x64(True):
        x, kernel, u = (jnp.asarray(numbers.randn(*s)) for s in ((2, 5, 5, 2), (3, 3, 2, 2), (2, 3, 3, 2)))

        def loss(kernel):
            return jnp.sum(u * convolution.convolve(x, kernel, (1, 1), "VALID", (1, 1)))

        step = jnp.zeros_like(kernel).at[1, 2, 0, 1].set(1e-6)
        quotient = (loss(kernel + step) - loss(kernel - step)) / 2e-6
        assert_allclose(jax.grad(loss)(kernel)[1, 2, 0, 1], quotient, rtol=1e-7)


@pytest.mark.parametrize("samples, rows", [(1, 1), (5, 7), (3, 1000), (1000, 3)])
def test_blocks_cover_everything(samples, rows):
    block_samples, block_rows = convolution._block(samples, rows, 8, 2304)
    assert 1 <= block_samples <= samples and 1 <= block_rows <= rows
    assert block_samples == 1 or block_rows == rows
    assert block_samples * block_rows * 8 * 2304 <= convolution.BLOCK_BYTES


def test_a_kernel_of_many_elements():
    numbers = np.random.RandomState(0)
    x = jnp.asarray(numbers.randn(2, 150, 3), "float32")
    u = jnp.asarray(numbers.randn(2, 10, 4), "float32")
    kernel = jnp.zeros((141, 3, 4), "float32")
    got = jax.vjp(lambda k: convolution.convolve(x, k, (1,), "VALID", (1,)), kernel)[1](u)[0]
    wanted = np.stack([np.einsum("ntc,nto->co", x[:, i : i + 10], u) for i in range(141)])
    assert_allclose(got, wanted, rtol=1e-4, atol=1e-4)
