"""Operations that symbolic tensors refuse, and the values of variables."""

import numpy as np
import pytest

from keras import _graph as graph


@pytest.fixture
def x():
    return graph.placeholder((None, 2), "float32", "x")


def test_a_tensor_has_no_truth_value(x):
    with pytest.raises(TypeError, match="K.switch"):
        bool(x)


@pytest.mark.parametrize(
    "function, hint", [(list, "iterated over"), (len, "no len"), (np.sin, "Operand|symbolic|ufunc")]
)
def test_a_tensor_is_neither_a_sequence_nor_an_array(x, function, hint):
    with pytest.raises(TypeError, match=hint):
        function(x)


def test_equality_is_identity(x):
    assert x == x and x != graph.placeholder((None, 2), "float32", "x") and len({x: 1, x + 0: 2}) == 2


def test_variable_copies_values_in_and_out():
    array = np.zeros(3, "float32")
    variable = graph.Variable(array)
    variable.set_value(array)
    array += 1
    value = variable.get_value()
    value += 2
    np.testing.assert_array_equal(variable.get_value(), [0, 0, 0])


def test_variable_refuses_a_value_of_another_shape():
    with pytest.raises(ValueError, match=r"'w' has shape \(3,\); got a value of shape \(2,\)"):
        graph.Variable(np.zeros(3), name="w").set_value(np.zeros(2))
