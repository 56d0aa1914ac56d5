"""Models in the other image ordering, and kernels from Theano.

Keras 1 keeps a kernel in the order of its layer, so converting a model moves axes in three places: kernels,
the axis of what normalizes or concatenates channels, and the rows of the `Dense` after a `Flatten`, whose
pixels come in another order.
"""

import copy
import json
from typing import Any

import numpy as np

from .. import backend as K
from .._base.types import Config
from .._tools.conversion import convert_all_kernels_in_model, convert_dense_weights_data_format
from ..engine.container import Container
from ..engine.files.registry import layer_from_config
from ..layers import Dense
from .lost import Lost

#: Layers that treat all axes alike, or only that of the samples.
_ANY_AXES = frozenset(
    "Activation Dropout GaussianNoise GaussianDropout LeakyReLU ELU ThresholdedReLU ActivityRegularization "
    "InputLayer".split()
)


def rotate_kernels(model: Any) -> list[str]:
    """Rotates the kernels of all convolutions in place, models inside included; returns notes."""
    names = []
    stack, seen = [model], set()
    while stack:
        layer = stack.pop()
        if id(layer) in seen:
            continue
        seen.add(id(layer))
        stack += layer._inner_layers()[::-1]
        if isinstance(layer, Container):
            convert_all_kernels_in_model(layer)
            names += [inner.name for inner in layer.layers if "Conv" in type(inner).__name__]
    return [f"kernels rotated by 180 degrees: {', '.join(names)}"] if names else []


def in_ordering(model: Any, ordering: str) -> tuple[Any, list[str], list[Lost]]:
    """Returns (a model of the same predictions in an image ordering, notes, what stands in the way).

    Args:
        model: a built model, whose layers of images have one ordering.
        ordering: "th" (channels first) or "tf" (channels last).
    """
    config = {"class_name": type(model).__name__, "config": copy.deepcopy(model.get_config())}
    leaves = [layer for layer in model.layers if getattr(layer, "dim_ordering", ordering) != ordering]
    if not leaves:
        return model, [f"its layers have the ordering {ordering!r} already"], []
    found = [lost for layer in model.layers if (lost := _obstacle(layer)) is not None]
    if found:
        return model, [], found
    _turn_config(config["config"], model, ordering)
    turned = layer_from_config(json.loads(json.dumps(config)))
    if not turned.built:
        turned.build(None)
    notes = []
    for old, new in zip(model.layers, turned.layers, strict=True):
        K.batch_set_value(zip(new.weights, _turned_weights(old, ordering), strict=True))
        note = _turn_dense(old, new, ordering)
        notes += [note] if note else []
    _keep_training(model, turned)
    return turned, notes, []


def _is_image(shape: Any) -> bool:
    return isinstance(shape, tuple) and len(shape) in (4, 5)


def _shape_before(layer: Any) -> Any:
    try:
        return layer.input_shape
    except (AttributeError, ValueError):
        return None


def _obstacle(layer: Any) -> Lost | None:
    """Returns why a layer cannot be turned, or None."""
    who, kind = f"layer {layer.name!r} ({type(layer).__name__})", type(layer).__name__
    before = _shape_before(layer)
    if layer._inner_layers():
        return Lost(f"{who} holds other layers, whose image ordering is not converted")
    if kind in _ANY_AXES or hasattr(layer, "dim_ordering") or kind in ("Flatten", "BatchNormalization"):
        if kind == "Flatten" and not any(_dense_after(layer)):
            return Lost(f"{who} is not followed by a Dense, whose weights could take the other order")
        return None
    if kind == "Merge" and layer.mode in ("sum", "mul", "ave", "max", "concat"):
        return None
    images = before if isinstance(before, list) else [before]
    if any(map(_is_image, images)):
        return Lost(f"{who} works on the axes of an image in a way that is not converted")
    return None


def _turn_config(config: Any, model: Any, ordering: str) -> None:
    entries = config if isinstance(config, list) else config["layers"]
    layers = {layer.name: layer for layer in model.layers}
    for entry in entries:
        options = entry["config"]
        layer = layers[options["name"]]
        if "dim_ordering" in options:
            options["dim_ordering"] = ordering
        if options.get("batch_input_shape") and _is_image(tuple(options["batch_input_shape"])):
            options["batch_input_shape"] = list(_turned_shape(options["batch_input_shape"], ordering))
        before = _shape_before(layer)
        rank = len((before[0] if isinstance(before, list) else before) or ())
        if rank in (4, 5):
            for key in ("axis", "concat_axis"):
                if key in options and entry["class_name"] in ("BatchNormalization", "Merge"):
                    options[key] = _turned_axis(options[key], rank, ordering)


def _turned_shape(shape: Any, ordering: str) -> tuple[Any, ...]:
    samples, *sizes = shape
    return (samples, sizes[-1], *sizes[:-1]) if ordering == "th" else (samples, *sizes[1:], sizes[0])


def _turned_axis(axis: int, rank: int, ordering: str) -> int:
    order = list(_turned_shape(range(rank), ordering))
    return order.index(axis % rank)


def _turned_weights(layer: Any, ordering: str) -> list[np.ndarray]:
    arrays = layer.get_weights()
    if getattr(layer, "dim_ordering", ordering) == ordering:
        return arrays
    return [_turned_kernel(array, ordering) if array.ndim > 3 else array for array in arrays]


def _turned_kernel(kernel: np.ndarray, ordering: str) -> np.ndarray:
    space = kernel.ndim - 2
    if ordering == "tf":  # (outputs, inputs, *sizes) -> (*sizes, inputs, outputs)
        return kernel.transpose(*range(2, kernel.ndim), 1, 0)
    return kernel.transpose(space + 1, space, *range(space))


def _dense_after(flatten: Any) -> list[bool]:
    """Whether each layer after a Flatten is a Dense, or passes numbers on as they are to one."""
    found = []
    for node in flatten.outbound_nodes:
        layer = node.outbound_layer
        if isinstance(layer, Dense):
            found.append(True)
        elif type(layer).__name__ in _ANY_AXES:
            found += _dense_after(layer)
        else:
            found.append(False)
    return [all(found)] if found else [False]


def _turn_dense(old: Any, new: Any, ordering: str) -> str | None:
    """Reorders the rows of a Dense after a Flatten of images; returns a note."""
    flatten = _flatten_before(old)
    if not isinstance(old, Dense) or flatten is None:
        return None
    shape = flatten.input_shape[1:]
    if len(shape) != 3:
        return None
    before = _turned_shape((None, *shape), ordering)[1:]
    convert_dense_weights_data_format(new, before, "th" if ordering == "th" else "tf")
    return f"rows of {old.name!r} reordered for feature maps {before}"


def _flatten_before(layer: Any) -> Any:
    while layer.inbound_nodes and layer.inbound_nodes[0].inbound_layers:
        layer = layer.inbound_nodes[0].inbound_layers[0]
        if type(layer).__name__ == "Flatten":
            return layer
        if type(layer).__name__ not in _ANY_AXES:
            return None
    return None


def _keep_training(old: Any, new: Any) -> None:
    if hasattr(old, "optimizer"):
        options: Config = {name: getattr(old, name) for name in ("loss", "metrics", "loss_weights")}
        new.compile(old.optimizer.from_config(old.optimizer.get_config()), **options)
