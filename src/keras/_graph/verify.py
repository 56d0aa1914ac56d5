"""A checker for graphs. The tests switch it on; see `function.Function`."""

from collections.abc import Sequence
from typing import Any

from .._base.types import Shape
from .infer import infer
from .sizes import known
from .tensor import Tensor, Variable
from .walk import ancestors


def verify(tensors: Sequence[Tensor]) -> None:
    """Checks the graph of the tensors.

    Raises:
        AssertionError: where a node reads a later one, an output index is out of range, a leaf has a
            rule's attributes, a variable's value does not fit it, or inferred shapes have changed.
    """
    nodes = ancestors(tensors)
    everything = [*tensors, *(t for node in nodes for t in node.inputs)]
    for tensor in everything:
        _verify_tensor(tensor)
    outputs = {t.key: t for t in everything}
    for node in nodes:
        if node.is_leaf:
            assert not node.inputs, f"leaf {node!r} has inputs"
            continue
        assert all(t.node.serial < node.serial for t in node.inputs), f"{node!r} reads a later node"
        if node.level == 0:
            for index, (sizes, dtype, *_) in enumerate(infer(node).specs):
                tensor, shape = outputs.get((node, index)), known(sizes)
                assert tensor is None or _agrees(tensor, shape, dtype), (
                    f"{tensor!r} is inferred as {shape} {dtype}"
                )


def _verify_tensor(tensor: Tensor) -> None:
    assert isinstance(tensor, Tensor), f"{tensor!r} is not a Tensor"
    assert 0 <= tensor.index < tensor.node.count, f"{tensor!r}: no output {tensor.index}"
    assert all(s is None or (isinstance(s, int) and s >= 0) for s in tensor.shape), tensor
    if isinstance(tensor, Variable):
        assert tensor.value.shape == tensor.shape, f"{tensor!r} holds {tensor.value.shape}"
        assert tensor.value.dtype == tensor.dtype, f"{tensor!r} holds {tensor.value.dtype}"


def _agrees(tensor: Tensor, shape: Shape, dtype: Any) -> bool:
    """Whether the tensor agrees with what was inferred; it may have a known size that was not inferred."""
    sizes = zip(tensor.shape, shape, strict=True)
    return tensor.dtype == dtype and all(own == size or size is None for own, size in sizes)
