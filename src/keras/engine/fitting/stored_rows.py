"""Arrays that are not in memory: memory maps, data sets in files, lists of shards."""

import copy
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Self

import numpy as np
from numpy.lib import format as npy_format

from ..._base.types import Shape


class StoredRows:
    """Arrays that lie one after the other along axis 0, read as they are indexed.

    It has the part of the array interface that the loops use: a length, a shape, and indexing by rows.
    Indexing returns NumPy arrays, and reads the selected rows only.

    Args:
        parts: list of arrays, at least one, that differ in axis 0 only. An array needs `shape`, `dtype`, and
            `[...]` with a slice or a list of increasing row numbers.

    Attributes:
        shape: (rows, ...). Rows of single numbers have a second axis of size 1.
        ndim: int.
        dtype: NumPy dtype.
    """

    def __init__(self, parts: Sequence[Any]) -> None:
        self._parts = list(parts)
        self._ends = np.cumsum([part.shape[0] for part in self._parts])
        self._start, self._end = 0, int(self._ends[-1])
        self.dtype = np.result_type(*(np.dtype(part.dtype) for part in self._parts))

    def __len__(self) -> int:
        return self._end - self._start

    @property
    def shape(self) -> Shape:
        return (len(self), *(self._parts[0].shape[1:] or (1,)))

    @property
    def ndim(self) -> int:
        return len(self.shape)

    def part(self, start: int, end: int) -> Self:
        """Returns the rows start .. end - 1, without reading them."""
        part = copy.copy(self)
        part._start, part._end = self._start + start, self._start + end
        return part

    def __getitem__(self, rows: Any) -> np.ndarray:
        """Reads rows: a slice, an int, or ints in any order."""
        if isinstance(rows, slice):
            start, stop, step = rows.indices(len(self))
            if step == 1:
                return self._joined(list(self._ranges(self._start + start, self._start + max(start, stop))))
            rows = np.arange(start, stop, step)
        numbers = np.asarray(rows)
        if not numbers.ndim:
            return self[numbers[None]][0]
        # In the order of the file and each once: h5py takes no other, and disks are faster.
        numbers, places = np.unique(
            np.where(numbers < 0, self._end, self._start) + numbers, return_inverse=True
        )
        which = np.searchsorted(self._ends, numbers, side="right")
        offsets = np.concatenate([[0], self._ends])
        chosen = ((part, numbers[which == part] - offsets[part]) for part in np.unique(which))
        return self._joined([self._parts[part][own.tolist()] for part, own in chosen])[places]

    def _ranges(self, start: int, stop: int) -> Iterator[Any]:
        """Yields the rows start .. stop - 1 of all parts, part by part."""
        first = 0
        for part, end in zip(self._parts, self._ends.tolist(), strict=True):
            if start < end and first < stop:
                yield part[max(start, first) - first : min(stop, end) - first]
            first = end

    def _joined(self, pieces: list[Any]) -> np.ndarray:
        # `array`, not `asarray`: a view of a memory map would be read later, in the middle of a step.
        arrays = [np.array(piece, dtype=self.dtype) for piece in pieces]
        rows = arrays[0] if len(arrays) == 1 else np.concatenate(arrays or [np.empty(0, self.dtype)])
        return rows.reshape(len(rows), *self.shape[1:])


def is_stored(array: Any) -> bool:
    """Whether an array is not in memory: a memory map, or anything indexed that is no array of a library."""
    if isinstance(array, np.ndarray):
        return isinstance(array, np.memmap) and array.flags.owndata is False
    in_memory = any(
        hasattr(array, name) for name in ("__dlpack__", "__array_interface__", "numpy", "to_numpy")
    )
    needed = all(hasattr(array, name) for name in ("shape", "dtype", "__getitem__", "__len__"))
    return needed and not in_memory


class NpzRows(Mapping[str, Any]):
    """The arrays of an open .npz file as memory maps, by their names.

    `numpy.savez` stores its arrays as they are in memory; these are mapped. Those of
    `numpy.savez_compressed` have no rows that could be read alone, and are refused.

    Args:
        file: what `numpy.load` returned.
    """

    def __init__(self, file: Any) -> None:
        self._file = file

    def __iter__(self) -> Iterator[str]:
        return iter(self._file.files)

    def __len__(self) -> int:
        return len(self._file.files)

    def __getitem__(self, name: str) -> Any:
        if name not in self._file.files:
            raise KeyError(name)
        archive = self._file.zip
        member = archive.getinfo(name if name in archive.namelist() else f"{name}.npy")
        if member.compress_type != zipfile.ZIP_STORED or archive.filename is None:
            raise ValueError(
                f"The .npz file {archive.filename or ''}: {name!r} is compressed, so no batch can be read "
                f"alone. If it fits into memory, pass file[{name!r}]; otherwise write it with numpy.savez or "
                "numpy.save."
            )
        with archive.open(member) as stream:
            version = npy_format.read_magic(stream)
            read = npy_format.read_array_header_1_0 if version == (1, 0) else npy_format.read_array_header_2_0
            shape, fortran, dtype = read(stream)
            offset = _data_offset(archive.filename, member) + stream.tell()
        if dtype.hasobject:
            return self._file[name]  # NumPy refuses it, with its reason
        return np.memmap(archive.filename, dtype, "r", offset, shape, "F" if fortran else "C")


def _data_offset(path: str, member: zipfile.ZipInfo) -> int:
    """Returns where the bytes of a stored member begin: after its local header, 30 bytes and two names."""
    with open(path, "rb") as file:
        file.seek(member.header_offset + 26)
        lengths = np.frombuffer(file.read(4), "<u2")
    return member.header_offset + 30 + int(lengths.sum())
