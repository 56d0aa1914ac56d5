"""Errors in configs name the file and the place, and have one type."""

import json

import h5py
import pytest

from keras._base.budget import OverBudget
from keras.engine.files.places import checked, entry, errors_at
from keras.engine.files.registry import layer_from_config
from keras.layers import Dense, Input, TimeDistributed
from keras.models import Model, Sequential, load_model, model_from_json

SGD = {"class_name": "SGD", "config": {}}


@pytest.mark.parametrize(
    "error", [TypeError, KeyError, IndexError, AttributeError, ZeroDivisionError, RecursionError]
)
def test_what_a_malformed_config_raises_is_a_value_error_with_the_place(error):
    caught = pytest.raises(ValueError, match="^model.h5: layer 'a': ")
    with caught as caught, errors_at("model.h5"), errors_at("layer 'a'"):
        raise error("reason")
    assert "reason" in str(caught.value) and type(caught.value) is ValueError
    assert isinstance(caught.value.__cause__, error)


def test_the_file_is_named_once():
    with pytest.raises(OverBudget, match="^model.h5: too large$"), errors_at("model.h5"):
        raise OverBudget("model.h5: too large")


@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt, UserWarning])
def test_other_errors_pass_unchanged(error):
    with pytest.raises(error, match="^reason$"), errors_at("model.h5"):
        raise error("reason")


def test_memory_error_stays_one():
    with pytest.raises(MemoryError, match="model.h5: 9 GB"), errors_at("model.h5"):
        raise MemoryError("9 GB")


def test_entry_says_what_is_missing_or_of_another_kind():
    assert entry({"a": [1]}, "a", list, "it") == [1]
    with pytest.raises(ValueError, match="it must have 'b', a list; it has a"):
        entry({"a": 1}, "b", list, "it")
    with pytest.raises(ValueError, match="'a' of it must be a list; got 1"):
        entry({"a": 1}, "a", list, "it")
    for wrong in (True, -1, 1.0, "1"):
        with pytest.raises(ValueError, match="must be a whole number >= 0"):
            checked(wrong, int, "it")


# --- files -------------------------------------------------------------------------------------


def changed_file(path, **attributes):
    """Saves a compiled model, and replaces attributes of the file."""
    x = Input((2, 3), name="x")
    model = Model(x, TimeDistributed(Dense(2, name="inner"), name="outer")(x), name="whole")
    model.compile("sgd", "mse")
    model.save(path)
    path.write_bytes(path.read_bytes()[512:])
    with h5py.File(path, "r+") as file:
        for name, value in attributes.items():
            file.attrs[name] = value if isinstance(value, bytes) else json.dumps(value)
    return path


@pytest.mark.parametrize(
    "config, problem",
    [
        (
            {"class_name": ["Model"], "config": {}},
            "model_config: 'class_name' of .* must be text; got .'Model'.",
        ),
        ({"class_name": "Sequential", "config": 5}, "model_config: .* Sequential must be a list; got 5"),
        (
            {"class_name": "Sequential", "config": [5]},
            "layer 0: the entry of a layer must be an object; got 5",
        ),
        (
            {"class_name": "Model", "config": {"layers": {}}},
            "'layers' of the config of a Model must be a list",
        ),
        ({"class_name": "Model", "config": {"layers": []}}, "must have 'input_layers', a list"),
        ({"class_name": "Dense", "config": {"output_dim": 2}}, "its class Dense is no model but a layer"),
        (5, "attribute model_config"),
        (b"\xff", "attribute model_config"),
        (b"", "attribute model_config"),
    ],
)
def test_malformed_model_config_is_refused_with_file_and_place(config, problem, tmp_path):
    path = changed_file(tmp_path / "m.h5", model_config=config)
    with pytest.raises(ValueError, match=f"m.h5: .*{problem}"):
        load_model(path)


@pytest.mark.parametrize(
    "config, problem",
    [
        ({}, "training_config: it has no 'optimizer_config'"),
        ([], "attribute training_config"),
        (None, "attribute training_config"),
        ({"optimizer_config": "SGD", "loss": "mse"}, "training_config: .* got 'SGD'"),
        ({"optimizer_config": {**SGD, "config": []}, "loss": "mse"}, "the config a dict of arguments"),
        ({"optimizer_config": SGD}, "training_config: it has no 'loss'"),
        ({"optimizer_config": SGD, "loss": None}, "training_config: compile: no loss"),
        ({"optimizer_config": SGD, "loss": 5}, "training_config: Invalid objective: got 5"),
        ({"optimizer_config": SGD, "loss": ["mse", "mse"]}, "got 2 losses for 1 output"),
        ({"optimizer_config": SGD, "loss": "mse", "metrics": 5}, "metrics must be a list or a dict"),
        ({"optimizer_config": SGD, "loss": "mse", "metrics": [[5]]}, "Invalid metric"),
        (
            {"optimizer_config": SGD, "loss": "mse", "loss_weights": 5},
            "loss_weights must be a list or a dict",
        ),
    ],
)
def test_malformed_training_config_is_an_error_and_no_uncompiled_model(config, problem, tmp_path):
    path = changed_file(tmp_path / "m.h5", training_config=config)
    with pytest.raises(ValueError, match=f"m.h5: .*{problem}"):
        load_model(path)


def test_message_leads_from_the_model_to_the_layer():
    inner = Sequential([TimeDistributed(Dense(2, name="inner"), name="outer", input_shape=(2, 3))])
    text = inner.to_json().replace('"output_dim": 2', '"output_dim": null')
    with pytest.raises(ValueError, match="Sequential: layer 0: .*'outer': Dense 'inner': .* got None"):
        model_from_json(text)


@pytest.mark.parametrize("name", [5, "", [], {}])
def test_name_of_a_layer_must_be_text(name):
    text = Sequential([Dense(2, input_dim=3, name="only")]).to_json()
    with pytest.raises(ValueError, match="the name of a layer must be text"):
        model_from_json(text.replace('"only"', json.dumps(name)))


@pytest.mark.parametrize("index", [-1, True, 1.5, "0", None, 7])
def test_index_of_a_node_must_be_one_that_exists(index):
    x = Input((3,), name="x")
    config = json.loads(Model(x, Dense(2, name="d")(x)).to_json())
    config["config"]["layers"][1]["inbound_nodes"][0][0][1] = index
    with pytest.raises(ValueError, match="a node of layer 'd' must be a list of|do not fit together"):
        model_from_json(json.dumps(config))


def test_two_layers_of_one_name_are_refused():
    x = Input((3,), name="x")
    config = json.loads(Model(x, Dense(2, name="d")(x)).to_json())
    config["config"]["layers"].append(config["config"]["layers"][1])
    with pytest.raises(ValueError, match="two layers named 'd'"):
        model_from_json(json.dumps(config))


@pytest.mark.parametrize("value", ["false", None, []])
def test_trainable_that_is_not_a_truth_value_is_refused(value):
    config = Dense(2, input_dim=3, name="d").get_config()
    with pytest.raises(ValueError, match="Dense 'd': 'trainable' of a layer must be true or false"):
        layer_from_config({"class_name": "Dense", "config": {**config, "trainable": value}})
