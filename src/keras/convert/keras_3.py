"""The `.keras` archive of Keras 3, in both directions; models go through the words of Keras 2.

Three things differ in meaning, and are converted so that predictions stay equal:

- "hard_sigmoid" has the slope 1/6 in Keras 3 and 1/5 before. 1/5 x = 1/6 (1.2 x), so the weights of the gates
  of a recurrent layer are multiplied by 1.2, or divided by it.
- Keras 3 counts the calls of a model inside another from 0, Keras 1 from 1.
- Keras 3 writes the input of a Sequential as a layer.
"""

import datetime
import io
import itertools
import json
import math
import zipfile
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import backend as K
from .._base.budget import Budget, spending
from .._base.types import Config
from .._files.atomic import atomic_write
from .._files.config_text import dump_json
from .._inspect import Contents
from .._inspect.from_keras_3 import ARGUMENTS, model_as_keras_2
from .._inspect.keras_3_paths import paths_of_arrays
from ..engine.files.building import building_from
from ..engine.files.keras_2_weights import LoadedArray, as_keras_1
from ..engine.files.places import MISTAKES
from ..engine.files.registry import layer_from_config
from ..engine.files.saving import training_config
from ..engine.weight_order import unfrozen_order
from .hdf5_keras_2 import state_lost
from .keras_2_arrays import keras_2_arrays
from .keras_2_config import model_as_2x
from .keras_3_masks import masks_lost
from .lost import Lost

if TYPE_CHECKING:
    import h5py

_VERSION = "3.15.1"
#: Layers of Keras 2 that Keras 3 no longer has.
_REMOVED = ("LocallyConnected1D", "LocallyConnected2D", "ThresholdedReLU")
_GATED = ("LSTM", "GRU", "ConvLSTM2D", "LSTMCell", "GRUCell")
_SLOPES = 1.2
_DROPPED = ("implementation", "input_length", "batch_input_shape", "dtype")


# --- writing --------------------------------------------------------------------------------------


def lost(model: Any) -> list[Lost]:
    """Returns what the format cannot hold."""
    translation = model_as_2x(model, 3)
    found = [*translation.lost, *state_lost(model)]
    for entry in _entries(translation.entry):
        who = f"layer {entry['config'].get('name')!r} ({entry['class_name']})"
        found += [Lost(f"{who}: {problem}") for problem in _problems(entry["class_name"], entry["config"])]
    return found + list(masks_lost(model))


def _problems(class_name: str, config: Config) -> Iterator[str]:
    """Yields what means something else in Keras 3, or does not exist."""
    if class_name in _REMOVED:
        yield "Keras 3 has no such layer"
    if config.get("activation") == "hard_sigmoid":
        yield "hard_sigmoid has another slope in Keras 3"
    if config.get("interpolation") == "bilinear":
        yield "bilinear interpolation takes other places of the image in Keras 3"
    if "/" in (config.get("name") or ""):
        yield "names in Keras 3 have no slash"


def notes(model: Any) -> list[str]:
    """Returns what is changed so that predictions stay equal."""
    names = [
        entry["config"].get("name")
        for entry in _entries(model_as_2x(model, 3).entry)
        if entry["config"].get("recurrent_activation") == "hard_sigmoid"
    ]
    if not names:
        return []
    return [
        f"the weights of the gates of {', '.join(map(repr, names))} are multiplied by 1.2, because "
        "hard_sigmoid has the slope 1/6 in Keras 3 and 1/5 here"
    ]


def _entries(entry: Config) -> Iterator[Config]:
    config = entry["config"]
    if "layers" in config and entry["class_name"] in ("Model", "Sequential"):
        for layer in config["layers"]:
            yield from _entries(layer)
    else:
        yield entry
        for inner in (*(config[key] for key in ("layer", "cell") if key in config), *config.get("cells", [])):
            yield from _entries(inner)


def write(model: Any, path: str) -> None:
    """Writes a model."""
    import h5py

    entry = _as_keras_3(model_as_2x(model, 3).entry)
    if hasattr(model, "optimizer"):
        entry["compile_config"] = _compile_config(training_config(model))
    metadata = {"keras_version": _VERSION, "date_saved": f"{datetime.datetime.now():%Y-%m-%d@%H:%M:%S}"}
    weights = io.BytesIO()
    with h5py.File(weights, "w") as file:
        _write_arrays(file, entry, model)
    with atomic_write(path) as temporary, zipfile.ZipFile(temporary, "w") as archive:
        archive.writestr("metadata.json", json.dumps(metadata))
        archive.writestr("config.json", dump_json(entry))
        archive.writestr("model.weights.h5", weights.getvalue())


