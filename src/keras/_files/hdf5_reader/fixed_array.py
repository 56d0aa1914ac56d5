"""Fixed arrays: the chunk index of datasets that cannot grow (§ VII.C)."""

from collections.abc import Iterator

from .errors import Damage
from .source import Source

_WHAT = "a fixed array"
_CHECKSUM = 4


def elements(source: Source, address: int | None, filtered: bool) -> Iterator[tuple[int, bytes]]:
    """Yields (number of an element, its bytes) for all elements that have a place in the file.

    Args:
        source: the file.
        address: address of the array's header.
        filtered: bool, whether its elements must describe filtered chunks.
    """
    header = source.checked(address, 8 + source.length_size + source.offset_size + _CHECKSUM, _WHAT)
    header.expect(b"FAHD")
    header.version(0)
    if header.uint() != filtered:
        raise Damage(f"{_WHAT} and its dataset disagree about filters")
    element_size, page_bits = header.uint(), header.uint()
    count, block = header.length(), header.address()
    if block is None:
        return
    page = 1 << page_bits
    pages = -(-count // page) if count > page else 0
    bitmap_size = (pages + 7) // 8
    size = 6 + source.offset_size + bitmap_size + (0 if pages else count * element_size) + _CHECKSUM
    data = source.checked(block, size, _WHAT)
    data.expect(b"FADB")
    data.version(0)
    data.uint()
    if data.address() != address:
        raise Damage(f"the block of {_WHAT} belongs to another array")
    source.check(block, size + count * element_size + pages * _CHECKSUM if pages else size, _WHAT)
    source.budget.take_steps(count, "elements of chunk indexes")
    if not pages:
        yield from ((number, data.take(element_size)) for number in range(count))
        return
    bitmap = data.take(bitmap_size)
    for number in range(pages):
        first, last = number * page, min((number + 1) * page, count)
        start = block + size + first * element_size + number * _CHECKSUM
        if bitmap[number // 8] & 0x80 >> number % 8:  # others were never written
            data = source.checked(start, (last - first) * element_size + _CHECKSUM, _WHAT)
            yield from ((element, data.take(element_size)) for element in range(first, last))
