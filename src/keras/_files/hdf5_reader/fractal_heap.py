"""Fractal heaps: the links and attributes of objects that have many (§ III.G)."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from . import btree_2
from .cursor import Cursor
from .errors import Damage, Unsupported
from .source import Source

_WHAT = "a fractal heap"
_MANAGED, _HUGE, _TINY = 0, 1, 2


@dataclass
class FractalHeap:
    """A heap, in which objects have ids of a few bytes.

    Small objects are in *direct blocks*. All direct blocks together are one row of bytes in which an id is an
    offset. They are found through *indirect blocks*, tables with a fixed number of columns: the blocks of
    the first two rows have the starting size, and from there on each row doubles the size. Rows of blocks
    larger than the limit for direct blocks lead to further indirect blocks.

    Large objects lie anywhere in the file, and a B-tree leads to them.
    """

    source: Source
    address: int | None
    _blocks: dict[int, Cursor] = field(default_factory=dict)
    _huge: dict[int, tuple[int | None, int]] | None = None

    def __post_init__(self) -> None:
        source = self.source
        size = 26 + 3 * source.offset_size + 12 * source.length_size
        cursor = source.checked(self.address, size, _WHAT)
        cursor.expect(b"FRHP")
        cursor.version(0)
        self._id_size, filter_bytes = cursor.uint(2), cursor.uint(2)
        if filter_bytes:
            raise Unsupported("keeps its links or attributes in a compressed heap; not supported")
        self._has_checksums = bool(cursor.uint() & 2)
        most_managed = cursor.uint(4)
        cursor.length()
        self._huge_tree = cursor.address()
        cursor.length()
        cursor.address()
        for _ in range(8):  # statistics
            cursor.length()
        self._width, self._starting_size, most_direct = cursor.uint(2), cursor.length(), cursor.length()
        offset_bits = cursor.uint(2)
        cursor.skip(2)
        self._root, self._root_rows = cursor.address(), cursor.uint(2)
        if not self._width or not _is_power(self._width) or not _is_power(self._starting_size, most_direct):
            raise Damage(f"{_WHAT} has {self._width} columns of blocks from {self._starting_size:,} bytes on")
        self._offset_size = (offset_bits + 7) // 8
        self._length_size = min((most_direct.bit_length() + 6) // 8, (most_managed.bit_length() + 7) // 8)
        self._direct_rows = (most_direct // self._starting_size).bit_length() + 1

    def object(self, heap_id: bytes) -> bytes:
        """Returns the object with an id."""
        if len(heap_id) != self._id_size:
            raise Damage(f"{_WHAT} has ids of {self._id_size} bytes; one in its index has {len(heap_id)}")
        cursor = self.source.cursor_over(heap_id, "an id of a fractal heap")
        kind = cursor.uint() >> 4 & 3
        if kind == _TINY:
            length = (heap_id[0] & 15) + 1
            return cursor.take(length)
        if kind == _HUGE:
            found = self._huge_object(cursor)
        elif kind == _MANAGED:
            found = self._managed_object(cursor.uint(self._offset_size), cursor.uint(self._length_size))
        else:
            raise Damage("an id of a fractal heap is of an unknown kind")
        self.source.keep(len(found), "links and attributes")
        return found

    def _huge_object(self, cursor: Cursor) -> bytes:
        what, source = "a large object of a fractal heap", self.source
        if self._id_size > source.offset_size + source.length_size:  # the id has room for the place itself
            return source.read(cursor.address(), cursor.length(), what)
        if self._huge is None:
            self._huge = {}
            for record in btree_2.records(source, self._huge_tree, btree_2.HUGE_OBJECTS):
                fields = source.cursor_over(record, what)
                address, length, number = fields.address(), fields.length(), fields.length()
                source.keep(0, "links and attributes")
                self._huge[number] = address, length
        number = int.from_bytes(cursor.take(min(cursor.left, source.length_size)), "little")
        if number not in self._huge:
            raise Damage(f"{_WHAT} has no large object {number}")
        return source.read(*self._huge[number], what)

    def _managed_object(self, offset: int, length: int) -> bytes:
        """Returns the object at an offset into all direct blocks together."""
        source = self.source
        source.budget.take_steps(1, "objects in fractal heaps")
        block, rows, start, size = self._root, self._root_rows, 0, self._starting_size
        while rows:  # an indirect block
            row, column, row_start, size = self._cell(offset - start)
            if row >= rows:
                raise Damage(f"{_WHAT} has no object at {offset:,}")
            children = self._indirect_block(block, rows, start)
            children.position = self._prefix_size + (row * self._width + column) * source.offset_size
            block = children.address()
            start += row_start + column * size
            # A child block of rows that are too large to be direct begins with the starting size again.
            rows = (
                0 if row < self._direct_rows else (size // (self._starting_size * self._width)).bit_length()
            )
        data = self._direct_block(block, start, size)
        data.position = offset - start
        if data.position < self._prefix_size:
            raise Damage(f"{_WHAT} has an object at {offset:,}, inside the header of a block")
        return data.take(length)

    def _cell(self, offset: int) -> tuple[int, int, int, int]:
        """Returns (row, column, offset of the row, size of a block) for an offset in an indirect block."""
        row_size = self._starting_size * self._width
        row = (offset // row_size).bit_length()
        row_start = row_size << row >> 1 if row else 0
        size = self._starting_size << max(row - 1, 0)
        return row, (offset - row_start) // size, row_start, size

    @property
    def _prefix_size(self) -> int:
        """Bytes before the contents of a block, without the checksum of a direct one."""
        return 5 + self.source.offset_size + self._offset_size

    def _direct_block(self, address: int | None, start: int, size: int) -> Cursor:
        return self._block(address, start, size, b"FHDB", checksum_first=True)

    def _indirect_block(self, address: int | None, rows: int, start: int) -> Cursor:
        size = self._prefix_size + rows * self._width * self.source.offset_size + 4
        return self._block(address, start, size, b"FHIB", checksum_first=False)

    def _block(self, address: int | None, start: int, size: int, name: bytes, checksum_first: bool) -> Cursor:
        """Returns a block whose header and checksum are right, from memory if it was read before."""
        source, what = self.source, f"a block of {_WHAT}"
        if address is None:
            raise Damage(f"{what} has no address")
        if address not in self._blocks:
            source.check(address, size, what)
            source.keep(size, "fractal heaps")
            data = source.read(address, size, what)
            if not checksum_first or self._has_checksums:
                place = self._prefix_size if checksum_first else size - 4
                stored, rest = data[place : place + 4], data[place + 4 :]
                hashed = data[:place] + (bytes(4) + rest if checksum_first else b"")
                source.check_sum(hashed, int.from_bytes(stored, "little"), what)
            self._blocks[address] = source.cursor_over(data, what)
        cursor = self._blocks[address]
        cursor.position = 0
        cursor.expect(name)
        cursor.version(0)
        if cursor.address() != self.address or cursor.uint(self._offset_size) != start:
            raise Damage(f"{what} belongs to another heap or to another place")
        return cursor


def indexed_objects(
    source: Source, info: Cursor, index_bytes: int, kind: int, heap_id: slice
) -> Iterator[bytes]:
    """Yields the links or attributes that an info message leads to, those of an object with many.

    Args:
        source: the file.
        info: the link info or attribute info message.
        index_bytes: int, bytes of a creation index in the message.
        kind: int, the kind of records in the B-tree of names.
        heap_id: slice, the part of a record that is the id of the object.
    """
    info.version(0)
    flags = info.uint()
    info.skip(index_bytes if flags & 1 else 0)  # the largest creation index
    heap_address, names = info.address(), info.address()
    if heap_address is None:
        return
    heap = FractalHeap(source, heap_address)
    for record in btree_2.records(source, names, kind):
        yield heap.object(record[heap_id])


def _is_power(*numbers: int) -> bool:
    return all(number > 0 and not number & (number - 1) for number in numbers)
