"""Checks of files before HDF5 reads them."""

import gc
import hashlib
import os
import threading
import time
import warnings

import h5py
import numpy as np
import pytest
from hdf5_samples import FILES, LAYERS, read, run, same, weights_file

from keras._files.hdf5_format import open_for_reading, open_for_writing, opening, write_layers


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


# --- readers beside writers --------------------------------------------------------------------


def test_file_that_is_replaced_while_it_is_read_is_read_to_its_end(tmp_path, monkeypatch):
    """The new file comes between the comparison of the digest and HDF5."""
    path, other = weights_file(tmp_path / "w.h5"), tmp_path / "other.h5"
    other.write_bytes(b"another file")
    check = opening.check_seal

    def check_then_replace(file):
        check(file)
        os.replace(other, path)

    if os.name == "posix":  # Windows refuses to replace a file that is open
        monkeypatch.setattr(opening, "check_seal", check_then_replace)
    assert same(read(path), LAYERS)
    assert os.name != "posix" or path.read_bytes() == b"another file"


@pytest.mark.skipif(os.name != "posix", reason="needs locks of POSIX")
def test_file_that_another_process_has_locked_is_read(tmp_path):
    """As by a program that writes to it with h5py, or by one that asks for locks of its own."""
    path = weights_file(tmp_path / "w.h5")
    with open(path) as file:
        fcntl = pytest.importorskip("fcntl")
        fcntl.flock(file, fcntl.LOCK_EX)
        assert same(read(path), LAYERS)


def test_reader_beside_two_writers_always_finds_a_whole_file(tmp_path):
    """Each file has one number in all places, so a mixture of two would have several."""
    path, ended = tmp_path / "w.h5", threading.Event()

    def write(first):
        number = first
        while not ended.is_set():
            with open_for_writing(path) as file:
                write_layers(file, [("d", [("w", np.full((50, 50), number)), ("b", np.full(50, number))])])
            number += 2

    threads = [threading.Thread(target=write, args=(first,)) for first in (0, 1)]
    for thread in threads:
        thread.start()
    while not path.exists():
        time.sleep(0.01)
    try:
        for _ in range(60):
            ((_, arrays),) = read(path)
            assert len({value for _, array in arrays for value in array.ravel()}) == 1
            with h5py.File(path) as file:  # by the path, with HDF5's own lock
                assert list(file) == ["d"]
    finally:
        ended.set()
        for thread in threads:
            thread.join()
    assert os.listdir(tmp_path) == ["w.h5"]


@pytest.mark.parametrize(
    "content", [b"", b"keras-classic 1\n", b"\x89HDF\r\n\x1a\n" + bytes(600), b"not a model"]
)
def test_refused_file_is_closed(content, tmp_path):
    path = tmp_path / "w.h5"
    path.write_bytes(content)
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # ResourceWarning
        with pytest.raises(OSError, match="w.h5"):
            read(path)
        gc.collect()


def test_large_foreign_file_is_refused_by_its_beginning(tmp_path, monkeypatch):
    (tmp_path / "disk.img").write_bytes(bytes(4096))
    monkeypatch.setattr(hashlib, "file_digest", lambda *_: pytest.fail("hashed"))
    with pytest.raises(OSError, match="it has no HDF5 signature"):
        read(tmp_path / "disk.img")
