"""A Python function over tensors, traced into a graph of its own: the body of a loop."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy.typing as npt

from .._base.budget import charge_running
from .evaluate import Environment, evaluate
from .run import Run
from .sizes import AnySize
from .tensor import Key, Node, Tensor
from .walk import ancestors

# What a loop costs, for a `Budget`, each time that its shapes are inferred: about 0.65 ms for each op in it.
_STEPS, _STEPS_PER_OP = 520, 130


class Subgraph:
    """The graph that `function` builds from fresh tensors, and the outer tensors it closes over.

    What does not depend on the fresh tensors is computed once, outside the loop. Random ops that `function`
    makes stay inside, so that each iteration draws its own numbers; those made before it are outside, so
    that a dropout mask that it closes over is the same in all iterations.

    Args:
        function: function of Tensors that returns a Tensor or a list of them.
        specs: list of (sizes, dtype): the tensors to call it with.

    Attributes:
        outputs: what the function returned, flattened to a list.
        captured: list of outer Tensors whose values must be passed to `call`.
    """

    def __init__(
        self, function: Callable[..., Any], specs: Iterable[tuple[Sequence[AnySize | None], npt.DTypeLike]]
    ) -> None:
        self.inputs = [
            Tensor(shape, dtype, Node(name="loop_input"), name=f"loop_input_{i}")
            for i, (shape, dtype) in enumerate(specs)
        ]
        self.result = function(*self.inputs)
        self.outputs = _flat(self.result)
        self.captured = self._outer_tensors()

    def _outer_tensors(self) -> list[Tensor]:
        first = self.inputs[0].node.serial
        inside = {t.node for t in self.inputs}
        for node in ancestors(self.outputs, reads=lambda node: node.inputs if node.serial > first else ()):
            made_here = node.serial > first
            if made_here and (node.seed is not None or any(t.node in inside for t in node.inputs)):
                inside.add(node)
        self._steps = _STEPS + _STEPS_PER_OP * len(inside)
        outer: dict[Key, Tensor] = {}
        for node in inside:
            for tensor in node.inputs:
                if tensor.node not in inside:
                    outer[tensor.key] = tensor
        outer.update({t.key: t for t in self.outputs if t.node not in inside})
        return sorted(outer.values(), key=lambda t: (t.node.serial, t.index))

    def call(self, values: Sequence[Any], captured: Sequence[Any], run: Run) -> list[Any]:
        """The outputs (list of arrays) for values of the inputs and of the captured tensors."""
        charge_running(self._steps, "ops in loops")
        tensors = zip([*self.inputs, *self.captured], [*values, *captured], strict=True)
        return evaluate(self.outputs, Environment({t.key: value for t, value in tensors}), run)


def _flat(result: Any) -> list[Tensor]:
    if isinstance(result, Tensor):
        return [result]
    flat: list[Tensor] = []
    for item in result:
        flat.extend(_flat(item))
    return flat
