"""A graph as text."""

from collections.abc import Mapping, Sequence
from typing import Any

from .tensor import Node, Tensor, Variable
from .walk import ancestors


def show(tensors: Sequence[Tensor]) -> str:
    """One line for each node the tensors need, in the order of computation.

    Example:
        >>> from keras import backend as K
        >>> x = K.placeholder((None, 2), name="x")
        >>> print(show([K.relu(x) + 1]))
        %0 x = placeholder() : (None, 2) float32
        %1 = relu(%0) : (None, 2) float32
        %2 = add(%1, 1) : (None, 2) float32
    """
    nodes = ancestors(tensors)
    number = {node: i for i, node in enumerate(nodes)}
    outputs: dict[Node, dict[int, Tensor]] = {}
    for tensor in [*(t for node in nodes for t in node.inputs), *tensors]:
        outputs.setdefault(tensor.node, {})[tensor.index] = tensor
    return "\n".join(_line(node, number, outputs[node]) for node in nodes)


def _line(node: Node, number: Mapping[Node, int], outputs: Mapping[int, Tensor]) -> str:
    first = outputs[min(outputs)]
    kind = "variable" if isinstance(first, Variable) else node.name
    name = f" {first.name}" if node.is_leaf else ""
    types = ", ".join(f"{t.shape} {t.dtype}" for _, t in sorted(outputs.items()))
    return f"%{number[node]}{name} = {kind}({', '.join(_arguments(node, number))}) : {types}"


def _arguments(node: Node, number: Mapping[Node, int]) -> list[str]:
    names = [f"%{number[t.node]}" + (f".{t.index}" if t.node.count > 1 else "") for t in node.inputs]
    if node.tree is None:  # a leaf, or a gradient
        return names
    queue = dict(zip(node.positions, names, strict=True))
    return [queue.get(i, _short(value)) for i, value in enumerate(node.constants)]


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"<{type(value).__name__}>"
