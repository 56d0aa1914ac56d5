"""Parts of data: batches, rows by their numbers, and the two sides of a split."""

import numpy as np

from ..._files.hdf5_arrays import HDF5Matrix


def make_batches(size, batch_size):
    """Pairs (start, end) that cover 0 .. size in batches; the last one may be short."""
    return [(start, min(size, start + batch_size)) for start in range(0, size, batch_size)]


def batch_shuffle(index_array, batch_size):
    """Shuffles whole batches of an array of indices; a short last batch stays last."""
    count = len(index_array) // batch_size
    last = index_array[count * batch_size :]
    batches = index_array[: count * batch_size].reshape(count, batch_size)
    np.random.shuffle(batches)
    return np.append(batches.flatten(), last)


def slice_X(X, start=None, stop=None):
    """Samples of an array or of each of a list of arrays.

    Args:
        start: int, or a list of indices.
        stop: int; with it `start` is an int.
    """
    if isinstance(X, list):
        return [slice_X(x, start, stop) for x in X]
    if not hasattr(start, "__len__"):
        return X[start:stop]
    indices = np.asarray(start)
    if not _is_h5py_dataset(X):
        return X[indices]
    # h5py wants a list of increasing rows, each one once.
    rows, places = np.unique(indices, return_inverse=True)
    return X[rows.tolist()][places]


def _is_h5py_dataset(array):
    return type(array).__module__.startswith("h5py.")


def split_at(array, sample):
    """An array in two parts, before a sample and from it on; data in files are cut without reading them."""
    if isinstance(array, HDF5Matrix):
        return array.part(0, sample), array.part(sample, len(array))
    return array[:sample], array[sample:]
