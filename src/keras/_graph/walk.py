"""Traversals of a graph, without recursion."""

from collections.abc import Callable, Container, Iterable, Sequence

from .tensor import Key, Node, Tensor


def ancestors(
    tensors: Iterable[Tensor],
    known: Container[Key] = (),
    reads: Callable[[Node], Iterable[Tensor]] | None = None,
) -> list[Node]:
    """The nodes that the tensors need, in the order of their creation.

    Args:
        tensors: iterable of Tensors.
        known: container of keys (node, index) whose values are known: the walk stops there.
        reads: function of a node that returns the inputs which it needs; None if it needs all.
    """
    found: set[Node] = set()
    stack = [t.node for t in tensors if t.key not in known]
    while stack:
        node = stack.pop()
        if node in found:
            continue
        found.add(node)
        inputs = node.inputs if reads is None else reads(node)
        stack.extend(t.node for t in inputs if t.node not in found and t.key not in known)
    return sorted(found, key=lambda node: node.serial)


def leaves(tensors: Sequence[Tensor], known: Container[Key] = ()) -> list[Tensor]:
    """The leaf tensors (variables, placeholders, the learning phase) that the tensors need."""
    nodes = ancestors(tensors, known)
    reached = [t for t in tensors if t.key not in known]
    reached += [t for node in nodes for t in node.inputs if t.key not in known]
    unique = {t.key: t for t in reached if t.node.is_leaf}
    return sorted(unique.values(), key=lambda t: t.node.serial)


def random_nodes(tensors: Iterable[Tensor], known: Container[Key] = ()) -> list[Node]:
    """The nodes with a seed that the tensors need, including those in the bodies of loops, in order."""
    found: list[Node] = []
    for node in ancestors(tensors, known):
        if node.seed is not None:
            found.append(node)
        if node.body is not None:
            found += random_nodes(node.body.outputs, {t.key for t in node.body.captured})
    return found


def depends_on(tensor: Tensor, sources: Iterable[Tensor]) -> list[bool]:
    """For each source tensor, whether the tensor is computed from it, or is that tensor itself."""
    behind = {tensor.key}
    behind.update(t.key for node in ancestors([tensor]) for t in node.inputs)
    return [source.key in behind for source in sources]