def _as_keras_3(entry: Config) -> Config:
    class_name, config = entry["class_name"], entry["config"]
    if class_name == "Sequential":
        layers = [_input_of(config["layers"]), *map(_as_keras_3, config["layers"])]
        layers = [layer for layer in layers if layer is not None]
        return _object("keras", "Sequential", {"name": config["name"], "trainable": True, "layers": layers})
    if class_name == "Model":
        models = {
            layer["name"] for layer in config["layers"] if layer["class_name"] in ("Model", "Sequential")
        }
        layers = []
        for layer in config["layers"]:
            nodes = [_call(layer["class_name"], node, models) for node in layer["inbound_nodes"]]
            layers.append({**_as_keras_3(layer), "name": layer["name"], "inbound_nodes": nodes})
        # Keras 3 counts the calls of a Functional from 1 in this place only.
        sequentials = {layer["name"] for layer in config["layers"] if layer["class_name"] == "Sequential"}
        places = {
            key: _single([_from_zero(place, sequentials) for place in config[key]])
            for key in ("input_layers", "output_layers")
        }
        own = {"name": config["name"], "trainable": True, "layers": layers}
        return _object("keras.src.models.functional", "Functional", {**own, **places})
    return _object("keras.layers", class_name, _options(class_name, config))


def _object(module: str, class_name: str, config: Config) -> Config:
    return {"module": module, "class_name": class_name, "config": config, "registered_name": None}


def _input_of(layers: list[Config]) -> Config | None:
    shape = layers[0]["config"].get("batch_input_shape") if layers else None
    if shape is None:
        return None
    dtype = layers[0]["config"].get("dtype") or "float32"
    config = {
        "batch_shape": shape,
        "dtype": dtype,
        "sparse": False,
        "name": f"{layers[0]['config']['name']}_input",
    }
    return _object("keras.layers", "InputLayer", config)


def _options(class_name: str, config: Config) -> Config:
    if class_name == "InputLayer":
        renamed = {"batch_shape": config["batch_input_shape"]}
        return {**renamed, **{key: config[key] for key in ("dtype", "sparse", "name")}}
    options = {}
    for key, value in config.items():
        if key in _DROPPED or (key, value) == ("trainable", True):
            continue
        kind = key.rsplit("_", 1)[-1]
        if isinstance(value, dict) and kind in ("initializer", "regularizer", "constraint"):
            value = _object(f"keras.{kind}s", value["class_name"], value["config"])
        options[key] = value
    if class_name == "LeakyReLU":
        options["negative_slope"] = options.pop("alpha")
    for key in ("layer", "cell"):
        if key in config:
            options[key] = _as_keras_3(config[key])
    if "cells" in config:
        options["cells"] = [_as_keras_3(cell) for cell in config["cells"]]
    return options


def _call(class_name: str, node: list[Any], models: set[str]) -> Config:
    """Returns a call as Keras 3 writes it; a layer that takes several arguments gets its inputs as these."""
    tensors = [
        {
            "class_name": "__keras_tensor__",
            "config": {"shape": [None], "dtype": "float32", "keras_history": _from_zero(source[:3], models)},
        }
        for source in node
    ]
    arguments = node[0][3]
    if class_name in ARGUMENTS:
        first, rest = tensors[:2], zip(ARGUMENTS[class_name][2:], tensors[2:], strict=False)
        return {"args": first, "kwargs": {**dict(rest), **arguments}}
    return {"args": [_single(tensors)], "kwargs": arguments}


def _single(items: list[Any]) -> Any:
    return items[0] if len(items) == 1 else items


def _from_zero(place: list[Any], models: set[str]) -> list[Any]:
    name, node, index = place
    return [name, node - (name in models), index]


_OPTIMIZER_OPTIONS = ("beta_1", "beta_2", "epsilon", "rho", "momentum", "nesterov", "clipnorm", "clipvalue")


def _compile_config(training: Config) -> Config:
    optimizer = training["optimizer_config"]
    options = {key: value for key, value in optimizer["config"].items() if key in _OPTIMIZER_OPTIONS}
    config = {"learning_rate": optimizer["config"].get("lr", 0.001), **options}
    return {
        "optimizer": _object("keras.optimizers", optimizer["class_name"], config),
        "loss": training["loss"],
        "loss_weights": training["loss_weights"],
        "metrics": training["metrics"],
        "weighted_metrics": None,
    }


def _write_arrays(file: "h5py.File", entry: Config, model: Any) -> None:
    for names, places in paths_of_arrays(entry):
        layer = _layer_at(model, names)
        arrays = [array for _, array in keras_2_arrays(layer)] if layer is not None else []
        arrays = _sloped(layer, arrays, _SLOPES) if arrays else arrays
        for i, place in enumerate(places):
            group = file.require_group(place)
            if layer is not None:
                group.attrs["name"] = layer.name
            for number, array in enumerate(_share(arrays, i, len(places))):
                group.create_dataset(str(number), data=array)


def _share(arrays: list[np.ndarray], i: int, count: int) -> list[np.ndarray]:
    """Returns the arrays of the i-th of `count` places, which have equally many."""
    each = len(arrays) // count
    return arrays[i * each : (i + 1) * each]


def _layer_at(model: Any, names: tuple[str, ...]) -> Any:
    """Returns a layer by the names from the outside in; None for the InputLayer of a Sequential."""
    layer = model
    for name in names:
        if name in ("forward", "backward") and hasattr(layer, "forward_layer"):
            layer = getattr(layer, f"{name}_layer")
        elif name in ("layer", "cell") and hasattr(layer, name):
            layer = getattr(layer, name)
        else:
            inside = getattr(layer, "cells", None) or layer.layers
            found = [inner for inner in inside if inner.name == name]
            if not found:
                return None
            layer = found[0]
    return layer


