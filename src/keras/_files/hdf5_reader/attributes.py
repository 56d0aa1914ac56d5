"""Attributes: small values with names, on groups and datasets (§ IV.A.2.m, IV.A.2.v)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from . import btree_2
from .cursor import Cursor
from .dataspaces import Dataspace, read_dataspace
from .datatypes import Datatype, Text, read_datatype
from .errors import Damage, Unsupported
from .fractal_heap import indexed_objects
from .global_heap import GlobalHeap
from .headers import Kind, Message
from .source import Source

_INDEX_BYTES, _HEAP_ID = 2, slice(0, 8)
_LARGEST_CHARACTER = 4  # bytes of a character in a str; one such character makes all of them as large


@dataclass(frozen=True)
class Attribute:
    """An attribute.

    Attributes:
        name: str.
        datatype: `Datatype` of a value.
        space: `Dataspace`, the shape.
        data: bytes of all values.
    """

    name: str
    datatype: Datatype
    space: Dataspace
    data: bytes


def read_attributes(source: Source, messages: Iterable[Message]) -> dict[str, Attribute]:
    """Returns the attributes of an object, from its header or, if there are many, from a fractal heap.

    Raises:
        Damage: two have the same name, or another rule of the format is broken.
    """
    attributes: dict[str, Attribute] = {}
    for data in _messages(source, messages):
        attribute = _read_attribute(source.cursor_over(data, "an attribute"))
        source.budget.take_steps(1, "attributes")
        source.keep(len(data), "attributes")
        if attribute.name in attributes:
            raise Damage(f"it has two attributes named {attribute.name!r:.100}")
        attributes[attribute.name] = attribute
    return attributes


def _messages(source: Source, messages: Iterable[Message]) -> Iterator[bytes]:
    for message in messages:
        if message.kind == Kind.ATTRIBUTE:
            yield message.data
        elif message.kind == Kind.ATTRIBUTE_INFO:
            info = source.cursor_over(message.data, "an attribute info message")
            yield from indexed_objects(source, info, _INDEX_BYTES, btree_2.ATTRIBUTE_NAMES, _HEAP_ID)


def _read_attribute(cursor: Cursor) -> Attribute:
    """Reads an attribute message. Version 1 pads its parts to 8 bytes, version 3 adds the character set."""
    version = cursor.version(1, 2, 3)
    flags = cursor.uint()
    if version > 1 and flags & 3:
        raise Unsupported("shares the datatype of an attribute with other objects; not supported")
    sizes = [cursor.uint(2) for _ in range(3)]
    cursor.skip(1 if version == 3 else 0)
    parts: list[Cursor] = []
    for size, what in zip(sizes, ("the name", "the datatype", "the shape"), strict=True):
        parts.append(
            Cursor(cursor.take(size), f"{what} of an attribute", cursor.offset_size, cursor.length_size)
        )
        cursor.skip(-size % 8 if version == 1 else 0)
    name, datatype, space = parts[0].data, read_datatype(parts[1]), read_dataspace(parts[2])
    data = cursor.take(space.count * datatype.size)
    return Attribute(name.split(b"\0")[0].decode("utf-8", "surrogateescape"), datatype, space, data)


def read_strings(
    source: Source, heap: GlobalHeap, attribute: Attribute, errors: str = "surrogateescape"
) -> list[str]:
    """Returns the values of an attribute of text.

    Each is charged, however often the file uses the same string.

    Args:
        source: the file.
        heap: its global heap.
        attribute: `Attribute` of text.
        errors: str, how bytes that are not UTF-8 are decoded; see `bytes.decode`.
    """
    datatype = attribute.datatype
    assert isinstance(datatype, Text)
    # Of strings of no bytes there may be any number.
    source.budget.take_steps(attribute.space.count, f"strings in {attribute.name!r:.100}")
    cursor = source.cursor_over(attribute.data, f"the attribute {attribute.name!r:.100}")
    strings: list[str] = []
    for _ in range(attribute.space.count):
        found = _variable(cursor, heap) if datatype.variable else cursor.take(datatype.size)
        source.keep(_LARGEST_CHARACTER * len(found), f"strings in {attribute.name!r:.100}")
        strings.append(_without_padding(found, datatype.padding).decode("utf-8", errors))
    return strings


def _variable(cursor: Cursor, heap: GlobalHeap) -> bytes:
    length, address, index = cursor.uint(4), cursor.address(), cursor.uint(4)
    if not length or not address:
        return b""
    found = heap.object(address, index)
    if len(found) < length:
        raise Damage(f"a string of {length:,} bytes has {len(found):,} in the global heap")
    return found[:length]


def _without_padding(text: bytes, padding: int) -> bytes:
    if padding == 1:
        return text.rstrip(b"\0")
    return text.rstrip(b" ") if padding == 2 else text.split(b"\0", 1)[0]
