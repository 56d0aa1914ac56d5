"""Every file that h5py writes is read as h5py reads it."""

import hashlib
import lzma

import h5py
import hypothesis
import numpy as np
import pytest
from hdf5_trials import random_files, small_files
from hypothesis import strategies
from recorded import GOLDEN

from keras._files.hdf5_reader import open_file
from keras._files.hdf5_reader.chunk_indexes import read_chunks as original_read_chunks
from keras._files.hdf5_reader.layouts import Index

GOLDEN_FILES = sorted(GOLDEN.rglob("*.h5"))


@pytest.mark.parametrize("path", GOLDEN_FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_files_of_keras_1_and_2(path):
    random_files.assert_same_contents(path)


def test_weights_of_a_whole_application(tmp_path):
    packed = GOLDEN / "music_tagger.weights.h5.xz"
    (tmp_path / "w.h5").write_bytes(lzma.decompress(packed.read_bytes()))
    assert random_files.assert_same_contents(tmp_path / "w.h5") > 30


@pytest.mark.parametrize("writer", small_files.WRITERS, ids=lambda writer: writer.__name__)
def test_files_with_each_structure(writer, tmp_path):
    (tmp_path / "f.h5").write_bytes(small_files.image(writer))
    random_files.assert_same_contents(tmp_path / "f.h5")


def test_small_files_have_every_chunk_index(monkeypatch, tmp_path):
    """The test above would not notice a version of h5py that chooses another index."""
    seen = set()

    def recording(source, layout, space, filtered):
        seen.add(layout.index)
        return original_read_chunks(source, layout, space, filtered)

    monkeypatch.setattr("keras._files.hdf5_reader.arrays.read_chunks", recording)
    for number, writer in enumerate(small_files.WRITERS):
        (tmp_path / f"{number}.h5").write_bytes(small_files.image(writer))
        random_files.assert_same_contents(tmp_path / f"{number}.h5")
    assert seen == set(Index)


@hypothesis.settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture, hypothesis.HealthCheck.too_slow],
)
@hypothesis.given(seed=strategies.integers(0, 10**6))
def test_files_with_random_options(seed, tmp_path):
    path = tmp_path / f"{seed}.h5"
    random_files.write(path, seed)
    random_files.assert_same_contents(path)
    path.unlink()


@pytest.mark.parametrize("user_block", [0, 512, 1024, 2048, 8192])
def test_a_user_block_is_passed_over(user_block, tmp_path):
    with h5py.File(tmp_path / "f.h5", "w", userblock_size=user_block) as file:
        file["x"] = [1, 2]
    random_files.assert_same_contents(tmp_path / "f.h5")


def test_addresses_of_four_bytes(tmp_path):
    creation = h5py.h5p.create(h5py.h5p.FILE_CREATE)
    creation.set_sizes(4, 4)
    low = h5py.h5f.create(str(tmp_path / "f.h5").encode(), h5py.h5f.ACC_TRUNC, creation)
    with h5py.File(low) as file:
        small_files.old_groups(file)
        small_files.old_chunks(file)
    random_files.assert_same_contents(tmp_path / "f.h5")


def test_enumerations_are_their_numbers(tmp_path):
    with h5py.File(tmp_path / "f.h5", "w") as file:
        kind = h5py.enum_dtype({"RED": 0, "GREEN": 1}, basetype="i2")
        file.create_dataset("colours", data=np.array([0, 1, 1], "i2"), dtype=kind)
    random_files.assert_same_contents(tmp_path / "f.h5")


def test_bytes_of_bools_that_are_neither_are_true(tmp_path):
    """NumPy would otherwise hold a bool of value 2, and h5py does."""
    path = tmp_path / "f.h5"
    with h5py.File(path, "w") as file:
        file["flags"] = np.array([True, False, True])
        place = file["flags"].id.get_offset()
    data = bytearray(path.read_bytes())
    data[place : place + 3] = bytes([2, 0, 1])
    path.write_bytes(data)
    with open(path, "rb") as file:
        found = open_file(file, "f.h5").array("flags").read()
    assert found.tobytes() == bytes([1, 0, 1])


def test_reading_leaves_the_file_alone(tmp_path):
    path = tmp_path / "f.h5"
    path.write_bytes(small_files.image(small_files.old_chunks))
    before = hashlib.sha256(path.read_bytes()).digest()
    random_files.assert_same_contents(path)
    assert hashlib.sha256(path.read_bytes()).digest() == before
