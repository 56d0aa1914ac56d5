"""`Cursor`: the fields of a block, one after the other."""

from dataclasses import dataclass

from .errors import Damage


@dataclass
class Cursor:
    """Reads little-endian fields from a block of bytes; the end of the block is never passed.

    Attributes:
        data: bytes, the block.
        what: str, what the block is, for messages.
        offset_size: int, bytes of an address in this file.
        length_size: int, bytes of a length in this file.
        position: int, where the next field begins.
    """

    data: bytes
    what: str
    offset_size: int = 8
    length_size: int = 8
    position: int = 0

    @property
    def left(self) -> int:
        """The number of bytes behind the position."""
        return len(self.data) - self.position

    def take(self, count: int) -> bytes:
        """Returns the next `count` bytes."""
        end = self.position + count
        if end > len(self.data):
            raise Damage(f"{self.what} ends after {len(self.data):,} bytes; its contents need {end:,}")
        found = self.data[self.position : end]
        self.position = end
        return found

    def skip(self, count: int) -> None:
        """Passes over `count` bytes."""
        self.take(count)

    def align(self, size: int) -> None:
        """Passes over padding up to a multiple of `size` from the beginning of the block."""
        self.skip(-self.position % size)

    def uint(self, size: int = 1) -> int:
        """Returns an unsigned int of `size` bytes."""
        return int.from_bytes(self.take(size), "little")

    def length(self) -> int:
        """Returns a length: an unsigned int of the size that the superblock states."""
        return self.uint(self.length_size)

    def address(self) -> int | None:
        """Returns an address, or None for the undefined address, all of whose bits are set."""
        value = self.uint(self.offset_size)
        return None if value == (1 << 8 * self.offset_size) - 1 else value

    def expect(self, signature: bytes) -> None:
        """Reads the four letters at the beginning of a structure."""
        found = self.take(len(signature))
        if found != signature:
            raise Damage(f"{self.what} begins with {found!r}; wanted {signature!r}")

    def version(self, *known: int) -> int:
        """Reads the version byte of a structure, and refuses one that is not among `known`."""
        found = self.uint()
        if found not in known:
            raise Damage(f"{self.what} has version {found}; wanted {' or '.join(map(str, known))}")
        return found
