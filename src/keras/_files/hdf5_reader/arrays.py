"""`Array`: a dataset of numbers, of which nothing was read yet."""

import math
from dataclasses import dataclass, field

import numpy as np

from .chunk_indexes import Chunk, read_chunks
from .cursor import Cursor
from .dataspaces import Dataspace, read_dataspace
from .datatypes import Numbers, read_datatype
from .errors import Damage, Unsupported
from .fill_values import read_fill_value, read_old_fill_value
from .filters import Filter, read_filters, unfiltered
from .headers import Kind, Message
from .layouts import Chunked, Compact, Contiguous, Layout, read_layout
from .naming import naming
from .source import Source


@dataclass(frozen=True)
class Array:
    """A dataset of bools, ints or floats; a `StoredArray` of `hdf5_format`.

    Attributes:
        filename: str, for messages.
        path: str, its path in the file.
        shape: tuple of ints.
        dtype: np.dtype of what `read` returns, in the byte order of this machine.
        stored_bytes: int, its bytes in the file.
    """

    filename: str
    path: str
    shape: tuple[int, ...]
    dtype: np.dtype
    stored_bytes: int
    _source: Source = field(repr=False)
    _stored: Numbers = field(repr=False)
    _layout: Layout = field(repr=False)
    _fill_value: bytes = field(repr=False)
    _filters: list[Filter] = field(repr=False)
    _chunks: list[Chunk] = field(repr=False)

    @naming
    def read(self) -> np.ndarray:
        """Reads the numbers.

        Raises:
            OSError: the file is damaged here.
            OverBudget: the array is too large for a file of this size.
        """
        source, layout = self._source, self._layout
        copies = 2 if self._stored.boolean else 1
        source.budget.take_memory(copies * _bytes(self.shape, self._stored), "arrays")
        if isinstance(layout, Contiguous) and layout.address is not None:
            array = np.zeros(self.shape, self._stored.dtype)
            source.read_into(array, layout.address, "the numbers")
        elif isinstance(layout, Compact):
            array = np.frombuffer(layout.data, self._stored.dtype).reshape(self.shape).copy()
        else:
            array = np.zeros(self.shape, self._stored.dtype)
            if any(self._fill_value):
                array[...] = np.frombuffer(self._fill_value, self._stored.dtype)[0]
            for chunk in self._chunks:
                self._read_chunk(chunk, array)
        return self._native(array)

    def _read_chunk(self, chunk: Chunk, array: np.ndarray) -> None:
        """Copies the part of a chunk that is inside the dataset."""
        source, layout = self._source, self._layout
        assert isinstance(layout, Chunked)
        size = _bytes(layout.shape, self._stored)
        ends = [min(start + step, end) for start, step, end in zip(chunk.offset, layout.shape, self.shape)]
        at_edge = any(end - start < step for start, end, step in zip(chunk.offset, ends, layout.shape))
        filters = [] if layout.edges_are_raw and at_edge else self._filters
        # What is unpacked, and a copy that the next filter makes of it.
        source.budget.take_memory(2 * size, "chunks")
        data = unfiltered(
            source, source.read(chunk.address, chunk.size, "a chunk"), filters, chunk.mask, size
        )
        inside = tuple(slice(start, end) for start, end in zip(chunk.offset, ends))
        part = tuple(slice(end - start) for start, end in zip(chunk.offset, ends))
        array[inside] = np.frombuffer(data, self._stored.dtype).reshape(layout.shape)[part]
        source.budget.return_memory(2 * size)

    def _native(self, array: np.ndarray) -> np.ndarray:
        if self._stored.boolean:
            return array != 0  # other bytes than 0 and 1 would be bools that are neither
        if not array.dtype.isnative:
            array = array.byteswap(inplace=True).view(self.dtype)
        return array


