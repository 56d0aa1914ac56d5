"""Symbol tables: the links of old groups (§ III.B, III.C, III.D).

A B-tree leads to nodes of entries (name, address), and the names are in a *local heap*, one per group.
"""

from collections.abc import Iterator

from . import btree_1
from .cursor import Cursor
from .errors import Damage
from .source import Source, visit

_MOST_NAME_BYTES = 2**16
_SOFT_LINK = 2
_SCRATCH_BYTES = 16


def read_symbol_table(source: Source, message: Cursor) -> Iterator[tuple[str, int | None]]:
    """Yields the links of an old group.

    Args:
        source: the file.
        message: `Cursor` over its symbol table message.

    Yields:
        (name, address of the object); the address is None for a soft link.
    """
    tree, heap_address = message.address(), message.address()
    names = _read_local_heap(source, heap_address)
    visited: set[int] = set()
    for _, node in btree_1.entries(source, tree, btree_1.GROUPS, source.length_size):
        visit(visited, node, "a node of links")
        yield from _read_node(source, node, names)


def _read_node(source: Source, address: int | None, names: bytes) -> Iterator[tuple[str, int | None]]:
    assert address is not None  # `visit` has refused it
    what = "a node of links"
    prefix = source.cursor(address, 8, what)
    prefix.expect(b"SNOD")
    prefix.version(1)
    prefix.skip(1)
    count = prefix.uint(2)
    entry_bytes = 2 * source.offset_size + 8 + _SCRATCH_BYTES
    cursor = source.cursor(address + 8, count * entry_bytes, what)
    for _ in range(count):
        name, target = _name_at(names, cursor.uint(source.offset_size)), cursor.address()
        cache_type = cursor.uint(4)
        cursor.skip(4 + _SCRATCH_BYTES)
        if cache_type == _SOFT_LINK:
            target = None
        elif target is None:
            raise Damage(f"the link {name!r:.100} has no address")
        yield name, target


def _read_local_heap(source: Source, address: int | None) -> bytes:
    """Returns the names of a group: strings that end with a zero, at places that the entries state."""
    what = "a local heap"
    prefix = source.cursor(address, 8 + 2 * source.length_size + source.offset_size, what)
    prefix.expect(b"HEAP")
    prefix.version(0)
    prefix.skip(3)
    size = prefix.length()
    prefix.length()  # of free space
    return source.read(prefix.address(), size, what)


def _name_at(names: bytes, position: int) -> str:
    end = names.find(b"\0", position, position + _MOST_NAME_BYTES)
    if end < 0:
        raise Damage(f"the name of a link at {position:,} of the local heap has no end")
    return names[position:end].decode("utf-8", "surrogateescape")
