"""The HDF5 files of Keras 1.2.2: how weights and models lie in them, whatever the model is.

    /                          attributes keras_version, model_config, training_config (JSON)
        model_weights/         attribute layer_names; a weights file has all of this at its root
            dense_1/           attribute weight_names
                dense_1_W:0    the array
        optimizer_weights/     attribute weight_names, arrays; absent where there are none

A file that is written here has a SHA-256 before it, which is compared before HDF5 reads the file; the
files of other versions of Keras have none.

Nothing that a file says is believed: reading follows no link out of the file, loads no filter, and
reads no array before the caller has seen its shape and asked for it.

This module knows of keras only its file helpers; h5py is imported when it is first needed.
"""

import contextlib
import functools
import io
import math
import os
from dataclasses import dataclass, field

import numpy as np

from .._host.interrupts import deferred_interrupts
from .atomic import atomic_write, naming
from .config_text import dump_json, load_json
from .digest import BLOCK_BYTES, check_seal, seal

FORMAT_VERSION = "1.2.2"  # what other versions of Keras look at to know the layout

_NOT_KERAS = "not a Keras model/weights file"
_MAX_NAME_BYTES = 255
# HDF5 keeps an attribute in the header of its object, which holds 64 KB. Keras 2 reads these parts.
_MAX_ATTRIBUTE_BYTES = 64_512
# deflate, shuffle, fletcher32, lzf. HDF5 would look for a library to load for one it does not know.
_FILTERS = {1, 2, 3, 32_000}
_MAX_DEFLATE_RATIO = 1_100  # deflate's own limit is 1,032
# All arrays of a file together: this many times its size, and a little for small files.
_MAX_RATIO = 100
_SPARE_BYTES = 64 * 2**20


def _naming_damage(function):
    """Turns the errors that h5py raises about a damaged file into one that names the file."""

    @functools.wraps(function)
    def named(item, *args):
        try:
            return function(item, *args)
        except (OSError, RuntimeError, KeyError, TypeError, SystemError) as error:
            raise OSError(f"The file is damaged: {item.file.filename}, at {item.name} ({error}).") from error

    return named


@dataclass(frozen=True)
class StoredArray:
    """An array in an open HDF5 file, not read yet.

    Attributes:
        shape: tuple of int, as the file says.
        dtype: NumPy dtype of what `read` returns, in the byte order of this machine.
    """

    shape: tuple
    dtype: np.dtype
    _dataset: object = field(repr=False)

    def read(self):
        """Reads the array. Compare `shape` first: this allocates what the file asks for.

        Returns:
            NumPy array.

        Raises:
            OSError: the file is damaged here.
        """
        return _read_dataset(self._dataset, self.dtype)


@_naming_damage
def _read_dataset(dataset, dtype):
    return np.asarray(dataset[()], dtype=dtype)


@dataclass(frozen=True)
class ModelParts:
    """What a model file holds.

    Attributes:
        model_config: dict, `class_name` and `config` of the model.
        training_config: dict of what `compile` was told, or None for a model never compiled.
        layers: list of (layer name, list of (weight name, `StoredArray`)).
        optimizer_weights: list of (name, `StoredArray`); empty where the file has none.
        keras_version: str, the version that wrote the file, or None.
    """

    model_config: dict
    training_config: dict | None
    layers: list
    optimizer_weights: list
    keras_version: str | None


@contextlib.contextmanager
def open_for_reading(path):
    """Opens a Keras HDF5 file.

    Args:
        path: str or path object.

    Yields:
        h5py.File.

    Raises:
        FileNotFoundError, IsADirectoryError, PermissionError: there is no file to read at `path`.
        OSError: the file is empty, damaged or no HDF5 file.

    Example:
        >>> with open_for_reading('weights.h5') as file:  # doctest: +SKIP
        ...     layers = read_layers(weights_group(file))
    """
    import h5py

    path = os.fsdecode(path)
    if not os.path.exists(path):
        raise FileNotFoundError(f"Cannot load {path}: {_NOT_KERAS}, there is no such file.")
    if os.path.isdir(path):
        raise IsADirectoryError(f"Cannot load {path}: {_NOT_KERAS}, but a directory.")
    if not os.path.isfile(path):
        raise OSError(f"Cannot load {path}: {_NOT_KERAS}, but a device or pipe.")
    if not os.access(path, os.R_OK):
        raise PermissionError(f"Cannot load {path}: no permission to read it.")
    try:
        check_seal(path)
        file = h5py.File(path, "r")
    except OSError as error:
        problem = "it is empty" if not os.path.getsize(path) else f"or the file is damaged ({error})"
        raise OSError(f"Cannot load {path}: {_NOT_KERAS}, {problem}.") from error
    with file:
        yield file


