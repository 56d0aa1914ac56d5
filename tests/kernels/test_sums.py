"""Sums in two steps and parts that stay apart: the numbers of one step, and what XLA makes of a program."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from numpy.testing import assert_allclose

from keras._graph.layout import channels_stay_last
from keras._kernels.apart import apart
from keras._kernels.sums import add_bias, reduce_sum


@pytest.mark.parametrize("axes", [(0,), (0, 1), (0, 1, 2), (0, 1, 2, 3), (1,), (1, 2), (2, 3)])
@pytest.mark.parametrize("dtype", ["float32", "int32", "bfloat16"])
def test_a_sum_over_any_axes(axes, dtype):
    x = np.random.RandomState(0).randint(-3, 4, (3, 2, 4, 5))  # also bfloat16 adds these up exactly
    found = reduce_sum(jnp.asarray(x, dtype), axes)
    assert found.dtype == dtype
    np.testing.assert_array_equal(np.asarray(found, "int32"), x.sum(axes))


@pytest.mark.parametrize("rows", [0, 1, 31, 32, 33, 70])
def test_a_sum_of_any_number_of_rows(rows):
    x = np.random.RandomState(0).randint(-3, 4, (rows, 2, 3)).astype("float32")
    np.testing.assert_array_equal(reduce_sum(jnp.asarray(x), (0, 1)), x.sum((0, 1)))


@pytest.mark.parametrize("shape", [(3, 5), (3, 4, 5), (2, 3, 4, 5)])
def test_a_bias_and_its_two_derivatives(shape):
    numbers = np.random.RandomState(0)

    def gradients(add):
        def loss(x, bias):
            return jnp.sum(jnp.sin(add(x, bias)))

        def of_gradient(x, bias):
            return jnp.sum(jax.grad(loss, 1)(x, bias) ** 2)

        return [jax.grad(f, (0, 1))(x, bias) for f in (loss, of_gradient)]

    with jax.enable_x64(True):
        x, bias = jnp.asarray(numbers.randn(*shape)), jnp.asarray(numbers.randn(5))
        ours, plain = gradients(add_bias), gradients(lambda x, bias: x + bias)
        for one, other in zip(jax.tree.leaves(ours), jax.tree.leaves(plain), strict=True):
            assert_allclose(one, other, rtol=1e-12)


@pytest.mark.parametrize("wrap", [lambda f: f, channels_stay_last], ids=["plain", "behind the layout pass"])
def test_inputs_of_a_separate_part_are_computed_once(wrap):
    def kernel(x):
        return [1.5 * x[start::4] + x[(start + 1) % 4 :: 4] for start in range(4)]

    def made(kernel):
        compiled = jax.jit(wrap(lambda x: kernel(jnp.maximum(2 * x + 1, x[::-1])))).lower(x).compile()
        return compiled.as_text().count(" maximum("), compiled(x)

    x = jnp.asarray(np.random.RandomState(0).randn(400, 400), "float32")
    (often, wanted), (once, found) = made(kernel), made(apart(kernel))
    assert once == 1 < often
    for one, other in zip(found, wanted, strict=True):
        assert_allclose(one, other, rtol=1e-6)
