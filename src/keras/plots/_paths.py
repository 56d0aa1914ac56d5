"""Tensors inside models inside models, by paths such as "vgg[1]/conv5"."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from .._graph import Tensor
from ..engine.container import Container
from ..engine.layer import Layer
from ..engine.node import Node
from ..engine.summary import model_inside


def traced(
    model: Container, inputs: Sequence[Tensor], path: str, masks: Sequence[Any] | None = None
) -> tuple[list[Tensor], Tensor, Layer]:
    """Applies a model to tensors, and also returns a tensor on the way.

    Args:
        model: the model.
        inputs: list of tensors in place of its inputs.
        path: the layer whose output is wanted. "a/b" is layer b of the model a inside; "a[1]" is the call
            number 1 of a, counted as `a.get_output_at` and `summary` count.
        masks: list of the masks of the inputs, or None.

    Returns:
        (outputs, the tensor, its layer). The outputs are computed from that tensor, so they have gradients.

    Raises:
        ValueError: there is no such call, or the path leaves open which of several is meant.
    """
    masks = masks or [None] * len(inputs)
    values = dict(zip((t.key for t in model.inputs), zip(inputs, masks, strict=True), strict=True))
    wanted, rest = _call_named(model, path)
    found: tuple[Tensor, Layer] | None = None
    for node in model._graph.nodes:
        if node.inbound_layers and node is wanted and rest:
            inside: Any = node.outbound_layer
            given = [values[tensor.key] for tensor in node.input_tensors]
            outputs, *found = traced(inside, [t for t, _ in given], rest, [m for _, m in given])  # pyright: ignore[reportAssignmentType]
            inner_masks = inside.inbound_nodes[0].output_masks
            known = [None] * len(outputs) if all(m is None for m in inner_masks) else node.output_masks
            values.update(
                (t.key, pair) for t, pair in zip(node.output_tensors, zip(outputs, known), strict=True)
            )
        elif node.inbound_layers:
            model._run_node(node, values, inputs)
        if node is wanted and not rest:
            found = values[node.output_tensors[0].key][0], node.outbound_layer
    assert found is not None
    return [values[tensor.key][0] for tensor in model.outputs], *found


def paths(model: Container, before: str = "") -> Iterator[tuple[str, Node]]:
    """Yields (path, node) for all calls of layers in a model and in models inside, in order."""
    for node in model._graph.nodes:
        layer = node.outbound_layer
        path = f"{before}{layer.name}[{layer.inbound_nodes.index(node)}]"
        if node.inbound_layers and isinstance(layer, Container):
            yield from paths(layer, f"{path}/")
        yield path, node


def path_of(model: Container, layer: str | Layer) -> str:
    """Returns the path of a layer of a model, or of a model inside.

    Raises:
        ValueError: it is not there.
    """
    if isinstance(layer, str):
        return layer
    found = [path for path, node in paths(model) if node.outbound_layer is layer]
    if not found:
        raise ValueError(f"{model.name}: {layer!r} is not a layer of the model, or is inside a wrapper.")
    if len(found) > 1:
        raise ValueError(f"{model.name}: {layer!r} is called several times. Name one: {', '.join(found)}.")
    return found[0]


def _call_named(model: Container, path: str) -> tuple[Node, str]:
    """Returns the call that a path begins with, and the rest of the path."""
    matches: list[tuple[Node, str, int]] = []
    for node in model._graph.nodes:
        layer = node.outbound_layer
        match = re.fullmatch(rf"{re.escape(layer.name)}(?:\[(\d+)\])?(?:/(.+))?", path)
        number = layer.inbound_nodes.index(node)
        if match and (match[1] is None or int(match[1]) == number):
            matches.append((node, match[2] or "", number))
    exact = [match for match in matches if not match[1]] or matches
    if not exact:
        calls = [
            f"{n.outbound_layer.name}[{n.outbound_layer.inbound_nodes.index(n)}]" for n in model._graph.nodes
        ]
        raise ValueError(f"{model.name}: nothing is at the path {path!r}. There are: {', '.join(calls)}.")
    if len(exact) > 1:
        calls = [f"{node.outbound_layer.name}[{number}]" for node, _, number in exact]
        raise ValueError(
            f"{model.name}: {path!r} may be several calls. Say which: {', '.join(calls)}, as in "
            f"{calls[0] + ('/' + exact[0][1] if exact[0][1] else '')!r}."
        )
    node, rest, _ = exact[0]
    if rest and not isinstance(node.outbound_layer, Container):
        layer = node.outbound_layer
        why = "runs its model many times" if model_inside(layer) else "has no layers inside"
        raise ValueError(f"{model.name}: the path {path!r} ends at {layer!r}, which {why}.")
    return node, rest
