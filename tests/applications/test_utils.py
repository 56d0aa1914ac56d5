"""Preprocessing of inputs and decoding of predictions. "1.2.2" marks a result of Keras 1.2.2."""

import json
import sys
import types

import numpy as np
import pytest
from recorded_applications import ARRAYS, ask

from keras import backend as K
from keras.applications import audio_conv_utils, imagenet_utils, inception_v3, xception

RECORDED = [name for name in ARRAYS if name.startswith("preprocessed/")]


@pytest.mark.parametrize("name", RECORDED)
def test_preprocess_input_equals_the_recorded_images(name):
    np.testing.assert_array_equal(ask.preprocessed()[name], ARRAYS[name])


@pytest.mark.parametrize("function", [inception_v3.preprocess_input, xception.preprocess_input])
def test_preprocess_input_scales_floats_in_place(function):  # 1.2.2
    x = np.full((1, 2, 2, 3), 255, "float32")
    assert function(x) is x and x.max() == 1


def test_preprocess_input_shifts_floats_in_place():  # 1.2.2
    x = np.zeros((1, 3, 1, 1))
    y = imagenet_utils.preprocess_input(x, dim_ordering="th")
    assert np.shares_memory(x, y)
    assert x.ravel().tolist() == [-123.68, -116.779, -103.939]


@pytest.mark.parametrize("module", [imagenet_utils, inception_v3, xception])
def test_preprocess_input_copies_integers_to_floats(module):  # 1.2.2 fails
    x = np.random.RandomState(0).randint(0, 256, (2, 3, 4, 3)).astype("uint8")
    options = {"dim_ordering": "tf"} if module is imagenet_utils else {}
    before = x.copy()
    y = module.preprocess_input(x, **options)
    np.testing.assert_array_equal(x, before)
    assert y.dtype == "float32"
    np.testing.assert_array_equal(y, module.preprocess_input(x.astype("float32"), **options))


@pytest.mark.parametrize("shape", [(4, 4, 3), (1, 4, 4, 1), (1, 4, 3, 4, 3)])
def test_preprocess_input_refuses_other_shapes(shape):
    with pytest.raises(ValueError, match="batch of images with 3 channels on axis 3"):
        imagenet_utils.preprocess_input(np.zeros(shape), dim_ordering="tf")


def test_preprocess_input_uses_the_current_ordering():
    x = np.random.RandomState(0).uniform(0, 255, (1, 3, 2, 3))
    for ordering in ("th", "tf"):
        K.set_image_dim_ordering(ordering)
        ours = imagenet_utils.preprocess_input(x.copy())
        np.testing.assert_array_equal(ours, imagenet_utils.preprocess_input(x.copy(), ordering))


@pytest.mark.parametrize("module", [imagenet_utils, audio_conv_utils])
def test_preprocess_input_refuses_an_unknown_ordering(module):
    with pytest.raises(ValueError, match="dim_ordering is 'th', 'tf' or 'default'; got 'last'"):
        module.preprocess_input(np.zeros((1, 3, 2, 2)), dim_ordering="last")


# --- classes ------------------------------------------------------------------------------------------


@pytest.fixture
def class_names(tmp_path, monkeypatch):
    """A file of class names in the published format, in the place of the download."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    (tmp_path / "models").mkdir()
    names = {str(i): [f"n{i:08}", f"name {i}"] for i in range(1000)}
    (tmp_path / "models" / "imagenet_class_index.json").write_text(json.dumps(names))


def test_decode_predictions_returns_the_largest_first(class_names):  # 1.2.2
    predictions = np.zeros((2, 1000), "float32")
    predictions[0, [5, 7]], predictions[1, [999, 3]] = [0.25, 0.5], [0.25, 0.75]
    assert imagenet_utils.decode_predictions(predictions, top=2) == [
        [("n00000007", "name 7", 0.5), ("n00000005", "name 5", 0.25)],
        [("n00000003", "name 3", 0.75), ("n00000999", "name 999", 0.25)],
    ]
    assert [len(row) for row in imagenet_utils.decode_predictions(predictions)] == [5, 5]


@pytest.mark.parametrize("shape", [(1000,), (2, 999)])
def test_decode_predictions_refuses_other_shapes(shape):  # 1.2.2
    with pytest.raises(ValueError, match=r"shape \(samples, 1000\)"):
        imagenet_utils.decode_predictions(np.zeros(shape))


def test_decode_predictions_of_tags_keeps_the_order_of_ties():  # 1.2.2
    predictions = np.zeros((2, 50))
    predictions[1] = np.arange(50) / 64
    assert audio_conv_utils.decode_predictions(predictions, top_n=3) == [
        [("rock", 0.0), ("pop", 0.0), ("alternative", 0.0)],
        [("happy", 49 / 64), ("House", 48 / 64), ("sad", 47 / 64)],
    ]
    with pytest.raises(ValueError, match=r"\(samples, 50\); got \(50,\)"):
        audio_conv_utils.decode_predictions(np.zeros(50))


# --- spectrograms -------------------------------------------------------------------------------------


@pytest.fixture
def librosa(monkeypatch):
    """A stand-in for librosa that records its arguments; librosa's arithmetic is not under test."""
    fake = types.ModuleType("librosa")
    fake.asked = []

    def load(path, sr):
        fake.asked.append((path, sr))
        return np.arange(fake.samples, dtype="float32"), sr

    def melspectrogram(y, **options):
        fake.asked.append((len(y), y[0], y[-1], options))
        return np.arange(96 * 1366.0).reshape(96, 1366)

    def power_to_db(powers, ref):
        fake.asked.append(ref)
        return powers + 1

    fake.load, fake.power_to_db = load, power_to_db
    fake.feature = types.SimpleNamespace(melspectrogram=melspectrogram)
    monkeypatch.setitem(sys.modules, "librosa", fake)
    return fake


@pytest.mark.parametrize(
    "samples, first, last",
    [(480_000, 65_280, 414_719), (349_441, 0, 349_439), (349_440, 0, 349_439), (349_439, 0, 0), (9, 0, 0)],
)
def test_spectrogram_takes_the_middle_of_the_clip(librosa, samples, first, last):  # 1.2.2
    librosa.samples = samples
    options = {"sr": 12_000, "hop_length": 256, "n_fft": 512, "n_mels": 96}
    K.set_image_dim_ordering("tf")
    x = audio_conv_utils.preprocess_input("a.mp3")
    assert librosa.asked == [("a.mp3", 12_000), (349_440, first, last, options), 1.0]
    assert x.shape == (96, 1366, 1) and x[0, :4, 0].tolist() == [1, 2, 5, 10]
    assert audio_conv_utils.preprocess_input("a.mp3", dim_ordering="th").shape == (1, 96, 1366)


def test_spectrogram_without_librosa_names_the_package(monkeypatch):
    monkeypatch.setitem(sys.modules, "librosa", None)
    with pytest.raises(ImportError, match="pip install librosa"):
        audio_conv_utils.preprocess_input("a.mp3")
