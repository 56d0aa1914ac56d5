"""A layer that occurs in several places of a model is one layer again after loading.

The original reads the same files: it ignores the key, makes a layer for each place, and predicts the same.
"""

import copy
import json

import numpy as np
import pytest
from numpy.testing import assert_allclose

from keras import layers as L
from keras.layers import Dense, Input, Merge, TimeDistributed, merge
from keras.models import Model, Sequential, load_model, model_from_json, model_from_yaml


def two_models():
    d = Dense(4, name="d", activation="tanh")
    i, j = Input((3,), name="i"), Input((3,), name="j")
    a, b = Model(i, Dense(2, name="a")(d(i)), name="A"), Model(j, Dense(2, name="b")(d(j)), name="B")
    return Model([i, j], merge([a(i), b(j)], mode="concat")), 6


def encoder_and_autoencoder():
    i = Input((3,))
    code = Dense(2, name="enc")(i)
    encoder, auto = Model(i, code, name="encoder"), Model(i, Dense(3, name="dec")(code), name="auto")
    x = Input((3,))
    return Model(x, [auto(x), encoder(x)]), 4


def a_part_and_its_model():
    i = Input((3,))
    code = Dense(2, name="enc")(i)
    encoder, auto = Model(i, code, name="encoder"), Model(i, Dense(3, name="dec")(code), name="auto")
    return Model(i, [auto.output, encoder(i), auto(i)]), 4


def branches_that_end_alike():
    s = Dense(4, name="s", activation="tanh")
    left, right = (Sequential([Dense(3, input_dim=3, name=name), s]) for name in "lr")
    return Sequential([Merge([left, right], mode="concat"), Dense(2, name="top")]), 8


def branches_that_begin_alike():
    s = Dense(4, name="s", input_dim=3)
    left, right = (Sequential([s, Dense(3, name=name)]) for name in "lr")
    return Sequential([Merge([left, right], mode="concat"), Dense(2, name="top")]), 8


def one_branch_twice():
    left = Sequential([Dense(3, input_dim=3, name="l")])
    return Sequential([Merge([left, left], mode="concat"), Dense(2, name="top")]), 4


def branches_on_one_input():
    i = Input((3,))
    models = [Model(i, Dense(2, name=name)(i)) for name in "ab"]
    return Sequential([Merge(models, mode="concat"), Dense(2)]), 6


def inside_a_wrapper_and_outside():
    d = Dense(4, name="d")
    x, y = Input((5, 3)), Input((3,))
    return Model([x, y], [TimeDistributed(d)(x), d(y)]), 2


def inside_a_wrapped_model():
    d = Dense(4, name="d")
    i = Input((3,))
    inner = Model(i, Dense(2)(d(i)))
    x, y = Input((5, 3)), Input((3,))
    return Model([x, y], [TimeDistributed(inner)(x), d(y), inner(y)]), 4


def the_options_of_a_layer_for_both_directions():
    lstm = L.LSTM(3, return_sequences=True, name="lstm")
    x = Input((5, 3))
    return Model(x, [lstm(x), L.Bidirectional(lstm)(x)]), 36


def one_wrapper_twice():
    both = L.Bidirectional(L.SimpleRNN(3, return_sequences=True, name="rnn"))
    i, x = Input((5, 3)), Input((5, 3))
    return Model(x, [Model(i, both(i))(x), both(x)]), 6


def three_deep():
    d = Dense(3, name="d", activation="tanh")
    i, j, k, x = (Input((3,)) for _ in range(4))
    a = Model(i, d(d(i)), name="A")
    b = Model(j, Dense(3, name="b")(a(d(j))), name="B")
    c = Model(k, [b(a(k)), d(k)], name="C")
    first, second = c(x)
    return Model(x, [first, second, b(x), a(first)]), 4


def first_in_one_and_last_in_another():
    d = Dense(3, name="d", input_dim=3, activation="tanh")
    one = Sequential([d, Dense(3, name="p")])
    other = Sequential([Dense(3, input_dim=3, name="q"), d])
    x = Input((3,))
    return Model(x, [one(x), other(x), d(one(x))]), 6


def one_layer_twice_in_a_stack():
    d = Dense(3, name="d", input_dim=3, activation="tanh")
    return Sequential([d, d, Dense(2)]), 4


def statistics():
    norm = L.BatchNormalization(name="norm")
    i, j, x = (Input((3,)) for _ in range(3))
    a, b = Model(i, Dense(2, name="a")(norm(i))), Model(j, Dense(2, name="b")(norm(j)))
    return Model(x, [a(x), b(x)]), 8


CASES = [
    two_models,
    encoder_and_autoencoder,
    a_part_and_its_model,
    branches_that_end_alike,
    branches_that_begin_alike,
    one_branch_twice,
    branches_on_one_input,
    inside_a_wrapper_and_outside,
    inside_a_wrapped_model,
    the_options_of_a_layer_for_both_directions,
    one_wrapper_twice,
    three_deep,
    first_in_one_and_last_in_another,
    one_layer_twice_in_a_stack,
    statistics,
]


def as_list(value):
    return value if isinstance(value, list) else [value]


