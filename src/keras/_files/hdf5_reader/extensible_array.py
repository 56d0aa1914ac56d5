"""Extensible arrays: the chunk index of datasets that can grow along one axis (§ VII.D).

The first elements are in the *index block*. The others are in *data blocks* of growing size, which are
grouped in *super blocks*: super block n has 2^(n/2) data blocks of 2^((n+1)/2) times the smallest size, with
both exponents rounded down. The addresses of the data blocks of the first super blocks are in the index block
itself. Large data blocks are divided into pages, each with a checksum of its own.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from .cursor import Cursor
from .errors import Damage
from .source import Source, visit

_WHAT = "an extensible array"
_CHECKSUM = 4
_MOST_BITS = 64


@dataclass(frozen=True)
class _Array:
    """The header of an array."""

    source: Source
    address: int | None
    filtered: bool
    element_size: int
    offset_size: int
    smallest_block: int
    page: int
    visited: set[int] = field(default_factory=set)

    def block(self, address: int | None, signature: bytes, size: int) -> Cursor:
        """Returns the contents of a block behind its signature, version, client and owner."""
        visit(self.visited, address, f"a block of {_WHAT}")
        cursor = self.source.checked(address, 6 + self.source.offset_size + size + _CHECKSUM, _WHAT)
        cursor.expect(signature)
        cursor.version(0)
        if cursor.uint() != self.filtered or cursor.address() != self.address:
            raise Damage(f"a block of {_WHAT} belongs to another array")
        return cursor


def elements(source: Source, address: int | None, filtered: bool) -> Iterator[tuple[int, bytes]]:
    """Yields (number of an element, its bytes) for all elements that have a place in the file.

    Args:
        source: the file.
        address: address of the array's header.
        filtered: bool, whether its elements must describe filtered chunks.
    """
    size = 12 + 6 * source.length_size + source.offset_size + _CHECKSUM
    header = source.checked(address, size, _WHAT)
    header.expect(b"EAHD")
    header.version(0)
    if header.uint() != filtered:
        raise Damage(f"{_WHAT} and its dataset disagree about filters")
    element_size, bits, in_index, smallest, pointers, page_bits = (header.uint() for _ in range(6))
    for _ in range(6):  # statistics
        header.length()
    index_block = header.address()
    if not (0 < bits <= _MOST_BITS and _is_power(smallest) and _is_power(pointers) and pointers > 1):
        raise Damage(f"{_WHAT} has impossible parameters: {bits}, {smallest}, {pointers}")
    array = _Array(source, address, filtered, element_size, (bits + 7) // 8, smallest, 1 << page_bits)
    if index_block is not None:
        super_blocks = bits - smallest.bit_length() + 2
        yield from _index_block(array, index_block, in_index, super_blocks, pointers)


def _index_block(
    array: _Array, address: int, in_index: int, super_blocks: int, pointers: int
) -> Iterator[tuple[int, bytes]]:
    first_super = 2 * (pointers.bit_length() - 1)  # those before it have their addresses here
    data_addresses, super_addresses = 2 * (pointers - 1), max(super_blocks - first_super, 0)
    size = in_index * array.element_size + (data_addresses + super_addresses) * array.source.offset_size
    cursor = array.block(address, b"EAIB", size)
    array.source.budget.take_steps(in_index, "elements of chunk indexes")
    yield from ((number, cursor.take(array.element_size)) for number in range(in_index))
    number = in_index
    for level in range(first_super):
        for _ in range(_blocks(level)):
            block, count = cursor.address(), _block_size(array, level)
            yield from _data_block(array, block, number, count, None)
            number += count
    for level in range(first_super, first_super + super_addresses):
        super_block = cursor.address()
        if super_block is not None:
            yield from _super_block(array, super_block, level, number)
        number += _blocks(level) * _block_size(array, level)


def _blocks(level: int) -> int:
    return 1 << level // 2


def _block_size(array: _Array, level: int) -> int:
    return array.smallest_block << (level + 1) // 2


def _super_block(array: _Array, address: int, level: int, number: int) -> Iterator[tuple[int, bytes]]:
    blocks, count = _blocks(level), _block_size(array, level)
    pages = count // array.page if count > array.page else 0
    bitmap_size = (pages + 7) // 8
    size = array.offset_size + blocks * (bitmap_size + array.source.offset_size)
    cursor = array.block(address, b"EASB", size)
    cursor.skip(array.offset_size)
    # One bit for each page, block after block without gaps; the bytes at the end are not used.
    bitmap = cursor.take(blocks * bitmap_size)
    for block in range(blocks):
        written = _bits(bitmap, block * pages, pages)
        yield from _data_block(array, cursor.address(), number, count, written)
        number += count


def _data_block(
    array: _Array, address: int | None, number: int, count: int, written: int | None
) -> Iterator[tuple[int, bytes]]:
    """Yields the elements of a data block; the last bits of `written` say which of its pages were."""
    if address is None:
        return
    source = array.source
    source.check(address, count * array.element_size, _WHAT)
    source.budget.take_steps(count, "elements of chunk indexes")
    if count <= array.page:
        cursor = array.block(address, b"EADB", array.offset_size + count * array.element_size)
        cursor.skip(array.offset_size)
        yield from ((number + i, cursor.take(array.element_size)) for i in range(count))
        return
    if written is None:
        raise Damage(f"{_WHAT} has pages in a block of its index, where there are none")
    array.block(address, b"EADB", array.offset_size)
    start = address + 6 + source.offset_size + array.offset_size + _CHECKSUM
    page_size = array.page * array.element_size + _CHECKSUM
    pages = count // array.page
    for page in range(pages):
        if written >> pages - page - 1 & 1:
            cursor = source.checked(start + page * page_size, page_size, _WHAT)
            first = number + page * array.page
            yield from ((first + i, cursor.take(array.element_size)) for i in range(array.page))


def _bits(data: bytes, start: int, count: int) -> int:
    """Returns some bits of many as an int, whose last bit is the last of them."""
    end = start + count
    return int.from_bytes(data[start // 8 : -(-end // 8)], "big") >> -end % 8


def _is_power(number: int) -> bool:
    return number > 0 and not number & (number - 1)
