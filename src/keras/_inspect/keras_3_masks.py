"""Masks in configs of Keras 3, which are operations of their own there, and come with the tensors here."""

from typing import Any

from .._base.types import Config

#: Arguments of a call that are masks.
MASKS = ("mask", "query_mask", "value_mask", "key_mask")
_MASK_OPERATIONS = ("NotEqual", "Any", "LogicalOr", "LogicalAnd")


def without_masks(layers: list[Config]) -> list[Config]:
    """Removes the operations with which Keras 3 writes masks: here the tensors bring them along.

    Only masks that Embedding and Masking make are known: of steps whose number is not 0, or whose features
    are not all `mask_value`.

    Args:
        layers: the entries of a Functional or Sequential.

    Raises:
        ValueError: a layer gets another mask.
    """
    operations: dict[str, Config] = {
        str(layer.get("name")): layer
        for layer in layers
        if layer.get("class_name") in _MASK_OPERATIONS
        and str(layer.get("module")).startswith("keras.src.ops")
    }
    used = {name for layer in layers for name in _masks_of(layer) if name in operations}
    if not used:
        return layers
    made = {name: _made_by(name, operations) for name in used}
    allowed = [_mask_of(layer) for layer in layers]
    for name, mask in made.items():
        if mask not in allowed:
            raise ValueError(
                f"Layer {name!r} ({operations[name]['class_name']}) makes a mask that is not that of an "
                "Embedding or a Masking; only these are read."
            )
    needed, stack = set(), list(used)
    while stack:
        name = stack.pop()
        if name in operations and name not in needed:
            needed.add(name)
            stack += [source[0] for source in _sources(operations[name])]
    return [layer for layer in layers if layer.get("name") not in needed]


def _masks_of(layer: Config) -> list[str]:
    """Returns the names of the layers that make the masks of a layer's calls."""
    calls = layer.get("inbound_nodes") or []
    masks = [call["kwargs"].get(name) for call in calls if isinstance(call, dict) for name in MASKS]
    flat = [item for mask in masks for item in (mask if isinstance(mask, list) else [mask])]
    return [item["config"]["keras_history"][0] for item in flat if isinstance(item, dict)]


def _sources(layer: Config) -> list[Any]:
    """Returns the places of the tensors in the first call of a layer, and other values as they are."""
    calls = layer.get("inbound_nodes") or []
    args = calls[0].get("args", []) if calls and isinstance(calls[0], dict) else []
    args = args[0] if len(args) == 1 and isinstance(args[0], list) else args
    return [
        tuple(item["config"]["keras_history"]) if isinstance(item, dict) and "config" in item else (item,)
        for item in args
    ]


def _made_by(name: str, operations: dict[str, Config]) -> Any:
    """Returns (place of a tensor, value): the mask is where the tensor is not the value; or None."""
    operation = operations.get(name)
    if operation is None:
        return None
    sources = _sources(operation)
    if operation["class_name"] == "NotEqual":
        return (sources[0], sources[1][0]) if len(sources) == 2 and len(sources[1]) == 1 else None
    inner = {_made_by(source[0], operations) for source in sources}
    return inner.pop() if len(inner) == 1 else None


def _mask_of(layer: Config) -> Any:
    """Returns the same for the mask that a layer makes."""
    config, sources = layer.get("config", {}), _sources(layer)
    if layer.get("class_name") == "Embedding" and config.get("mask_zero") and sources:
        return (sources[0], 0)
    if layer.get("class_name") == "Masking" and sources:
        return (sources[0], config.get("mask_value", 0.0))
    return False
