"""Arrays in HDF5 files: whole, or read as they are needed. h5py is imported at the first use."""

import copy

import numpy as np

from .atomic import atomic_write


class HDF5Matrix:
    """A data set in an HDF5 file that stands in for a NumPy array; only what is indexed is read.

    Pass it to `fit`, `evaluate` and `predict` like an array; they read one batch at a time, and do not look
    at the values before they start, as they do with arrays. Objects over the same file share one
    open file. Reading consecutive rows is fast and scattered rows are slow, so train with
    `shuffle='batch'` (shuffles the order of batches) where `shuffle=True` takes too long.

    Args:
        datapath: path of the HDF5 file.
        dataset: name of the data set in it; its first axis counts samples.
        start: int, first sample to use.
        end: int, the sample after the last one to use; None means all.
        normalizer: function, array of samples -> array of samples, applied to all that is read.

    Attributes:
        refs: dict path -> open file, shared by all objects.

    Raises:
        KeyError: the file has no such data set.
        ValueError: `start` and `end` are not a range of its samples.

    Example:
        >>> x_train = HDF5Matrix('data.h5', 'x', start=0, end=8000)  # doctest: +SKIP
        >>> model.fit(x_train, y_train, shuffle='batch')  # doctest: +SKIP
    """

    refs = {}

    def __init__(self, datapath, dataset, start=0, end=None, normalizer=None):
        import h5py

        if not self.refs.get(datapath):  # a closed file is false
            self.refs[datapath] = h5py.File(datapath, "r")
        file = self.refs[datapath]
        if dataset not in file:
            raise KeyError(f"HDF5Matrix: {datapath} has no data set {dataset!r}; it has {sorted(file)}.")
        self.data = file[dataset]
        self.start = start
        self.end = self.data.shape[0] if end is None else end
        if not 0 <= self.start <= self.end <= self.data.shape[0]:
            raise ValueError(
                f"HDF5Matrix: start={start}, end={end} is not a range of the "
                f"{self.data.shape[0]} samples of {dataset!r} in {datapath}."
            )
        self.normalizer = normalizer

    def __len__(self):
        return self.end - self.start

    def __array__(self, dtype=None, copy=None):
        return np.asarray(self[:], dtype=dtype)

    def part(self, start, end):
        """The samples start .. end - 1 as an `HDF5Matrix`; nothing is read."""
        part = copy.copy(self)
        part.start, part.end = self.start + start, self.start + end
        return part

    def __getitem__(self, key):
        """Reads samples: `key` is an int, a slice, or a list or array of ints in any order."""
        samples = self._read(key)
        return samples if self.normalizer is None else self.normalizer(samples)

    def _read(self, key):
        if isinstance(key, slice):
            first, last, step = self._bounds(key)
            return self.data[first + self.start : last + self.start : step]
        if isinstance(key, (int, np.integer)):
            return self.data[int(self._rows(key))]
        # h5py wants increasing rows, each one once.
        rows, places = np.unique(self._rows(key), return_inverse=True)
        return self.data[rows][places]

    def _bounds(self, key):
        """(first, last, step) of a slice. Past the end is an error, as in Keras 1.2.2."""
        if key.stop is not None and key.stop > len(self):
            raise IndexError(f"HDF5Matrix: slice up to {key.stop} of {len(self)} samples.")
        if key.step is not None and key.step < 1:
            raise IndexError(f"HDF5Matrix: slice with step {key.step}; wanted 1 or more.")
        return key.indices(len(self))

    def _rows(self, key):
        """Rows of the data set for index `key`; negative ones count from the end."""
        key = np.asarray(key)
        if key.dtype == bool:
            raise IndexError("HDF5Matrix: got a mask; wanted row numbers, np.flatnonzero(mask).")
        if key.size and not -len(self) <= key.min() <= key.max() < len(self):
            raise IndexError(f"HDF5Matrix: rows {key.min()} to {key.max()} asked of {len(self)} samples.")
        return np.where(key < 0, key + self.end, key + self.start).astype(int)

    @property
    def shape(self):
        """Tuple: samples in the range, then the shape of one sample in the file."""
        return (len(self), *self.data.shape[1:])

    @property
    def ndim(self):
        """int, number of axes, that of the samples included."""
        return self.data.ndim

    @property
    def dtype(self):
        """NumPy dtype of the data in the file, before any normalizer."""
        return self.data.dtype


def save_array(array, name):
    """Writes an array to an HDF5 file, as data set 'data' (the place where Keras 1.2.2 had it).

    Args:
        array: NumPy array of numbers.
        name: path of the file; a former file is replaced once the new one is complete.
    """
    import h5py

    with atomic_write(name) as path, open(path, "w+b") as target, h5py.File(target, "w") as file:
        file["data"] = array


def load_array(name):
    """Reads what `save_array`, here or in Keras 1.2.2, wrote.

    Args:
        name: path of the file.

    Returns:
        NumPy array.
    """
    import h5py

    with h5py.File(name, "r") as file:
        return file["data"][()]
