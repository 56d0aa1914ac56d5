"""A graph as text, for people."""

from .tensor import Variable
from .walk import ancestors


def show(tensors):
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
    outputs = {}
    for tensor in [*(t for node in nodes for t in node.inputs), *tensors]:
        outputs.setdefault(tensor.node, {})[tensor.index] = tensor
    return "\n".join(_line(node, number, outputs[node]) for node in nodes)


def _line(node, number, outputs):
    first = outputs[min(outputs)]
    kind = "variable" if isinstance(first, Variable) else node.name
    name = f" {first.name}" if node.rule is None else ""
    types = ", ".join(f"{t.shape} {t.dtype}" for _, t in sorted(outputs.items()))
    return f"%{number[node]}{name} = {kind}({', '.join(_arguments(node, number))}) : {types}"


def _arguments(node, number):
    names = [f"%{number[t.node]}" + (f".{t.index}" if t.node.count > 1 else "") for t in node.inputs]
    if node.settings is None:
        return names
    _, constants, positions, _ = node.settings
    queue = dict(zip(positions, names, strict=True))
    return [queue.get(i, _short(value)) for i, value in enumerate(constants)]


def _short(value):
    text = repr(value)
    return text if len(text) <= 40 else f"<{type(value).__name__}>"
