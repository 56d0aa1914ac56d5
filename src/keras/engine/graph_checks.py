"""Checks of a container's inputs, outputs and layers, and the names of its outputs."""

import warnings
from collections.abc import Iterable, Sequence
from typing import Any

from .. import backend as K
from .._base.callers import levels_to_caller
from .._graph import Tensor
from .graph_map import GraphMap
from .layer import Layer, ensure_keras_history


def check_inputs(name: str, given: Any) -> list[Any]:
    """Returns the inputs of a model as a list.

    Args:
        name: str, the model's name for messages.
        given: tensor, or list of tensors.
    Raises:
        TypeError: one is not a tensor.
        ValueError: there is none, or one is not from `Input`, or is listed twice.
    """
    tensors = list(given) if isinstance(given, list | tuple) else [given]
    if not tensors:
        raise ValueError(f"Model {name!r}: the list of inputs is empty.")
    for place, tensor in enumerate(tensors):
        _check_tensor(name, "input", place, tensor)
        if not K.is_keras_tensor(tensor):
            raise ValueError(
                f"Model {name!r}: input {place} is {tensor!r}, which does not come from Input(); make it "
                "with Input(shape=...), or Input(tensor=...)."
            )
        if any(tensor is other for other in tensors[:place]):
            raise ValueError(f"Model {name!r}: input {tensor.name!r} is listed twice.")
        layer, node_index, _ = tensor._keras_history
        if layer.inbound_nodes[node_index].inbound_layers:
            warnings.warn(
                f"Model {name!r}: input {place} comes from layer {layer.name!r} and not from Input(); the "
                "model can be run, but not saved.",
                stacklevel=levels_to_caller(),
            )
    return tensors


def check_outputs(name: str, given: Any) -> list[Any]:
    """Returns the outputs of a model as a list, each an output of a layer.

    Args:
        name: str, the model's name for messages.
        given: tensor, or list of tensors.
    Raises:
        TypeError: one is not a tensor.
        ValueError: there is none, or one is not computed from an `Input`.
    """
    tensors = list(given) if isinstance(given, list | tuple) else [given]
    if not tensors:
        raise ValueError(f"Model {name!r}: the list of outputs is empty.")
    for place, tensor in enumerate(tensors):
        _check_tensor(name, "output", place, tensor)
    ensure_keras_history(tensors)
    for place, tensor in enumerate(tensors):
        if not K.is_keras_tensor(tensor):
            raise ValueError(
                f"Model {name!r}: output {place} is {tensor!r}, which is not computed from any Input."
            )
    return tensors


def _check_tensor(name: str, kind: str, place: int, tensor: Any) -> None:
    if not isinstance(tensor, Tensor):
        raise TypeError(
            f"Model {name!r}: {kind} {place} is {type(tensor).__name__} {str(tensor)[:60]!r}; wanted a "
            "tensor, such as Input(shape=...) or a layer returns."
        )


def check_names(layers: Iterable[Layer]) -> None:
    """Checks that no two layers have the same name.

    Raises:
        ValueError: naming both layers.
    """
    by_name: dict[str, Layer] = {}
    for layer in layers:
        other = by_name.setdefault(layer.name, layer)
        if other is not layer:
            raise ValueError(
                f"The name {layer.name!r} is used 2 times in the model, by {other!r} with output shape "
                f"{other.get_output_shape_at(0)} and {layer!r} with output shape "
                f"{layer.get_output_shape_at(0)}. All layer names should be unique: pass name=..."
            )


def warn_unused(name: str, graph: GraphMap, inputs: Iterable[Any], outputs: Iterable[Tensor]) -> None:
    """Warns of inputs that no output is computed from.

    Args:
        name: str, the model's name for messages.
        graph: `GraphMap` of the model.
        inputs, outputs: lists of tensors.
    """
    used = {tensor.key for node in graph.nodes for tensor in node.input_tensors if node.inbound_layers}
    used.update(tensor.key for tensor in outputs)
    for tensor in inputs:
        if tensor.key not in used:
            warnings.warn(
                f"Model {name!r}: input {tensor._keras_history[0].name!r} is not used by any output.",
                stacklevel=levels_to_caller(),
            )


def unique_names(names: Sequence[str]) -> list[str]:
    """Returns the names of outputs; those of a layer with several are numbered from the second on."""
    unique: list[str] = []
    for name in names:
        count = sum(1 for other in unique if other == name or other.rsplit("_", 1)[0] == name)
        unique.append(f"{name}_{count + 1}" if name in unique else name)
    return unique
