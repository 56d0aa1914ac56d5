"""Functions: inputs, updates, the learning phase, compilation."""

import re

import jax
import numpy as np
import pytest
from compilations import compilations

from keras import _graph as graph
from keras import backend as K
from keras._graph import BatchLoop, Function
from keras.layers import Dense
from keras.models import Sequential


def test_updates_are_simultaneous():
    a, b = K.variable(1.0), K.variable(2.0)
    f = K.function([], [a], updates=[(a, b), (b, a + 10)])
    assert f([]) == [1.0] and (K.get_value(a), K.get_value(b)) == (2.0, 11.0)
    f([])
    assert (K.get_value(a), K.get_value(b)) == (11.0, 12.0)


def test_outputs_are_computed_before_the_update():
    x = K.variable(np.zeros(2))
    f = K.function([], [x * 1, x], updates=[K.update_add(x, K.ones((2,)))])
    for i in range(3):
        for result in f([]):
            np.testing.assert_array_equal(result, [i, i])


def test_returned_value_is_not_changed_by_the_next_step():
    """The program takes over the memory of an updated variable, so the user must hold a copy."""
    x = K.variable(np.zeros(2))
    f = K.function([], [], updates=[(x, x + 1)])
    before = K.get_value(x)
    f([])
    np.testing.assert_array_equal(before, [0, 0])


def test_learning_phase_selects_the_branch():
    x = K.placeholder((2,))
    y = K.in_train_phase(x * 2, x)
    assert y.node.uses_phase and not (x * 2).node.uses_phase
    f = K.function([x, K.learning_phase()], [y])
    np.testing.assert_array_equal(f([np.ones(2), 1])[0], [2, 2])
    np.testing.assert_array_equal(f([np.ones(2), 0])[0], [1, 1])
    np.testing.assert_array_equal(K.function([x], [y])([np.ones(2)])[0], [1, 1])


def test_learning_phase_can_be_used_as_a_number():
    y = K.cast(K.learning_phase(), "float32") * 3 + 1
    f = K.function([K.learning_phase()], [y])
    assert [f([1])[0], f([0])[0]] == [4.0, 1.0]


def test_only_new_shapes_are_compiled():
    x = K.placeholder((None, 2))
    f = K.function([x], [K.sum(x)])
    f([np.ones((3, 2))])
    before = compilations()
    f([np.zeros((3, 2))])
    assert compilations() == before
    f([np.ones((4, 2))])
    assert compilations() == before + 1


def test_inner_tensor_can_be_fed():
    x = K.placeholder((2,))
    y = x * 2
    np.testing.assert_array_equal(K.function([y], [y + 1])([[1, 2]])[0], [2, 3])


def test_missing_input_is_named():
    x, y = K.placeholder((2,), name="x"), K.placeholder((2,), name="y")
    with pytest.raises(ValueError, match=r"needs a value for .*'y'.*inputs \[x\]"):
        K.function([x], [x + y])


@pytest.mark.parametrize("feed, said", [([], "takes 1 inputs"), ([np.ones((2, 3))], r"\(None, 2\)")])
def test_wrong_values_are_named(feed, said):
    x = K.placeholder((None, 2), name="x")
    with pytest.raises(ValueError, match=said):
        K.function([x], [x])(feed)


@pytest.mark.parametrize("new", [np.ones(3, "float32"), K.ones((3,))], ids=["array", "tensor"])
def test_update_of_another_shape_is_refused(new):
    w = K.variable(np.zeros(2))
    with pytest.raises(ValueError, match=r"new value has shape \(3,\)"):
        K.function([], [], updates=[(w, new)])


def test_outputs_may_repeat_and_may_be_inputs():
    x = K.placeholder((2,))
    a, b, c = K.function([x], [x, x + 1, x])([[1, 2]])
    np.testing.assert_array_equal([a, b, c], [[1, 2], [2, 3], [1, 2]])


def test_values_of_needs_every_placeholder():
    with pytest.raises(ValueError, match="a placeholder has none"):
        graph.values_of([K.placeholder((2,)) + 1])


@pytest.mark.parametrize("taken", [True, False])
def test_condition_applies_to_all_updates(taken):
    v, w, x = K.variable(1.0), K.variable(5.0), K.placeholder(ndim=0)
    function = Function([x], [x + v], [(v, v + x), (w, v * x)], condition=K.greater(x, 0))
    (value,) = function([3.0 if taken else -3.0])
    assert value == (4 if taken else -2)  # the outputs are there in any case
    assert (K.get_value(v), K.get_value(w)) == ((4, 3) if taken else (1, 5))


def test_training_step_copies_no_weights():
    """Updates are written in place, although the gradient of an earlier layer reads the old weights."""
    size = 48
    model = Sequential([Dense(size, input_dim=size, activation="tanh"), Dense(size), Dense(size)])
    model.compile("rmsprop", "mse")
    model._make_train_function()
    program = model.train_function
    x = np.ones((4, size), "float32")
    values = [[v.value for v in part] for part in (program.updated, program.read)]
    compiled = program._compiled.lower(*values, [x, x, x[:, 0]], np.uint32(0), 1).compile()
    assert not re.findall(rf"= f32\[{size},{size}\]\S* copy\(.*", compiled.as_text())


def test_a_program_knows_the_facts_of_its_ops():
    x, kernel = K.placeholder((1, 2, 5, 5)), K.ones((3, 2, 2, 2))
    pooled = Function([x], [K.sum(K.pool2d(x, (2, 2), (2, 2)))])
    convolved = Function([x], [K.sum(K.conv2d(x, kernel))])
    assert any(facts.channels_last for facts in pooled.facts) and BatchLoop.suits(pooled)
    assert BatchLoop.suits(convolved) == (jax.default_backend() != "cpu")


#: Written by keras-classic 0.1.0, commit 4cce29e; checkpoints of that version hold such digests.
FINGERPRINT = "c40959887558b7725a354cb42be51427b4cea420698a99104ef32fc9821b21c2"


def test_the_fingerprint_is_that_of_0_1_0():
    x = K.placeholder((1, 2, 5, 5), name="x")
    y = K.cast(K.max(K.conv2d(x, K.ones((3, 2, 2, 2)))), "int32")
    assert Function([x], [y]).fingerprint() == FINGERPRINT
