"""Python's operators and indexing on tensors equal those of NumPy."""

import operator

import numpy as np
import pytest

from keras import _graph as graph
from keras import backend as K

A = np.array([[1.5, -2.0, 3.0], [4.0, 5.0, -6.5]], "float32")
B = np.array([2.0, 3.0, -1.0], "float32")


def value(function, *arrays):
    tensors = [K.placeholder(array.shape, dtype=array.dtype.name) for array in arrays]
    return graph.values_of([function(*tensors)], dict(zip(tensors, arrays, strict=True)))[0]


BINARY = ["add", "sub", "mul", "truediv", "floordiv", "mod", "lt", "le", "gt", "ge"]


@pytest.mark.parametrize("name", BINARY)
def test_binary_operators_equal_numpy(name):
    function = getattr(operator, name)
    np.testing.assert_allclose(value(function, A, B), function(A, B), rtol=1e-6)
    np.testing.assert_allclose(value(lambda a: function(a, 2.0), A), function(A, np.float32(2)), rtol=1e-6)
    np.testing.assert_allclose(value(lambda a: function(2.0, a), A), function(np.float32(2), A), rtol=1e-6)


def test_numpy_arrays_on_the_left_defer_to_the_tensor():
    np.testing.assert_array_equal(value(lambda b: A * b, B), A * B)


def test_power_matmul_and_unary_operators_equal_numpy():
    np.testing.assert_allclose(value(lambda a: a**2, A), A**2)
    np.testing.assert_allclose(value(lambda a: 2**a, A), 2**A, rtol=1e-6)
    np.testing.assert_allclose(value(operator.matmul, A, B), A @ B)
    np.testing.assert_allclose(value(operator.neg, A), -A)
    np.testing.assert_allclose(value(abs, A), abs(A))


@pytest.mark.parametrize("name", ["and_", "or_", "xor"])
def test_logical_operators_equal_numpy(name):
    function, a, b = getattr(operator, name), A > 2, B > 0
    np.testing.assert_array_equal(value(function, a, b), function(a, b))
    np.testing.assert_array_equal(value(operator.invert, a), ~a)


INDICES = [0, -1, slice(1), slice(None, None, -1), (0, 1), (slice(None), 1), (..., 0), (None, 1)]


@pytest.mark.parametrize("index", [*INDICES, (slice(None), slice(2, 0, -1)), (slice(None), None, 2)], ids=str)
def test_indexing_equals_numpy(index):
    np.testing.assert_array_equal(value(lambda a: a[index], A), A[index])


def test_indexing_by_a_tensor_gathers_rows():
    ids = np.array([1, 0, 1], "int32")
    np.testing.assert_array_equal(value(lambda a, i: a[i], A, ids), A[ids])


@pytest.mark.parametrize("use", [lambda x, a: x + a, K.maximum, lambda x, a: x * a[:]])
def test_an_array_keeps_the_values_that_it_had_when_it_was_used(use):
    x, array = K.placeholder((2, 3)), B.copy()
    result, expected = use(x, array), value(lambda a: use(a, B), A)
    array[:] = 7.0
    np.testing.assert_array_equal(graph.values_of([result], {x: A})[0], expected)
