"""Models and weights to files and back: what the files mean. How they are laid out is in utils."""

import math
import os
import warnings

import numpy as np

from ... import backend as K
from ... import optimizers
from ..._base.callers import levels_to_caller
from ..._base.names import custom_object_scope
from ..._files import config_text, hdf5_format
from ..._files.overwrite import ask_to_proceed_with_overwrite
from .budget import building_from
from .keras_2_weights import as_keras_1
from .registry import allowing_code, layer_from_config

FORMAT_VERSION = "1.2.2"


def to_json(model, **kwargs):
    """A model's graph as JSON text."""
    return config_text.dump_json(_model_config(model), **kwargs)


def to_yaml(model, **kwargs):
    """A model's graph as YAML text."""
    return config_text.dump_yaml(_model_config(model), **kwargs)


def _model_config(model):
    return {
        "class_name": type(model).__name__,
        "config": model.get_config(),
        "keras_version": FORMAT_VERSION,
    }


def model_from_config(config, custom_objects=None, allow_code=False):
    """A model from {"class_name": ..., "config": ...}, with new weights.

    Args:
        config: dict.
        custom_objects: dict name -> class or function that the config names.
        allow_code: True lets byte code in the config run. Only for files whose writer you trust.
    """
    if isinstance(config, list):
        raise TypeError(
            "model_from_config: got a list; wanted {'class_name': ..., 'config': ...}. For the config of a "
            "Sequential use Sequential.from_config(config)."
        )
    with allowing_code(allow_code):
        return layer_from_config(config, custom_objects)


def model_from_json(json_string, custom_objects=None, allow_code=False):
    """A model from what `model.to_json()` gave, here or in Keras 1; see `model_from_config`."""
    return model_from_config(config_text.load_json(json_string), custom_objects, allow_code)


def model_from_yaml(yaml_string, custom_objects=None, allow_code=False):
    """A model from what `model.to_yaml()` gave, here or in Keras 1; see `model_from_config`."""
    return model_from_config(config_text.load_yaml(yaml_string), custom_objects, allow_code)


# --- weights -------------------------------------------------------------------------------------


def save_weights(model, filepath, overwrite=True):
    """Writes a model's weights to an HDF5 file."""
    if not _may_write(filepath, overwrite):
        return
    with hdf5_format.open_for_writing(filepath) as file:
        write_weights(model, file)


def write_weights(model, group):
    """Writes a model's weights to an open HDF5 file or group."""
    hdf5_format.write_layers(group, _named_weights(model))


def load_weights(model, filepath, by_name=False):
    """Reads a model's weights from an HDF5 file."""
    with hdf5_format.open_for_reading(filepath) as file:
        group = hdf5_format.weights_group(file)
        (read_weights_by_name if by_name else read_weights)(model, group)


def read_weights(model, group):
    """Reads weights from an open HDF5 file or group, layer by layer in order."""
    _set_in_order(model, hdf5_format.read_layers(group), hdf5_format.keras_2_backend(group))


def read_weights_by_name(model, group):
    """Reads weights from an open HDF5 file or group into the layers of the same names."""
    layers = {layer.name: layer for layer in _layers(model)}
    pairs = [(layers[name], stored) for name, stored in hdf5_format.read_layers(group) if name in layers]
    _set(_as_here(pairs, hdf5_format.keras_2_backend(group)), "The file's layers")


def _layers(model):
    return getattr(model, "flattened_layers", None) or model.layers


def _named_weights(model):
    """(layer name, [(weight name, array)]) for each layer, the names as TensorFlow would give them."""
    for layer in _layers(model):
        names = [_file_name(weight, i) for i, weight in enumerate(layer.weights)]
        yield layer.name, list(zip(_distinct(names), K.batch_get_value(layer.weights), strict=True))


def _file_name(weight, index):
    return f"{weight.name or f'param_{index}'}:0"


def _distinct(names):
    """Names of which none comes twice, as a file needs them."""
    seen = {}
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        yield name if seen[name] == 1 else f"{name[:-2]}_{seen[name] - 1}:0"


def _set_in_order(model, stored, keras_2_backend):
    stored = [(name, arrays) for name, arrays in stored if arrays]
    # Keras 2 does not take a Sequential apart that begins another.
    layers = [layer for layer in (model.layers if keras_2_backend else _layers(model)) if layer.weights]
    if len(stored) != len(layers):
        raise ValueError(
            f"You are trying to load a weight file containing {len(stored)} layers "
            f"({', '.join(name for name, _ in stored[:8])}) into a model with {len(layers)} layers "
            f"({', '.join(layer.name for layer in layers[:8])}). Pass by_name=True to load only those "
            "that both have."
        )
    names, stored_names = [layer.name for layer in layers], [name for name, _ in stored]
    if names != stored_names and sorted(names) == sorted(stored_names):
        place = next(i for i, name in enumerate(names) if name != stored_names[i])
        raise ValueError(
            f"The file has the layers of the model in another order: {stored_names[place]!r} where the model "
            f"has {names[place]!r}. Build the model as it was, or pass by_name=True to load_weights."
        )
    pairs = [(layer, arrays) for layer, (_, arrays) in zip(layers, stored, strict=True)]
    _set(_as_here(pairs, keras_2_backend), "The file")


def _as_here(pairs, keras_2_backend):
    """Pairs of (layer, stored arrays) with the arrays laid out as the layers here have them."""
    return as_keras_1(pairs, flipped=keras_2_backend == "theano") if keras_2_backend else pairs


