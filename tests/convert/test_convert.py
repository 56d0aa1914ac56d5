"""Conversions keep predictions; what a format cannot hold is found before anything is written."""

import json
import zipfile
from pathlib import Path

import h5py
import numpy as np
import pytest

from keras import backend as K
from keras.convert import FORMATS, CannotCarryOver, convert_file, load, load_arrays, predictor
from keras.convert.formats import Conversion
from keras.convert.keras_2_config import model_as_2x
from keras.layers import (
    GRU,
    BatchNormalization,
    Convolution2D,
    Dense,
    Flatten,
    Highway,
    Input,
    Lambda,
    MaxPooling2D,
    merge,
)
from keras.models import Model, Sequential

GOLDEN = Path(__file__).parents[1] / "golden"
KERAS_3 = GOLDEN / "keras3"
RECORDED = np.load(KERAS_3 / "predictions.npz")


ARCHIVES = "functional images ours_nested_shared ours_two_outputs ours_video ours_catalog".split()


def inputs(model):
    """The inputs of golden/record_keras3_files.py."""
    random = np.random.RandomState(1)
    return [numbers(random, (3, *tensor.shape[1:]), str(tensor.dtype)) for tensor in model.inputs]


def numbers(random, shape, dtype):
    if dtype == "bool":
        return (random.randint(0, 2, shape) > 0) | (np.arange(shape[-1]) == 0)
    found = random.randint(0, 5, shape) if "int" in dtype else random.standard_normal(shape)
    return found.astype(dtype)


def predictions(model, data=None):
    data = inputs(model) if data is None else data
    found = model.predict(data if len(data) > 1 else data[0])
    return found if isinstance(found, list) else [found]


