"""Layouts: where the numbers of a dataset are (§ IV.A.2.i)."""

from dataclasses import dataclass
from enum import IntEnum
from typing import TypeAlias

from .cursor import Cursor
from .errors import Damage, Unsupported

_COMPACT, _CONTIGUOUS, _CHUNKED, _VIRTUAL = range(4)
_MOST_CHUNK_AXES = 33  # those of the dataset, and one for the bytes of a number


class Index(IntEnum):
    """How the chunks of a dataset are found (§ IV.A.2.i, "Chunk Indexing Type"); 0 for the old B-tree."""

    BTREE_1 = 0
    SINGLE = 1
    IMPLICIT = 2
    FIXED_ARRAY = 3
    EXTENSIBLE_ARRAY = 4
    BTREE_2 = 5


@dataclass(frozen=True)
class Compact:
    """The numbers are in the header."""

    data: bytes


@dataclass(frozen=True)
class Contiguous:
    """The numbers are in one piece, or were never written (no address)."""

    address: int | None
    size: int


@dataclass(frozen=True)
class Chunked:
    """The numbers are in pieces of one shape, each of which went through the filters.

    Attributes:
        shape: tuple of ints, the shape of a chunk.
        number_size: int, bytes of a number.
        index: `Index`.
        address: address of the index; None if there are no chunks.
        edges_are_raw: bool, whether chunks that cross the end of the dataset are not filtered.
        single_size, single_mask: int, bytes and filter mask of a `SINGLE` chunk if it is filtered.
    """

    shape: tuple[int, ...]
    number_size: int
    index: Index
    address: int | None
    edges_are_raw: bool = False
    single_size: int | None = None
    single_mask: int = 0


Layout: TypeAlias = Compact | Contiguous | Chunked


def read_layout(cursor: Cursor) -> Layout:
    """Reads a data layout message.

    Raises:
        Unsupported: the layout is virtual, or of HDF5 before 1.6.3 (2004).
    """
    version, kind = cursor.uint(), cursor.uint()
    if version in (1, 2):
        raise Unsupported(f"has a layout of version {version}, of HDF5 before 1.6.3; not supported")
    if version not in (3, 4, 5):
        raise Damage(f"{cursor.what} has version {version}; wanted 3, 4 or 5")
    if kind == _COMPACT:
        return Compact(cursor.take(cursor.uint(2)))
    if kind == _CONTIGUOUS:
        return Contiguous(cursor.address(), cursor.length())
    if kind == _CHUNKED:
        return _read_old_chunks(cursor) if version == 3 else _read_new_chunks(cursor)
    if kind == _VIRTUAL:
        raise Unsupported("stores its numbers in another file")
    raise Damage(f"{cursor.what} is of the unknown kind {kind}")


def _read_old_chunks(cursor: Cursor) -> Chunked:
    axes = _axes(cursor)
    address = cursor.address()
    *shape, number_size = (cursor.uint(4) for _ in range(axes))
    return Chunked(tuple(shape), number_size, Index.BTREE_1, address)


def _read_new_chunks(cursor: Cursor) -> Chunked:
    flags, axes = cursor.uint(), _axes(cursor)
    size_bytes = cursor.uint()
    if not 1 <= size_bytes <= 8:
        raise Damage(f"{cursor.what} has sizes of {size_bytes} bytes; wanted 1 to 8")
    *shape, number_size = (cursor.uint(size_bytes) for _ in range(axes))
    kind = cursor.uint()
    if kind not in tuple(Index)[1:]:
        raise Damage(f"{cursor.what} has a chunk index of the unknown kind {kind}")
    size, mask = None, 0
    if kind == Index.SINGLE and flags & 2:
        size, mask = cursor.length(), cursor.uint(4)
    # Parameters of the index, which its own header repeats.
    cursor.skip({Index.FIXED_ARRAY: 1, Index.EXTENSIBLE_ARRAY: 5, Index.BTREE_2: 6}.get(Index(kind), 0))
    raw_edges = bool(flags & 1)
    return Chunked(tuple(shape), number_size, Index(kind), cursor.address(), raw_edges, size, mask)


def _axes(cursor: Cursor) -> int:
    axes = cursor.uint()
    if not 2 <= axes <= _MOST_CHUNK_AXES:
        raise Damage(f"{cursor.what} has chunks of {axes - 1} axes; wanted 1 to {_MOST_CHUNK_AXES - 1}")
    return axes
