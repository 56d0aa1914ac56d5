"""The depthwise convolution and its first and second gradients, compared with XLA."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from numpy.testing import assert_allclose

from keras._kernels import depthwise
from keras._kernels.geometry import Geometry

# (space, size, strides, padding, channels, multiplier)
CASES = [
    ((9, 8), (3, 3), (1, 1), "SAME", 5, 1),
    ((9, 8), (3, 2), (2, 1), "VALID", 4, 2),
    ((10, 7), (2, 4), (3, 2), "SAME", 1, 3),
    ((4, 4), (5, 5), (1, 1), "SAME", 2, 1),
    ((12,), (4,), (3,), "SAME", 3, 2),
    ((5, 6, 7), (2, 3, 2), (1, 2, 1), "VALID", 2, 1),
]


@pytest.mark.parametrize("most_rows", [24, 0], ids=["at once", "in blocks"])
@pytest.mark.parametrize("case", CASES, ids=str)
def test_value_and_two_derivatives_equal_xla(case, most_rows, monkeypatch):
    monkeypatch.setattr(depthwise, "MOST_ROWS", most_rows)
    monkeypatch.setattr(depthwise, "BLOCK_ROWS", 2)
    space, size, strides, padding, channels, multiplier = case
    numbers = np.random.RandomState(0)
    x = jnp.asarray(numbers.randn(3, *space, channels), "float32")
    kernel = jnp.asarray(numbers.randn(*size, channels, multiplier), "float32")
    geometry = Geometry.of(space, size, strides, padding, (1,) * len(size))

    def ours(x, kernel):
        return depthwise.depthwise(x, kernel, strides, padding)

    def xla(x, kernel):
        return depthwise._lax_depthwise(x, kernel, geometry)

    for form in (_value, _gradients, _gradients_of_gradients):
        got_and_wanted = jax.jit(lambda x, k, form=form: (form(ours, x, k), form(xla, x, k)))(x, kernel)
        for got, wanted in zip(*got_and_wanted, strict=True):
            assert_allclose(got, wanted, rtol=1e-4, atol=1e-5 * np.abs(wanted).max())


@pytest.mark.parametrize("size", [(3, 3), (12, 12)])
def test_narrow_floats_and_large_kernels_have_the_form_of_xla(size):
    x = jnp.ones((1, 13, 13, 2), "bfloat16" if size == (3, 3) else "float32")
    kernel = jnp.ones((*size, 2, 1), x.dtype)
    program = jax.jit(lambda x, k: depthwise.depthwise(x, k, (1, 1), "VALID")).lower(x, kernel)
    assert "convolution" in program.as_text()


def _value(function, x, kernel):
    return [function(x, kernel)]


def _gradients(function, x, kernel):
    return jax.grad(lambda x, kernel: jnp.sin(function(x, kernel)).sum(), (0, 1))(x, kernel)


def _gradients_of_gradients(function, x, kernel):
    def norm(x, kernel):
        return sum((g * g).sum() for g in _gradients(function, x, kernel))

    return jax.grad(norm, (0, 1))(x, kernel)
