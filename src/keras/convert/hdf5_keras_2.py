"""HDF5 of Keras 2.3 on TensorFlow."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from .._files import hdf5_format
from ..engine.files.saving import training_config
from .keras_2_arrays import keras_2_arrays
from .keras_2_config import model_as_2x
from .lost import Lost

_VERSION, _BACKEND = "2.3.1", "tensorflow"
_Named = list[tuple[str, np.ndarray]]


def lost(model: Any) -> list[Lost]:
    """Returns what the format cannot hold."""
    return [*model_as_2x(model).lost, *state_lost(model)]


def state_lost(model: Any) -> list[Lost]:
    """Returns the optimizer's state, whose arrays each generation of Keras orders in its own way."""
    optimizer = getattr(model, "optimizer", None)
    if optimizer is None or not getattr(optimizer, "weights", None):
        return []
    return [Lost(f"the state of the optimizer, {type(optimizer).__name__}", blocks=False)]


def write(model: Any, path: str) -> None:
    """Writes a model."""
    entry = model_as_2x(model).entry
    training = training_config(model) if hasattr(model, "optimizer") else None
    if training is not None:
        training.pop("trained_weights", None)
    with hdf5_format.open_for_writing(path) as file:
        hdf5_format.write_model_parts(file, entry, _layers(model), training, (), keras_version=_VERSION)
        for group in (file, file["model_weights"]):
            group.attrs["keras_version"] = _VERSION.encode()
            group.attrs["backend"] = _BACKEND.encode()


def _layers(model: Any) -> Iterator[tuple[str, _Named]]:
    for layer in dict.fromkeys(model.layers):
        trained, fixed = _split(layer)
        yield layer.name, [*trained, *fixed]


def _split(layer: Any) -> tuple[_Named, _Named]:
    """Returns the arrays of a layer that are trained, and the others; a model lists the former first."""
    inside = list(dict.fromkeys(layer._inner_layers()))
    if inside:
        parts = [_split(inner) for inner in inside]
        return [a for part in parts for a in part[0]], [a for part in parts for a in part[1]]
    arrays = [(f"{layer.name}/{name}:0", array) for name, array in keras_2_arrays(layer)]
    if not layer.trainable:
        return [], arrays
    fixed = len(layer._non_trainable_weights)
    cut = len(arrays) - fixed
    return arrays[:cut], arrays[cut:]