def _set(pairs, who):
    """Sets weights of layers from stored arrays, after all shapes were compared."""
    problems, orders = [], []
    for layer, arrays in pairs:
        wanted, found = [w.shape for w in layer.weights], [array.shape for _, array in arrays]
        orders.append([_axes(layer, i, *shapes) for i, shapes in enumerate(zip(wanted, found, strict=False))])
        if len(wanted) != len(found) or None in orders[-1]:
            problems.append(f"layer {layer.name!r} has {wanted}, the file has {found}")
    if problems:
        raise ValueError(f"{who} does not fit the model: {'; '.join(problems[:10])}.")
    for (layer, arrays), axes in zip(pairs, orders, strict=True):
        values = [np.transpose(array.read(), order) for (_, array), order in zip(arrays, axes, strict=True)]
        K.batch_set_value(zip(layer.weights, values, strict=True))
        for (name, _), value in zip(arrays, values, strict=True):
            # NaN wins over numbers, so the extremes tell of all.
            if value.size and not np.isfinite([value.min(), value.max()]).all():
                warnings.warn(
                    f"{who} has NaN or infinity in {name!r} of layer {layer.name!r}: training had failed "
                    "when it was saved.",
                    stacklevel=levels_to_caller(),
                )


def _axes(layer, index, wanted, found):
    """The order in which to take the axes of a stored array; None if it does not fit."""
    for axes in (tuple(range(len(found))), layer._former_axes.get(index)):
        if axes is not None and len(axes) == len(found) and tuple(found[axis] for axis in axes) == wanted:
            return axes
    return None


# --- whole models --------------------------------------------------------------------------------


def save_model(model, filepath, overwrite=True):
    """Writes graph, weights, compile arguments and optimizer state to one HDF5 file.

    Args:
        model: a `Model` or `Sequential`.
        filepath: path of the file; it is replaced only when the new one is complete.
        overwrite: whether an existing file may be replaced.
    """
    if not _may_write(filepath, overwrite):
        return
    config = {"class_name": type(model).__name__, "config": model.get_config()}
    training = _training_config(model) if hasattr(model, "optimizer") else None
    with hdf5_format.open_for_writing(filepath) as file:
        hdf5_format.write_model_parts(
            file,
            config,
            _named_weights(model),
            training,
            _named_optimizer_weights(model) if training else (),
        )


def load_model(filepath, custom_objects=None, allow_code=False):
    """Reads a model that `save_model` wrote, here or in Keras 1, compiled if it was.

    Nothing in the file is run, imported or opened, and the model may have no more weights than the file.

    Args:
        filepath: path of the file.
        custom_objects: dict name -> class or function that the file names.
        allow_code: True lets byte code in the file (Lambda) run. Only for files whose writer you trust.
    Raises:
        OSError: if there is no such file or it is damaged.
        ValueError: if it holds no model, or does not fit together.
    """
    with hdf5_format.open_for_reading(filepath) as file, custom_object_scope(custom_objects or {}):
        parts = hdf5_format.read_model_parts(file)
        with building_from(parts.model_config, _count(parts.layers)):
            model = model_from_config(parts.model_config, allow_code=allow_code)
        keras_2_backend = hdf5_format.keras_2_backend(hdf5_format.weights_group(file))
        _set_in_order(model, parts.layers, keras_2_backend)
        if parts.training_config:
            _compile(model, parts.training_config)
            if keras_2_backend and parts.optimizer_weights:
                warnings.warn(
                    f"{os.fsdecode(filepath)} is of Keras 2: the optimizer's state in it is laid out "
                    "otherwise and is left out. Training goes on with a new state.",
                    stacklevel=levels_to_caller(),
                )
            else:
                _set_optimizer_weights(model, parts.optimizer_weights)
    return model


def _count(layers):
    """How many numbers stored layers hold."""
    return sum(math.prod(array.shape) for _, arrays in layers for _, array in arrays)


def _training_config(model):
    return {
        "optimizer_config": {
            "class_name": type(model.optimizer).__name__,
            "config": model.optimizer.get_config(),
        },
        "loss": _by_names(model.loss),
        "metrics": _by_names(model.metrics),
        "sample_weight_mode": model.sample_weight_mode,
        "loss_weights": _numbers(model.loss_weights),
    }


def _by_names(value):
    """Functions in a (nested) setting as their names."""
    if isinstance(value, dict):
        return {key: _by_names(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_by_names(item) for item in value]
    return value.__name__ if callable(value) else value


def _numbers(value):
    """Variables in a (nested) setting as their present values."""
    if isinstance(value, dict):
        return {key: _numbers(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_numbers(item) for item in value]
    return float(K.get_value(value)) if hasattr(value, "get_value") else value


def _compile(model, training):
    optimizer = optimizers.optimizer_from_config(training["optimizer_config"])
    model.compile(
        optimizer=optimizer,
        loss=training["loss"],
        metrics=training.get("metrics"),
        loss_weights=training.get("loss_weights"),
        sample_weight_mode=training.get("sample_weight_mode"),
    )


def _named_optimizer_weights(model):
    model.make_train_function()
    names = [_file_name(weight, i) for i, weight in enumerate(model.optimizer.weights)]
    values = K.batch_get_value(model.optimizer.weights)
    return list(zip(_distinct(names), values, strict=True))


def _set_optimizer_weights(model, stored):
    if not stored:
        return
    model.make_train_function()
    weights = model.optimizer.weights
    found, wanted = [array.shape for _, array in stored], [weight.shape for weight in weights]
    if found != wanted:
        raise ValueError(
            f"The optimizer's state in the file does not fit the model: the file has shapes {found}, the "
            f"{type(model.optimizer).__name__} of the model has {wanted}."
        )
    K.batch_set_value(zip(weights, (array.read() for _, array in stored), strict=True))


def _may_write(filepath, overwrite):
    return overwrite or not os.path.exists(filepath) or ask_to_proceed_with_overwrite(filepath)
