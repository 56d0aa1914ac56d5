"""B-trees of version 2: the index of many links, attributes, large objects, or chunks (§ III.A.2)."""

from collections.abc import Iterator
from dataclasses import dataclass

from .errors import Damage
from .source import Source, visit

HUGE_OBJECTS, LINK_NAMES, ATTRIBUTE_NAMES, CHUNKS, FILTERED_CHUNKS = 1, 5, 8, 10, 11
_PREFIX, _CHECKSUM = 6, 4
_WHAT = "a node of a B-tree"


@dataclass(frozen=True)
class Tree:
    """The header of a tree.

    Attributes:
        node_size: int, bytes of a node.
        record_size: int, bytes of a record.
        root: address of its root node, or None if it is empty.
        depth: int, levels above the leaves.
        root_count: int, records in the root node.
        count_size: int, bytes of the number of records in a pointer to a node.
        total_sizes: list of int, by level: bytes of the number of records in a node and all below it.
    """

    node_size: int
    record_size: int
    root: int | None
    depth: int
    root_count: int
    count_size: int
    total_sizes: list[int]


def records(source: Source, address: int | None, kind: int) -> Iterator[bytes]:
    """Yields all records of a tree, in no particular order.

    Args:
        source: the file.
        address: address of the tree's header.
        kind: int, the kind of records that it must have.
    """
    tree = _read_tree(source, address, kind)
    if tree.root is None and not tree.root_count:
        return
    source.check(tree.root, tree.node_size, _WHAT)
    nodes, visited = [(tree.root, tree.root_count, tree.depth)], set()
    while nodes:
        node, count, level = nodes.pop()
        visit(visited, node, _WHAT)
        source.budget.take_steps(1 + count, "nodes and records of B-trees")
        total_size = tree.total_sizes[level - 1] if level else 0
        pointer_size = source.offset_size + tree.count_size + total_size
        size = count * tree.record_size + (pointer_size * (count + 1) if level else 0)
        cursor = source.checked(node, _PREFIX + size + _CHECKSUM, _WHAT)
        cursor.expect(b"BTIN" if level else b"BTLF")
        cursor.version(0)
        if cursor.uint() != kind:
            raise Damage(f"{_WHAT} has records of another kind than its tree")
        yield from [cursor.take(tree.record_size) for _ in range(count)]
        for _ in range(count + 1 if level else 0):
            child, child_count = cursor.address(), cursor.uint(tree.count_size)
            cursor.skip(total_size)
            nodes.append((child, child_count, level - 1))


def _read_tree(source: Source, address: int | None, kind: int) -> Tree:
    size = 16 + source.offset_size + 2 + source.length_size + _CHECKSUM
    cursor = source.checked(address, size, "a B-tree")
    cursor.expect(b"BTHD")
    cursor.version(0)
    if (found := cursor.uint()) != kind:
        raise Damage(f"a B-tree has records of kind {found}; wanted {kind}")
    node_size, record_size, depth = cursor.uint(4), cursor.uint(2), cursor.uint(2)
    cursor.skip(2)  # when nodes are split and merged
    root, root_count = cursor.address(), cursor.uint(2)
    if not record_size or node_size < _PREFIX + _CHECKSUM + record_size:
        raise Damage(f"a B-tree has nodes of {node_size} bytes for records of {record_size}")
    sizes = _field_sizes(node_size, record_size, depth, source.offset_size)
    return Tree(node_size, record_size, root, depth, root_count, *sizes)


def _field_sizes(node_size: int, record_size: int, depth: int, offset_size: int) -> tuple[int, list[int]]:
    """Returns how many bytes the counts in a pointer take: each has room for the most that there can be.

    Returns:
        (bytes of the number of records in a node, for each level the bytes of the number of records in a node
        of that level and all below; 0 for the leaves, which have no such field).
    """
    space = node_size - _PREFIX - _CHECKSUM
    most = space // record_size  # records in a leaf, of which there are more than in other nodes
    count_size, total, total_sizes = _bytes_for(most), most, [0]
    for _ in range(depth):
        pointer = offset_size + count_size + total_sizes[-1]
        most = (space - pointer) // (record_size + pointer)
        if most < 1:
            raise Damage(f"a B-tree of depth {depth} has nodes of {node_size} bytes, too few for one record")
        total = (most + 1) * total + most
        total_sizes.append(_bytes_for(total))
        if total_sizes[-1] > 8:
            raise Damage(f"a B-tree has the impossible depth {depth}")
    return count_size, total_sizes


def _bytes_for(number: int) -> int:
    return (number.bit_length() + 7) // 8
