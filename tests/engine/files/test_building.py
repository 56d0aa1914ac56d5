"""Limits on the layers, calls, nesting and weights of a config, before anything is built."""

import contextlib
import json
import tracemalloc

import numpy as np
import pytest

from keras._base.budget import OverBudget
from keras._files import hdf5_format
from keras.engine.files import building
from keras.engine.files.building import building_from, reserve
from keras.layers import LSTM, Dense, Input
from keras.models import Model, Sequential, load_model, model_from_config, model_from_json

INPUT = {"name": "x", "batch_input_shape": [None, 4], "input_dtype": "float32", "sparse": False}


def layer(name, sources, class_name="Activation", **config):
    config = config or {"activation": "relu"}
    return {
        "name": name,
        "class_name": class_name,
        "config": {"name": name, **config},
        "inbound_nodes": [[[source, 0, 0]] for source in sources],
    }


def model(layers, output):
    """Returns the config of a model from input x to the output of a layer."""
    first = {"name": "x", "class_name": "InputLayer", "config": INPUT, "inbound_nodes": []}
    ends = {"input_layers": [["x", 0, 0]], "output_layers": [[*output, 0]]}
    return {"class_name": "Model", "config": {"name": "m", "layers": [first, *layers], **ends}}


def chain(length):
    return [layer(f"a{i}", [f"a{i - 1}" if i else "x"]) for i in range(length)]


@pytest.mark.parametrize("reverse", [False, True])
def test_layers_may_be_listed_in_any_order(reverse):
    layers = chain(50)
    made = model_from_config(model(layers[::-1] if reverse else layers, ("a49", 0)))
    assert [one.name for one in made.layers] == ["x", *(f"a{i}" for i in range(50))]


def test_calls_of_a_shared_layer_keep_their_order():
    """The input of the second call of `shared` is the output of its first call, through `a`."""
    shared = layer("shared", ["x", "a"], "Dense", output_dim=4)
    made = model_from_config(model([shared, layer("a", ["shared"])], ("shared", 1)))
    assert [node.inbound_layers[0].name for node in made.get_layer("shared").inbound_nodes] == ["x", "a"]


def test_circular_calls_are_refused():
    with pytest.raises(ValueError, match="layer 'a' needs .*'b', 0, 0.* which no layer before"):
        model_from_config(model([layer("a", ["b"]), layer("b", ["a"])], ("a", 0)))


def test_too_many_layers_are_refused():
    with pytest.raises(ValueError, match="more than 10,000 layers"):
        model_from_json(json.dumps(model(chain(10_001), ("a0", 0))))


def test_exponential_calls_of_nested_models_are_refused():
    """Each of 15 models calls its inner model three times: 3 ** 15 calls in a config of 10 KB."""
    inner = model(chain(1), ("a0", 0))
    for _ in range(15):
        calls = {**inner, "name": "m", "inbound_nodes": [[["x", 0, 0]], [["m", 1, 0]], [["m", 2, 0]]]}
        inner = model([calls], ("m", 3))
    with pytest.raises(ValueError, match="layers and calls would take [0-9,]* steps"):
        model_from_config(inner)


def test_list_that_contains_itself_is_refused(monkeypatch):
    monkeypatch.setattr(building, "MAX_ITEMS", 1000)
    config = {"class_name": "Dense", "config": {"init": []}}
    config["config"]["init"].append(config["config"]["init"])
    with pytest.raises(ValueError, match="more than 1,000 values"):
        model_from_config(config)


def test_deep_nesting_is_refused():
    config = {"class_name": "Dense", "config": {"output_dim": 1}}
    for _ in range(70):
        config = {"class_name": "TimeDistributed", "config": {"layer": config}}
    with pytest.raises(ValueError, match="more than 64 models or layers inside"):
        model_from_config(config)


def test_weights_of_all_layers_are_limited_by_memory(monkeypatch):
    monkeypatch.setattr(building, "physical_memory", lambda: 8 * 1000)
    dense = [layer(f"a{i}", [f"a{i - 1}" if i else "x"], "Dense", output_dim=20) for i in range(5)]
    model_from_config(model(dense[:2], ("a1", 0)))  # 100 + 420 of 1,000
    with pytest.raises(MemoryError, match="Layer 'a3': .* more than half of the 0 GB"):
        model_from_config(model(dense, ("a4", 0)))


