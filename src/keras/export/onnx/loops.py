"""Rules of loops: the operators of recurrent layers, or a Scan over the graph of the loop's body."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from ..._graph import Node, Tensor
from .elementwise import switch
from .graph import CannotExport, Graph, Value
from .recurrent import as_operator


class Loop(NamedTuple):
    """What the rule of a loop knows besides its arguments.

    Attributes:
        node: the node of the loop, whose `body` is a `Subgraph`.
        outputs: the tensors that it returns; None for those that nothing reads.
        translator: the class that translates the body.
    """

    node: Node
    outputs: Sequence[Tensor | None]
    translator: Any


def rnn(
    g: Graph, loop: Loop, inputs: Value, states: Sequence[Value], mask: Value | None, captured: Sequence[Any]
) -> tuple[Value, ...]:
    rule: Any = loop.node.rule
    if mask is None:
        found = as_operator(g, rule.step_function, inputs, states, rule.go_backwards)
        if found is not None:
            return found
    body, graph = rule.body, Graph(outer=g)
    outer = _outer(g, body.captured, captured)
    own = [graph.input(g.unique("state"), s.dtype, s.shape or [None] * s.rank) for s in states]
    out = body.outputs[0]
    keeps_output = mask is not None and (
        rule.keeps_output or not states or body.outputs[1].shape != out.shape
    )
    initial = list(states)
    if keeps_output:
        initial.append(_zeros(g, inputs, out))
        own.append(graph.input(g.unique("output"), out.dtype, out.shape))
    x_t = graph.input(g.unique("input"), inputs.dtype, body.inputs[0].shape)
    sequences = [inputs]
    given = dict(zip([t.key for t in body.inputs], [x_t, *own[: len(states)]], strict=True))
    keep = None
    if mask is not None:
        sequences.append(g.cast(mask, bool))
        keep = graph.input(g.unique("mask"), bool, [None])
    output, *new = loop.translator(graph, {**outer, **given}).values_of(body.outputs)
    new = [graph.cast(value, state.dtype) for value, state in zip(new, states, strict=True)]
    if keep is not None:
        output = _kept(graph, keep, output, own[-1] if keeps_output else own[0])
        new = [_kept(graph, keep, value, state) for value, state in zip(new, own, strict=False)]
    carried = [*new, output] if keeps_output else new
    graph.outputs = [graph.node("Identity", value) for value in [*carried, output]]
    results = _scan(g, graph, initial, sequences, rule.go_backwards, axis=1)
    outputs = results[-1]
    outputs.rank = out.ndim + 1
    last = g.node("Gather", outputs, g.known(np.int64(-1)), rank=out.ndim, axis=1)
    return last, outputs, *results[: len(states)]


def _outer(g: Graph, tensors: Sequence[Tensor], values: Sequence[Any]) -> dict[Any, Value]:
    """The values from outside of a loop, under names that its body can read."""
    found = {}
    for tensor, value in zip(tensors, values, strict=True):
        if value is not None:  # else the body does not read it
            known = value.array is not None
            found[tensor.key] = (
                value if known else Value(g.name_of(value), value.dtype, value.rank, value.shape)
            )
    return found


def _scan(
    g: Graph, body: Graph, initial: Sequence[Value], sequences: Sequence[Value], backwards: bool, axis: int
) -> list[Value]:
    """The last states, then the outputs of all steps."""
    body.prune()
    count = len(body.outputs)
    return g.nodes(
        "Scan",
        *initial,
        *sequences,
        count=count,
        dtype=body.outputs[-1].dtype,
        rank=body.outputs[-1].rank,
        body=body,
        num_scan_inputs=len(sequences),
        scan_input_axes=[axis] * len(sequences),
        scan_output_axes=[axis] * (count - len(initial)) or None,
        scan_input_directions=[int(backwards)] * len(sequences) if backwards else None,
    )


def _zeros(g: Graph, inputs: Value, out: Tensor) -> Value:
    """Zeros in the shape of a step's output, (samples, ...)."""
    sizes = out.shape[1:]
    if None in sizes:
        raise CannotExport(f"the shape of a step's output, {out.shape}, is not known, and steps are masked")
    samples = g.node("Shape", inputs, dtype="int64", rank=1, start=0, end=1)
    shape = g.node("Concat", samples, g.vector(sizes), axis=0) if sizes else samples
    return g.node("ConstantOfShape", shape, dtype=out.dtype, rank=out.ndim, value=np.zeros(1, out.dtype))


def _kept(g: Graph, keep: Value, new: Value, old: Value) -> Value:
    """The new value of samples whose step is not masked, the old one of others."""
    axes = list(range(1, new.rank))
    where = g.node("Unsqueeze", keep, g.vector(axes), rank=new.rank) if axes else keep
    return switch(g, where, new, old)


LOOPS: dict[str, Callable[..., Any]] = {"backend.rnn._Loop": rnn}
