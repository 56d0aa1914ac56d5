"""Translates the nodes of a graph: each by the rule of its op, or by its value if that is known."""

import itertools
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import jax
import numpy as np

from ..._graph import Node, Tensor, Variable, phase
from ..._graph.evaluate import Environment
from ..._graph.tensor import Key
from ..._graph.walk import ancestors
from ..program import TEST, Program
from .convolution import CONVOLUTION
from .elementwise import ELEMENTWISE
from .graph import CannotExport, Graph, Value
from .linalg import LINALG
from .loops import LOOPS, Loop
from .random import RANDOM
from .recurrent import RECURRENT
from .reductions import REDUCTIONS
from .shapes import SHAPES

#: "module.op" -> rule. A rule takes the graph and the arguments of the op, with a `Value` for each tensor,
#: and returns what the op returns. That of a loop takes a `Loop`, too.
RULES: dict[str, Callable[..., Any]] = {
    **ELEMENTWISE,
    **REDUCTIONS,
    **SHAPES,
    **LINALG,
    **CONVOLUTION,
    **RECURRENT,
    **RANDOM,
    **LOOPS,
}
_PACKAGE = __name__.split(".")[0] + "."


def graph_of(program: Program) -> Graph:
    """The ONNX graph of a program.

    Raises:
        CannotExport: ops have no rule; the message lists them.
    """
    missing = _without_rule(program.outputs)
    if missing:
        raise CannotExport(
            f"Model {program.name!r} cannot be exported to ONNX: no rule for {', '.join(missing)}. Replace "
            'them by layers or functions of K, or export with format="stablehlo", which holds any op.'
        )
    graph = Graph()
    values = {
        tensor.key: graph.input(name, tensor.dtype, tensor.shape)
        for name, tensor in zip(program.input_names, program.inputs, strict=True)
    }
    results = Translator(graph, values).values_of(program.outputs)
    graph.outputs = [
        _named(graph, value, name) for value, name in zip(results, program.output_names, strict=True)
    ]
    graph.prune()
    return graph


def _named(graph: Graph, value: Value, name: str) -> Value:
    """The value under the name of an output: that of its step is changed, unless it is known elsewhere."""
    old, new = graph.name_of(value), graph.unique(name, scoped=False)
    step = next((step for step in graph.steps if old in step.outputs), None)
    if step is None or old in (graph.name_of(output) for output in graph.outputs):
        result = graph.node("Identity", value)
        assert result.step is not None
        result.shape = value.shape
        step, old, value = result.step, result.name or "", result
    step.outputs = [new if output == old else output for output in step.outputs]
    graph.rename(old, new)
    value.name = new
    return value


def rule_key(node: Node) -> str:
    """What the rule of a node is listed under: "module.op", without the name of this package."""
    rule: Any = node.rule
    rule = rule if hasattr(rule, "__qualname__") else type(rule)
    module = str(getattr(rule, "__module__", ""))
    name = node.facts.saved_as or rule.__qualname__
    return f"{module.removeprefix(_PACKAGE) if module.startswith(_PACKAGE) else ':' + module}.{name}"


def _without_rule(outputs: Sequence[Tensor], known: Sequence[Tensor] = ()) -> list[str]:
    """The ops of a graph that have no rule, each with the layers that use it."""
    environment = Environment(TEST)
    given = {tensor.key for tensor in known}
    fixed: set[Node] = set()
    found: dict[str, None] = {}
    for node in ancestors(outputs, given, environment.reads):
        reads = environment.reads(node)
        is_known = all(t.node in fixed and t.key not in given for t in reads) and node.seed is None
        if is_known and (reads or node.facts.of_shapes or _is_variable(node) or node is phase.node):
            fixed.add(node)
        elif not node.is_leaf and not node.facts.by_phase and rule_key(node) not in RULES:
            found[f"{node.name}{f' ({node.owner})' if node.owner else ''}"] = None
        if node.body is not None and node not in fixed:
            body: Any = node.body
            found.update(dict.fromkeys(_without_rule(body.outputs, [*body.inputs, *body.captured])))
    return list(found)


def _is_variable(node: Node) -> bool:
    """Whether a leaf is that of a variable."""
    return node.is_leaf and node.name == "variable"