def _sloped(layer: Any, arrays: list[np.ndarray], factor: float) -> list[np.ndarray]:
    """Multiplies the weights of the gates whose activation is hard_sigmoid; see the module."""
    names = [cls.__name__ for cls in type(layer).__mro__]
    gated = [name for name in _GATED if name in names]
    config = layer.get_config() if gated else {}
    if "hard_sigmoid" not in (config.get("inner_activation"), config.get("recurrent_activation")):
        return arrays
    gates, candidate = (3, 2) if gated[0].startswith("GRU") else (4, 2)
    scales = [1.0 if gate == candidate else factor for gate in range(gates)]
    units = arrays[0].shape[-1] // gates
    return [(array * np.repeat(scales, units)).astype(array.dtype) for array in arrays]


# --- reading --------------------------------------------------------------------------------------


def model_of(path: str, contents: Contents) -> Any:
    """Returns the model of an open `.keras` archive, with its weights; compiled if its losses are known here.

    Raises:
        ValueError: it has something that Keras 1 has not, or is damaged; the message names the layer.
    """
    try:
        return _model_of(path, contents)
    except MISTAKES as error:
        if isinstance(error, ValueError):
            raise
        raise ValueError(
            f"{path}: its config is damaged ({type(error).__name__}: {error!s:.100})."
        ) from error


def _model_of(path: str, contents: Contents) -> Any:
    entry = contents.model or {}
    numbers = sum(math.prod(array.shape) for _, found in contents.layers for _, array in found)
    words = model_as_keras_2(entry)
    with spending(contents.budget or Budget(path, 0)), building_from(words, numbers):
        model = layer_from_config(words)
    if not hasattr(model, "layers"):
        raise ValueError(f"{path} describes a layer and no model.")
    if not model.built:
        model.build(None)
    _name_sequentials(entry, model)
    other = [item for item in masks_lost(model) if item.blocks]
    if other:
        raise ValueError(f"{path}: {other[0]}.")
    by_key = dict(contents.layers)
    arrays = {f"layers/{name}": array for found in by_key.values() for name, array in found}
    pairs: list[tuple[Any, np.ndarray]] = []
    for names, places in paths_of_arrays(entry):
        layer = _layer_at(model, names)
        if layer is None or not layer.weights:  # an InputLayer, or a layer without weights
            continue
        found = []
        for place in places:
            numbers = itertools.takewhile(lambda i, place=place: f"{place}/{i}" in arrays, itertools.count())
            found += [arrays[f"{place}/{number}"].read() for number in numbers]
        pairs += _values(path, layer, _sloped(layer, found, 1 / _SLOPES) if found else found)
    K.batch_set_value(pairs)
    _compile(model, contents.training)
    return model


def _name_sequentials(entry: Config, model: Any) -> None:
    """Gives the models in a Sequential their names, for which a Sequential of Keras 1 has no place."""
    for layer in model._inner_layers():
        found = [e for e in entry["config"].get("layers", []) if e["config"].get("name") == layer.name]
        if found and "layers" in found[0]["config"]:
            _name_sequentials(found[0], layer)
    if entry["class_name"] == "Sequential":
        inside = [part for part in entry["config"]["layers"] if part["class_name"] != "InputLayer"]
        for part, layer in zip(inside, model.layers, strict=True):
            layer.name = part["config"]["name"]
            if "layers" in part["config"]:
                _name_sequentials(part, layer)


def _values(path: str, layer: Any, arrays: list[np.ndarray]) -> list[tuple[Any, np.ndarray]]:
    ((_, converted),) = as_keras_1([(layer, [(str(i), LoadedArray(a)) for i, a in enumerate(arrays)])], False)
    variables = unfrozen_order(layer)
    wanted, found = [v.shape for v in variables], [a.shape for _, a in converted]
    if wanted != found:
        raise ValueError(
            f"{path}: layer {layer.name!r} wants arrays of shapes {wanted}; the file has {found}."
        )
    return list(zip(variables, (array.read() for _, array in converted), strict=True))


def _compile(model: Any, training: Config | None) -> None:
    """Compiles the model as it was, if loss and optimizer are among those of Keras 1."""
    if not training:
        return
    optimizer: Any = training.get("optimizer")
    if isinstance(optimizer, dict):
        options = optimizer.get("config", {})
        known = {k: v for k, v in options.items() if k in _OPTIMIZER_OPTIONS and v is not None}
        rate = options.get("learning_rate", 0.001)
        known["lr"] = rate if isinstance(rate, float | int) else 0.001
        optimizer = {"class_name": optimizer.get("class_name"), "config": known}
    metrics = training.get("metrics")
    try:
        model.compile(
            optimizer, training.get("loss"), metrics=metrics, loss_weights=training.get("loss_weights")
        )
    except (ValueError, TypeError, KeyError, AttributeError):
        vars(model).pop("optimizer", None)
