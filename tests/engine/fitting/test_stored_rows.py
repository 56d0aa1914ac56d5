"""Data that are not in memory are read batch by batch and never as a whole."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from keras.engine.fitting.stored_rows import StoredRows
from keras.layers import Dense, Embedding, Flatten
from keras.models import Sequential

X = np.random.RandomState(0).uniform(size=(24, 3)).astype("float32")
Y = np.random.RandomState(1).uniform(size=(24, 1)).astype("float32")


class Counted:
    """An array in a file, as zarr's or h5py's, that counts the rows that are read."""

    def __init__(self, array):
        self._array = array
        self.shape, self.dtype = array.shape, array.dtype
        self.reads = []

    def __len__(self):
        return len(self._array)

    def __getitem__(self, rows):
        if isinstance(rows, list):
            assert rows == sorted(set(rows)), "h5py takes increasing rows only"
        read = self._array[rows]
        self.reads.append(len(read))
        return read

    def __array__(self, dtype=None, copy=None):
        raise AssertionError("read as a whole")


@pytest.fixture(scope="module")
def model():
    model = Sequential([Dense(1, input_dim=3)])
    model.compile("sgd", "mse")
    return model


def on_disk(tmp_path, name, array):
    np.save(tmp_path / f"{name}.npy", array)
    return np.load(tmp_path / f"{name}.npy", mmap_mode="r")


@pytest.mark.parametrize("shuffle", [True, False, "batch"])
def test_batches_are_read_and_nothing_else(shuffle, model):
    x, y = Counted(X), Counted(Y[:, 0])
    weights = model.get_weights()
    np.random.seed(0)
    expected = model.fit(X, Y, 8, 2, verbose=0, shuffle=shuffle, validation_split=1 / 3).history
    model.set_weights(weights)
    np.random.seed(0)
    found = model.fit(x, y, 8, 2, verbose=0, shuffle=shuffle, validation_split=1 / 3).history
    for name in expected:
        assert_allclose(found[name], expected[name], rtol=1e-5)
    for data in (x, y):
        assert sum(data.reads) == 2 * 24  # two epochs: 16 samples to train and 8 to validate with
        assert max(data.reads) == 8
    x, y = Counted(X), Counted(Y)
    assert_allclose(model.evaluate(x, y, 8, verbose=0), model.evaluate(X, Y, verbose=0), rtol=1e-5)
    assert_allclose(model.predict(x, 8), model.predict(X), rtol=1e-5)
    assert sorted(x.reads) == [8] * 6 and y.reads == [8] * 3


def test_memory_maps_shards_and_npz_give_the_results_of_arrays(model, tmp_path):
    shards = [on_disk(tmp_path, f"x{place}", part) for place, part in enumerate(np.split(X, [5, 12]))]
    names = [model.input_names[0], model.output_names[0]]
    np.savez(tmp_path / "named.npz", **dict(zip(names, (X, Y), strict=True)))
    expected = model.evaluate(X, Y, verbose=0)
    y = on_disk(tmp_path, "y", Y[:, 0])
    assert_allclose(model.evaluate(on_disk(tmp_path, "x", X), y, 5, verbose=0), expected, rtol=1e-5)
    assert_allclose(model.evaluate(shards, y, 5, verbose=0), expected, rtol=1e-5)
    with np.load(tmp_path / "named.npz") as file:
        assert_allclose(model.evaluate(file, None, 5, verbose=0), expected, rtol=1e-5)
        assert_allclose(model.predict(file, 5), model.predict(X), rtol=1e-5)


def test_a_compressed_npz_is_refused_with_how_to_write_it(model, tmp_path):
    np.savez_compressed(tmp_path / "data.npz", **{model.input_names[0]: X})
    with np.load(tmp_path / "data.npz") as file, pytest.raises(ValueError, match="compressed.*numpy.savez"):
        model.predict(file)


def test_shards_whose_samples_differ_are_refused(model):
    with pytest.raises(ValueError, match="samples of array 1 have shape .2,., those of array 0 .3,."):
        model.predict([X, X[:, :2]])


@pytest.mark.parametrize("rows", [slice(3, 17), slice(None, None, 5), [20, 0, 7, 7, -1], 4, slice(9, 9)])
def test_rows_are_those_of_one_array(rows):
    stored = StoredRows([Counted(part) for part in np.split(X, [5, 6, 18])])
    assert stored.shape == X.shape
    assert_array_equal(stored[rows], X[rows])


def test_a_part_is_that_of_the_array():
    part = StoredRows([Counted(part) for part in np.split(X, [5, 6, 18])]).part(2, 22)
    assert len(part) == 20
    assert_array_equal(part[:], X[2:22])
    assert_array_equal(part[[19, 0, -1]], X[[21, 2, 21]])


def test_values_are_checked_when_they_are_read():
    model = Sequential([Embedding(4, 2, input_length=3), Flatten(), Dense(1)])
    model.compile("sgd", "mse")
    ids = np.zeros((24, 3), "int32")
    ids[20] = 9
    with pytest.raises(ValueError, match="In a batch that was read just now: .*9"):
        model.fit(Counted(ids), Y, 8, 1, verbose=0)
    bad = Y.copy()
    bad[3] = np.nan
    with pytest.raises(ValueError, match="batch that was read just now: y has NaN"):
        model.fit(np.zeros((24, 3), "int32"), Counted(bad), 8, 1, verbose=0)