@contextlib.contextmanager
def open_for_writing(path):
    """Opens a new HDF5 file, which takes the place of `path` when it is complete.

    If anything fails, what was at `path` stays as it was. Ctrl-C is heeded when the file is complete. Memory
    must hold the file once.

    Args:
        path: str or path object.

    Yields:
        h5py.File, empty.

    Raises:
        OSError: nothing can be written at `path`; the message names it.

    Example:
        >>> with open_for_writing('weights.h5') as file:  # doctest: +SKIP
        ...     write_layers(file, [('dense_1', [('dense_1_W:0', np.zeros((3, 4)))])])
    """
    import h5py

    # HDF5 keeps a file open that Ctrl-C comes in the middle of.
    with deferred_interrupts(), atomic_write(path) as temporary:
        # In memory first: HDF5 crashes the process, now and then, where a disk is full.
        image = io.BytesIO()
        # A layout that h5py 2 reads.
        with h5py.File(image, "w", libver="earliest", userblock_size=BLOCK_BYTES) as file:
            yield file
        seal(image.getbuffer())
        with naming(os.fsdecode(path)), open(temporary, "wb") as target:
            target.write(image.getbuffer())


def write_layers(group, layers):
    """Writes the weights of layers, as Keras 1.2.2 does.

    Args:
        group: h5py.Group to fill, empty.
        layers: iterable of (layer name, iterable of (weight name, array)); a layer without weights
            has its place too.

    Raises:
        ValueError: two layers, or two weights of one layer, have the same name, or a name cannot
            stand in a file.
        TypeError: an array is not of bools, ints or floats.
    """
    layers = [(name, list(weights)) for name, weights in layers]
    _write_names(group, "layer_names", [name for name, _ in layers])
    for name, weights in layers:
        _write_arrays(_create(group.create_group, name), weights)


@_naming_damage
def read_layers(group):
    """Lists the weights that `write_layers` or Keras 1 or 2 wrote; reads none of them.

    Args:
        group: h5py.Group; see `weights_group`.

    Returns:
        List of (layer name, list of (weight name, `StoredArray`)), in the order of the model.

    Raises:
        ValueError: the file holds something else, or refers to what is outside of it.
        OSError: the file is damaged.
    """
    return _read_layers(group)


@_naming_damage
def weights_group(file):
    """Finds the group with the layers in a weights file or a model file.

    Args:
        file: h5py.File.

    Returns:
        h5py.Group for `read_layers`.
    """
    import h5py

    if _has(file, "model_weights") and not _has_names(file, "layer_names"):
        return _child(file, "model_weights", h5py.Group)
    return file


@_naming_damage
def keras_2_backend(group):
    """The engine with which Keras 2 wrote a group of weights, such as "tensorflow"; None for other writers.

    Args:
        group: h5py.Group; see `weights_group`.
    """
    if not (_read_text(group, "keras_version") or "").startswith("2."):
        return None
    return _read_text(group, "backend") or "tensorflow"


def write_arrays(group, arrays):
    """Writes a list of named arrays.

    Args:
        group: h5py.Group to fill, empty.
        arrays: iterable of (name, array).

    Raises:
        TypeError, ValueError: as for `write_layers`.
    """
    _write_arrays(group, arrays)


@_naming_damage
def read_arrays(file, name):
    """Lists the arrays that `write_arrays` wrote; reads none of them.

    Args:
        file: h5py.File.
        name: str, name of the group.

    Returns:
        List of (name, `StoredArray`), or None where there is no such group.
    """
    import h5py

    return _read_arrays(_child(file, name, h5py.Group)) if _has(file, name) else None


def write_model_parts(
    file,
    model_config,
    layers,
    training_config=None,
    optimizer_weights=(),
    keras_version=FORMAT_VERSION,
):
    """Writes a model file, as Keras 1.2.2 does.

    Args:
        file: h5py.File, empty.
        model_config: dict, `class_name` and `config` of the model.
        layers: as for `write_layers`.
        training_config: dict of what `compile` was told; None for a model that is not compiled.
        optimizer_weights: iterable of (name, array), the state of the optimizer.
        keras_version: str; others decide by it how to read the file, so 1.2.2 says it is like that.

    Raises:
        TypeError, ValueError: as for `write_layers` and `dump_json`.
    """
    # As bytes and not str: h5py for Python 2 and 3 then give Keras 1.2.2 what it can decode.
    file.attrs["keras_version"] = keras_version.encode()
    file.attrs["model_config"] = dump_json(model_config).encode()
    write_layers(file.create_group("model_weights"), layers)
    if training_config is not None:
        file.attrs["training_config"] = dump_json(training_config).encode()
    optimizer_weights = list(optimizer_weights)
    if optimizer_weights:
        _write_arrays(file.create_group("optimizer_weights"), optimizer_weights)


