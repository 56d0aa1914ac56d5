"""Forms of the convolution and of its first and second gradients, compared with XLA."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from numpy.testing import assert_allclose

from keras._kernels import convolution, few_terms, filter_gradient, winograd
from keras._kernels.geometry import FEW_CHANNELS, Geometry, lax_convolve

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
    """Makes blocks so small that there are several, and a remainder."""
    monkeypatch.setattr(filter_gradient, "BLOCK_BYTES", 2000)
    monkeypatch.setattr(filter_gradient, "LEAST_POSITIONS", 8)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_value_and_two_derivatives_equal_xla(case, small_blocks):
    # Sums in another order: float32 keeps 7 digits of the largest number.
    _compare_with_xla(*case, tolerance=1e-5)


@pytest.mark.parametrize("channels", [1, FEW_CHANNELS, FEW_CHANNELS + 1])
def test_1x1_kernel_sums_over_the_channels(channels):
    _compare_with_xla((4, 3), (1, 1), (1, 2), "SAME", (1, 1), tolerance=1e-5, channels=channels)


def test_few_narrow_channels_are_rounded_once():
    x = jnp.asarray([[[256, *[1] * 7]]], "bfloat16")  # 256 + 1 is 256 there
    kernel = jnp.ones((1, 8, 1), "bfloat16")
    assert convolution.convolve(x, kernel, (1,), "VALID", (1,)).item() == 264


@pytest.mark.parametrize("case", CASES, ids=str)
@pytest.mark.parametrize("most", [0, 27])
def test_few_terms_equal_xla(case, most, monkeypatch):
    monkeypatch.setattr(few_terms, "MOST_TERMS", most)
    _compare_with_xla(*case, tolerance=1e-5, channels=1)


# With kernels of 3 and 5 rows, a number of rows that no tile divides, and one to three dimensions.
WINOGRAD_CASES = [
    ((9, 8), (3, 3), (1, 1), "SAME", (1, 1)),
    ((10, 7), (5, 4), (1, 1), "VALID", (1, 1)),
    ((7, 3), (3, 1), (1, 1), "SAME", (1, 1)),
    ((3, 5), (3, 3), (1, 1), "SAME", (1, 1)),
    ((12,), (5,), (1,), "SAME", (1,)),
    ((8, 5, 6), (3, 2, 3), (1, 1, 1), "VALID", (1, 1, 1)),
]


@pytest.mark.parametrize("at_once", [1, 2**23])
@pytest.mark.parametrize("case", WINOGRAD_CASES, ids=str)
def test_winograd_equals_xla(case, at_once, small_blocks, monkeypatch):
    space, size, strides, padding, dilation = case
    for limit, value in {"LEAST_CHANNELS": 1, "LEAST_WORK": 0, "MOST_AT_ONCE": at_once}.items():
        monkeypatch.setattr(winograd, limit, value)
    x = jax.ShapeDtypeStruct((3, *space, 2), "float32")
    kernel = jax.ShapeDtypeStruct((*size, 2, 4), "float32")
    assert winograd.pays(x, kernel, Geometry.of(space, size, strides, padding, dilation))
    _compare_with_xla(*case, tolerance=3e-5)


@pytest.mark.parametrize("length", winograd.LENGTHS)
def test_winograd_matrices_are_exact_up_to_rounding(length):
    numbers = np.random.RandomState(0)
    signal, filters, result = winograd.matrices(length)
    d, g = numbers.randn(winograd.TILE + length - 1), numbers.randn(length)
    assert_allclose(result @ ((filters @ g) * (signal @ d)), np.correlate(d, g, "valid"), atol=1e-13)


@pytest.mark.parametrize(
    "change",
    [{"dtype": "float64"}, {"channels": 3}, {"strides": (2, 1)}, {"size": (7, 3)}, {"side": 5}, {"side": 9}],
    ids=str,
)
def test_winograd_is_not_used_where_it_does_not_pay(change):
    case = {"dtype": "float32", "channels": 64, "strides": (1, 1), "size": (3, 3), "side": 64, **change}

    def pays(dtype, channels, strides, size, side):
        x = np.empty((8, side, side, channels), dtype)
        kernel = np.empty((*size, channels, 64), dtype)
        return winograd.pays(x, kernel, Geometry.of((side, side), size, strides, "SAME", (1, 1)))

    assert not pays(**case)
    assert pays(**{**case, "dtype": "float32", "channels": 64, "strides": (1, 1), "size": (3, 3), "side": 64})


def test_winograd_keeps_five_digits():
    numbers = np.random.RandomState(0)
    x, kernel = numbers.randn(2, 56, 56, 64).astype("float32"), numbers.randn(3, 3, 64, 64).astype("float32")
    geometry = Geometry.of((56, 56), (3, 3), (1, 1), "SAME", (1, 1))
    assert winograd.pays(x, kernel, geometry)
    with jax.enable_x64(True):
        exact = lax_convolve(jnp.asarray(x, "float64"), jnp.asarray(kernel, "float64"), geometry)
    assert_allclose(winograd.convolve(x, kernel, geometry=geometry), exact, atol=1e-5 * np.abs(exact).max())


def _compare_with_xla(space, size, strides, padding, dilation, tolerance, channels=2):
    numbers = np.random.RandomState(0)
    x = jnp.asarray(numbers.randn(3, *space, channels), "float32")
    kernel = jnp.asarray(numbers.randn(*size, channels, 4), "float32")

    def ours(x, kernel):
        return convolution.convolve(x, kernel, strides, padding, dilation)

    def xla(x, kernel):
        return lax_convolve(x, kernel, Geometry.of(space, size, strides, padding, dilation))

    both = jax.jit(lambda x, kernel: (_derivatives(ours, x, kernel), _derivatives(xla, x, kernel)))
    for got, wanted in zip(*both(x, kernel), strict=True):
        assert_allclose(got, wanted, atol=tolerance * max(1, np.abs(wanted).max()))


def _derivatives(function, x, kernel):
    """Returns the value, the gradient of a function of it, and the gradient of a function of that."""

    def loss(x, kernel):
        return jnp.sum(jnp.tanh(function(x, kernel)))

    def of_gradients(x, kernel):
        return sum(jnp.sum(jnp.sin(g)) for g in jax.grad(loss, (0, 1))(x, kernel))

    first, second = (jax.grad(f, (0, 1))(x, kernel) for f in (loss, of_gradients))
    return [function(x, kernel), *first, *second]


def test_filter_gradient_equals_the_difference_quotient():
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
    block_samples, block_rows = filter_gradient._block(samples, rows, 8, 2304)
    assert 1 <= block_samples <= samples and 1 <= block_rows <= rows
    assert block_samples == 1 or block_rows == rows
    assert block_samples * block_rows * 8 * 2304 <= filter_gradient.BLOCK_BYTES


def test_filter_gradient_of_a_large_kernel():
    numbers = np.random.RandomState(0)
    x = jnp.asarray(numbers.randn(2, 150, 3), "float32")
    u = jnp.asarray(numbers.randn(2, 10, 4), "float32")
    kernel = jnp.zeros((141, 3, 4), "float32")
    got = jax.vjp(lambda k: convolution.convolve(x, k, (1,), "VALID", (1,)), kernel)[1](u)[0]
    wanted = np.stack([np.einsum("ntc,nto->co", x[:, i : i + 10], u) for i in range(141)])
    assert_allclose(got, wanted, rtol=1e-4, atol=1e-4)
