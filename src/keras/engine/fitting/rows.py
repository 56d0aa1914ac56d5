"""Selecting samples: the bounds of batches, rows by index, the two sides of a split."""

from typing import Any

import numpy as np

from ..._base.types import ArrayLike
from ..._files.hdf5_arrays import HDF5Matrix
from .stored_rows import StoredRows


def make_batches(size: int, batch_size: int) -> list[tuple[int, int]]:
    """Returns the bounds of the batches of `size` samples.

    Returns:
        List of pairs (start, end); the last batch may be short.

    Example:
        >>> make_batches(5, 2)
        [(0, 2), (2, 4), (4, 5)]
    """
    return [(start, min(size, start + batch_size)) for start in range(0, size, batch_size)]


def batch_shuffle(index_array: np.ndarray, batch_size: int) -> np.ndarray:
    """Shuffles whole batches of an int array of indices; a short last batch stays last.

    Returns:
        The indices in their new order. NumPy's global generator draws it; the order of full batches in
        `index_array` itself changes, too.
    """
    count = len(index_array) // batch_size
    last = index_array[count * batch_size :]
    batches = index_array[: count * batch_size].reshape(count, batch_size)
    np.random.shuffle(batches)
    return np.append(batches.flatten(), last)


def slice_X(X: ArrayLike, start: Any = None, stop: int | None = None) -> Any:
    """Returns some samples of an array, or of each of a list of arrays.

    Args:
        X: array or list of arrays, the samples along axis 0.
        start: int, the first sample; or a list of indices.
        stop: int, the sample to stop before if `start` is an int.
    Returns:
        Array, or list of arrays.
    """
    if isinstance(X, list):
        return [slice_X(x, start, stop) for x in X]
    if not hasattr(start, "__len__"):
        return X[start:stop]
    indices = np.asarray(start)
    if not _is_h5py_dataset(X):
        return X[indices]
    # h5py takes only lists of increasing rows without repetition.
    rows, places = np.unique(indices, return_inverse=True)
    return X[rows.tolist()][places]


def _is_h5py_dataset(array: Any) -> bool:
    return type(array).__module__.startswith("h5py.")


def split_at(array: ArrayLike, sample: int) -> tuple[ArrayLike, ArrayLike]:
    """Splits an array before a sample, without reading data in files.

    Returns:
        (the samples before it, the samples from it on).
    """
    if isinstance(array, HDF5Matrix | StoredRows):
        return array.part(0, sample), array.part(sample, len(array))
    return array[:sample], array[sample:]
