"""Files of Keras 2.2.4 and 2.3.1 load and predict as recorded there (golden/README.md)."""

import json
import shutil
import warnings

import h5py
import numpy as np
import pytest
from recorded import GOLDEN, OUTPUT

from keras.engine.files.keras_2_weights import LoadedArray, as_keras_1
from keras.layers import Convolution2D
from keras.models import Sequential, load_model, model_from_json

FOLDER = GOLDEN / "keras2"
FILES = sorted(FOLDER.glob("*/*.h5"))
IDS = [f"{path.parent.name}-{path.stem}" for path in FILES]


def recorded(path, kind):
    with np.load(FOLDER / f"{path.parent.name}.npz") as arrays:
        return [arrays[name] for name in sorted(arrays.files) if name.startswith(f"{path.stem}/{kind}")]


def check(model, path):
    found = model.predict(recorded(path, "x"))
    found = found if isinstance(found, list) else [found]
    for ours, theirs in zip(found, recorded(path, "y"), strict=True):
        np.testing.assert_allclose(ours, theirs, **OUTPUT)


@pytest.fixture(autouse=True)
def no_warning_of_the_optimizer():
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*optimizer state has another layout")
        yield


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_model_file_predicts_as_recorded(path, tmp_path):
    """The model predicts as recorded, also after it was saved in the layout of Keras 1."""
    model = load_model(path)
    check(model, path)
    model.save(tmp_path / "again.h5")
    check(load_model(tmp_path / "again.h5"), path)


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_config_and_weights_are_loaded_separately(path):
    with h5py.File(path) as file:
        config = file.attrs["model_config"]
    model = model_from_json(config.decode() if isinstance(config, bytes) else config)
    model.load_weights(path)
    check(model, path)
    if path.stem != "nested":  # configs of Keras 1 have no name of a Sequential
        by_name = model_from_json(model.to_json())
        by_name.load_weights(path, by_name=True)
        check(by_name, path)


def test_training_continues_with_a_new_optimizer_state():
    path = FOLDER / "keras231_tensorflow" / "dense.h5"
    with pytest.warns(UserWarning, match="optimizer state has another layout"):
        model = load_model(path)
    assert type(model.optimizer).__name__ == "Adam" and model.optimizer.epsilon == 1e-7
    history = model.fit(np.ones((8, 3)), np.eye(2)[[0, 1] * 4], epochs=2, verbose=0)
    assert np.isfinite(history.history["loss"]).all() and "acc" in history.history


def changed(path, tmp_path, change):
    """Returns a copy of a file with a changed config."""
    copy = shutil.copy(path, tmp_path / "changed.h5")
    with h5py.File(copy, "r+") as file:
        config = json.loads(file.attrs["model_config"])
        change(config["config"]["layers"])
        file.attrs["model_config"] = json.dumps(config)
    return copy


@pytest.mark.parametrize(
    "name, layer, key, value, said",
    [
        ("dense", 2, "scale", False, r"'batch_normalization_1' has \[\(4,\), \(4,\), \(4,\)\], the file has"),
        ("lstm", 2, "units", 4, "'lstm_2_W' of shape .* more than the 172 numbers that the file"),
        ("lstm", 2, "units", 1, "does not fit the model: layer 'lstm_1' has"),
        ("steps", 1, "kernel_size", [4], "more than the 81 numbers that the file holds"),
    ],
)
def test_mismatch_is_refused(name, layer, key, value, said, tmp_path):
    path = FOLDER / "keras231_tensorflow" / f"{name}.h5"
    with pytest.raises(ValueError, match=said):
        load_model(changed(path, tmp_path, lambda layers: layers[layer]["config"].update({key: value})))


def test_unknown_layer_is_named(tmp_path):
    path = FOLDER / "keras231_tensorflow" / "lstm.h5"

    def make_unknown(layers):
        layers[2]["class_name"] = "QuantumLSTM"

    with pytest.raises(ValueError, match="QuantumLSTM"):
        load_model(changed(path, tmp_path, make_unknown))


@pytest.mark.parametrize("size, step, warned", [(3, 1, False), (2, 1, True), (3, 2, True)])
def test_theano_file_with_different_padding_warns(size, step, warned):
    layer = Convolution2D(2, size, size, subsample=(step, step), border_mode="same", input_shape=(3, 8, 8))
    Sequential([layer])
    kernel, bias = np.zeros((size, size, 3, 2)), np.zeros(2)
    stored = [("kernel", LoadedArray(kernel)), ("bias", LoadedArray(bias))]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        as_keras_1([(layer, stored)], flipped=True)
    assert ["pads border_mode='same' in another way" in str(warning.message) for warning in caught] == [
        True
    ] * warned
