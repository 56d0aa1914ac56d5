"""Weights of CuDNNLSTM and CuDNNGRU load into plain layers as Keras 2.3.1 converts them.

golden/keras2/cudnn.npz was written by golden/record_cudnn.py under Keras 2.3.1.
"""

import h5py
import numpy as np
import pytest
from recorded import GOLDEN, OUTPUT

from keras.engine.files.keras_2_weights import LoadedArray, as_keras_1
from keras.layers import GRU, LSTM, Bidirectional, CuDNNGRU, CuDNNLSTM, Input
from keras.models import Model

RECORDED = np.load(GOLDEN / "keras2" / "cudnn.npz")
LAYERS = {
    "lstm": lambda: CuDNNLSTM(3),
    "gru": lambda: CuDNNGRU(3, return_sequences=True),
    "bidirectional": lambda: Bidirectional(CuDNNLSTM(3, return_sequences=True)),
}


def arrays(name, kind):
    count = sum(key.startswith(f"{name}/{kind}_") for key in RECORDED.files)
    return [RECORDED[f"{name}/{kind}_{i}"] for i in range(count)]


def file_of(path, layer, stored):
    """Writes weights as Keras 2.3.1 does."""
    with h5py.File(path, "w") as file:
        file.attrs["keras_version"], file.attrs["backend"] = b"2.3.1", b"tensorflow"
        file.attrs["layer_names"] = [layer.encode()]
        group = file.create_group(layer)
        group.attrs["weight_names"] = [f"{layer}/w{i}:0".encode() for i in range(len(stored))]
        for i, array in enumerate(stored):
            group[f"{layer}/w{i}:0"] = array
    return path


def model_of(layer):
    x = Input((5, 4))
    return Model(x, layer(x))


@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize("kind", ["cudnn", "plain"])
def test_file_predicts_as_recorded(name, kind, tmp_path):
    model = model_of(LAYERS[name]())
    path = file_of(tmp_path / "w.h5", model.layers[1].name, arrays(name, kind))
    model.load_weights(path)
    np.testing.assert_allclose(model.predict(RECORDED["x"]), RECORDED[f"{name}/output"], **OUTPUT)


@pytest.mark.parametrize("name", ["lstm", "gru"])
def test_arrays_are_those_that_keras_2_makes(name):
    layer = model_of(LAYERS[name]()).layers[1]
    stored = [(f"w{i}", LoadedArray(array)) for i, array in enumerate(arrays(name, "cudnn"))]
    ((_, converted),) = as_keras_1([(layer, stored)], flipped=False)
    for (_, ours), theirs in zip(converted, arrays(name, "plain"), strict=True):
        np.testing.assert_allclose(ours.read(), theirs, rtol=1e-6)


def test_layers_with_arrays_for_each_gate_load_them(tmp_path):
    model = model_of(LSTM(3, inner_activation="sigmoid", consume_less="cpu"))
    model.load_weights(file_of(tmp_path / "w.h5", model.layers[1].name, arrays("lstm", "cudnn")))
    np.testing.assert_allclose(model.predict(RECORDED["x"]), RECORDED["lstm/output"], **OUTPUT)


def test_a_gru_with_one_bias_refuses_them_and_is_unchanged(tmp_path):
    model = model_of(GRU(3))
    before = model.get_weights()
    with pytest.raises(ValueError, match=r"Make the layer CuDNNGRU\(units\)"):
        model.load_weights(file_of(tmp_path / "w.h5", model.layers[1].name, arrays("gru", "cudnn")))
    for old, new in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)
