"""Reading the layout of Keras 1 and 2: which groups, attributes and arrays are which weights and configs."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, TypeAlias, Union

from ..._base.budget import BASE_MEMORY, MEMORY_PER_BYTE
from ..._base.types import Config
from ..config_text import load_json
from .h5py_reader import as_stored_group
from .rules import NOT_KERAS, check_name
from .stored import NamedArrays, StoredArray, StoredGroup, StoredLayers

if TYPE_CHECKING:
    import h5py

# All arrays of a file together: a third of what loading may take, as a model has each of them up to three
# times for a moment: its initial values, what was read, and the same on the device.
_MAX_RATIO, _SPARE_BYTES = MEMORY_PER_BYTE // 3, BASE_MEMORY // 3

#: A group from `open_for_reading`, or one that a program opened with h5py.
Group: TypeAlias = Union[StoredGroup, "h5py.Group"]


class Writer(NamedTuple):
    """The Keras that wrote a file, as far as the file says.

    Attributes:
        version: str such as "2.3.1", or None. Keras writes it since 1.1.1.
        backend: str such as "tensorflow", or None. Keras writes it since 2.0.
    """

    version: str | None
    backend: str | None


@dataclass(frozen=True)
class ModelParts:
    """The contents of a model file.

    Attributes:
        model_config: dict, `class_name` and `config` of the model.
        training_config: dict of the arguments of `compile`, or None for a model that was not compiled.
        layers: list of (layer name, list of (weight name, `StoredArray`)).
        optimizer_weights: list of (name, `StoredArray`); empty if the file has none.
        keras_version: str, the version that wrote the file, or None.
    """

    model_config: Config
    training_config: Config | None
    layers: StoredLayers
    optimizer_weights: NamedArrays
    keras_version: str | None


def read_layers(group: Group) -> StoredLayers:
    """Lists the weights that `write_layers`, Keras 1 or Keras 2 wrote, without reading them.

    Args:
        group: the group with the layers; see `weights_group`.

    Returns:
        List of (layer name, list of (weight name, `StoredArray`)), in the order of the model.

    Raises:
        ValueError: the file holds something else, or refers to data outside of it.
        OSError: the file is damaged.
    """
    group = as_stored_group(group)
    if group.has_attribute("nb_layers") and not _has_names(group, "layer_names"):
        raise ValueError(
            f"{group.filename} was written by Keras 0, which stored no names of layers "
            "(layer_0/param_0 ...). Load it in Keras 1.0 to 1.2 and save it again."
        )
    layers = [(name, _read_arrays(group.group(name))) for name in _read_names(group, "layer_names")]
    _check_total(group, [array for _, arrays in layers for _, array in arrays])
    return layers


def weights_group(file: Group) -> StoredGroup:
    """Returns the group with the layers of a weights file or a model file.

    Args:
        file: the root of the file.

    Returns:
        `StoredGroup` for `read_layers`.
    """
    file = as_stored_group(file)
    if file.has_child("model_weights") and not _has_names(file, "layer_names"):
        return file.group("model_weights")
    return file


def writer_of(group: Group) -> Writer:
    """Returns what a group of weights says of the Keras that wrote it.

    Args:
        group: the group with the layers; see `weights_group`.
    """
    group = as_stored_group(group)
    return Writer(group.text("keras_version"), group.text("backend"))


def read_arrays(file: Group, name: str) -> NamedArrays | None:
    """Lists the arrays that `write_arrays` wrote, without reading them.

    Args:
        file: the root of the file.
        name: str, name of the group.

    Returns:
        List of (name, `StoredArray`), or None if there is no such group.
    """
    file = as_stored_group(file)
    return _read_arrays(file.group(name)) if file.has_child(name) else None


def read_names(group: Group, name: str, attribute: str) -> list[str] | None:
    """Reads the names that `write_names` wrote to a group inside another, or None if there are none.

    Args:
        group: the group around it.
        name: str, name of the group with the attribute.
        attribute: str.
    """
    inner = as_stored_group(group).group(name)
    return _read_names(inner, attribute) if _has_names(inner, attribute) else None


def read_model_parts(file: Group) -> ModelParts:
    """Lists the contents of a model file: reads the configs, and none of the weights.

    Args:
        file: the root of the file.

    Returns:
        `ModelParts`.

    Raises:
        ValueError: the file holds only weights or something else, or one of its configs is malformed.
        OSError: the file is damaged.
    """
    file = as_stored_group(file)
    model_config = _read_config(file, "model_config")
    if model_config is None:
        raise ValueError(
            f"{file.filename} holds weights but no model: build the model and use model.load_weights."
            if _has_names(file, "layer_names") or file.has_attribute("nb_layers")
            else f"{file.filename} is {NOT_KERAS}: it has no attribute model_config."
        )
    return ModelParts(
        model_config=model_config,
        training_config=_read_config(file, "training_config"),
        layers=read_layers(file.group("model_weights")),
        optimizer_weights=read_arrays(file, "optimizer_weights") or [],
        keras_version=file.text("keras_version"),
    )


def _read_arrays(group: StoredGroup) -> NamedArrays:
    return [(name, group.array(name)) for name in _read_names(group, "weight_names")]


def _check_total(group: StoredGroup, arrays: list[StoredArray]) -> None:
    """Refuses arrays that add up to far more than the file: heavily compressed, or one array many times."""
    file_bytes = group.file_bytes
    if sum(array.stored_bytes for array in arrays) > file_bytes:
        raise ValueError(f"{group.filename}: an array is stored under several names; wanted one name each.")
    total = sum(math.prod(array.shape) * array.dtype.itemsize for array in arrays)
    if total > _MAX_RATIO * file_bytes + _SPARE_BYTES:
        raise ValueError(
            f"{group.filename}: its arrays would take {total:,} bytes, and the file has {file_bytes:,}; at "
            f"most {_MAX_RATIO} times its size and {_SPARE_BYTES // 10**6} MB are read. If you trust the "
            "file, unpack it: h5repack -f NONE OLD NEW"
        )


def _has_names(group: StoredGroup, attribute: str) -> bool:
    return group.has_attribute(attribute) or group.has_attribute(f"{attribute}0")


def _read_names(group: StoredGroup, attribute: str) -> list[str]:
    """Returns a list of distinct names; a long one lies in several attributes, with 0, 1, ... at the end."""
    if not _has_names(group, attribute):
        raise ValueError(f"{group.filename} is {NOT_KERAS}: {group.path} has no attribute {attribute}.")
    if group.has_attribute(attribute):
        names = group.names(attribute)
    else:
        names, part = [], 0
        while group.has_attribute(f"{attribute}{part}"):
            names += group.names(f"{attribute}{part}")
            part += 1
    for name in names:
        check_name(name, f"{group.filename}: {group.path}")
    if len(set(names)) < len(names):
        raise ValueError(f"{group.filename}: {group.path} has a duplicate name in {attribute}.")
    return names


def _read_config(file: StoredGroup, attribute: str) -> Config | None:
    text = file.text(attribute)
    try:
        return None if text is None else load_json(text, file.budget)
    except ValueError as error:
        raise ValueError(f"{file.filename}: attribute {attribute}: {error}") from error
