"""`verify` detects invalid graphs; `show` prints valid ones."""

import numpy as np
import pytest

from keras import _graph as graph
from keras import backend as K


def test_valid_graph_passes():
    a = K.relu(K.placeholder((None, 2)))
    b = a + K.sum(a)
    graph.verify([a, b, *K.gradients(K.sum(b), a)])


def reads_later(x, a, b):
    a.node.inputs = (b,)


def has_no_such_output(x, a, b):
    a.index = 3


def leaf_with_inputs(x, a, b):
    x.node.inputs = (K.placeholder((1,)),)


def shape_is_another(x, a, b):
    b.shape = (None, 5)


def value_does_not_fit(x, a, b):
    b.node.inputs = (K.variable(np.ones((2, 2))),)
    b.node.inputs[0].value = np.ones(3)


@pytest.mark.parametrize(
    "damage, said",
    [
        (reads_later, "reads a later node"),
        (has_no_such_output, "no output 3"),
        (leaf_with_inputs, "has inputs"),
        (shape_is_another, "is inferred as"),
        (value_does_not_fit, "holds"),
    ],
)
def test_invalid_graph_is_detected(damage, said):
    x = K.placeholder((None, 2), name="x")
    a = K.relu(x)
    b = K.tanh(a)
    damage(x, a, b)
    with pytest.raises(AssertionError, match=said):
        graph.verify([a, b])


def test_functions_are_verified_under_test():
    x = K.placeholder((None, 2))
    y = K.relu(x)
    y.shape = (None, 7)
    with pytest.raises(AssertionError):
        K.function([x], [y])


def test_show_prints_one_line_per_node():
    x, w = K.placeholder((None, 2), name="x"), K.variable(np.ones((2, 3)), name="w")
    y = K.softmax(K.dot(x, w)) + 1
    lines = graph.show([y]).splitlines()
    assert [line.split(" : ")[1] for line in lines] == [
        "(None, 2) float32",
        "(2, 3) float32",
        *["(None, 3) float32"] * 3,
    ]
    assert lines[0] == "%0 x = placeholder() : (None, 2) float32"
    assert lines[1] == "%1 w = variable() : (2, 3) float32"
    assert lines[2].startswith("%2 = ") and "%0" in lines[2] and "%1" in lines[2]
    assert lines[4] == "%4 = add(%3, 1) : (None, 3) float32"


def test_show_numbers_the_outputs_of_a_node():
    x = K.placeholder((3, 4, 2))
    last, _, _ = K.rnn(lambda x_t, s: (x_t, []), x, [])
    assert "%1.0" in graph.show([last + 1])
