"""Settings: what `keras.json` and environment variables set; the modules that Keras 1.2.2 had beside K."""

import importlib
import json
import os
import subprocess
import sys

import pytest

from keras import backend as K
from keras.backend import common


@pytest.fixture
def load(tmp_path, monkeypatch):
    """Returns a function that loads settings from a keras.json and variables, as the import of keras does."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.setitem(common._settings, "backend", "jax")

    def load(settings, **variables):
        (tmp_path / "keras.json").write_text(settings if isinstance(settings, str) else json.dumps(settings))
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        common._load_settings()

    return load


@pytest.mark.parametrize("name", ["jax", "tensorflow", "theano"])
def test_keras_json_and_the_variable_set_the_name_of_the_backend(load, name):
    load({"backend": name})
    assert K.backend() == name
    load({"backend": "tf"}, KERAS_BACKEND=name)  # the file's value is not read
    assert K.backend() == name


def test_without_settings_the_name_is_jax(load):
    load({})
    assert K.backend() == "jax"
    load({}, KERAS_BACKEND="")
    assert K.backend() == "jax"


@pytest.mark.parametrize("name", ["torch", "cntk"])
def test_the_engine_of_another_keras_is_not_ours(load, name):
    load({"backend": name})
    assert K.backend() == "jax"


def test_the_variable_holds_from_the_import_on():
    code = (
        "from keras import backend as K; import keras.backend.tensorflow_backend as KTF\n"
        "print(K.backend(), K._BACKEND, KTF._BACKEND)"
    )
    environment = {**os.environ, "KERAS_BACKEND": "tensorflow", "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    assert done.stdout.split() == ["tensorflow"] * 3, done.stderr


@pytest.mark.parametrize(
    "settings, variables, said",
    [
        ({}, {"KERAS_BACKEND": "theno"}, r"variable KERAS_BACKEND: .*'theno'.*jax, tensorflow, theano"),
        ({"backend": "tf"}, {}, r'"backend" in .*keras\.json: .*\'tf\'.*jax, tensorflow, theano'),
        ({"backend": ["theano"]}, {}, r'"backend" in .*keras\.json: '),
        ({"epsilon": "small"}, {}, r'"epsilon" in .*keras\.json: .*small'),
        ({"floatx": "float31"}, {}, r'"floatx" in .*keras\.json: .*float31.*float32'),
        ({"image_dim_ordering": "nchw"}, {}, r'"image_dim_ordering" in .*keras\.json: .*nchw'),
        ({"image_data_format": "th"}, {}, r'"image_data_format" in .*keras\.json: .*channels_first'),
        ({}, {"KERAS_IMAGE_DIM_ORDERING": "last"}, r"variable KERAS_IMAGE_DIM_ORDERING: .*last"),
    ],
)
def test_an_unusable_setting_is_refused_with_its_source_and_the_choices(load, settings, variables, said):
    with pytest.raises(ValueError, match=said):
        load(settings, **variables)


@pytest.mark.parametrize("text", ["{", "[1]", '"tensorflow"'])
def test_a_keras_json_that_holds_no_settings_is_ignored_with_a_warning(load, text):
    with pytest.warns(UserWarning, match=r"keras\.json could not be read and is ignored"):
        load(text)
    assert K.backend() == "jax"


def test_the_image_ordering_has_keras_1s_key_and_keras_2s(load):
    load({"image_data_format": "channels_last"})
    assert K.image_dim_ordering() == "tf"
    load({"image_data_format": "channels_last", "image_dim_ordering": "th"})
    assert K.image_dim_ordering() == "th"
    load({"image_dim_ordering": "th"}, KERAS_IMAGE_DIM_ORDERING="tf")
    assert K.image_dim_ordering() == "tf"


@pytest.mark.parametrize("name", ["tensorflow_backend", "theano_backend"])
def test_the_modules_of_the_engines_are_k(name):
    assert importlib.import_module(f"keras.backend.{name}") is K and getattr(K, name) is K
    assert importlib.import_module("keras.backend.common")._EPSILON == K._EPSILON == 1e-7


def test_a_missing_session_says_what_to_write():
    assert not hasattr(K, "set_session")
    with pytest.raises(AttributeError, match=r"K\.function.*keras\.compat\.install"):
        K.get_session()
    with pytest.raises(AttributeError, match="no attribute 'sessions'$"):
        K.sessions  # noqa: B018