def open_array(source: Source, filename: str, path: str, messages: list[Message]) -> Array:
    """Returns a dataset after checking its description.

    Args:
        source: the file.
        filename, path: str, for messages.
        messages: list of `Message`, its header.

    Raises:
        Damage, Unsupported: it holds no numbers, is stored in another file, has an unknown filter, or claims
            more numbers than the file can hold.
    """
    found = _parts(source, messages)
    stored, space = read_datatype(found[Kind.DATATYPE]), read_dataspace(found[Kind.DATASPACE])
    layout = read_layout(found[Kind.LAYOUT])
    if not isinstance(stored, Numbers) or space.shape is None:
        kind = "without any value" if isinstance(stored, Numbers) else str(stored)
        raise Unsupported(f"is of type {kind}; wanted bools, ints or floats")
    filters = read_filters(found[Kind.FILTERS]) if Kind.FILTERS in found else []
    chunks: list[Chunk] = []
    if isinstance(layout, Chunked):
        if layout.number_size != stored.size:
            raise Damage(f"its chunks have numbers of {layout.number_size} bytes; its type has {stored.size}")
        chunks = read_chunks(source, layout, space, bool(filters))
    stored_bytes = _check_size(source, space, stored, layout, chunks)
    dtype = np.dtype(bool) if stored.boolean else stored.dtype.newbyteorder("=")
    return Array(
        filename,
        path,
        space.shape,
        dtype,
        stored_bytes,
        source,
        stored,
        layout,
        _fill_value(found, stored.size),
        filters,
        chunks,
    )


_NAMES = {
    Kind.DATASPACE: "shape",
    Kind.DATATYPE: "datatype",
    Kind.LAYOUT: "layout",
    Kind.FILTERS: "filter message",
    Kind.FILL_VALUE: "fill value",
    Kind.OLD_FILL_VALUE: "fill value",
    Kind.EXTERNAL_FILES: "list of files",
}


def _parts(source: Source, messages: list[Message]) -> dict[Kind, Cursor]:
    """Returns the messages that describe a dataset."""
    found: dict[Kind, Cursor] = {}
    for message in messages:
        if message.kind in _NAMES:
            if message.kind in found:
                raise Damage(f"a dataset has two messages of its {_NAMES[message.kind]}")
            found[message.kind] = source.cursor_over(message.data, _NAMES[message.kind])
    if Kind.EXTERNAL_FILES in found:
        raise Unsupported("stores its numbers in another file")
    if missing := {Kind.DATASPACE, Kind.DATATYPE, Kind.LAYOUT} - set(found):
        raise Damage(f"a dataset has no {' and no '.join(sorted(_NAMES[kind] for kind in missing))}")
    return found


def _fill_value(found: dict[Kind, Cursor], size: int) -> bytes:
    if Kind.FILL_VALUE in found:
        return read_fill_value(found[Kind.FILL_VALUE], size)
    if Kind.OLD_FILL_VALUE in found:
        return read_old_fill_value(found[Kind.OLD_FILL_VALUE], size)
    return bytes(size)


def _check_size(
    source: Source, space: Dataspace, stored: Numbers, layout: Layout, chunks: list[Chunk]
) -> int:
    """Returns the bytes of a dataset in the file, after comparing them with its shape."""
    needed = space.count * stored.size
    if isinstance(layout, Chunked):
        found = sum(chunk.size for chunk in chunks)
    elif isinstance(layout, Compact):
        found = len(layout.data)
    else:
        found = layout.size if layout.address is not None else 0
        source.check(layout.address or 0, found, "the numbers")
    never_written = isinstance(layout, Contiguous) and layout.address is None
    if not isinstance(layout, Chunked) and not never_written and found != needed:
        raise Damage(
            f"it has shape {space.shape} of {stored}, {needed:,} bytes, and {found:,} bytes of numbers"
        )
    if needed > source.budget.memory:
        raise Unsupported(f"claims shape {space.shape}, but the file holds only {found} bytes of it")
    return found


def _bytes(shape: tuple[int, ...], stored: Numbers) -> int:
    return math.prod(shape) * stored.size
