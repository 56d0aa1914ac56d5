"""Writing the layout of Keras 1.2.2."""

import contextlib
import io
import os
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from ..._base.types import ArrayLike, Config, FilePath
from ..._host.interrupts import deferred_interrupts
from ..atomic import atomic_write, errors_that_name
from ..config_text import dump_json
from ..digest import BLOCK_BYTES, seal
from .rules import check_name, is_number

if TYPE_CHECKING:
    import h5py

FORMAT_VERSION = "1.2.2"  # from this, other versions of Keras recognize the layout

# HDF5 keeps an attribute in the header of its object, which holds 64 KB. Keras 2 reads these parts.
_MAX_ATTRIBUTE_BYTES = 64_512

_Arrays: TypeAlias = Iterable[tuple[str, ArrayLike]]


@contextlib.contextmanager
def open_for_writing(path: FilePath) -> "Iterator[h5py.File]":
    """Opens a new HDF5 file that replaces `path` when it is complete.

    If anything fails, the file at `path` stays as it was. Ctrl-C takes effect when the file is complete. The
    whole file is held in memory.

    Args:
        path: path of the file.

    Yields:
        h5py.File, empty.

    Raises:
        OSError: the file cannot be written; the message names it.

    Example:
        >>> with open_for_writing('weights.h5') as file:  # doctest: +SKIP
        ...     write_layers(file, [('dense_1', [('dense_1_W:0', np.zeros((3, 4)))])])
    """
    import h5py

    # HDF5 would leave a file open that Ctrl-C interrupts.
    with deferred_interrupts(), atomic_write(path) as temporary:
        # In memory first: HDF5 sometimes crashes the process if the disk is full.
        image = io.BytesIO()
        # A layout that h5py 2 reads.
        with h5py.File(image, "w", libver="earliest", userblock_size=BLOCK_BYTES) as file:
            yield file
        seal(image.getbuffer())
        with errors_that_name(os.fsdecode(path)), open(temporary, "wb") as target:
            target.write(image.getbuffer())


def open_in_memory() -> "h5py.File":
    """Opens an HDF5 file that is gone when it is closed."""
    import h5py

    return h5py.File(io.BytesIO(), "w", libver="earliest")


def write_layers(group: "h5py.Group", layers: Iterable[tuple[str, _Arrays]]) -> None:
    """Writes the weights of layers as Keras 1.2.2 does.

    Args:
        group: h5py.Group to fill, empty.
        layers: iterable of (layer name, iterable of (weight name, array)), layers without weights included.

    Raises:
        ValueError: two layers, or two weights of one layer, have the same name, or a name is not valid in
            a file.
        TypeError: an array is not of bools, ints or floats.
    """
    layers = [(name, list(weights)) for name, weights in layers]
    write_names(group, "layer_names", [name for name, _ in layers])
    for name, weights in layers:
        write_arrays(_create(group.create_group, name), weights)


def write_arrays(group: "h5py.Group", arrays: _Arrays) -> None:
    """Writes a list of named arrays.

    Args:
        group: h5py.Group to fill, empty.
        arrays: iterable of (name, array).

    Raises:
        TypeError, ValueError: as for `write_layers`.
    """
    storable = [(name, _storable(np.asarray(array))) for name, array in arrays]
    write_names(group, "weight_names", [name for name, _ in storable])
    for name, array in storable:
        if not is_number(array.dtype):
            raise TypeError(
                f"Weight {name!r} of {group.name} is an array of {array.dtype}, which HDF5 files "
                "have no type for; wanted bool, int or float, such as float32."
            )
        _create(group.create_dataset, name, data=array)


def write_model_parts(
    file: "h5py.File",
    model_config: Config,
    layers: Iterable[tuple[str, _Arrays]],
    training_config: Config | None = None,
    optimizer_weights: _Arrays = (),
    keras_version: str = FORMAT_VERSION,
) -> None:
    """Writes a model file as Keras 1.2.2 does.

    Args:
        file: h5py.File, empty.
        model_config: dict, `class_name` and `config` of the model.
        layers: as for `write_layers`.
        training_config: dict of the arguments of `compile`; None for a model that is not compiled.
        optimizer_weights: iterable of (name, array), the state of the optimizer.
        keras_version: str by which other programs choose how to read the file; 1.2.2 names the layout that
            is written here.

    Raises:
        TypeError, ValueError: as for `write_layers` and `dump_json`.
    """
    # As bytes and not str: Keras 1.2.2 can decode these with h5py for Python 2 and for Python 3.
    file.attrs["keras_version"] = keras_version.encode()
    file.attrs["model_config"] = dump_json(model_config).encode()
    write_layers(file.create_group("model_weights"), layers)
    if training_config is not None:
        file.attrs["training_config"] = dump_json(training_config).encode()
    optimizer_weights = list(optimizer_weights)
    if optimizer_weights:
        write_arrays(file.create_group("optimizer_weights"), optimizer_weights)


def _storable(array: np.ndarray) -> np.ndarray:
    """Converts bfloat16 to float32, which holds each of its values exactly; HDF5 has no bfloat16."""
    return array.astype("float32") if array.dtype.name == "bfloat16" else array


def _create(create: Callable[..., Any], name: str, **options: Any) -> Any:
    try:
        return create(name, **options)
    except ValueError as error:  # 'a' and 'a/b': one is a group and the other an array
        raise ValueError(f"{name!r} conflicts with a name before it: {error}") from error


def write_names(group: "h5py.Group", attribute: str, names: list[str]) -> None:
    """Writes a list of distinct names as an attribute, or as several if it is too long for one.

    Raises:
        ValueError: a name occurs twice, or is not valid in a file.
    """
    for name in names:
        check_name(name, str(group.name))
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(
            f"{group.name}: the name {twice!r} occurs twice in {attribute}; wanted distinct "
            "names. Pass name=... to one of the two."
        )
    # Without names this is an empty array of float64, which Keras 1.2.2 also wrote.
    encoded = np.array([name.encode() for name in names])
    if encoded.nbytes <= _MAX_ATTRIBUTE_BYTES:
        group.attrs[attribute] = encoded
        return
    rows = _MAX_ATTRIBUTE_BYTES // encoded.itemsize
    for part, start in enumerate(range(0, len(encoded), rows)):
        group.attrs[f"{attribute}{part}"] = encoded[start : start + rows]