@_naming_damage
def read_model_parts(file):
    """Lists what is in a model file; reads the configs and no weights.

    Args:
        file: h5py.File.

    Returns:
        `ModelParts`.

    Raises:
        ValueError: the file holds weights only or something else, or a config in it is malformed.
        OSError: the file is damaged.
    """
    import h5py

    if "model_config" not in file.attrs:
        raise ValueError(
            f"{file.filename} holds weights but no model: build the model and use model.load_weights."
            if _has_names(file, "layer_names") or "nb_layers" in file.attrs
            else f"{file.filename} is {_NOT_KERAS}: it has no attribute model_config."
        )
    optimizer_weights = []
    if _has(file, "optimizer_weights"):
        optimizer_weights = _read_arrays(_child(file, "optimizer_weights", h5py.Group))
    return ModelParts(
        model_config=_read_config(file, "model_config"),
        training_config=_read_config(file, "training_config"),
        layers=_read_layers(_child(file, "model_weights", h5py.Group)),
        optimizer_weights=optimizer_weights,
        keras_version=_read_text(file, "keras_version"),
    )


# Arrays with a list of their names


def _write_arrays(group, arrays):
    arrays = [(name, _storable(np.asarray(array))) for name, array in arrays]
    _write_names(group, "weight_names", [name for name, _ in arrays])
    for name, array in arrays:
        if not _is_number(array.dtype):
            raise TypeError(
                f"Weight {name!r} of {group.name} is an array of {array.dtype}, which HDF5 files "
                "have no type for; wanted bool, int or float, such as float32."
            )
        _create(group.create_dataset, name, data=array)


def _storable(array):
    """The array as HDF5 has it: a bfloat16 one as float32, which holds each of its values exactly."""
    return array.astype("float32") if array.dtype.name == "bfloat16" else array


def _is_number(dtype):
    # float128 is not the same everywhere.
    return dtype.kind in "fiub" and dtype.itemsize <= 8


def _create(create, name, **options):
    try:
        return create(name, **options)
    except ValueError as error:  # 'a' and 'a/b': one is a group and the other an array
        raise ValueError(f"{name!r} cannot stand beside the names before it: {error}") from error


def _read_layers(group):
    import h5py

    if "nb_layers" in group.attrs and not _has_names(group, "layer_names"):
        raise ValueError(
            f"{group.file.filename} was written by Keras 0, which stored no names of layers "
            "(layer_0/param_0 ...). Load it in Keras 1.0 to 1.2 and save it again."
        )
    layers = [
        (name, _read_arrays(_child(group, name, h5py.Group))) for name in _read_names(group, "layer_names")
    ]
    _check_total(group.file, [array for _, arrays in layers for _, array in arrays])
    return layers


def _check_total(file, arrays):
    """Refuses arrays that stand for far more than the file has: packed well, or one array many times."""
    size = file.id.get_filesize()  # not of its path: it may be in memory
    total = sum(math.prod(array.shape) * array.dtype.itemsize for array in arrays)
    if total > _MAX_RATIO * size + _SPARE_BYTES:
        raise ValueError(
            f"{file.filename}: its arrays would take {total:,} bytes, and the file has {size:,}; at most "
            f"{_MAX_RATIO} times its size is read."
        )
    packed = sum(array._dataset.id.get_storage_size() for array in arrays)
    if packed > size:
        raise ValueError(f"{file.filename}: an array stands in several places of it; wanted one each.")


def _read_arrays(group):
    import h5py

    return [(name, _stored(_child(group, name, h5py.Dataset))) for name in _read_names(group, "weight_names")]


def _stored(dataset):
    """The handle of a dataset that holds numbers, all of them in this file."""
    try:
        shape, dtype = dataset.shape, dataset.dtype
    except ValueError as error:  # a float of an odd number of bits, say
        raise TypeError(f"{dataset.name} has no type of NumPy: {error}") from error
    creation = dataset.id.get_create_plist()
    filters = {creation.get_filter(i)[0] for i in range(creation.get_nfilters())}
    stored = dataset.id.get_storage_size()
    problem = None
    if dataset.is_virtual or dataset.external:
        problem = "keeps its numbers in another file"
    elif shape is None or not _is_number(dtype):
        problem = f"is of type {dtype}; wanted bools, ints or floats"
    elif not filters <= _FILTERS:
        problem = f"is packed by HDF5 filters {sorted(filters - _FILTERS)}, which are not read"
    elif math.prod(shape) * dtype.itemsize > stored * (_MAX_DEFLATE_RATIO if filters else 1):
        problem = f"says it has shape {shape}, but the file holds only {stored} bytes of it"
    if problem:
        raise ValueError(f"{dataset.file.filename}: {dataset.name} {problem}.")
    return StoredArray(shape, dtype.newbyteorder("="), dataset)


