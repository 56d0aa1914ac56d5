"""The weights of a model as arrays named "layer/weight", for formats that are tables of arrays."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from .. import backend as K
from .._inspect.contents import Arrays
from ..engine.files.weights import named_weights, same_kind


def named_arrays(model: Any) -> dict[str, np.ndarray]:
    """Returns the weights by name, in the order of the model: {"dense_1/dense_1_W": array}."""
    return {
        f"{layer}/{weight.removesuffix(':0')}": np.asarray(value)
        for layer, weights in named_weights(model)
        for weight, value in weights
    }


def assign_by_name(model: Any, layers: list[tuple[str, Arrays]], source: str) -> None:
    """Sets the weights of a model to arrays of the same names, or, layer by layer, in the same order.

    Args:
        model: a built model.
        layers: list of (layer name, list of (weight name, array)).
        source: the file, for messages.

    Raises:
        ValueError: names or shapes differ. No weight is changed then.
    """
    found = {name: arrays for name, arrays in layers if arrays}
    own = list(_variables(model))
    names = [name for name, _ in own]
    if set(found) != set(names):
        raise ValueError(
            f"{source} does not fit the model: it has arrays for {', '.join(found)}; the layers of the model "
            f"with weights are {', '.join(names)}."
        )
    pairs = []
    for name, variables in own:
        arrays = dict(found[name])
        if set(arrays) != {weight for weight, _ in variables}:
            arrays = dict(zip((weight for weight, _ in variables), arrays.values(), strict=False))
        for weight, variable in variables:
            array: Any = arrays.get(weight)
            if array is None or array.shape != variable.shape or not same_kind(variable, array):
                has = "none" if array is None else f"{array.dtype} {array.shape}"
                raise ValueError(
                    f"{source} does not fit the model: layer {name!r} wants {weight!r} as {variable.dtype} "
                    f"{variable.shape}; the file has {has}."
                )
            pairs.append((variable, array.read()))
    K.batch_set_value(pairs)


def _variables(model: Any) -> Iterator[tuple[str, list[tuple[str, Any]]]]:
    layers = list(dict.fromkeys(getattr(model, "flattened_layers", None) or model.layers))
    for layer, (name, weights) in zip(layers, named_weights(model), strict=True):
        if weights:
            names = [weight.removesuffix(":0") for weight, _ in weights]
            yield name, list(zip(names, layer.weights, strict=True))
