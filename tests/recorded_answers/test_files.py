"""Files of Keras 1.2.2 load and continue as in the original (origin: golden/README.md)."""

import json

import h5py
import numpy as np
import pytest
from recorded import GOLDEN, OUTPUT, TRAJECTORY, Case

from keras import backend as K
from keras.models import load_model, model_from_json, model_from_yaml

FOLDER = GOLDEN / "files"
ARRAYS = np.load(FOLDER / "files.npz")
ALL = [Case(item, ARRAYS, item["id"]) for item in json.loads((FOLDER / "files.json").read_text())]
GOOD = [case for case in ALL if case["name"] != "lambda_model"]


def single(arrays):
    return arrays[0] if len(arrays) == 1 else arrays


def check_predictions(model, case):
    predictions = model.predict(single(case.list("x")))
    predictions = predictions if isinstance(predictions, list) else [predictions]
    for found, expected in zip(predictions, case.list("predict"), strict=True):
        np.testing.assert_allclose(found, expected, **OUTPUT)


def by_name(case):
    return case["name"]


@pytest.mark.parametrize("case", GOOD, ids=by_name)
def test_model_file_predicts_evaluates_and_trains_as_recorded(case):
    """Training continues with the saved state of the optimizer."""
    K.set_image_dim_ordering(case["ordering"])
    model = load_model(FOLDER / f"{case['name']}.model.h5")
    check_predictions(model, case)
    x, y = single(case.list("x")), single(case.list("y"))
    np.testing.assert_allclose(model.evaluate(x, y, verbose=0), case.array("evaluate"), **OUTPUT)
    history = model.fit(x, y, batch_size=4, nb_epoch=2, shuffle=False, verbose=0)
    np.testing.assert_allclose(history.history["loss"], case.list("resumed_loss"), **TRAJECTORY)
    for found, expected in zip(model.get_weights(), case.list("resumed_weight"), strict=True):
        np.testing.assert_allclose(found, expected, **TRAJECTORY)


@pytest.mark.parametrize("case", GOOD, ids=by_name)
@pytest.mark.parametrize("form", ["json", "yaml"])
def test_config_and_weights_files_predict_as_recorded(case, form):
    K.set_image_dim_ordering(case["ordering"])
    read = {"json": model_from_json, "yaml": model_from_yaml}[form]
    model = read((FOLDER / f"{case['name']}.{form}").read_text())
    model.load_weights(FOLDER / f"{case['name']}.weights.h5")
    check_predictions(model, case)


@pytest.mark.parametrize("case", GOOD, ids=by_name)
def test_config_equals_the_original(case):
    """The JSON of the model equals, as data, that of the original."""
    text = (FOLDER / f"{case['name']}.json").read_text()
    assert json.loads(model_from_json(text).to_json()) == json.loads(text)


@pytest.mark.parametrize("case", GOOD, ids=by_name)
def test_saved_file_has_the_layout_of_the_original(case, tmp_path):
    """Groups, data sets and attributes are equal, except for the numbering of variables."""
    original = FOLDER / f"{case['name']}.model.h5"
    model = load_model(original)
    model.save(tmp_path / "ours.h5")
    with h5py.File(original) as theirs, h5py.File(tmp_path / "ours.h5") as ours:
        assert layout(ours["model_weights"]) == layout(theirs["model_weights"])
        assert set(ours.attrs) == set(theirs.attrs)
        for name in ("model_config", "training_config"):
            assert json.loads(ours.attrs[name]) == json.loads(theirs.attrs[name])
        found = [np.array(v) for v in in_order(ours["optimizer_weights"])]
        wanted = [np.array(v) for v in in_order(theirs["optimizer_weights"])]
        assert [v.shape for v in found] == [v.shape for v in wanted]
        for one, other in zip(found, wanted, strict=True):
            np.testing.assert_array_equal(one, other)


def layout(group):
    found = {"@layer_names": list(group.attrs["layer_names"])}
    for name, layer in group.items():
        found[name] = list(layer.attrs["weight_names"])
        for weight in layer.attrs["weight_names"]:
            found[name, weight] = layer[weight.decode()].shape, layer[weight.decode()].dtype
    return found


def in_order(group):
    return [group[name] for name in group.attrs["weight_names"]]


@pytest.mark.parametrize("form", ["model.h5", "json", "yaml"])
def test_byte_code_is_refused_with_a_reason(form):
    path = FOLDER / f"lambda_model.{form}"
    with pytest.raises(ValueError, match="Lambda 'lambda_1': function is Python byte code"):
        if form == "model.h5":
            load_model(path)
        else:
            {"json": model_from_json, "yaml": model_from_yaml}[form](path.read_text())