class Translator:
    """Adds the nodes of a graph to an ONNX graph.

    Args:
        graph: `Graph` to add to.
        values: dict (node, index) -> `Value` of the tensors that are given.
    """

    def __init__(self, graph: Graph, values: dict[Key, Value]) -> None:
        self.graph = graph
        self.environment = Environment(TEST)
        self.values = {**values, phase.key: graph.known(np.int32(0))}

    def values_of(self, targets: Sequence[Tensor]) -> list[Value]:
        """The values of tensors, after adding what computes them."""
        nodes = ancestors(targets, self.values, self.environment.reads)
        reads = [tensor for node in nodes for tensor in self.environment.reads(node)]
        tensors = {tensor.key: tensor for tensor in [*targets, *reads]}
        uses = Counter(tensor.key for tensor in [*targets, *reads])
        for node in nodes:
            outputs = [tensors.get((node, index)) for index in range(node.count)]
            for index, (tensor, value) in enumerate(
                zip(outputs, self._translated(node, outputs), strict=True)
            ):
                if tensor is not None and value is not None:
                    self.values[node, index] = self._described(value, tensor, uses[tensor.key])
        return [self.values[tensor.key] for tensor in targets]

    def _described(self, value: Value, tensor: Tensor, uses: int) -> Value:
        value.uses = max(value.uses, uses)  # the same value may be that of several tensors
        if value.array is None:
            value.shape = tensor.shape
            if value.base is not None and len(value.order) == len(tensor.shape):
                value.base.shape = tuple(tensor.shape[axis] for axis in np.argsort(value.order))
        return value

    def _translated(self, node: Node, outputs: Sequence[Tensor | None]) -> list[Any]:
        if node.is_leaf:
            return [self._leaf(tensor) for tensor in outputs]
        known = [self._static(tensor) for tensor in outputs]
        if None not in known:
            return known
        inputs = [self.values.get(tensor.key) for tensor in node.inputs]
        if node.facts.by_phase:
            args, _ = node.fill(inputs)
            return [args[1] if _number(args[0]) else args[2]]
        read = [value for value in inputs if value is not None]
        if node.seed is None and node.body is None and all(value.array is not None for value in read):
            arrays = [None if value is None else value.array for value in inputs]
            args, kwargs = node.fill(arrays)
            with jax.ensure_compile_time_eval():
                results = jax.tree.leaves(node.rule(*args, **kwargs))  # type: ignore[misc]
            labels = [value.label or "" for value in read if value.rank]
            return [self.graph.known(result, _in_common(labels)) for result in results]
        with self.graph.scoped(scope_of(node)):
            return self._by_rule(node, inputs, outputs)

    def _by_rule(
        self, node: Node, inputs: Sequence[Value | None], outputs: Sequence[Tensor | None]
    ) -> list[Any]:
        given = [self._in_type(value, node, outputs) for value in inputs]
        args, kwargs = node.fill(given)
        more: tuple[Any, ...] = () if node.body is None else (Loop(node, outputs, Translator),)
        try:
            result = RULES[rule_key(node)](self.graph, *more, *args, **kwargs)
        except CannotExport as error:
            raise CannotExport(
                f"{node.owner or 'The model'}: {node.name} has no form in ONNX: {error}"
            ) from None
        results = list(result) if isinstance(result, list | tuple) else [result]
        typed = zip(results, outputs, strict=True)
        return [value if t is None else self.graph.cast(value, t.dtype) for value, t in typed]

    def _in_type(self, value: Value | None, node: Node, outputs: Sequence[Tensor | None]) -> Value | None:
        """The input in the type in which the op computes in mixed precision."""
        wanted = next((np.dtype(tensor.dtype) for tensor in outputs if tensor is not None), None)
        if value is None or wanted is None or node.facts.precision is None:
            return value
        floats = [np.dtype(dtype).kind in "fV" for dtype in (wanted, value.dtype)]
        return self.graph.cast(value, wanted) if all(floats) else value

    def _leaf(self, tensor: Tensor | None) -> Value | None:
        if isinstance(tensor, Variable):
            value = tensor.value.todense() if tensor.sparse else tensor.get_value()
            return self.graph.known(value, tensor.name)
        return None

    def _static(self, tensor: Tensor | None) -> Value | None:
        """The value of a tensor of sizes, if all of them are known."""
        static = None if tensor is None else tensor.static
        if (
            tensor is None
            or static is None
            or tensor.node.uses_phase
            or not all(isinstance(entry, int | float) for entry in static.entries)
        ):
            return None
        return self.graph.known(static.at({}))


def _in_common(labels: Sequence[str]) -> str | None:
    """What labels begin with, such as lstm_1_W for those of all its gates; None if that is nothing."""
    columns = itertools.takewhile(lambda letters: len(set(letters)) == 1, zip(*labels, strict=False))
    return "".join(letters[0] for letters in columns).rstrip("_") or None


def _number(value: Any) -> int:
    number: Any = value.array if isinstance(value, Value) else value
    return int(number)


def scope_of(node: Node) -> str:
    """The name of the layer in whose call the node was made; "" outside of all layers."""
    owner = node.owner or ""
    return owner.partition(" ")[2][1:-1].replace("/", "_")
