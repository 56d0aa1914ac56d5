"""Reads and writes the weights of models as groups of an HDF5 file.

Models are of a higher level than this module, so they are `Any` here.
"""

import os
import warnings
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from ... import backend as K
from ..._base.callers import levels_to_caller
from ..._base.types import FilePath
from ..._files import hdf5_format
from ..._files.hdf5_format import NamedArrays, StoredGroup, StoredLayers
from ..._files.overwrite import ask_to_proceed_with_overwrite
from .keras_2_weights import as_keras_1

if TYPE_CHECKING:
    import h5py

    from ..layer import Layer

_Axes: TypeAlias = tuple[int, ...]


def save_weights(model: Any, filepath: FilePath, overwrite: bool = True) -> None:
    """Writes the weights of a model to an HDF5 file."""
    if not may_write(filepath, overwrite):
        return
    with hdf5_format.open_for_writing(filepath) as file:
        write_weights(model, file)


def write_weights(model: Any, group: "h5py.Group") -> None:
    """Writes the weights of a model to an open HDF5 file or group."""
    hdf5_format.write_layers(group, named_weights(model))


def load_weights(model: Any, filepath: FilePath, by_name: bool = False) -> None:
    """Reads the weights of a model from an HDF5 file."""
    with hdf5_format.open_for_reading(filepath) as file:
        group = hdf5_format.weights_group(file)
        (read_weights_by_name if by_name else read_weights)(model, group)


def read_weights(model: Any, group: "StoredGroup | h5py.Group") -> None:
    """Reads weights from an open HDF5 file or group, layer by layer in order."""
    assign_in_order(model, hdf5_format.read_layers(group), hdf5_format.keras_2_backend(group))


def read_weights_by_name(model: Any, group: "StoredGroup | h5py.Group") -> None:
    """Reads weights from an open HDF5 file or group into the layers of the same names."""
    layers = {layer.name: layer for layer in _layers(model)}
    pairs = [(layers[name], stored) for name, stored in hdf5_format.read_layers(group) if name in layers]
    _assign(_in_our_layout(pairs, hdf5_format.keras_2_backend(group)), "The file's layers")


def may_write(filepath: FilePath, overwrite: bool) -> bool:
    """Whether a file may be written; asks the user if it exists and `overwrite` is False."""
    return overwrite or not os.path.exists(filepath) or ask_to_proceed_with_overwrite(filepath)


def named_weights(model: Any) -> "Iterator[tuple[str, list[tuple[str, np.ndarray]]]]":
    """Yields (layer name, [(weight name, array)]) for each layer, with names in the style of TensorFlow."""
    for layer in _layers(model):
        yield layer.name, named_values(layer.weights)


def named_values(variables: Iterable[Any]) -> list[tuple[str, np.ndarray]]:
    """Returns the names that variables have in files, and their values."""
    variables = list(variables)
    names = [f"{variable.name or f'param_{i}'}:0" for i, variable in enumerate(variables)]
    return list(zip(_distinct(names), K.batch_get_value(variables), strict=True))


def assign_in_order(model: Any, stored: StoredLayers, keras_2_backend: str | None) -> None:
    """Assigns stored weights to the layers of a model, one after the other.

    Args:
        model: a model.
        stored: the layers of the file.
        keras_2_backend: the backend of Keras 2 that wrote the file, or None for files of Keras 1.

    Raises:
        ValueError: the file does not fit the model. No weight is changed then.
    """
    stored = [(name, arrays) for name, arrays in stored if arrays]
    # Keras 2 does not flatten a Sequential at the beginning of another one.
    layers = [layer for layer in (model.layers if keras_2_backend else _layers(model)) if layer.weights]
    _check_layers(layers, stored)
    pairs = [(layer, arrays) for layer, (_, arrays) in zip(layers, stored, strict=True)]
    _assign(_in_our_layout(pairs, keras_2_backend), "The file")


def _check_layers(layers: "list[Layer]", stored: StoredLayers) -> None:
    """Raises ValueError if the file has a different number of layers, or the same layers in another order."""
    names, stored_names = [layer.name for layer in layers], [name for name, _ in stored]
    if len(stored) != len(layers):
        raise ValueError(
            f"You are trying to load a weight file containing {len(stored)} layers "
            f"({', '.join(stored_names[:8])}) into a model with {len(layers)} layers "
            f"({', '.join(names[:8])}). Pass by_name=True to load only those that both have."
        )
    if names != stored_names and sorted(names) == sorted(stored_names):
        place = next(i for i, name in enumerate(names) if name != stored_names[i])
        raise ValueError(
            f"The file has the layers of the model in another order: {stored_names[place]!r} where the model "
            f"has {names[place]!r}. Build the saved model, or pass by_name=True to load_weights."
        )


def _layers(model: Any) -> "list[Layer]":
    return getattr(model, "flattened_layers", None) or model.layers


def _distinct(names: Iterable[str]) -> Iterator[str]:
    """Yields the names, with a number added to each that occurred before; files need distinct ones."""
    seen: dict[str, int] = {}
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        yield name if seen[name] == 1 else f"{name[:-2]}_{seen[name] - 1}:0"


def _in_our_layout(
    pairs: "list[tuple[Layer, NamedArrays]]", keras_2_backend: str | None
) -> "list[tuple[Layer, NamedArrays]]":
    """Converts pairs of (layer, stored arrays) from the layout of Keras 2, if the file has it."""
    return as_keras_1(pairs, flipped=keras_2_backend == "theano") if keras_2_backend else pairs


def _assign(pairs: "list[tuple[Layer, NamedArrays]]", who: str) -> None:
    """Assigns stored arrays to the weights of layers, after comparing all shapes."""
    orders = _matching_axes(pairs, who)
    for (layer, arrays), axes in zip(pairs, orders, strict=True):
        values = [np.transpose(array.read(), order) for (_, array), order in zip(arrays, axes, strict=True)]
        K.batch_set_value(zip(layer.weights, values, strict=True))
        for (name, _), value in zip(arrays, values, strict=True):
            # If an element is not finite, the minimum or the maximum is not.
            if value.size and not np.isfinite([value.min(), value.max()]).all():
                warnings.warn(
                    f"{who} has NaN or infinity in {name!r} of layer {layer.name!r}: training had failed "
                    "when it was saved.",
                    stacklevel=levels_to_caller(),
                )


def _matching_axes(pairs: "list[tuple[Layer, NamedArrays]]", who: str) -> list[list[_Axes]]:
    """Returns the order in which to take the axes of each array, layer by layer.

    Raises:
        ValueError: an array does not fit in any order.
    """
    problems, orders = [], []
    for layer, arrays in pairs:
        wanted, found = [w.shape for w in layer.weights], [array.shape for _, array in arrays]
        axes = [_axes(layer, i, *shapes) for i, shapes in enumerate(zip(wanted, found, strict=False))]
        orders.append([order for order in axes if order is not None])
        if len(wanted) != len(found) or None in axes:
            problems.append(f"layer {layer.name!r} has {wanted}, the file has {found}")
    if problems:
        raise ValueError(f"{who} does not fit the model: {'; '.join(problems[:10])}.")
    return orders


def _axes(layer: "Layer", index: int, wanted: tuple[int, ...], found: tuple[int, ...]) -> _Axes | None:
    """Returns the order in which to take the axes of a stored array; None if it does not fit."""
    for axes in (tuple(range(len(found))), layer._former_axes.get(index)):
        if axes is not None and len(axes) == len(found) and tuple(found[axis] for axis in axes) == wanted:
            return axes
    return None