def _has(group, name):
    """Whether there is a link. h5py's `name in group` and `group.get` open what it leads to."""
    return group.id.links.exists(name.encode())


def _child(group, name, kind):
    """The object at `name`, below `group`; only hard links lead there, which stay in the file."""
    import h5py

    where = f"{group.file.filename}: {group.name}"
    child = group
    for part in name.split("/"):
        if not isinstance(child, h5py.Group) or not _has(child, part):
            raise ValueError(f"{where} has no {name!r}, though the file should.")
        if child.id.links.get_info(part.encode()).type != h5py.h5l.TYPE_HARD:
            raise ValueError(
                f"{where}: {name!r} is a soft or external link, which may lead out of the file; "
                "it is not followed."
            )
        child = child[part]
    if not isinstance(child, kind):
        raise ValueError(f"{where}: {name!r} is a {type(child).__name__}; wanted {kind.__name__}.")
    return child


# Attributes


def _write_names(group, attribute, names):
    for name in names:
        _check_name(name, group.name)
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(
            f"{group.name}: the name {twice!r} is there twice in {attribute}; wanted names that "
            "differ. Pass name=... to one of the two."
        )
    # Without names this is an empty array of float64, and Keras 1.2.2 wrote that too.
    encoded = np.array([name.encode() for name in names])
    if encoded.nbytes <= _MAX_ATTRIBUTE_BYTES:
        group.attrs[attribute] = encoded
        return
    rows = _MAX_ATTRIBUTE_BYTES // encoded.itemsize
    for part, start in enumerate(range(0, len(encoded), rows)):
        group.attrs[f"{attribute}{part}"] = encoded[start : start + rows]


def _has_names(group, attribute):
    return attribute in group.attrs or f"{attribute}0" in group.attrs


def _read_names(group, attribute):
    if not _has_names(group, attribute):
        raise ValueError(f"{group.file.filename} is {_NOT_KERAS}: {group.name} has no attribute {attribute}.")
    if attribute in group.attrs:
        names = _read_name_array(group, attribute)
    else:
        names, part = [], 0
        while f"{attribute}{part}" in group.attrs:
            names += _read_name_array(group, f"{attribute}{part}")
            part += 1
    for name in names:
        _check_name(name, f"{group.file.filename}: {group.name}")
    if len(set(names)) < len(names):
        raise ValueError(f"{group.file.filename}: {group.name} has a name twice in {attribute}.")
    return names


def _read_name_array(group, attribute):
    import h5py

    stored = group.attrs.get_id(attribute)
    is_text = h5py.check_string_dtype(stored.dtype) is not None
    if stored.shape == (0,) or (len(stored.shape) == 1 and is_text):
        return [_decoded(name) for name in group.attrs[attribute]]
    raise ValueError(
        f"{group.file.filename}: attribute {attribute} of {group.name} has type {stored.dtype} and "
        f"shape {stored.shape}; wanted a list of names."
    )


def _read_text(group, attribute):
    """The text in an attribute of the file or of a group, or None."""
    import h5py

    if attribute not in group.attrs:
        return None
    stored = group.attrs.get_id(attribute)
    if stored.shape == () and h5py.check_string_dtype(stored.dtype) is not None:
        return _decoded(group.attrs[attribute])
    raise ValueError(f"{group.file.filename}: attribute {attribute} is not text.")


def _read_config(file, attribute):
    text = _read_text(file, attribute)
    try:
        return None if text is None else load_json(text)
    except ValueError as error:
        raise ValueError(f"{file.filename}: attribute {attribute}: {error}") from error


def _decoded(text):
    """str of an attribute: h5py gives bytes or str, by the type in the file and its own version."""
    return text.decode("utf-8", "replace") if isinstance(text, bytes) else text


def _check_name(name, where):
    """Refuses names that are no names in HDF5, or would be dangerous if taken for a path."""
    parts = name.split("/") if isinstance(name, str) else [""]
    if (
        not all(part not in ("", ".", "..") and part.isprintable() for part in parts)
        or "\\" in name
        or len(name.encode()) > _MAX_NAME_BYTES
    ):
        raise ValueError(
            f"{where} has the name {name!r:.300}; wanted 1 to {_MAX_NAME_BYTES} printable characters "
            "without backslash, '..', and '/' at either end."
        )
