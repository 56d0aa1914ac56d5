"""`model.layers.pop()`, as programs of the time wrote it."""

import numpy as np
import pytest

from keras.layers import Dense, Input
from keras.models import Model, Sequential

X = np.random.RandomState(0).rand(4, 3)


def functional():
    x = Input((3,))
    return Model(x, Dense(1)(Dense(2)(x)))


def test_a_change_of_the_list_says_what_to_write():
    model = functional()
    with pytest.warns(UserWarning, match=r"does not change what the model computes.*Model\(model.input"):
        model.layers.pop()
    assert model.predict(X).shape == (4, 1)


def test_pop_and_new_outputs_leave_the_layer_out():
    model = functional()
    hidden = Model(model.input, model.layers[1].output)
    with pytest.warns(UserWarning, match="pop"):
        model.layers.pop()
    model.outputs = [model.layers[-1].output]
    assert model.output_shape == (None, 2)
    assert len(model.get_weights()) == 2
    np.testing.assert_array_equal(model.predict(X), hidden.predict(X))
    model.compile("sgd", "mse")
    model.train_on_batch(X, np.ones((4, 2)))
    assert Model.from_config(model.get_config()).output_shape == (None, 2)


def test_pop_on_the_layers_of_a_sequential_is_that_of_the_model():
    model = Sequential([Dense(2, input_dim=3), Dense(1)])
    hidden = Model(model.input, model.layers[0].output)
    model.layers.pop()
    model.outputs = [model.layers[-1].output]  # the idiom of 2016, in full
    model.layers[-1].outbound_nodes = []
    np.testing.assert_array_equal(model.predict(X), hidden.predict(X))
    model.add(Dense(5))
    assert model.predict(X).shape == (4, 5)


def test_other_outputs_of_a_sequential_leave_out_the_layers_after_them():
    model = Sequential([Dense(2, input_dim=3), Dense(1)])
    model.outputs = [model.layers[0].output]
    assert model.predict(X).shape == (4, 2)
    assert len(model.layers) == 1