def test_recurrent_states_are_charged_to_the_file():
    lstm = LSTM(4, stateful=True, batch_input_shape=(10, 3, 2)).get_config()
    entry = {"class_name": "LSTM", "config": {**lstm, "batch_input_shape": [10**7, 3, 2]}}
    with pytest.raises(OverBudget, match="states of layer .* would take 320,000,000 bytes of memory"):
        Sequential.from_config([entry])


def recurrent(calls):
    """Returns the config of a model that calls one GRU many times; each call traces a loop."""
    gru = layer("g", ["r"], "GRU", output_dim=3)
    gru["inbound_nodes"] = [[["r", 0, 0]]] * calls
    return model([layer("r", ["x"], "RepeatVector", n=2), gru], ("g", 0))


def test_calls_are_charged_by_what_they_cost():
    """500 calls of a GRU took 13 s, 500 calls of an Activation 0.1 s."""
    assert len(model_from_config(recurrent(3)).layers) == 3
    with pytest.raises(OverBudget, match="ops in loops would take"):
        model_from_config(recurrent(500))
    cheap = layer("a", ["x"] * 500)
    assert len(model_from_config(model([cheap], ("a", 499))).get_layer("a").inbound_nodes) == 500


def step(op, *args):
    """Returns the config of a model with one step of the graph."""
    entry = {"op": op, "args": list(args), "kwargs": {}, "seed": None}
    return model([layer("s", ["x"], "Operation", **entry)], ("s", 0))


def test_large_constants_of_steps_are_not_computed():
    tracemalloc.start()
    model_from_config(step("repeat_elements", {"call": shape_of_x()}, 10**9 // 2, 0))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 10**7
    with pytest.raises(ValueError, match="'repeat_elements' of the config has no tensor"):
        model_from_config(step("repeat_elements", [1.0], 10**9, 0))


def shape_of_x():
    return {"op": "shape", "args": [{"input": 0}], "kwargs": {}, "seed": None}


def save(path, config):
    with hdf5_format.open_for_writing(path) as file:
        arrays = [("w", np.zeros((4, 3), "f4")), ("b", np.zeros(3, "f4"))]
        hdf5_format.write_model_parts(file, config, [("a", arrays)])


def test_model_has_no_more_weights_than_its_file(tmp_path):
    save(tmp_path / "m.h5", model([layer("a", ["x"], "Dense", output_dim=3)], ("a", 0)))
    load_model(tmp_path / "m.h5")
    save(tmp_path / "m.h5", model([layer("a", ["x"], "Dense", output_dim=4)], ("a", 0)))
    with pytest.raises(ValueError, match="'a': .* more than the 15 numbers that the file holds"):
        load_model(tmp_path / "m.h5")


def test_loading_draws_no_initial_values(tmp_path):
    x = Input(shape=(4,))
    Model(x, Dense(3, init="orthogonal")(x)).save(tmp_path / "m.h5")
    np.random.seed(7)
    load_model(tmp_path / "m.h5")
    drawn = np.random.random()
    np.random.seed(7)
    assert np.random.random() == drawn


@pytest.mark.parametrize(
    "config",
    [
        {"class_name": "Model", "config": {}},
        {"class_name": "Model", "config": []},
        {"class_name": "Sequential", "config": {"a": 1}},
        {"class_name": "Dense", "config": None},
        {"class_name": ["Dense"], "config": {}},
        model([layer("a", ["x"])], ("b", 0)),
        model([layer("a", ["x"])], ("a", "0")),
        model([layer("a", ["x"], "Dense", output_dim=10**30)], ("a", 0)),
    ],
    ids=range(8),
)
def test_malformed_config_raises_a_documented_error(config):
    with pytest.raises((ValueError, TypeError, MemoryError)):
        model_from_config(config)


def test_limits_end_with_the_block():
    with contextlib.suppress(ValueError), building_from({}, numbers=10):
        reserve("a", "w", (11,))
    reserve("a", "w", (11,))
