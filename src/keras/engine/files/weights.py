"""Reads and writes the weights of models as groups of an HDF5 file.

Files list the weights of a layer in the order of Keras 1.2.2, which depends on what is frozen; they are
matched by name. Models are of a higher level than this module, so they are `Any` here.
"""

import contextlib
import os
import warnings
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from ... import backend as K
from ..._base.callers import levels_to_caller
from ..._base.types import FilePath
from ..._files import hdf5_format
from ..._files.formats import refuse_other_suffix
from ..._files.hdf5_format import NamedArrays, StoredArray, StoredGroup, StoredLayers
from ..._files.overwrite import ask_to_proceed_with_overwrite
from ...distributed import process_id
from ..weight_order import unfrozen_order
from .keras_2_weights import as_keras_1, keras_2_backend
from .places import errors_at
from .weight_names import matching_places

if TYPE_CHECKING:
    import h5py

    from ..._graph import Variable
    from ..layer import Layer

_Axes: TypeAlias = tuple[int, ...]
_Group: TypeAlias = "StoredGroup | h5py.Group"

#: Attribute with the names of a group's arrays in the order of `unfrozen_order`. Keras ignores it.
_UNFROZEN = "unfrozen_weight_names"


def save_weights(model: Any, filepath: FilePath, overwrite: bool = True) -> None:
    """Writes the weights of a model to an HDF5 file."""
    refuse_other_suffix(filepath, "save_weights")
    if not may_write(filepath, overwrite):
        return
    with new_file(filepath) as file:
        write_weights(model, file)


def new_file(filepath: FilePath) -> "contextlib.AbstractContextManager[h5py.File]":
    """Opens a new HDF5 file, see `hdf5_format.open_for_writing`.

    Of several processes, process 0 writes. The others do the same in memory, so that all take part in reading
    weights that are divided over them.
    """
    return hdf5_format.open_for_writing(filepath) if process_id() == 0 else hdf5_format.open_in_memory()


def write_weights(model: Any, group: "h5py.Group") -> None:
    """Writes the weights of a model to an open HDF5 file or group."""
    hdf5_format.write_layers(group, named_weights(model))
    write_order(model, group)


def write_order(model: Any, group: Any) -> None:
    """Adds, to the groups of the layers, the order that their weights have if nothing is frozen."""
    for layer in _layers(model):
        if layer._holders():
            names = _names(unfrozen_order(layer))
            hdf5_format.write_names(group[layer.name], _UNFROZEN, names)


def load_weights(model: Any, filepath: FilePath, by_name: bool = False) -> None:
    """Reads the weights of a model from an HDF5 file."""
    with hdf5_format.open_for_reading(filepath) as file, errors_at(os.fsdecode(filepath)):
        group = hdf5_format.weights_group(file)
        (read_weights_by_name if by_name else read_weights)(model, group)


def read_weights(model: Any, group: _Group) -> None:
    """Reads weights from an open HDF5 file or group, layer by layer in order."""
    assign_in_order(model, hdf5_format.read_layers(group), group)


def read_weights_by_name(model: Any, group: _Group) -> None:
    """Reads weights from an open HDF5 file or group into the layers of the same names."""
    layers = {layer.name: layer for layer in _layers(model)}
    found = hdf5_format.read_layers(group)
    stored = [(name, arrays) for name, arrays in found if name in layers]
    wanted, names = [layer.name for layer in layers.values() if layer.weights], [n for n, a in found if a]
    if wanted and names and not set(wanted) & set(names):
        raise ValueError(
            f"load_weights(by_name=True): no layer of the file has the name of a layer of model "
            f"{model.name!r}, so nothing would be loaded. The file has {', '.join(names[:8])}; the model has "
            f"{', '.join(wanted[:8])}. Give the layers these names, or load in order, without by_name."
        )
    _assign([layers[name] for name, _ in stored], stored, group, "The file's layers")


def may_write(filepath: FilePath, overwrite: bool) -> bool:
    """Whether a file may be written; asks the user if it exists and `overwrite` is False."""
    return overwrite or not os.path.exists(filepath) or ask_to_proceed_with_overwrite(filepath)


def named_weights(model: Any) -> Iterator[tuple[str, list[tuple[str, np.ndarray]]]]:
    """Yields (layer name, [(weight name, array)]) for each layer, with names in the style of TensorFlow."""
    for layer in _layers(model):
        variables = layer.weights
        if not layer._holders():
            yield layer.name, named_values(variables)
            continue
        listed = unfrozen_order(layer)
        # The number that tells two weights of the same name apart must not depend on what is frozen.
        names = dict(zip((variable.key for variable in listed), _names(listed), strict=True))
        values = K.batch_get_value(variables)
        yield layer.name, [(names[v.key], value) for v, value in zip(variables, values, strict=True)]


def named_values(variables: "Iterable[Variable]") -> list[tuple[str, np.ndarray]]:
    """Returns the names that variables have in files, and their values."""
    variables = list(variables)
    return list(zip(_names(variables), K.batch_get_value(variables), strict=True))


def _names(variables: "Iterable[Variable]") -> list[str]:
    """Returns the names of variables in files, with a number added to each that occurred before."""
    names, seen = [], {}
    for i, variable in enumerate(variables):
        name = variable.name or f"param_{i}"
        seen[name] = seen.get(name, 0) + 1
        names.append(f"{name}:0" if seen[name] == 1 else f"{name}_{seen[name] - 1}:0")
    return names


