"""The graph of a model: connected from inputs to outputs, of any depth."""

import pytest

from keras.layers import Activation, Dense, Input, merge
from keras.models import Model


def test_disconnected_graph_names_the_missing_input():
    a, b = Input(shape=(3,), name="here"), Input(shape=(3,), name="missing")
    x = Dense(2, name="first")(a)
    y = merge([x, Dense(2, name="second")(b)], mode="sum", name="joined")
    with pytest.raises(ValueError, match=r"Graph disconnected.*'missing'.*needed by 'second'.*'first'"):
        Model(a, y)


def test_chain_of_a_thousand_layers_can_be_built_and_copied():
    x = y = Input(shape=(2,))
    for _ in range(1000):
        y = Activation("linear")(y)
    model = Model(x, y)
    assert len(model.layers) == 1001
    assert len(Model.from_config(model.get_config()).layers) == 1001


def test_containers_know_the_calls_of_their_inputs_and_outputs():  # the lists of Keras 1.2.2
    a, b = Input(shape=(3,)), Input(shape=(3,))
    shared = Dense(3)
    first, second = shared(a), shared(b)
    model = Model([a, b], [second, first])
    assert (model.input_layers_node_indices, model.input_layers_tensor_indices) == ([0, 0], [0, 0])
    assert (model.output_layers_node_indices, model.output_layers_tensor_indices) == ([1, 0], [0, 0])
