"""Arrays in HDF5 files, read as a whole or as they are needed. h5py is imported at the first use."""

import copy
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeAlias

import numpy as np

from .._base.types import FilePath
from .atomic import atomic_write

if TYPE_CHECKING:
    import h5py

#: Samples of a data set: one, a range, or any in any order.
_Key: TypeAlias = int | np.integer | slice | Sequence[int] | np.ndarray


class HDF5Matrix:
    """A dataset in an HDF5 file that can be used like a NumPy array; only the samples indexed are read.

    Pass it to `fit`, `evaluate` and `predict` like an array. They read one batch at a time and, unlike with
    arrays, do not check the values beforehand. Objects for the same file share one open file. Consecutive
    rows are read fast and scattered rows slowly: if `shuffle=True` takes too long, train with
    `shuffle='batch'`, which shuffles the order of the batches.

    Args:
        datapath: path of the HDF5 file.
        dataset: name of the dataset in the file; its first axis is that of the samples.
        start: int, index of the first sample.
        end: int, index after the last sample; None means all samples.
        normalizer: function, array of samples -> array of samples, applied to everything that is read.

    Attributes:
        refs: dict path -> open file, shared by all objects.

    Raises:
        KeyError: the file has no such dataset.
        ValueError: `start` and `end` are not a range of its samples.

    Example:
        >>> x_train = HDF5Matrix('data.h5', 'x', start=0, end=8000)  # doctest: +SKIP
        >>> model.fit(x_train, y_train, shuffle='batch')  # doctest: +SKIP
    """

    refs: ClassVar["dict[FilePath, h5py.File]"] = {}

    def __init__(
        self,
        datapath: FilePath,
        dataset: str,
        start: int = 0,
        end: int | None = None,
        normalizer: Callable[[np.ndarray], np.ndarray] | None = None,
    ) -> None:
        import h5py

        known = self.refs.get(datapath)
        file = known or h5py.File(datapath, "r")  # a closed file is false
        if dataset not in file:
            names = sorted(file)
            if file is not known:
                file.close()
            raise KeyError(f"HDF5Matrix: {datapath} has no data set {dataset!r}; it has {names}.")
        self.refs[datapath] = file
        self.data: Any = file[dataset]
        self.start = start
        self.end: int = self.data.shape[0] if end is None else end
        if not 0 <= self.start <= self.end <= self.data.shape[0]:
            raise ValueError(
                f"HDF5Matrix: start={start}, end={end} is not a range of the "
                f"{self.data.shape[0]} samples of {dataset!r} in {datapath}."
            )
        self.normalizer = normalizer

    def __len__(self) -> int:
        return self.end - self.start

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return np.asarray(self[:], dtype=dtype)

    def part(self, start: int, end: int) -> Self:
        """Returns the samples start .. end - 1 as an `HDF5Matrix`, without reading them."""
        part = copy.copy(self)
        part.start, part.end = self.start + start, self.start + end
        return part

    def __getitem__(self, key: _Key) -> np.ndarray:
        """Reads samples; `key` is an int, a slice, or a list or array of ints in any order."""
        samples = self._read(key)
        return samples if self.normalizer is None else self.normalizer(samples)

    def _read(self, key: _Key) -> np.ndarray:
        if isinstance(key, slice):
            first, last, step = self._bounds(key)
            return self.data[first + self.start : last + self.start : step]
        if isinstance(key, (int, np.integer)):
            return self.data[int(self._rows(key))]
        # h5py requires increasing rows without duplicates.
        rows, places = np.unique(self._rows(key), return_inverse=True)
        return self.data[rows][places]

    def _bounds(self, key: slice) -> tuple[int, int, int]:
        """Returns (first, last, step) of a slice. Past the end is an error, as in Keras 1.2.2."""
        if key.stop is not None and key.stop > len(self):
            raise IndexError(f"HDF5Matrix: slice up to {key.stop} of {len(self)} samples.")
        if key.step is not None and key.step < 1:
            raise IndexError(f"HDF5Matrix: slice with step {key.step}; wanted 1 or more.")
        return key.indices(len(self))

    def _rows(self, key: Any) -> np.ndarray:
        """Returns the rows of the dataset for index `key`; negative ones count from the end."""
        key = np.asarray(key)
        if key.dtype == bool:
            raise IndexError("HDF5Matrix: got a mask; wanted row numbers, np.flatnonzero(mask).")
        if key.size and not -len(self) <= key.min() <= key.max() < len(self):
            raise IndexError(f"HDF5Matrix: rows {key.min()} to {key.max()} asked of {len(self)} samples.")
        return np.where(key < 0, key + self.end, key + self.start).astype(int)

    @property
    def shape(self) -> tuple[int, ...]:
        """The number of samples in the range, followed by the shape of a sample in the file."""
        return (len(self), *self.data.shape[1:])

    @property
    def ndim(self) -> int:
        """The number of axes, including that of the samples."""
        return self.data.ndim

    @property
    def dtype(self) -> np.dtype:
        """The dtype of the data in the file, before the normalizer is applied."""
        return self.data.dtype


def save_array(array: np.ndarray, name: FilePath) -> None:
    """Writes an array to an HDF5 file, as the dataset 'data', like Keras 1.2.2.

    Args:
        array: NumPy array of numbers.
        name: path of the file; an existing file is replaced when the new one is complete.
    """
    import h5py

    with atomic_write(name) as path, open(path, "w+b") as target, h5py.File(target, "w") as file:
        file["data"] = array


def load_array(name: FilePath) -> np.ndarray:
    """Reads an array that `save_array` wrote, here or in Keras 1.2.2.

    Args:
        name: path of the file.

    Returns:
        NumPy array.
    """
    import h5py

    with h5py.File(name, "r") as file:
        data: Any = file["data"]
        return data[()]