def assign_in_order(model: Any, stored: StoredLayers, group: _Group) -> None:
    """Assigns stored weights to the layers of a model, one after the other.

    Args:
        model: a model.
        stored: the layers of the file.
        group: the group of the file that holds them.

    Raises:
        ValueError: the file does not fit the model. No weight is changed then.
    """
    stored = [(name, arrays) for name, arrays in stored if arrays]
    # Keras 2 does not flatten a Sequential at the beginning of another one.
    by_keras_2 = keras_2_backend(hdf5_format.writer_of(group))
    layers = model.layers if by_keras_2 else _layers(model)
    layers = [layer for layer in layers if layer.weights]
    _check_layers(layers, stored)
    _assign(layers, stored, group, "The file")


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
    # A Sequential may have a layer several times.
    return list(dict.fromkeys(getattr(model, "flattened_layers", None) or model.layers))


def _assign(layers: "list[Layer]", stored: StoredLayers, group: _Group, who: str) -> None:
    """Assigns stored arrays to the weights of layers, after comparing all names, kinds and shapes.

    Args:
        layers: list of layers, as many as `stored`.
        stored: the layers of the file.
        group: the group of the file that holds them.
        who: str for messages.
    """
    backend = keras_2_backend(hdf5_format.writer_of(group))
    if backend:
        pairs = [(layer, arrays) for layer, (_, arrays) in zip(layers, stored, strict=True)]
        pairs = as_keras_1(pairs, flipped=backend == "theano")
    else:
        pairs = [
            (layer, _in_unfrozen_order(layer, name, arrays, group))
            for layer, (name, arrays) in zip(layers, stored, strict=True)
        ]
    orders = _matching_axes(pairs, who)
    for (layer, arrays), axes in zip(pairs, orders, strict=True):
        values = [np.transpose(array.read(), order) for (_, array), order in zip(arrays, axes, strict=True)]
        K.batch_set_value(zip(unfrozen_order(layer), values, strict=True))
        for (name, _), value in zip(arrays, values, strict=True):
            # If an element is not finite, the minimum or the maximum is not.
            if value.size and not np.isfinite([value.min(), value.max()]).all():
                warnings.warn(
                    f"{who} has NaN or infinity in {name!r} of layer {layer.name!r}: training had failed "
                    "when it was saved.",
                    stacklevel=levels_to_caller(),
                )


def _in_unfrozen_order(layer: "Layer", name: str, arrays: NamedArrays, group: _Group) -> NamedArrays:
    """Returns the arrays of a layer in the order of its weights as `unfrozen_order` lists them.

    Args:
        layer: the layer.
        name: str, the name of the layer in the file.
        arrays: what the file has for the layer.
        group: the group of the file that holds the layers.

    Raises:
        ValueError: names, places and shapes do not tell which array is which weight's.
    """
    variables = unfrozen_order(layer)
    if len(variables) != len(arrays):
        return arrays  # the caller compares the shapes and raises an error
    order = hdf5_format.read_names(group, name, _UNFROZEN) if layer._holders() else None
    if order is not None:
        found = dict(arrays)
        if set(order) != set(found):
            raise ValueError(
                f"Layer {name!r} of the file: {_UNFROZEN} and weight_names list different names."
            )
        arrays = [(each, found[each]) for each in order]
        by_place = list(range(len(arrays)))
    else:
        index = {variable.key: place for place, variable in enumerate(layer.weights)}
        by_place = [index[variable.key] for variable in variables]

    def fits(places: list[int]) -> bool:
        found = [arrays[place][1].shape for place in places]
        return None not in [_axes(layer, i, v.shape, found[i]) for i, v in enumerate(variables)]

    stored = [each for each, _ in arrays]
    own = _names(variables)
    if order is not None and set(own) != set(stored):
        return arrays  # an order that does not depend on what is frozen needs no names
    places = matching_places(f"layer {layer.name!r}", own, stored, by_place, fits)
    return [arrays[place] for place in places]


def _matching_axes(pairs: "list[tuple[Layer, NamedArrays]]", who: str) -> list[list[_Axes]]:
    """Returns the order in which to take the axes of each array, layer by layer.

    Raises:
        ValueError: an array does not fit in any order, or holds numbers of another kind.
    """
    problems, orders = [], []
    for layer, arrays in pairs:
        variables = unfrozen_order(layer)
        wanted, found = [w.shape for w in variables], [array.shape for _, array in arrays]
        axes = [_axes(layer, i, *shapes) for i, shapes in enumerate(zip(wanted, found, strict=False))]
        orders.append([order for order in axes if order is not None])
        if len(wanted) != len(found) or None in axes:
            problems.append(f"layer {layer.name!r} has {wanted}, the file has {found}")
            continue
        problems += [
            f"weight {variable.name!r} of layer {layer.name!r} is {variable.dtype}, that of the file "
            f"{array.dtype}"
            for variable, (_, array) in zip(variables, arrays, strict=True)
            if not same_kind(variable, array)
        ]
    if problems:
        raise ValueError(f"{who} does not fit the model: {'; '.join(problems[:10])}.")
    return orders


def same_kind(variable: "Variable", array: StoredArray) -> bool:
    """Whether an array may be the value of a variable: both are floats, or ints, or bools."""
    kinds = [np.dtype(variable.dtype), array.dtype]
    # NumPy knows bfloat16 and the like as raw bytes.
    return len({"f" if kind.kind == "V" else kind.kind for kind in kinds}) == 1


def _axes(layer: "Layer", index: int, wanted: tuple[int, ...], found: tuple[int, ...]) -> _Axes | None:
    """Returns the order in which to take the axes of a stored array; None if it does not fit."""
    for axes in (tuple(range(len(found))), layer._former_axes.get(index)):
        if axes is not None and len(axes) == len(found) and tuple(found[axis] for axis in axes) == wanted:
            return axes
    return None