@pytest.mark.parametrize("name", ARCHIVES)
def test_archives_of_keras_3_predict_as_in_keras_3_15(name):
    """The numbers are of Keras 3.15.1 on JAX; the archives named ours_ were written here and read there."""
    for i, output in enumerate(predictions(load(KERAS_3 / f"{name}.keras"))):
        np.testing.assert_allclose(output, RECORDED[f"{name}.keras/{i}"], rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("name", ["two_outputs", "nested_shared", "video"])
def test_archives_written_here_are_those_that_keras_3_has_read(name, tmp_path):
    path = tmp_path / "new.keras"
    convert_file(GOLDEN / "files" / f"{name}.model.h5", path)
    with zipfile.ZipFile(path) as new, zipfile.ZipFile(KERAS_3 / f"ours_{name}.keras") as old:
        assert json.loads(new.read("config.json")) == json.loads(old.read("config.json"))
        with h5py.File(new.open("model.weights.h5")) as a, h5py.File(old.open("model.weights.h5")) as b:
            names = []
            b.visititems(lambda name, item: names.append(name) if isinstance(item, h5py.Dataset) else None)
            assert names
            for array in names:
                np.testing.assert_array_equal(a[array][()], b[array][()], err_msg=array)


def small():
    model = Sequential([Convolution2D(2, 3, 3, input_shape=(6, 5, 1), dim_ordering="tf", activation="relu")])
    model.add(BatchNormalization())
    model.add(MaxPooling2D((2, 1), dim_ordering="tf"))
    model.add(Flatten())
    model.add(Dense(2, activation="softmax"))
    random = np.random.RandomState(0)
    for weight in model.weights:
        K.set_value(weight, random.uniform(0.1, 1, weight.shape))
    model.compile("sgd", "mse")
    return model


@pytest.mark.parametrize(
    "name, to",
    [("m.npz", None), ("m.safetensors", None), ("m.keras", None), ("m.h5", "keras2"), ("m.hdf5", None)],
)
def test_a_model_goes_there_and_back_with_equal_predictions(name, to, tmp_path):
    if name.endswith("safetensors"):
        pytest.importorskip("safetensors")
    model = small()
    model.save(tmp_path / "first.h5")
    convert_file(tmp_path / "first.h5", tmp_path / name, to)
    again = load(tmp_path / name)
    for old, new in zip(model.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)
    assert [type(layer) for layer in again.layers] == [type(layer) for layer in model.layers]
    assert again.to_json() == model.to_json() or name.endswith((".keras", "m.h5"))


def test_weights_alone_need_the_config(tmp_path):
    model = small()
    model.save_weights(tmp_path / "w.h5")
    (tmp_path / "m.json").write_text(model.to_json())
    with pytest.raises(ValueError, match="--model"):
        load(tmp_path / "w.h5")
    for old, new in zip(
        model.get_weights(), load(tmp_path / "w.h5", tmp_path / "m.json").get_weights(), strict=True
    ):
        np.testing.assert_array_equal(old, new)


def test_the_gates_of_keras_3_get_weights_for_its_slope(tmp_path):
    """hard_sigmoid is relu6(x + 3) / 6 in Keras 3, and clip(0.2 x + 0.5) here: 1.2 x gives the same."""
    model = Sequential([GRU(2, input_shape=(3, 2), inner_activation="hard_sigmoid")])
    model.save(tmp_path / "m.h5")
    convert_file(tmp_path / "m.h5", tmp_path / "m.keras")
    with (
        zipfile.ZipFile(tmp_path / "m.keras") as archive,
        h5py.File(archive.open("model.weights.h5")) as file,
    ):
        kernel = file["layers/gru/cell/vars/0"][()]
    named = {w.name: K.get_value(w) for w in model.weights}
    z = next(value for name, value in named.items() if name.endswith("W_z"))
    h = next(value for name, value in named.items() if name.endswith("W_h"))
    np.testing.assert_allclose(kernel[:, :2], 1.2 * z, rtol=1e-6)
    np.testing.assert_array_equal(kernel[:, 4:], h)


def highway():
    return Sequential([Highway(input_dim=2)])


def with_lambda():
    return Sequential([Lambda(lambda x: x, input_shape=(2,))])


def with_mode():
    return Sequential([BatchNormalization(mode=1, input_shape=(2,))])


@pytest.mark.parametrize(
    "make, said",
    [
        (highway, "Highway.*no such layer"),
        (with_lambda, "Lambda.*code"),
        (with_mode, "mode=1"),
    ],
)
def test_what_keras_3_lacks_is_listed_and_nothing_is_written(make, said, tmp_path):
    model = make()
    found = FORMATS["keras3"].lost(model)
    assert any(item.blocks for item in found)
    plan = Conversion(model, FORMATS["keras3"], str(tmp_path / "m.keras"), found)
    with pytest.raises(CannotCarryOver, match=said):
        plan.write()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("ordering", ["th", "tf"])
def test_the_other_image_ordering_predicts_the_same(ordering, tmp_path):
    """The data move their channels; kernels, the axis of normalization and rows of Dense follow."""
    model = small()
    model.save(tmp_path / "tf.h5")
    x = np.random.RandomState(1).standard_normal((2, 6, 5, 1)).astype("float32")
    if ordering == "tf":
        convert_file(tmp_path / "tf.h5", tmp_path / "th.h5", image_ordering="th")
        source, x_new = tmp_path / "th.h5", x
    else:
        source, x_new = tmp_path / "tf.h5", x.transpose(0, 3, 1, 2)
    convert_file(source, tmp_path / "out.h5", image_ordering=ordering)
    new = load(tmp_path / "out.h5")
    assert {layer.dim_ordering for layer in new.layers if hasattr(layer, "dim_ordering")} == {ordering}
    np.testing.assert_allclose(new.predict(x_new), model.predict(x), rtol=1e-5)


def test_kernels_from_theano_are_rotated(tmp_path):
    model = small()
    model.save(tmp_path / "m.h5")
    convert_file(tmp_path / "m.h5", tmp_path / "out.h5", theano_kernels=True)
    np.testing.assert_array_equal(
        load(tmp_path / "out.h5").get_weights()[0], model.get_weights()[0][::-1, ::-1]
    )


def test_words_of_keras_2():
    model = small()
    layers = model_as_2x(model).entry["config"]["layers"]
    assert [layer["class_name"] for layer in layers] == [
        "Conv2D",
        "BatchNormalization",
        "MaxPooling2D",
        "Flatten",
        "Dense",
    ]
    assert layers[0]["config"]["kernel_size"] == [3, 3]
    assert layers[0]["config"]["data_format"] == "channels_last"
    assert layers[4]["config"]["units"] == 2


def test_recorded_predictions_and_several_arrays_are_data(tmp_path):
    np.save(tmp_path / "y.npy", np.ones((2, 1)))
    np.savez(tmp_path / "x.npz", a=np.zeros(2), b=np.ones(3))
    assert [a.shape for a in load_arrays([tmp_path / "x.npz"])] == [(2,), (3,)]
    np.testing.assert_array_equal(predictor(tmp_path / "y.npy")([])[0], np.ones((2, 1)))


def test_merging_layers_are_carried_over():
    a, b = Input((3,)), Input((3,))
    model = Model([a, b], [merge([a, b], mode=mode) for mode in ("sum", "mul", "ave", "max", "concat")])
    translation = model_as_2x(model)
    assert not translation.lost
    assert [layer["class_name"] for layer in translation.entry["config"]["layers"][2:]] == [
        "Add",
        "Multiply",
        "Average",
        "Maximum",
        "Concatenate",
    ]
