"""B-trees of version 1: the entries of old groups, and the chunks of old datasets (§ III.A.1)."""

from collections.abc import Iterator

from .errors import Damage
from .source import Source, visit

GROUPS, CHUNKS = 0, 1
_WHAT = "a node of a B-tree"


def entries(source: Source, root: int | None, kind: int, key_size: int) -> Iterator[tuple[bytes, int | None]]:
    """Yields the entries of all leaves.

    Args:
        source: the file.
        root: address of the root node.
        kind: `GROUPS` or `CHUNKS`.
        key_size: int, bytes of a key.

    Yields:
        (key, address of what it leads to). A node has one key more than entries; the last one is a limit.
    """
    nodes: list[tuple[int | None, int | None]] = [(root, None)]
    visited: set[int] = set()
    prefix_size = 8 + 2 * source.offset_size
    while nodes:
        address, expected_level = nodes.pop()
        visit(visited, address, _WHAT)
        prefix = source.cursor(address, prefix_size, _WHAT)
        prefix.expect(b"TREE")
        found_kind, level, count = prefix.uint(), prefix.uint(), prefix.uint(2)
        if found_kind != kind or expected_level not in (None, level):
            raise Damage(
                f"{_WHAT} is of kind {found_kind} and level {level}; wanted {kind}, {expected_level}"
            )
        source.budget.take_steps(count, "nodes and entries of B-trees")
        assert address is not None  # `visit` has refused it
        body = source.cursor(address + prefix_size, count * (key_size + source.offset_size), _WHAT)
        for _ in range(count):
            key, child = body.take(key_size), body.address()
            if level:
                nodes.append((child, level - 1))
            else:
                yield key, child
