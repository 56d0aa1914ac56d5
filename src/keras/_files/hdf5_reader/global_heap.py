"""The global heap: strings of any length (§ III.E)."""

from dataclasses import dataclass, field

from .errors import Damage
from .source import Source

_WHAT = "a global heap"


@dataclass
class GlobalHeap:
    """The collections of a file, each of which is read once."""

    source: Source
    _collections: dict[int, dict[int, bytes]] = field(default_factory=dict)

    def object(self, address: int | None, index: int) -> bytes:
        """Returns the object with a number in the collection at an address."""
        if address is None:
            raise Damage(f"{_WHAT} has no address")
        if address not in self._collections:
            self._collections[address] = dict(self._read(address))
        found = self._collections[address].get(index)
        if found is None:
            raise Damage(f"{_WHAT} at {address:,} has no object {index}")
        return found

    def _read(self, address: int) -> list[tuple[int, bytes]]:
        source = self.source
        # All parts of a collection are padded to 8 bytes.
        header_size = _padded(8 + source.length_size)
        prefix = source.cursor(address, header_size, _WHAT)
        prefix.expect(b"GCOL")
        prefix.version(1)
        prefix.skip(3)
        size = prefix.length()
        source.check(address, size, _WHAT)  # before memory is charged for it
        source.keep(size, "global heaps")
        cursor = source.cursor(address, size, _WHAT)
        cursor.skip(header_size)
        objects: list[tuple[int, bytes]] = []
        while cursor.left >= header_size:
            index = cursor.uint(2)
            cursor.skip(6)
            length = cursor.length()
            if index == 0:  # the rest is free
                break
            cursor.align(8)
            source.keep(0, "global heaps")
            source.budget.take_steps(1, "objects in global heaps")
            objects.append((index, cursor.take(length)))
            cursor.skip(min(_padded(length) - length, cursor.left))
        return objects


def _padded(size: int) -> int:
    return -(-size // 8) * 8
