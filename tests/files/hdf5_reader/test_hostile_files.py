"""What the reader does with files that were made to harm: refuse them at the cost of their size."""

import hashlib
import itertools
import os
import tracemalloc

import h5py
import numpy as np
import pytest
from attacks.hdf5_structures import cases
from hdf5_samples import read, weights_file

from keras._base.budget import BASE_MEMORY, MEMORY_PER_BYTE, STEPS_PER_BYTE, Budget
from keras._files.hdf5_format import open_for_reading, read_model_parts
from keras._files.hdf5_reader import checksums, lzf, open_file
from keras._files.hdf5_reader.errors import Damage

ATTACKS = list(cases())


@pytest.mark.parametrize("case", ATTACKS, ids=lambda case: case.name)
def test_attack_is_refused_within_the_law(case, tmp_path, monkeypatch):
    """By counts, of bytes and of steps: row A1 measures the same files in seconds and resident memory."""
    budgets, original = [], Budget.__post_init__
    monkeypatch.setattr(Budget, "__post_init__", lambda self: (original(self), budgets.append(self)))
    path = case.write(tmp_path)["path"]
    size = os.path.getsize(path)
    tracemalloc.start()
    try:
        with pytest.raises((ValueError, OSError), match=case.name), open_for_reading(path) as file:
            parts = read_model_parts(file)
            assert [array.read() for _, pairs in parts.layers for _, array in pairs]
        assert tracemalloc.get_traced_memory()[1] < BASE_MEMORY + (MEMORY_PER_BYTE + 1) * size
    finally:
        tracemalloc.stop()
    assert all(budget.steps >= 0 and budget.memory >= 0 for budget in budgets)


def test_there_are_many_attacks_of_each_kind():
    assert len(ATTACKS) >= 100


def test_a_directory_of_many_paths_takes_steps_in_proportion(tmp_path):
    """Weights below a common group: its links are read once, and not once for each weight."""
    steps = []
    for count in (100, 200, 400):
        weights = [(f"common/w{i}", np.float32(i)) for i in range(count)]
        path = weights_file(tmp_path / f"{count}.h5", [("layer", weights)])
        with open_for_reading(path) as file:
            budget = file._objects.source.budget
            before = budget.steps
            group = file.group("layer")
            for name in group.names("weight_names"):
                group.array(name).read()
            steps.append(before - budget.steps)
    assert steps[2] - steps[1] < 2.5 * (steps[1] - steps[0])


@pytest.mark.parametrize("beginning", ["zeros", "seal without HDF5", "seal of another form", "HDF5 alone"])
def test_a_large_foreign_file_is_refused_unread(beginning, tmp_path, monkeypatch):
    path = tmp_path / "large"
    mark = b"keras-classic 1\nsha256 "
    path.write_bytes(
        {
            "zeros": b"",
            "seal without HDF5": (mark + b"0" * 64 + b"\n").ljust(512, b"\0"),
            "seal of another form": mark.ljust(512, b"\0") + b"\x89HDF\r\n\x1a\n",
            "HDF5 alone": b"\x89HDF\r\n\x1a\n",
        }[beginning]
    )
    os.truncate(path, 10 * 2**30)  # sparse: takes no space
    monkeypatch.setattr(hashlib, "file_digest", lambda *_: pytest.fail("10 GB were hashed"))
    with pytest.raises(OSError, match="large: not a Keras model/weights file"), open_for_reading(path):
        pass


def test_a_file_that_is_replaced_while_it_is_read_stays_itself(tmp_path):
    old, new = np.ones(3, "f4"), np.zeros(3, "f4")
    path = weights_file(tmp_path / "w.h5", [("a", [("w", old)])])
    weights_file(tmp_path / "new.h5", [("a", [("w", new)])])
    with open_for_reading(path) as file:
        os.replace(tmp_path / "new.h5", path)
        assert np.array_equal(file.group("a").array("w").read(), old)
    assert np.array_equal(read(path)[0][1][0][1], new)


def test_a_file_that_becomes_shorter_while_it_is_read_is_refused(tmp_path):
    path = weights_file(tmp_path / "w.h5", [("a", [("w", np.ones(100_000, "f4"))])])
    with open_for_reading(path) as file:
        array = file.group("a").array("w")
        os.truncate(path, 10_000)
        with pytest.raises(OSError, match="w.h5, at /a/w .*became shorter"):
            array.read()


def test_an_array_may_not_be_larger_than_the_budget(tmp_path):
    with h5py.File(tmp_path / "f.h5", "w") as file:
        for name in "ab":
            file.create_dataset(name, (30 * 2**20,), "f4", chunks=(2**20,), compression="gzip")
    with open(tmp_path / "f.h5", "rb") as handle:
        root = open_file(handle, "f.h5")
        assert not root.array("a").read().any()  # 120 MB of fill values
        with pytest.raises(
            ValueError, match="f.h5: /b claims shape .*, but the file holds only 0 bytes of it"
        ):
            root.array("b")


@pytest.mark.parametrize(
    "text, expected",
    # The values in the comments of Bob Jenkins's own lookup3.c, driver5.
    [(b"", 0xDEADBEEF), (b"Four score and seven years ago", 0x17770551)],
)
def test_lookup3(text, expected):
    assert checksums.lookup3(text) == expected


@pytest.mark.parametrize("size", [0, 1, 2, 3, 719, 720, 721, 2**17 + 3, 2**18 + 2])
def test_fletcher32_is_its_definition(size):
    data = np.random.default_rng(size).bytes(size)
    words = np.frombuffer(data + bytes(size % 2), ">u2").tolist()
    first = sum(words)
    second = sum(itertools.accumulate(words))
    assert checksums.fletcher32(data) == (first % 65535, second % 65535)


def test_lzf_repeats_what_it_has_just_written():
    assert lzf.unpack(b"\x01ab" + b"\x60\x01", 7) == b"ababababa"[:7]
    assert lzf.unpack(b"\x00x" + b"\xe0\x10\x00", 26) == b"x" * 26


@pytest.mark.parametrize(
    "packed, said",
    [
        (b"\x05ab", "ends inside a piece"),
        (b"\x00x\x20", "ends inside a piece"),
        (b"\x00x\x20\x05", "before its beginning"),
        (b"\x00x", "unpacks to 1 bytes"),
        (b"\x00x\xe0\xff\x00", "unpacks to more bytes"),
    ],
)
def test_damaged_lzf_is_refused(packed, said):
    with pytest.raises(Damage, match=said):
        lzf.unpack(packed, 7)


def test_steps_of_lzf_are_those_that_its_bytes_allow(tmp_path):
    """A file of LZF chunks alone stays inside its budget, however large."""
    with h5py.File(tmp_path / "f.h5", "w") as file:
        values = np.random.default_rng(0).integers(0, 4, 200_000).astype("f4")
        file.create_dataset("x", data=values, compression="lzf", shuffle=True)
    with open(tmp_path / "f.h5", "rb") as handle:
        root = open_file(handle, "f.h5")
        budget = root._objects.source.budget
        before = budget.steps
        assert np.array_equal(root.array("x").read(), values)
        assert before - budget.steps < 1_000 + STEPS_PER_BYTE * os.path.getsize(tmp_path / "f.h5")