def check_equal(model, other, x):
    for got, wanted in zip(as_list(other.predict(x)), as_list(model.predict(x)), strict=True):
        assert_allclose(got, wanted, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("make", CASES)
def test_a_shared_layer_is_one_layer_again(make, tmp_path):
    """The number of weights, the predictions and the next training step are those of the saved model."""
    model, count = make()
    assert len(set(model.weights)) == count
    model.compile("rmsprop", "mse")
    x = [np.random.uniform(size=(4, *tensor.shape[1:])) for tensor in model.inputs]
    y = [np.random.uniform(size=(4, *tensor.shape[1:])) for tensor in model.outputs]
    model.train_on_batch(x, y)
    model.save(tmp_path / "m.h5")
    loaded = load_model(tmp_path / "m.h5")
    assert len(set(loaded.weights)) == count
    assert loaded.to_json() == model.to_json()
    check_equal(model, loaded, x)
    model.train_on_batch(x, y)
    loaded.train_on_batch(x, y)
    check_equal(model, loaded, x)
    copies = (
        model_from_json(model.to_json()),
        model_from_yaml(model.to_yaml()),
        type(model).from_config(model.get_config()),
    )
    for made in copies:
        assert len(set(made.weights)) == count
    copies[0].set_weights(model.get_weights())
    check_equal(model, copies[0], x)


def nested():
    i, x = Input((3,), name="i"), Input((3,), name="x")
    inner = Model(i, Dense(3, name="d")(i), name="inner")
    return Model(x, Dense(2, name="top")(inner(x)), name="outer")


def test_a_config_without_sharing_has_no_new_keys():
    entries = nested().get_config()["layers"]
    assert [list(entry) for entry in entries] == [["name", "class_name", "config", "inbound_nodes"]] * 3


def test_a_name_that_a_config_lacks_is_that_of_the_entry():
    i = Input((3,))
    model = Model(i, Sequential([Dense(2, input_dim=3)], name="stack")(i))
    assert Model.from_config(model.get_config()).layers[1].name == "stack"


def test_a_weight_of_two_layers_is_refused(tmp_path):
    a, b = Dense(3, input_dim=3, name="first"), Dense(3, name="second")
    model = Sequential([a, b])
    b.trainable_weights = [a.W, b.b]
    for save in (model.to_json, lambda: model.save(tmp_path / "m.h5")):
        with pytest.raises(ValueError, match="'first' and 'second'.*'first_W' in common"):
            save()
    model.save_weights(tmp_path / "w.h5")


def test_branches_on_one_input_that_a_config_cannot_describe_are_refused():
    i = Input((3,))
    layers = [Dense(2, name=name) for name in "ab"]
    for layer in layers:
        layer(i)
    model = Sequential([Merge([Sequential([layer]) for layer in layers], mode="sum")])
    with pytest.raises(ValueError, match="'a'.*'b'.*on the same input"):
        model.to_json()


def test_other_outputs_of_branches_are_refused():
    a, b = (Sequential([Dense(3, input_dim=3)]) for _ in range(2))
    a(Input((3,)))
    model = Sequential([Merge([a, b], mode="sum", node_indices=[1, 0])])
    with pytest.raises(ValueError, match="node_indices"):
        model.to_json()


def test_pop_of_a_layer_above_a_shared_one():
    shared = Dense(3)
    model = Sequential([Dense(4, input_dim=2), shared, Dense(1)])
    shared(Input((4,)))
    model.pop()
    assert model.predict(np.ones((2, 2))).shape == (2, 3)


@pytest.mark.parametrize(
    "change, message",
    [
        (lambda c: c["layers"][1].update(shared=3), "wanted a str"),
        (lambda c: [c["layers"][n].update(shared="a") for n in (1, 2)], "two different layers"),
        (
            lambda c: [e.update(shared="a") for e in (c["layers"][1], c["layers"][1]["config"]["layers"][1])],
            "inside itself",
        ),
        (lambda c: c["layers"][1].update(trainable="no"), "wanted false"),
        (lambda c: c["layers"].append(copy.deepcopy(c["layers"][2])), "two layers named 'top'"),
        (lambda c: c["input_layers"].append(c["input_layers"][0]), "twice"),
        (lambda c: c["output_layers"][0].__setitem__(1, -1), "indices from 0 on"),
        (lambda c: c["output_layers"][0].__setitem__(2, -1), "indices from 0 on"),
        (lambda c: c["layers"][2]["inbound_nodes"][0][0].__setitem__(1, -1), "indices from 0 on"),
        (lambda c: c["layers"][2]["inbound_nodes"][0][0].__setitem__(1, True), "indices from 0 on"),
        (lambda c: c["layers"][2]["inbound_nodes"][0][0].__setitem__(2, 1), "output 1"),
        (lambda c: c["layers"][2]["inbound_nodes"][0][0].__setitem__(2, -1), "indices from 0 on"),
    ],
)
def test_configs_that_do_not_fit_together_are_refused(change, message):
    config = json.loads(nested().to_json())
    change(config["config"])
    with pytest.raises(ValueError, match=message):
        model_from_json(json.dumps(config))
