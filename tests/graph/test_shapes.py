"""Shapes of ops on tensors with unknown sizes."""

import numpy as np
import pytest

from keras import backend as K


def value(tensor, feeds):
    return K.function(list(feeds), [tensor])(list(feeds.values()))[0]


@pytest.mark.parametrize(
    "function, shape",
    [
        (lambda x: x + 1, (None, 6)),
        (lambda x: x + x, (None, 6)),
        (lambda x: K.dot(x, K.ones((6, 3))), (None, 3)),
        (lambda x: K.sum(x, axis=0), (6,)),
        (lambda x: K.sum(x, axis=1), (None,)),
        (lambda x: K.reshape(x, (-1, 2)), (None, 2)),
        (lambda x: K.reshape(x, (-1, 3, 2)), (None, 3, 2)),
        (lambda x: K.expand_dims(x, 0), (1, None, 6)),
        (lambda x: K.concatenate([x, x], axis=0), (None, 6)),
        (lambda x: K.concatenate([x, x], axis=1), (None, 12)),
        (lambda x: K.transpose(x), (6, None)),
        (lambda x: x[:, 2:4], (None, 2)),
        (lambda x: x[1], (6,)),
        (lambda x: x[:5], (5, 6)),
        (lambda x: K.flatten(x), (None,)),
    ],
)
def test_size_that_depends_on_an_unknown_one_is_unknown(function, shape):
    x = K.placeholder((None, 6))
    y = function(x)
    assert K.int_shape(y) == shape
    result = value(y, {x: np.ones((7, 6))})
    assert all(said in (None, size) for said, size in zip(shape, result.shape, strict=True))


def test_sizes_can_be_computed_with():
    x = K.placeholder((None, 4, None))
    samples, steps = K.shape(x)[0], K.shape(x)[2]
    y = K.reshape(x, (samples, steps * 2, 2))
    assert K.int_shape(y) == (None, None, 2)
    assert value(y, {x: np.ones((3, 4, 5))}).shape == (3, 10, 2)
    half = K.zeros_like(x)[:, :, : steps // 2]
    assert K.int_shape(half) == (None, 4, None)
    assert value(half, {x: np.ones((3, 4, 5))}).shape == (3, 4, 2)


def test_size_can_be_used_as_a_number():
    x = K.placeholder((None, 4))
    mean = K.sum(x) / K.cast(K.shape(x)[0], "float32")
    assert value(mean, {x: np.ones((5, 4))}) == 4.0


def test_multiplied_sizes_can_be_separated():
    """A product of sizes, one or both unknown, can be split into its factors again."""
    for shape in [(None, 5, 2), (None, None, 2)]:
        x = K.placeholder(shape)
        flat = K.reshape(x, (-1, 2))
        assert K.int_shape(flat) == (None, 2)
        product = K.dot(flat, K.ones((2, 3)))
        back = K.reshape(product, (K.shape(x)[0], K.shape(x)[1], 3))
        assert K.int_shape(back) == (*shape[:2], 3)
        np.testing.assert_array_equal(value(back, {x: np.ones((4, 5, 2))}), np.full((4, 5, 3), 2.0))


def test_unknown_sizes_are_assumed_equal():
    x, y = K.placeholder((None, 6)), K.placeholder((None, 2))
    assert K.int_shape(K.reshape(x, (-1, 2)) + y) == (None, 2)


def test_shape_errors_are_raised_while_building():
    with pytest.raises(TypeError, match="dot"):
        K.dot(K.placeholder((None, 6)), K.ones((5, 3)))
    with pytest.raises(TypeError, match="reshape"):
        K.reshape(K.placeholder((2, 3)), (4, 2))


def test_changed_floatx_changes_inferred_types():
    x = K.placeholder((None,), dtype="int32")
    assert K.dtype(K.cast(x, K.floatx())) == "float32"
    K.set_floatx("float16")
    assert K.dtype(K.cast(x, K.floatx())) == "float16"
