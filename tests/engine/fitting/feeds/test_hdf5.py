"""Models trained on data in HDF5 files, which are read batch by batch and never as a whole."""

import numpy as np
import pytest

from keras.layers import Dense
from keras.models import Sequential
from keras.utils.io_utils import HDF5Matrix

h5py = pytest.importorskip("h5py")

X = np.random.RandomState(0).standard_normal((40, 5)).astype("float32")
Y = np.random.RandomState(1).uniform(size=(40, 2)).astype("float32")


@pytest.fixture
def path(tmp_path):
    name = str(tmp_path / "data.h5")
    with h5py.File(name, "w") as file:
        file["x"], file["y"], file["ids"] = X, Y, (Y[:, 0] > 0.5).astype("int64")
    yield name
    if name in HDF5Matrix.refs:
        HDF5Matrix.refs.pop(name).close()


class Reads:
    """A normalizer that records how many rows are read at once."""

    def __init__(self):
        self.sizes = []

    def __call__(self, rows):
        self.sizes.append(len(rows))
        return rows


def small_model(loss="mse"):
    np.random.seed(3)
    model = Sequential([Dense(2, input_dim=5, activation="softmax")])
    model.compile("sgd", loss, metrics=["mae"])
    return model


def histories(x, y, **kwargs):
    """The history of fit on arrays, and on the same data in a file."""
    found = []
    for data in ((X, Y), (x, y)):
        model = small_model()
        np.random.seed(0)
        found.append(model.fit(*data, batch_size=8, nb_epoch=2, verbose=0, **kwargs).history)
    return found


@pytest.mark.parametrize("shuffle", [True, False, "batch"])
def test_fit_reads_batches(path, shuffle):
    reads = Reads(), Reads()
    matrices = [HDF5Matrix(path, name, normalizer=read) for name, read in zip("xy", reads, strict=True)]
    arrays, found = histories(*matrices, shuffle=shuffle)
    for name in arrays:
        np.testing.assert_allclose(found[name], arrays[name], rtol=1e-5)
    assert reads[0].sizes == reads[1].sizes == [8] * 10


def test_validation_split_reads_batches(path):
    reads = Reads()
    matrices = [HDF5Matrix(path, name, normalizer=reads) for name in "xy"]
    arrays, found = histories(*matrices, validation_split=0.2, shuffle="batch")
    for name in arrays:
        np.testing.assert_allclose(found[name], arrays[name], rtol=1e-5)
    assert set(reads.sizes) == {8} and sum(reads.sizes) == 2 * 2 * 40


def test_evaluate_and_predict_read_batches(path):
    reads, model = Reads(), small_model()
    x, y = (HDF5Matrix(path, name, normalizer=reads) for name in "xy")
    np.testing.assert_allclose(model.evaluate(x, y, 8, verbose=0), model.evaluate(X, Y, 8, verbose=0), 1e-5)
    np.testing.assert_allclose(model.predict(x, 8), model.predict(X, 8), rtol=1e-6)
    assert reads.sizes == [8] * 15


@pytest.mark.parametrize("loss", ["binary_crossentropy", "categorical_crossentropy", "kld"])
def test_checks_do_not_read_targets(path, loss):
    reads, model = Reads(), small_model(loss)
    model.fit(X, HDF5Matrix(path, "y", normalizer=reads), batch_size=8, nb_epoch=1, verbose=0)
    assert reads.sizes == [8] * 5


def test_labels_of_rank_1_train(path):
    model = small_model("sparse_categorical_crossentropy")
    model.compile("sgd", "sparse_categorical_crossentropy")
    ids = HDF5Matrix(path, "ids")
    assert ids.shape == (40,)
    found = model.evaluate(HDF5Matrix(path, "x"), ids, verbose=0)
    assert np.isclose(found, model.evaluate(X, (Y[:, 0] > 0.5).astype(int), verbose=0))


def test_generators_over_matrices_train(path):
    reads, model = Reads(), small_model()
    x, y = HDF5Matrix(path, "x", normalizer=reads), HDF5Matrix(path, "y")

    def batches():
        while True:
            for start in range(0, 40, 8):
                yield x[start : start + 8], y[start : start + 8]

    history = model.fit_generator(
        batches(), 40, 1, verbose=0, validation_data=(HDF5Matrix(path, "x"), HDF5Matrix(path, "y"))
    )
    assert np.isfinite(history.history["val_loss"][0]) and set(reads.sizes) == {8}


def test_h5py_datasets(path):
    with h5py.File(path) as file:
        arrays, found = histories(file["x"], file["y"])
    np.testing.assert_allclose(found["loss"], arrays["loss"], rtol=1e-5)
