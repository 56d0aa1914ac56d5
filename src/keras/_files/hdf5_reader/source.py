"""`Source`: the bytes of an open file. Every read is inside the file and is charged before it is done."""

from dataclasses import dataclass
from io import BufferedReader, BytesIO
from typing import TypeAlias

import numpy as np

from ..._base.budget import Budget
from .checksums import lookup3
from .cursor import Cursor
from .errors import Damage

#: What `open` returns for reading bytes, or a file in memory.
BinaryFile: TypeAlias = BufferedReader | BytesIO

_BYTES_PER_STEP = 4096  # reading them takes about a microsecond
_CHECKSUM_BYTES_PER_STEP = 12  # one round of lookup3 in Python
#: Bytes of a Python str or tuple without its contents, rounded up.
OBJECT_BYTES = 100


@dataclass
class Source:
    """An open file.

    Attributes:
        file: the file, open for reading in binary mode.
        size: int, its size in bytes.
        budget: `Budget` of the file.
        base: int, where the superblock is; addresses in the file count from there.
        offset_size, length_size: int, bytes of an address and of a length.
    """

    file: BinaryFile
    size: int
    budget: Budget
    base: int = 0
    offset_size: int = 8
    length_size: int = 8

    def check(self, address: int | None, length: int, what: str) -> int:
        """Returns the position in the file of `length` bytes at `address`.

        Raises:
            Damage: the address is undefined, or the bytes are not inside the file.
        """
        if address is None:
            raise Damage(f"{what} has no address")
        position = self.base + address
        if position + length > self.size:
            raise Damage(
                f"{what} would take {length:,} bytes at {position:,}; the file has {self.size:,} bytes"
            )
        return position

    def read(self, address: int | None, length: int, what: str) -> bytes:
        """Returns `length` bytes at an address."""
        position = self.check(address, length, what)
        self.budget.take_steps(1 + length // _BYTES_PER_STEP, what)
        try:
            self.file.seek(position)
            data = self.file.read(length)
        except OSError as error:
            raise Damage(f"{what} cannot be read: {error}") from error
        if len(data) < length:
            raise Damage(f"{what}: the file became shorter while it was read")
        return data

    def read_into(self, array: np.ndarray, address: int | None, what: str) -> None:
        """Fills a contiguous array with the bytes at an address."""
        position = self.check(address, array.nbytes, what)
        self.budget.take_steps(1 + array.nbytes // _BYTES_PER_STEP, what)
        try:
            self.file.seek(position)
            count = self.file.readinto(array.reshape(-1).view(np.uint8).data)
        except OSError as error:
            raise Damage(f"{what} cannot be read: {error}") from error
        if count != array.nbytes:
            raise Damage(f"{what}: the file became shorter while it was read")

    def cursor(self, address: int | None, length: int, what: str) -> Cursor:
        """Returns a cursor at the beginning of `length` bytes at an address."""
        return self.cursor_over(self.read(address, length, what), what)

    def checked(self, address: int | None, length: int, what: str) -> Cursor:
        """Returns a cursor over a block that ends with its checksum, as those of the new forms do."""
        data = self.read(address, length, what)
        self.check_sum(data[:-4], int.from_bytes(data[-4:], "little"), what)
        return self.cursor_over(data[:-4], what)

    def check_sum(self, data: bytes, stored: int, what: str) -> None:
        """Compares a block with its checksum."""
        self.budget.take_steps(1 + len(data) // _CHECKSUM_BYTES_PER_STEP, what)
        computed = lookup3(data)
        if computed != stored:
            raise Damage(f"{what} has checksum {computed:#010x}; the file says {stored:#010x}")

    def cursor_over(self, data: bytes, what: str) -> Cursor:
        """Returns a cursor over bytes that were read before, such as a message."""
        return Cursor(data, what, self.offset_size, self.length_size)

    def keep(self, count: int, what: str) -> None:
        """Charges `count` bytes that stay in memory, in an object of their own."""
        self.budget.take_memory(count + OBJECT_BYTES, what)


def visit(visited: set[int], address: int | None, what: str) -> None:
    """Notes a visit to an address; a second one would be a loop, or a tree whose branches meet.

    Raises:
        Damage: the address is undefined or was visited before.
    """
    if address is None:
        raise Damage(f"{what} has no address")
    if address in visited:
        raise Damage(f"{what} at {address:,} is linked twice or contains itself")
    visited.add(address)
