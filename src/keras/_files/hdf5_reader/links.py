"""Links: the names in a group. There are three forms (§ IV.A.2.c, IV.A.2.g, IV.A.2.r, § III.A, III.G).

compact     one message in the header for each link
dense       the same messages in a fractal heap, found through a B-tree
old         a symbol table: see `symbol_tables`
"""

from collections.abc import Iterable, Iterator
from typing import TypeAlias

from . import btree_2
from .cursor import Cursor
from .errors import Damage
from .fractal_heap import indexed_objects
from .headers import Kind, Message
from .source import Source
from .symbol_tables import read_symbol_table

#: Names and the addresses of the objects to which they lead; None for a soft or external link, which
#: leads to a name here or in another file.
Links: TypeAlias = dict[str, int | None]

_HARD = 0
_INDEX_BYTES, _HEAP_ID = 8, slice(4, None)  # a hash of the name comes first


def read_links(source: Source, messages: Iterable[Message]) -> Links:
    """Returns all links of a group.

    Raises:
        Damage: two have the same name, or another rule of the format is broken.
    """
    links: Links = {}
    for name, target in _links(source, messages):
        source.budget.take_steps(1, "links")
        source.keep(4 * len(name), "links")
        if name in links:
            raise Damage(f"it has two links named {name!r:.100}")
        links[name] = target
    return links


def _links(source: Source, messages: Iterable[Message]) -> Iterator[tuple[str, int | None]]:
    for message in messages:
        if message.kind == Kind.LINK:
            yield _read_link(source.cursor_over(message.data, "a link"))
        elif message.kind == Kind.LINK_INFO:
            info = source.cursor_over(message.data, "a link info message")
            for data in indexed_objects(source, info, _INDEX_BYTES, btree_2.LINK_NAMES, _HEAP_ID):
                yield _read_link(source.cursor_over(data, "a link"))
        elif message.kind == Kind.SYMBOL_TABLE:
            yield from read_symbol_table(source, source.cursor_over(message.data, "a symbol table message"))


def _read_link(cursor: Cursor) -> tuple[str, int | None]:
    cursor.version(1)
    flags = cursor.uint()
    kind = cursor.uint() if flags & 0x08 else _HARD
    cursor.skip(8 if flags & 0x04 else 0)  # creation order
    cursor.skip(1 if flags & 0x10 else 0)  # ASCII or UTF-8, which contains ASCII
    name = cursor.take(cursor.uint(1 << (flags & 3)))
    target = None
    if kind == _HARD:
        target = cursor.address()
        if target is None:
            raise Damage("a link has no address")
    return name.decode("utf-8", "surrogateescape"), target
