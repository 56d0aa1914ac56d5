"""Sizes of results, expressed by the sizes of the inputs."""

import pytest

from keras import backend as K
from keras._graph.sizes import Size, added, multiplied

X = K.placeholder((None, None, 6))
S, T, _ = X.sizes


@pytest.mark.parametrize(
    "function, sizes",
    [
        (lambda x: x * 2, (S, T, 6)),
        (lambda x: K.concatenate([x, x], axis=1), (S, multiplied([T], 2), 6)),
        (lambda x: K.concatenate([x, K.permute_dimensions(x, (1, 0, 2))], axis=0), None),
        (lambda x: K.temporal_padding(x, 2), (S, added(T, 4), 6)),
        (lambda x: K.reshape(x, (-1, 6)), (multiplied([S, T]), 6)),
        (lambda x: K.flatten(x), (multiplied([S, T], 6),)),
        (lambda x: K.reshape(x, (K.shape(x)[0], -1, 3)), (S, multiplied([T], 2), 3)),
        (lambda x: K.concatenate([x[:, :, 0], K.transpose(x[:, :, 0])], axis=0), None),
    ],
)
def test_sizes_are_expressions(function, sizes):
    y = function(X)
    assert sizes is None or y.sizes == sizes


def test_the_sum_of_two_axes():
    x, y = K.placeholder((None, 2)), K.placeholder((None, 2))
    assert K.concatenate([x, y], axis=0).sizes == (added(x.sizes[0], y.sizes[0]), 2)
    z = K.concatenate([x, y, x], axis=0)
    assert z.sizes[0] == added(multiplied([x.sizes[0]], 2), y.sizes[0])


def test_a_size_that_is_no_expression_has_a_symbol_of_its_own():
    x, y = K.placeholder((None, 2)), K.placeholder((None, 2))
    smaller = K.minimum(K.shape(x)[0], K.shape(y)[0])
    (size, _) = x[:smaller].sizes
    assert isinstance(size, Size) and size.symbol not in (x.sizes[0].symbol, y.sizes[0].symbol)


def test_joined_axes_are_separated_again():
    flat = K.reshape(X, (-1, 6))
    assert K.reshape(flat, (K.shape(X)[0], K.shape(X)[1], 6)).sizes == X.sizes
