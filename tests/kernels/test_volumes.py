"""Convolution over volumes and its derivatives, compared with XLA's."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from numpy.testing import assert_allclose

from keras._kernels import convolution, volumes
from keras._kernels.geometry import Geometry, lax_convolve, lax_input_gradient

# (space, size, strides, padding, dilation)
CASES = [
    ((5, 6, 7), (2, 3, 2), (1, 1, 1), "SAME", (1, 1, 1)),
    ((7, 6, 7), (3, 1, 1), (2, 1, 2), "VALID", (1, 1, 1)),
    ((6, 6, 5), (2, 2, 2), (1, 1, 1), "VALID", (2, 1, 2)),
    ((4, 3, 3), (1, 3, 3), (2, 1, 1), "SAME", (1, 1, 1)),
]


@pytest.mark.parametrize("most_channels", [64, 0], ids=["one sum", "a sum for each slice"])
@pytest.mark.parametrize("case", CASES, ids=str)
def test_value_and_two_derivatives_equal_xla(case, most_channels, monkeypatch):
    monkeypatch.setattr(volumes, "MOST_CHANNELS", most_channels)
    space, size, strides, padding, dilation = case
    numbers = np.random.RandomState(0)
    x = jnp.asarray(numbers.randn(2, *space, 3), "float32")
    kernel = jnp.asarray(numbers.randn(*size, 3, 4), "float32")
    geometry = Geometry.of(space, size, strides, padding, dilation)

    def derivatives(convolve):
        def loss(x, kernel):
            return jnp.sum(jnp.sin(convolve(x, kernel)))

        def loss_of_gradients(x, kernel):
            return sum(jnp.sum(jnp.sin(part)) for part in jax.grad(loss, (0, 1))(x, kernel))

        return jax.jit(lambda: (convolve(x, kernel), jax.grad(loss_of_gradients, (0, 1))(x, kernel)))()

    got = derivatives(lambda x, kernel: convolution.convolve(x, kernel, strides, padding, dilation))
    wanted = derivatives(lambda x, kernel: lax_convolve(x, kernel, geometry))
    for ours, xla in zip(jax.tree.leaves(got), jax.tree.leaves(wanted), strict=True):
        assert_allclose(ours, xla, rtol=1e-4, atol=1e-5 * np.abs(xla).max())


def test_transposed_equals_xla():
    space, size, strides = (5, 6, 7), (2, 3, 2), (2, 1, 2)
    geometry = Geometry.of(space, size, strides, "SAME", (1, 1, 1))
    numbers = np.random.RandomState(0)
    kernel = jnp.asarray(numbers.randn(*size, 3, 4), "float32")
    u = jnp.asarray(numbers.randn(2, *geometry.positions, 4), "float32")
    got = convolution.transposed(u, kernel, space, strides, "SAME")
    assert_allclose(got, lax_input_gradient(u, kernel, geometry), rtol=1e-4, atol=1e-4)
