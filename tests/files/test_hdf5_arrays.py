"""Datasets in HDF5 files that are read as they are needed, and whole arrays."""

import h5py
import numpy as np
import pytest
from numpy.testing import assert_array_equal

from keras.utils.io_utils import (
    HDF5Matrix,
    load_array,
    save_array,
)

DATA = np.arange(30, dtype="int16").reshape(10, 3)


@pytest.fixture
def data_file(tmp_path):
    path = str(tmp_path / "data.h5")
    with h5py.File(path, "w") as file:
        file["x"] = DATA
    yield path
    if path in HDF5Matrix.refs:
        HDF5Matrix.refs.pop(path).close()


# --- HDF5Matrix ---------------------------------------------------------------------------------

INDEXES = [
    0,
    -1,
    np.int64(4),
    slice(1, 4),
    slice(2, 2),
    slice(None, 3),
    slice(2, None),
    slice(0, 5, 2),
    [0, 2],
    [2, 0],
    [1, 1],
    [],
    np.array([3, 0, 3]),
]


@pytest.mark.parametrize("index", INDEXES, ids=str)
@pytest.mark.parametrize("start, end", [(0, None), (2, 7)])
def test_indexing_equals_that_of_the_array(index, start, end, data_file):
    wanted = DATA[start:end][np.array(index, int) if isinstance(index, list) else index]
    assert_array_equal(HDF5Matrix(data_file, "x", start, end)[index], wanted)


@pytest.mark.parametrize("index", [5, -6, slice(0, 6), [0, 5], np.array([-6])], ids=str)
def test_samples_out_of_range_raise_index_error(index, data_file):  # 1.2.2, also for slices
    with pytest.raises(IndexError, match="5 samples"):
        HDF5Matrix(data_file, "x", 2, 7)[index]


@pytest.mark.parametrize("index", [np.ones(10, bool), slice(None, None, -1)], ids=str)
def test_masks_and_backward_slices_are_refused(index, data_file):
    with pytest.raises(IndexError, match="HDF5Matrix"):
        HDF5Matrix(data_file, "x")[index]


def test_shape_covers_only_the_range(data_file):
    matrix = HDF5Matrix(data_file, "x", start=2, end=7)
    assert (matrix.shape, matrix.ndim, matrix.dtype, len(matrix)) == ((5, 3), 2, np.int16, 5)


def test_normalizer_receives_only_the_rows_read(data_file):
    seen = []
    matrix = HDF5Matrix(data_file, "x", normalizer=lambda rows: seen.append(rows.shape) or rows * 2)
    assert_array_equal(matrix[1:3], DATA[1:3] * 2)
    assert seen == [(2, 3)]  # the rest was not read


def test_objects_for_one_file_share_it(data_file):
    first, second = HDF5Matrix(data_file, "x"), HDF5Matrix(data_file, "x", end=2)
    assert first.data.file == second.data.file == HDF5Matrix.refs[data_file]


def test_closed_file_is_reopened(data_file):
    HDF5Matrix(data_file, "x").data.file.close()
    assert_array_equal(HDF5Matrix(data_file, "x")[0], DATA[0])


def test_file_is_opened_read_only(data_file):
    assert HDF5Matrix(data_file, "x").data.file.mode == "r"


def test_missing_data_set_error_lists_the_existing_ones(data_file):
    with pytest.raises(KeyError, match=r"no data set 'y'; it has \['x'\]"):
        HDF5Matrix(data_file, "y")
    assert data_file not in HDF5Matrix.refs
    h5py.File(data_file, "r+").close()  # nobody has it open


@pytest.mark.parametrize("start, end", [(-1, None), (0, 11), (5, 4)])
def test_impossible_ranges_are_refused(start, end, data_file):
    with pytest.raises(ValueError, match="10 samples"):
        HDF5Matrix(data_file, "x", start, end)


# --- whole arrays -------------------------------------------------------------------------------


def test_saved_array_is_loaded(tmp_path):
    save_array(DATA, tmp_path / "a.h5")
    loaded = load_array(tmp_path / "a.h5")
    assert_array_equal(loaded, DATA)
    assert loaded.dtype == DATA.dtype
