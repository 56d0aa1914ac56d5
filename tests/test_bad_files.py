"""Errors on bad files; the ids are those of test_bad_input.py."""

import hashlib
import os
import pathlib
import re

import loopback
import numpy as np
import pytest
from test_bad_input import check, dense, table

from keras.callbacks import ModelCheckpoint
from keras.layers import Dense
from keras.models import Sequential, load_model, model_from_config, model_from_json
from keras.utils.data_utils import get_file

NAN = float("nan")


def stack(*sizes, names=None):
    """Returns a compiled stack of Dense layers on 3 features."""
    names = names or [f"layer_{i}" for i in range(len(sizes))]
    layers = [Dense(n, name=name, input_dim=3) for n, name in zip(sizes, names, strict=True)]
    model = Sequential(layers)
    model.compile("sgd", "mse")
    return model


@pytest.fixture
def here(tmp_path, monkeypatch):
    """Changes to a directory with a model, its weights and damaged copies."""
    monkeypatch.chdir(tmp_path)
    model = stack(3, 3, names=["a", "b"])
    model.save("model.h5")
    model.save_weights("weights.h5")
    content = pathlib.Path("model.h5").read_bytes()
    pathlib.Path("empty.h5").write_bytes(b"")
    pathlib.Path("half.h5").write_bytes(content[: len(content) // 2])
    pathlib.Path("text.h5").write_text("a,b\n1,2\n" * 100)
    os.mkdir("folder")
    return tmp_path


class MyLayer(Dense):
    pass


def unknown_layer():
    Sequential([MyLayer(2, input_dim=3)]).save("own.h5")
    load_model("own.h5")


def config(class_name):
    return {"class_name": class_name, "config": {}}


NOT_A_MODEL = "not a Keras model"


@table(
    ("S1-missing", lambda: load_model("no.h5"), FileNotFoundError, ("no.h5", NOT_A_MODEL)),
    ("S1-empty", lambda: load_model("empty.h5"), OSError, ("empty.h5", NOT_A_MODEL)),
    ("S1-half", lambda: load_model("half.h5"), OSError, ("half.h5", "damaged")),
    ("S1-text", lambda: load_model("text.h5"), OSError, ("text.h5", NOT_A_MODEL)),
    ("S1-folder", lambda: load_model("folder"), IsADirectoryError, ("folder", NOT_A_MODEL)),
    ("S2", lambda: load_model("weights.h5"), ValueError, ("weights.h5", "use model.load_weights")),
    (
        "S3-width",
        lambda: stack(3, 4).load_weights("weights.h5"),
        ValueError,
        ("'layer_1' has [(3, 4), (4,)]", "the file has [(3, 3), (3,)]"),
    ),
    (
        "S3-layers",
        lambda: stack(3, 3, 3).load_weights("weights.h5"),
        ValueError,
        ("2 layers (a, b)", "3 layers (layer_0, layer_1, layer_2)", "by_name=True"),
    ),
    (
        "S4",
        lambda: stack(3, 3, names=["b", "a"]).load_weights("weights.h5"),
        ValueError,
        ("another order", "'a' where the model has 'b'", "by_name=True"),
    ),
    ("S5", unknown_layer, ValueError, ("MyLayer", "custom_objects={'MyLayer'")),
    ("S6-folder", lambda: dense().save("folder"), IsADirectoryError, "folder"),
    ("S6-missing", lambda: dense().save("no/model.h5"), FileNotFoundError, "no"),
    ("S7-brace", lambda: model_from_json("{"), ValueError, ("not valid JSON", "line 1 column 2")),
    ("S7-list", lambda: model_from_json("[]"), ValueError, ("list", "wanted")),
    ("S7-config", lambda: model_from_config([]), TypeError, ("list", "Sequential.from_config")),
    ("S7-class", lambda: model_from_config(config("Mdoel")), ValueError, ("'Mdoel'", "Model")),
    ("S10", lambda: dense().save("model.h5", overwrite=False), FileExistsError, ("model.h5", "no terminal")),
    (
        "S10-weights",
        lambda: dense().save_weights("model.h5", overwrite=False),
        FileExistsError,
        ("model.h5", "overwrite=True"),
    ),
)
def test_bad_file_error_says_what_is_wrong(call, exception, words, here):
    check(call, exception, words)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
@pytest.mark.parametrize("row", ["S6-permission"])
def test_file_without_write_permission_is_refused(row, here):
    os.chmod("model.h5", 0o400)
    check(lambda: dense().save("model.h5"), PermissionError, "model.h5")


@pytest.mark.parametrize("row", ["S4-other-names"])
def test_weights_with_other_layer_names_load_in_order(row, here):
    """As in 1.2.2, since the names of layers differ from process to process."""
    stack(3, 3).load_weights("weights.h5")


@pytest.mark.parametrize("row", ["S8-load"])
def test_nan_in_a_file_warns(row, here):
    model = stack(2)
    model.set_weights([np.full((3, 2), NAN), np.zeros(2)])
    model.save("model.h5")
    words = re.escape("NaN or infinity in 'layer_0_W:0' of layer 'layer_0'")
    with pytest.warns(UserWarning, match=words):
        load_model("model.h5")
    with pytest.warns(UserWarning, match=words):
        stack(2).load_weights("model.h5")


@pytest.mark.parametrize("row", ["S8-best"])
def test_checkpoint_never_saves_nan_as_best(row, here):
    model = stack(1)
    model.set_weights([np.full((3, 1), NAN), np.zeros(1)])
    with pytest.warns(RuntimeWarning, match="weight 'layer_0_W' of layer 'layer_0' is not finite"):
        best = ModelCheckpoint("best.h5", "loss", save_best_only=True)
        model.fit(np.zeros((4, 3)), np.zeros((4, 1)), nb_epoch=1, verbose=0, callbacks=[best])
    assert not os.path.exists("best.h5")


@pytest.mark.parametrize("row", ["S9-hash"])
def test_download_with_another_hash_is_refused(row, tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    wrong, right = "0" * 32, hashlib.md5(b"data").hexdigest()
    with loopback.serve({"/x": b"data"}) as (address, _):
        check(lambda: get_file("x", f"{address}/x", md5_hash=wrong), ValueError, (wrong, right))


@pytest.mark.parametrize("row", ["S9-unknown"])
def test_hash_of_unknown_kind_is_refused(row):
    wanted = ("'md5'", "MD5", "SHA-256")
    check(lambda: get_file("x", "http://127.0.0.1/x", md5_hash="md5"), ValueError, wanted)
