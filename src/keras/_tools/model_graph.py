"""The layers and connections of a model, as a diagram shows them."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from .. import backend as K
from ..engine.container import Container
from ..engine.layer import Layer
from ..engine.node import Node
from ..layers import Wrapper

_MAX_ROWS = 6


def built_container(model: Any) -> Container:
    """Returns a model, built if it was not.

    Raises:
        TypeError: `model` is not a model.
    """
    if not isinstance(model, Container):
        raise TypeError(f"plot: wanted a Model or Sequential; got {type(model).__name__}: {model!r}.")
    if not model.built:
        model.build(None)
    return model


def nodes_of(model: Container) -> list[Node]:
    """Returns the layer calls of a model, each after those that it depends on."""
    return [node for depth in sorted(model.nodes_by_depth)[::-1] for node in model.nodes_by_depth[depth]]


def layers_of(nodes: Sequence[Node]) -> list[Layer]:
    """Returns the layers that were called, each once."""
    return list(dict.fromkeys(node.outbound_layer for node in nodes))


def edges_of(nodes: Sequence[Node]) -> list[tuple[Layer, Layer]]:
    """Returns pairs (layer, layer that takes one of its outputs), each once."""
    pairs = [
        (tensor._keras_history[0], node.outbound_layer)
        for node in nodes
        if node.inbound_layers
        for tensor in node.input_tensors
    ]
    return list(dict.fromkeys(pairs))


def names_of(layer: Layer) -> tuple[str, str]:
    """Returns the displayed (name, class name) of a layer; those of a wrapper include the wrapped layer."""
    if isinstance(layer, Wrapper):
        return (
            f"{layer.name}({layer.layer.name})",
            f"{type(layer).__name__}({type(layer.layer).__name__})",
        )
    return layer.name, type(layer).__name__


def shapes_of(layer: Layer, nodes: Sequence[Node], which: str) -> list[str]:
    """Returns the shapes of a layer's inputs or outputs as text: "(None, 8)", "2 x (None, 8)".

    Args:
        layer: the layer.
        nodes: the layer calls of the model.
        which: "input" or "output".
    """
    calls = [getattr(node, f"{which}_shapes") for node in nodes if node.outbound_layer is layer]
    same = all(list(map(tuple, call)) == list(map(tuple, calls[0])) for call in calls)
    shapes = calls[0] if same else dict.fromkeys(tuple(shape) for call in calls for shape in call)
    counts = Counter(tuple(shape) for shape in shapes)
    rows = [f"{count} x {shape}" if count > 1 else str(shape) for shape, count in counts.items()]
    if len(rows) > _MAX_ROWS:
        rows[_MAX_ROWS - 1 :] = [f"and {len(rows) - _MAX_ROWS + 1} more"]
    return rows


def notes_of(layer: Layer, nodes: Sequence[Node]) -> list[str]:
    """Returns what there is to say about a layer, as lines: its name, its shapes, its parameters."""
    name, class_name = names_of(layer)
    count = layer.count_params()
    trainable = sum(K.count_params(weight) for weight in layer.trainable_weights)
    lines = [f"{name} ({class_name})"]
    for which, label in (("input", "in"), ("output", "out")):
        lines += [f"{label} {row}" for row in shapes_of(layer, nodes, which)]
    if count:
        frozen = "" if trainable == count else ", frozen" if not trainable else f", {trainable:,} trainable"
        lines.append(f"{count:,} parameters{frozen}")
    return lines


def inner_model(layer: Layer) -> Container | None:
    """Returns the model that a layer is or wraps, or None."""
    inner = layer.layer if isinstance(layer, Wrapper) else layer
    return inner if isinstance(inner, Container) else None
