"""Warnings of `Model.compile` about models that will train, but not to what was meant."""

import warnings
from collections.abc import Iterable, Iterator
from typing import Any

from .. import activations
from .._base.callers import levels_to_caller


def warn_of_single_softmax(model: Any) -> None:
    """Warns of a softmax over one unit, whose output is always 1 and whose gradient is always 0."""
    names = [layer.name for layer, function in _activations(model) if function is activations.softmax]
    if names:
        warnings.warn(
            f"compile: layer {names[0]!r} applies softmax to one unit, so its output is always 1 and "
            "nothing before it learns. For two classes use Dense(1, activation='sigmoid') with "
            "loss='binary_crossentropy', or Dense(2, activation='softmax') with one-hot targets.",
            stacklevel=levels_to_caller(),
        )


def warn_of_frozen_parts(model: Any, frozen: Iterable[Any]) -> None:
    """Warns of layers that will be trained though a model that they belong to, too, has `trainable=False`.

    `trainable` of a model counts where the model is called as a layer. A model built on its `output` has its
    layers, not the model itself.

    Args:
        model: the model to compile.
        frozen: the other models with `trainable=False`.
    """
    trained = {id(layer) for layer in model.layers if layer.trainable_weights}
    inside = {id(layer) for layer in (model, *model.layers)}
    for other in frozen:
        names = [layer.name for layer in other.layers if id(layer) in trained]
        if names and id(other) not in inside:
            warnings.warn(
                f"compile: model {other.name!r} has trainable=False, but model {model.name!r} contains its "
                f"layers, such as {names[0]!r}, and not the model itself, so they are trained. To freeze "
                "them write: for layer in base.layers: layer.trainable = False. Or call the model as a "
                "layer: base(x).",
                stacklevel=levels_to_caller(),
            )


def _activations(model: Any) -> Iterator[tuple[Any, Any]]:
    """Yields (layer, activation) of the layers with one output unit, at any depth."""
    for layer in model.layers:
        inner = layer
        while hasattr(inner, "layer"):  # a wrapper, such as TimeDistributed
            inner = inner.layer
        if hasattr(inner, "layers_by_depth"):
            yield from _activations(inner)
            continue
        shapes = [shape for node in layer.inbound_nodes for shape in node.output_shapes]
        if any(len(shape) in (2, 3) and shape[-1] == 1 for shape in shapes):
            yield layer, getattr(inner, "activation", None)
