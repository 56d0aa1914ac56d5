"""Weights from downloads and files. "1.2.2" marks a result of Keras 1.2.2."""

import inspect
import lzma

import numpy as np
import pytest
from loopback import serve
from recorded import GOLDEN
from recorded_applications import RECORDED, ask

from keras import backend as K
from keras.applications import (
    VGG16,
    ResNet50,
    Xception,
    _pretrained,
    imagenet_utils,
    inception_v3,
    music_tagger_crnn,
    resnet50,
    vgg16,
    vgg19,
    xception,
)
from keras.applications.imagenet_utils import _obtain_input_shape
from keras.applications.music_tagger_crnn import MusicTaggerCRNN


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """A new Keras folder for each test, and no proxy for local addresses."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("no_proxy", "*")
    (tmp_path / "home" / "models").mkdir(parents=True)
    return tmp_path / "home"


def known(name):
    return inspect.signature(getattr(ask.module_of(name), name)).parameters["weights"].default


# --- which file ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name, ordering, include_top, rule", RECORDED["weights"], ids=lambda value: str(value)[:20]
)
def test_name_and_origin_of_weight_file(name, ordering, include_top, rule, monkeypatch):  # 1.2.2
    asked = []

    def get_file(fname, origin, md5_hash=None, cache_subdir="datasets"):
        asked.append({"fname": fname, "origin": origin, "md5_hash": md5_hash, "cache_subdir": cache_subdir})
        raise OSError("stop here")

    monkeypatch.setattr(_pretrained, "get_file", get_file)
    with pytest.raises(OSError, match="stop here"):
        ask.build(name, ordering, {"include_top": include_top}, known(name))
    assert asked == [{"md5_hash": None, **rule["file"]}]
    assert K.image_dim_ordering() == ordering  # Xception restores it


def test_failed_download_explains_alternatives(home, monkeypatch):
    file = "vgg16_weights_th_dim_ordering_th_kernels.h5"
    with serve({}) as (url, asked):
        monkeypatch.setattr(_pretrained, "_ORIGIN", url)
        with pytest.raises(OSError) as caught:
            VGG16()
        assert asked == [f"/v0.1/{file}"]
    for part in ("vgg16", str(home / "models" / file), "404", "KERAS_HOME", "weights=None"):
        assert part in str(caught.value)


def test_file_with_wrong_hash_is_refused(home, monkeypatch):
    file = "resnet50_weights_tf_dim_ordering_tf_kernels_notop.h5"
    (home / "models" / file).write_bytes(b"old")
    K.set_image_dim_ordering("tf")
    with serve({f"/v0.2/{file}": b"new"}) as (url, _):
        monkeypatch.setattr(_pretrained, "_ORIGIN", url)
        with pytest.raises(ValueError, match="wanted a268eb855778b3df3c7506639542a6af"):
            ResNet50(include_top=False)
    assert (home / "models" / file).read_bytes() == b"old"


# --- loading ------------------------------------------------------------------------------------------


def test_weights_written_by_keras_1(home):
    """Loads a weight file of MusicTaggerCRNN in the published layout, written by Keras 1.2.2."""
    file = home / "models" / "music_tagger_crnn_weights_tf_kernels_th_dim_ordering.h5"
    with lzma.open(GOLDEN / ask.WEIGHT_FILE) as packed:
        file.write_bytes(packed.read())
    model = MusicTaggerCRNN()
    for ours, written in zip(model.get_weights(), ask.patterned_weights(model), strict=True):
        np.testing.assert_array_equal(ours, written)
    without_top = MusicTaggerCRNN(include_top=False).get_weights()
    for ours, whole in zip(without_top, model.get_weights(), strict=False):
        np.testing.assert_array_equal(ours, whole)
    by_hand = MusicTaggerCRNN(weights=None)
    by_hand.load_weights(file)
    np.testing.assert_array_equal(by_hand.get_weights()[-1], model.get_weights()[-1])


@pytest.mark.parametrize("ordering", ["th", "tf"])
def test_theano_kernels_are_mirrored(home, ordering):
    K.set_image_dim_ordering(ordering)
    model = VGG16(include_top=False, weights=None)
    name = f"vgg16_weights_{ordering}_dim_ordering_{ordering}_kernels_notop.h5"
    model.save_weights(home / "models" / name)
    loaded = VGG16(include_top=False, weights="imagenet", classes=3)  # no top, so any number of classes
    for ours, saved in zip(loaded.get_weights(), model.get_weights(), strict=True):
        if ordering == "th" and saved.ndim == 4:
            saved = saved[:, :, ::-1, ::-1]
        np.testing.assert_array_equal(ours, saved)


def test_recorded_files_that_are_mirrored():
    """1.2.2: files for "th" hold Theano kernels, except those of MusicTaggerCRNN."""
    mirrored = {(name, ordering) for name, ordering, _, rule in RECORDED["weights"] if rule["mirrored"]}
    assert mirrored == {(name, "th") for name in ("VGG16", "VGG19", "ResNet50", "InceptionV3")}
    assert all(rule["loaded"][1] == (name == "MusicTaggerCRNN") for name, *_, rule in RECORDED["weights"])


# --- arguments ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ask.MODULES)
def test_unknown_weights_are_refused(name):  # 1.2.2
    with pytest.raises(ValueError, match=f"weights is '{known(name)}' .*got 'mine.h5'.*load_weights"):
        ask.build(name, "tf", {}, weights="mine.h5")


@pytest.mark.parametrize("name", ask.MODULES)
def test_published_weights_fix_the_number_of_classes(name):  # 1.2.2
    with pytest.raises(ValueError, match="the published top has .* classes; got classes=7"):
        ask.build(name, "tf", {"classes": 7}, weights=known(name))


def test_xception_warns_about_th_ordering():  # 1.2.2
    with (
        pytest.warns(UserWarning, match="'tf' only .*'th' is set"),
        pytest.raises(ValueError, match="wanted"),
    ):
        Xception(include_top=False, weights=None, input_shape=(3, 100, 100))
    assert K.image_dim_ordering() == "th"


@pytest.mark.parametrize(
    "shape, include_top, expected",
    [
        (None, True, (224, 224, 3)),
        ((224, 224, 3), True, (224, 224, 3)),
        ((100, 100, 3), True, "with include_top=True it is"),
        ((None, None, 3), True, "with include_top=True it is"),
        (None, False, (None, None, 3)),
        ((48, 50, 3), False, (48, 50, 3)),
        ((50, None, 3), False, (50, None, 3)),
        ([50, None, 3], False, (50, None, 3)),
        ((47, 48, 3), False, "at least 48"),
        ((40, None, 3), False, "at least 48"),
        ((100, 100, 4), False, "with 3 channels"),
        ((3, 100, 100), False, "with 3 channels"),
        ((100, 100), False, "with 3 channels"),
        ((100, 100, 3, 1), False, "with 3 channels"),
    ],
)
@pytest.mark.parametrize("ordering", ["tf", "th"])
def test_input_shape_is_completed_or_refused(ordering, shape, include_top, expected):  # 1.2.2
    def ordered(shape):
        return shape and (shape if ordering == "tf" else (shape[-1], *shape[:-1]))

    arguments = (ordered(shape), 224, 48, ordering, include_top)
    if isinstance(expected, str):
        with pytest.raises(ValueError, match=expected):
            _obtain_input_shape(*arguments)
    else:
        assert _obtain_input_shape(*arguments) == ordered(expected)


def test_input_tensor_that_is_a_placeholder():
    images = K.placeholder((None, 3, 64, 64))
    model = VGG16(include_top=False, weights=None, input_tensor=images, input_shape=(3, 64, 64))
    assert model.inputs[0] is images and model.output_shape == (None, 512, 2, 2)


def test_modules_have_the_addresses_of_their_weight_files():  # 1.2.2
    origin = "https://github.com/fchollet/deep-learning-models/releases/download"
    assert f"{origin}/v0.1/vgg16_weights_th_dim_ordering_th_kernels_notop.h5" == vgg16.TH_WEIGHTS_PATH_NO_TOP
    assert f"{origin}/v0.1/vgg19_weights_tf_dim_ordering_tf_kernels.h5" == vgg19.TF_WEIGHTS_PATH
    notop = f"{origin}/v0.2/resnet50_weights_tf_dim_ordering_tf_kernels_notop.h5"
    assert notop == resnet50.TF_WEIGHTS_PATH_NO_TOP
    assert f"{origin}/v0.2/inception_v3_weights_th_dim_ordering_th_kernels.h5" == inception_v3.TH_WEIGHTS_PATH
    assert f"{origin}/v0.4/xception_weights_tf_dim_ordering_tf_kernels.h5" == xception.TF_WEIGHTS_PATH
    assert not hasattr(xception, "TH_WEIGHTS_PATH")
    tagger = f"{origin}/v0.3/music_tagger_crnn_weights_tf_kernels_%s_dim_ordering.h5"
    assert tagger % "tf" == music_tagger_crnn.TF_WEIGHTS_PATH
    assert tagger % "th" == music_tagger_crnn.TH_WEIGHTS_PATH
    assert imagenet_utils.CLASS_INDEX_PATH.endswith("/imagenet_class_index.json")
