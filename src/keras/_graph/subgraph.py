"""A Python function over tensors, traced into a graph of its own: the body of a loop."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy.typing as npt

from .._base.types import Shape
from .evaluate import Environment, evaluate
from .infer import Run
from .tensor import Key, Node, Tensor
from .walk import ancestors


class Subgraph:
    """The graph that `function` builds from fresh tensors, and the outer tensors it closes over.

    What does not depend on the fresh tensors is computed once, outside the loop; random ops stay
    inside, so that each iteration draws its own numbers.

    Args:
        function: function of Tensors that returns a Tensor or a list of them.
        specs: list of (shape, dtype): the tensors to call it with.

    Attributes:
        outputs: what the function returned, flattened to a list.
        captured: list of outer Tensors whose values must be passed to `call`.
    """

    def __init__(self, function: Callable[..., Any], specs: Iterable[tuple[Shape, npt.DTypeLike]]) -> None:
        self.inputs = [
            Tensor(shape, dtype, Node(name="loop_input"), name=f"loop_input_{i}")
            for i, (shape, dtype) in enumerate(specs)
        ]
        self.result = function(*self.inputs)
        self.outputs = _flat(self.result)
        self.captured = self._outer_tensors()

    def _outer_tensors(self) -> list[Tensor]:
        inside = {t.node for t in self.inputs}
        for node in ancestors(self.outputs):
            if node.seed is not None or any(t.node in inside for t in node.inputs):
                inside.add(node)
        outer: dict[Key, Tensor] = {}
        for node in inside:
            for tensor in node.inputs:
                if tensor.node not in inside:
                    outer[tensor.key] = tensor
        outer.update({t.key: t for t in self.outputs if t.node not in inside})
        return sorted(outer.values(), key=lambda t: (t.node.serial, t.index))

    def call(self, values: Sequence[Any], captured: Sequence[Any], run: Run) -> list[Any]:
        """The outputs (list of arrays) for values of the inputs and of the captured tensors."""
        tensors = zip([*self.inputs, *self.captured], [*values, *captured], strict=True)
        return evaluate(self.outputs, Environment({t.key: value for t, value in tensors}), run)


def _flat(result: Any) -> list[Tensor]:
    if isinstance(result, Tensor):
        return [result]
    flat: list[Tensor] = []
    for item in result:
        flat.extend(_flat(item))
    return flat
