"""Suffixes that mean other formats, and files of other formats by their first bytes."""

import gzip
import io
import json
import pickle
import struct
import tarfile
import zipfile

import numpy as np
import pytest

from keras._files.formats import refuse_other_suffix, what_it_is
from keras.callbacks import ModelCheckpoint, TrainingCheckpoint
from keras.layers import Dense
from keras.models import Sequential, load_model

HARMLESS = [
    "m",
    "m.h5",
    "m.HDF5",
    "m.weights.h5",
    "m.weights",
    "m.model",
    "m.hdf",
    "w.05-0.23",
    ".h5",
    "m.net",
]
OTHERS = "keras json yaml yml npz npy pkl pickle safetensors onnx stablehlo pb tflite pt pth zip ONNX".split()


@pytest.mark.parametrize("name", HARMLESS)
def test_names_without_the_suffix_of_another_format_are_written(name, tmp_path):
    model = Sequential([Dense(2, input_dim=3)])
    model.save(tmp_path / name)
    assert load_model(tmp_path / name).to_json() == model.to_json()
    model.save_weights(tmp_path / name)
    model.load_weights(tmp_path / name)


@pytest.mark.parametrize("suffix", OTHERS)
def test_suffix_of_another_format_is_refused_before_anything_is_written(suffix, tmp_path):
    model = Sequential([Dense(2, input_dim=3)])
    path = str(tmp_path / f"m.{suffix}")
    for write in (model.save, model.save_weights, ModelCheckpoint, TrainingCheckpoint):
        with pytest.raises(ValueError, match=rf"m.{suffix}' would be an HDF5 file, but .*Wanted .*m.h5'; "):
            write(path)
    assert not list(tmp_path.iterdir())


def test_pattern_of_a_checkpoint_is_judged_by_its_suffix():
    ModelCheckpoint("w.{epoch:02d}-{val_loss:.2f}")
    ModelCheckpoint("w.{epoch:02d}-{val_loss:.2f}.hdf5")
    with pytest.raises(ValueError, match="ModelCheckpoint: .*the zip archive of Keras 3"):
        ModelCheckpoint("w.{epoch:02d}-{val_loss:.2f}.keras")


def test_an_hdf5_file_of_an_old_program_loads_under_any_name(tmp_path):
    model = Sequential([Dense(2, input_dim=3)])
    model.save(tmp_path / "m.h5")
    (tmp_path / "m.h5").rename(tmp_path / "m.keras")
    assert load_model(tmp_path / "m.keras").to_json() == model.to_json()


def zipped(*names):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name in names:
            archive.writestr(name, "{}")
    return content.getvalue()


def numpy_file(save, *arrays):
    content = io.BytesIO()
    save(content, *arrays)
    return content.getvalue()


def tar():
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("model.h5"))
    return content.getvalue()


MODEL = Sequential([Dense(2, input_dim=3)])
HEADER = json.dumps({"w": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}).encode().ljust(64)
FILES = {
    "a .keras file of Keras 3": zipped("metadata.json", "config.json", "model.weights.h5"),
    "a .npz file of NumPy": numpy_file(np.savez, np.zeros(3)),
    "a file of PyTorch": zipped("model/data.pkl", "model/version"),
    "a zip archive": zipped("readme.txt"),
    "a .npy file of NumPy": numpy_file(np.save, np.zeros(3)),
    "a pickle": pickle.dumps([1, 2]),
    "a model of TensorFlow Lite": b"\x1c\0\0\0TFL3\x14\0",
    "a safetensors file": struct.pack("<Q", len(HEADER)) + HEADER + bytes(4),
    "packed with gzip": gzip.compress(b"model"),
    "a tar archive": tar(),
    "a pointer of Git LFS": b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n",
    "a web page": b"\n<!DOCTYPE html>\n<html><title>404</title></html>",
    "probably an ONNX model": b"\x08\x07\x12\x07pytorch\x1a\x031.9",
    "a StableHLO program of JAX": b"<\0\0\x008\0d\0" + bytes(260) + b"samples\0",
    "the JSON text of a model": MODEL.to_json().encode(),
    "JSON text": b'{"weights": [1, 2]}',
    "the YAML text of a model": MODEL.to_yaml().encode(),
}


@pytest.mark.parametrize("kind", FILES)
def test_error_on_a_file_of_another_format_says_what_it_is(kind, tmp_path):
    path = tmp_path / "model.h5"
    path.write_bytes(FILES[kind])
    for load in (load_model, MODEL.load_weights):
        with pytest.raises(OSError, match=rf"model.h5: not a Keras model/weights file, but {kind}.*: \w+"):
            load(path)


@pytest.mark.parametrize(
    "suffix, way", [("onnx", "model.export"), ("stablehlo", "model.export"), ("keras", "keras convert")]
)
def test_error_on_a_suffix_names_what_writes_such_files(suffix, way):
    with pytest.raises(ValueError, match=rf"Wanted a name such as 'm.h5'; .*{way}"):
        refuse_other_suffix(f"m.{suffix}", "save")


def test_a_folder_of_tensorflow_is_named(tmp_path):
    (tmp_path / "saved_model.pb").write_bytes(b"")
    with pytest.raises(IsADirectoryError, match="but a SavedModel of TensorFlow; wanted an HDF5 file"):
        load_model(tmp_path)


@pytest.mark.parametrize(
    "beginning", [b"", b"a,b\n1,2\n", b"keras-classic 1\nsha256 ", b"\x89HDF\r\n\x1a\n", b"\0" * 512]
)
def test_other_bytes_are_not_guessed(beginning):
    assert what_it_is(beginning) is None


def test_suffixes_are_compared_in_any_case():
    with pytest.raises(ValueError, match=r"\.Keras means the zip archive of Keras 3"):
        refuse_other_suffix("M.Keras", "save")
