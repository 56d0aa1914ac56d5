"""Checks of files before HDF5 reads them."""

import hashlib
import os

import h5py
import pytest
from hdf5_samples import FILES, LAYERS, read, run, same, weights_file

from keras._files.hdf5_format import open_for_reading


def test_digest_precedes_the_file(tmp_path):
    content = weights_file(tmp_path / "w.h5").read_bytes()
    digest = hashlib.sha256(content[512:]).hexdigest()
    assert content[:512] == f"keras-classic 1\nsha256 {digest}\n".encode().ljust(512, b"\0")
    assert content[512:520] == b"\x89HDF\r\n\x1a\n"
    with h5py.File(tmp_path / "w.h5") as file:  # any HDF5 reader passes over it
        assert file.userblock_size == 512 and list(file.attrs["layer_names"]) == [b"input_1", b"dense_1"]


def test_file_without_its_first_512_bytes_is_a_keras_1_file(tmp_path):
    path = weights_file(tmp_path / "w.h5")
    path.write_bytes(path.read_bytes()[512:])
    assert same(read(path), LAYERS)


@pytest.mark.parametrize("place", [0, 20, 400, 512, 600, -1])
def test_flipped_bit_is_found(place, tmp_path):
    content = bytearray(weights_file(tmp_path / "w.h5").read_bytes())
    content[place] ^= 1
    (tmp_path / "w.h5").write_bytes(content)
    with pytest.raises(OSError, match="Cannot load .*w.h5: .*the file is damaged"):
        read(tmp_path / "w.h5")


def test_changed_file_error_says_how_to_drop_the_digest(tmp_path):
    with h5py.File(weights_file(tmp_path / "w.h5"), "r+") as file:
        file["dense_1/dense_1_b:0"][0] = 3
    with pytest.raises(OSError, match="remove its first 512 bytes"):
        read(tmp_path / "w.h5")


@pytest.mark.parametrize("case", ["missing", "empty", "text", "half", "directory", "pipe"])
def test_files_that_are_not_keras_files_are_refused(case, tmp_path):
    path = tmp_path / "model.h5"
    whole = (FILES / "sequential.model.h5").read_bytes()
    if case == "directory":
        path.mkdir()
    elif case == "pipe":
        if not hasattr(os, "mkfifo"):
            pytest.skip("Windows has no such pipes")
        os.mkfifo(path)
    elif case != "missing":
        path.write_bytes(
            {"empty": b"", "text": b"not a model\n" * 100, "half": whole[: len(whole) // 2]}[case]
        )
    kind = {"missing": FileNotFoundError, "directory": IsADirectoryError}.get(case, OSError)
    with pytest.raises(kind) as error, open_for_reading(path):
        pass
    assert str(path) in str(error.value) and "not a Keras model/weights file" in str(error.value)


def test_truncated_file_is_refused(tmp_path):
    whole, path = (FILES / "sequential.weights.h5").read_bytes(), tmp_path / "w.h5"
    for length in range(0, len(whole), 97):
        path.write_bytes(whole[:length])
        with pytest.raises(OSError, match="w.h5"):
            read(path)


def test_h5py_and_yaml_are_imported_on_use():
    code = "import sys, keras._files.hdf5_format as _; print({'h5py', 'yaml'} & set(sys.modules))"
    assert run(code) == "set()\n"
