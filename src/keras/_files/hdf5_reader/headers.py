"""Object headers: the list of messages that a group or a dataset is (§ IV.A.1)."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

from .cursor import Cursor
from .errors import Damage, Unsupported
from .source import Source, visit

_WHAT = "an object header"
_SHARED, _MUST_BE_KNOWN = 0x02, 0x80  # flags of messages


class Kind(IntEnum):
    """Kinds of messages that are read or refused (§ IV.A.2); all others are passed over."""

    DATASPACE = 0x01
    LINK_INFO = 0x02
    DATATYPE = 0x03
    OLD_FILL_VALUE = 0x04
    FILL_VALUE = 0x05
    LINK = 0x06
    EXTERNAL_FILES = 0x07
    LAYOUT = 0x08
    FILTERS = 0x0B
    ATTRIBUTE = 0x0C
    CONTINUATION = 0x10
    SYMBOL_TABLE = 0x11
    ATTRIBUTE_INFO = 0x15


_KINDS = {int(kind) for kind in Kind}


@dataclass(frozen=True)
class Message:
    """A message: one fact about an object.

    Attributes:
        kind: `Kind`.
        data: bytes, its contents.
    """

    kind: Kind
    data: bytes


def read_messages(source: Source, address: int | None) -> list[Message]:
    """Reads the messages of the object at an address, from all blocks of its header."""
    if source.read(address, 4, _WHAT) == b"OHDR":
        return list(_read_new(source, address))
    return list(_read_old(source, address))


def _read_old(source: Source, address: int | None) -> Iterator[Message]:
    """Reads version 1: messages are padded to 8 bytes."""
    assert address is not None  # `read_messages` has read there
    prefix = source.cursor(address, 16, _WHAT)
    prefix.version(1)
    prefix.skip(7)  # the number of messages, which their sizes tell as well; a count of links
    blocks, visited = [(address + 16, prefix.uint(4))], set()
    while blocks:
        start, length = blocks.pop()
        visit(visited, start, "a block of an object header")
        cursor = source.cursor(start, length, _WHAT)
        while cursor.left >= 8:
            kind, size, flags = cursor.uint(2), cursor.uint(2), cursor.uint()
            cursor.skip(3)
            yield from _message(source, kind, flags, cursor.take(size), blocks)


def _read_new(source: Source, address: int | None) -> Iterator[Message]:
    """Reads version 2: blocks begin with a signature and end with a checksum."""
    assert address is not None
    prefix = source.cursor(address, min(40, source.size - source.base - address), _WHAT)
    prefix.expect(b"OHDR")
    prefix.version(2)
    header_flags = prefix.uint()
    prefix.skip(16 if header_flags & 0x20 else 0)  # four times
    prefix.skip(4 if header_flags & 0x10 else 0)  # when attributes move to a heap
    length = prefix.uint(1 << (header_flags & 3))
    blocks, visited = [(address, prefix.position + length + 4)], set()
    start_of_messages = prefix.position
    while blocks:
        start, length = blocks.pop()
        visit(visited, start, "a block of an object header")
        cursor = source.checked(start, max(length, 8), _WHAT)
        if start == address:
            cursor.skip(start_of_messages)
        else:
            cursor.expect(b"OCHK")
        numbered = bool(header_flags & 0x04)
        # Fewer bytes than a message takes are a gap.
        while cursor.left >= (6 if numbered else 4):
            yield from _new_message(source, cursor, numbered, blocks)


def _new_message(
    source: Source, cursor: Cursor, numbered: bool, blocks: list[tuple[int, int]]
) -> Iterator[Message]:
    kind, size, flags = cursor.uint(), cursor.uint(2), cursor.uint()
    if numbered:
        cursor.skip(2)
    return _message(source, kind, flags, cursor.take(size), blocks)


def _message(
    source: Source, kind: int, flags: int, data: bytes, blocks: list[tuple[int, int]]
) -> Iterator[Message]:
    """Yields a message of a known kind; a continuation adds a block to those that are still to be read."""
    source.budget.take_steps(1, "messages")
    if kind == Kind.CONTINUATION:
        cursor = source.cursor_over(data, "a continuation message")
        address, length = cursor.address(), cursor.length()
        if address is None:
            raise Damage("a continuation of an object header has no address")
        blocks.append((address, length))
        return
    if kind not in _KINDS:
        if flags & _MUST_BE_KNOWN:
            raise Unsupported(f"has a message of the unknown kind {kind:#x}, which may not be passed over")
        return
    if flags & _SHARED:
        raise Unsupported(f"shares its {Kind(kind).name.lower()} message with other objects; not supported")
    source.keep(len(data), "messages")
    yield Message(Kind(kind), data)
