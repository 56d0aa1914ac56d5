"""The weights of a model and their order; orders and groups were recorded with Keras 1.2.2."""

import h5py
import numpy as np
import pytest
from numpy.testing import assert_array_equal

from keras.layers import BatchNormalization, Dense, Embedding, Flatten, Input, Merge, TimeDistributed
from keras.models import Model, Sequential

INNER = [(3, 2), (2,), (2,), (2,), (2,), (2,), (2, 7), (7,)]  # Dense, BatchNormalization, Dense
TRAINABLE_FIRST = [(3, 2), (2,), (2,), (2,), (2, 7), (7,), (2,), (2,)]


def stack(name):
    layers = [Dense(2, input_dim=3, name=f"{name}1"), BatchNormalization(name=f"{name}2")]
    return Sequential([*layers, Dense(7, name=f"{name}3")], name=name)


def in_model():
    x = Input(shape=(3,), name="input")
    return Model(x, Dense(3, name="top")(stack("a")(x)))


def branches():
    return Sequential([Merge([stack("a"), stack("b")], mode="sum", name="merge"), Dense(3, name="top")])


CASES = {
    "Sequential that begins with a Sequential": (
        lambda: Sequential([stack("a"), Dense(3, name="top")]),
        INNER + [(7, 3), (3,)],
        {"a": 8, "top": 2},
    ),
    "Sequential in a Model": (
        in_model,
        TRAINABLE_FIRST + [(7, 3), (3,)],
        {"input": 0, "a": 8, "top": 2},
    ),
    "branches": (
        branches,
        INNER + INNER + [(7, 3), (3,)],
        {"a1": 2, "a2": 4, "a3": 2, "b1": 2, "b2": 4, "b3": 2, "top": 2},
    ),
    "branches inside": (
        lambda: Sequential([branches(), Dense(1, name="last")], name="outer"),
        INNER + INNER + [(7, 3), (3,), (3, 1), (1,)],
        None,
    ),
}


@pytest.mark.parametrize("make, shapes, groups", CASES.values(), ids=CASES)
def test_order_of_weights_and_file_groups_is_that_of_1_2_2(make, shapes, groups, tmp_path):
    model = make()
    values = [np.random.normal(size=w.shape).astype("float32") for w in model.get_weights()]
    assert [value.shape for value in values] == shapes
    model.set_weights(values)
    for value, got in zip(values, model.get_weights(), strict=True):
        assert_array_equal(got, value)
    path = str(tmp_path / "weights.h5")
    model.save_weights(path)
    with h5py.File(path) as file:
        found = {name.decode(): len(file[name].attrs["weight_names"]) for name in file.attrs["layer_names"]}
    assert groups is None or found == groups
    model.set_weights([np.zeros_like(value) for value in values])
    model.load_weights(path)
    for value, got in zip(values, model.get_weights(), strict=True):
        assert_array_equal(got, value)


def test_branches_of_a_merge_are_trained():
    model = branches()
    model.compile("sgd", "mse")
    before = model.get_weights()
    # Rows that differ: where all are equal, batch normalization lets no gradient through.
    model.train_on_batch([np.eye(4, 3)[::-1], np.eye(4, 3)], np.ones((4, 3)))
    kernels = [i for i, weight in enumerate(before) if weight.ndim == 2]
    assert len(kernels) == 5
    for i in kernels:
        assert (model.get_weights()[i] != before[i]).any()


def test_a_frozen_branch_is_unchanged():
    frozen = stack("a")
    model = Sequential([Merge([frozen, stack("b")], mode="sum"), Dense(3)])
    frozen.trainable = False
    assert (len(model.trainable_weights), len(model.non_trainable_weights)) == (8, 10)


def test_branch_shared_by_two_merges_is_listed_once():
    shared = Sequential([Embedding(5, 2, input_length=3), Flatten()])
    inner = Sequential([Merge([shared, Sequential([Dense(6, input_dim=2)])], mode="sum")])
    model = Sequential([Merge([inner, shared], mode="concat"), Dense(1)])
    assert [weight.shape for weight in model.get_weights()] == [(5, 2), (2, 6), (6,), (12, 1), (1,)]
    assert len(model.trainable_weights) == 5


def test_summary_lists_the_layers_of_branches(capsys):
    branches().summary()
    text = capsys.readouterr().out
    assert "a1 (Dense)" in text and "b3 (Dense)" in text and "merge (Merge)" not in text
    assert "Total params: 98" in text  # 37 in each branch, 24 on top


def test_expanded_summary_lists_layers_inside_with_marks_and_memory(capsys):
    x, inner = Input(shape=(3,), name="x"), stack("a")
    inner.layers[0].trainable = False
    Model(x, Dense(3, name="top")(inner(x))).summary(expand=True)
    rows = {row.split()[0]: row.split() for row in capsys.readouterr().out.splitlines() if row[:1] != "_"}
    assert rows["a1"][-3:] == ["8", "no", "a1_input[0][0]"]
    assert rows["a2"][-2] == "partly" and rows["a3"][-2] == "yes" and rows["a"][-2] == "partly"
    # 61 weights and, for one sample, 3 + 2 + 2 + 7 + 3 outputs, of 4 bytes each
    assert rows["Memory:"] == "Memory: weights 244 bytes; outputs of all layers 68 bytes a sample".split()


def test_layers_inside_a_frozen_model_are_marked_as_frozen(capsys):
    x, inner = Input(shape=(3,), name="x"), stack("a")
    inner.trainable = False
    Model(x, Dense(3, name="top")(inner(x))).summary(expand=True)
    rows = {row.split()[0]: row.split() for row in capsys.readouterr().out.splitlines()}
    assert [rows[name][-2] for name in ("a", "a1", "top")] == ["no", "no", "yes"]


def test_get_layer_follows_a_path_into_models_and_wrappers():
    x, inner = Input(shape=(5, 3)), stack("a")
    model = Model(x, TimeDistributed(Sequential([inner], name="b"), name="each")(x))
    assert model.get_layer("each/a/a3") is inner.layers[2]
    with pytest.raises(ValueError, match="no layer named 'a4'. There are: a1, a2, a3"):
        model.get_layer("each/a/a4")
    with pytest.raises(ValueError, match="'a1/x': <Dense 'a1'> is not a model"):
        inner.get_layer("a1/x")
    with_slash = Sequential([Dense(2, input_dim=3, name="a/b")])
    assert with_slash.get_layer("a/b") is with_slash.layers[0]


def test_repr_of_a_model_has_its_shapes():
    assert repr(stack("a")) == "<Sequential 'a': (None, 3) -> (None, 7), 3 layers>"
    assert repr(Sequential(name="empty")) == "<Sequential 'empty', which has no layers>"


def test_arguments_of_keras_0_only_warn():
    model = Sequential([Dense(2, input_dim=3)])
    with pytest.warns(UserWarning, match="class_mode"):
        model.compile("sgd", "mse", class_mode="categorical")
    x, y = np.ones((2, 3)), np.ones((2, 2))
    with pytest.warns(UserWarning, match="metrics=\\['accuracy'\\]"):
        model.fit(x, y, nb_epoch=1, verbose=0, show_accuracy=True)
    with pytest.warns(UserWarning, match="evaluate: show_accuracy"):
        model.evaluate(x, y, verbose=0, show_accuracy=True)
    with pytest.warns(UserWarning, match="train_on_batch: accuracy"):
        model.train_on_batch(x, y, accuracy=True)
    with pytest.raises(TypeError, match="unknown"):
        model.fit(x, y, verbose=0, show_acuracy=True)
