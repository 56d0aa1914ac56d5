"""The `.keras` archive of Keras 3, in both directions; models go through the words of Keras 2.

Three things differ in meaning, and are converted so that predictions stay equal:

- "hard_sigmoid" has the slope 1/6 in Keras 3 and 1/5 before. 1/5 x = 1/6 (1.2 x), so the weights of the gates
  of a recurrent layer are multiplied by 1.2, or divided by it.
- Keras 3 counts the calls of a model inside another from 0, Keras 1 from 1.
- Keras 3 writes the input of a Sequential as a layer.
"""

import datetime
import io
import json
import zipfile
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import backend as K
from .._base.types import Config
from .._files.atomic import atomic_write
from .._files.config_text import dump_json
from .._inspect import Contents
from .._inspect.from_keras_3 import model_as_keras_2, paths_of_arrays
from ..engine.files.keras_2_weights import LoadedArray, as_keras_1
from ..engine.files.registry import layer_from_config
from ..engine.files.saving import training_config
from ..engine.weight_order import unfrozen_order
from .hdf5_keras_2 import state_lost
from .keras_2_arrays import keras_2_arrays
from .keras_2_config import model_as_2x
from .lost import Lost

if TYPE_CHECKING:
    import h5py

_VERSION = "3.15.1"
#: Layers of Keras 2 that Keras 3 no longer has.
_REMOVED = ("LocallyConnected1D", "LocallyConnected2D", "ThresholdedReLU")
_GATED = ("LSTM", "GRU", "ConvLSTM2D")
_SLOPES = 1.2
#: Layers that pass a mask on as Keras 1 does, or use it in the same way.
_MASKED_ALIKE = frozenset(
    "LSTM GRU SimpleRNN Bidirectional Dropout Activation Masking Embedding InputLayer TimeDistributed "
    "GaussianNoise GaussianDropout Dense".split()
)
_DROPPED = ("implementation", "input_length", "batch_input_shape", "dtype")


# --- writing --------------------------------------------------------------------------------------


def lost(model: Any) -> list[Lost]:
    """Returns what the format cannot hold."""
    translation = model_as_2x(model)
    found = [*translation.lost, *state_lost(model)]
    for entry in _entries(translation.entry):
        who = f"layer {entry['config'].get('name')!r} ({entry['class_name']})"
        if entry["class_name"] in _REMOVED:
            found.append(Lost(f"{who}: Keras 3 has no such layer"))
        if entry["config"].get("activation") == "hard_sigmoid":
            found.append(Lost(f"{who}: hard_sigmoid has another slope in Keras 3"))
    return found + list(_masks_lost(model))


def notes(model: Any) -> list[str]:
    """Returns what is changed so that predictions stay equal."""
    names = [
        entry["config"].get("name")
        for entry in _entries(model_as_2x(model).entry)
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
        if "layer" in config:
            yield from _entries(config["layer"])


def _masks_lost(model: Any) -> Iterator[Lost]:
    """Yields the layers that get a mask and treat it otherwise in Keras 3."""
    for layer in model._inner_layers():
        yield from _masks_lost(layer)
        masked = any(mask is not None for node in layer.inbound_nodes for mask in _listed(node.input_masks))
        if masked and type(layer).__name__ not in _MASKED_ALIKE:
            yield Lost(
                f"layer {layer.name!r} ({type(layer).__name__}) gets a mask, which Keras 3 treats otherwise"
            )


def _listed(masks: Any) -> list[Any]:
    return masks if isinstance(masks, list) else [masks]


def write(model: Any, path: str) -> None:
    """Writes a model."""
    import h5py

    entry = _as_keras_3(model_as_2x(model).entry)
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
            nodes = [_call(node, models) for node in layer["inbound_nodes"]]
            layers.append({**_as_keras_3(layer), "name": layer["name"], "inbound_nodes": nodes})
        places = {
            key: [_from_zero(place, models) for place in config[key]]
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
    if class_name == "Flatten":
        options["data_format"] = "channels_last"  # keeps the order in memory, as Keras 1 does
    if "layer" in config:
        options["layer"] = _as_keras_3(config["layer"])
    return options


def _call(node: list[Any], models: set[str]) -> Config:
    tensors = [
        {
            "class_name": "__keras_tensor__",
            "config": {"shape": [None], "dtype": "float32", "keras_history": _from_zero(source[:3], models)},
        }
        for source in node
    ]
    return {"args": [tensors if len(tensors) > 1 else tensors[0]], "kwargs": {}}


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
    for names, path in paths_of_arrays(entry):
        group = file.require_group(path)
        layer = _layer_at(model, names)
        if layer is None:
            continue
        group.attrs["name"] = layer.name
        arrays = [array for _, array in keras_2_arrays(layer)] if layer.weights else []
        for number, array in enumerate(_sloped(layer, arrays, _SLOPES)):
            group.create_dataset(str(number), data=array)


def _layer_at(model: Any, names: tuple[str, ...]) -> Any:
    """Returns a layer by the names from the outside in; None for the InputLayer of a Sequential."""
    layer = model
    for name in names:
        if name in ("forward", "backward") and hasattr(layer, "forward_layer"):
            layer = getattr(layer, f"{name}_layer")
        elif name == "layer" and hasattr(layer, "layer"):
            layer = layer.layer
        else:
            found = [inner for inner in layer.layers if inner.name == name]
            if not found:
                return None
            layer = found[0]
    return layer


def _sloped(layer: Any, arrays: list[np.ndarray], factor: float) -> list[np.ndarray]:
    """Multiplies the weights of the gates whose activation is hard_sigmoid; see the module."""
    names = [cls.__name__ for cls in type(layer).__mro__]
    gated = [name for name in _GATED if name in names]
    if not gated or layer.get_config()["inner_activation"] != "hard_sigmoid":
        return arrays
    gates, candidate = (3, 2) if gated[0] == "GRU" else (4, 2)
    scales = [1.0 if gate == candidate else factor for gate in range(gates)]
    units = arrays[0].shape[-1] // gates
    return [(array * np.repeat(scales, units)).astype(array.dtype) for array in arrays]


# --- reading --------------------------------------------------------------------------------------


def model_of(path: str, contents: Contents) -> Any:
    """Returns the model of an open `.keras` archive, with its weights; compiled if its losses are known here.

    Raises:
        ValueError: it has something that Keras 1 has not; the message names the layer.
    """
    entry = contents.model or {}
    model = layer_from_config(model_as_keras_2(entry))
    if not model.built:
        model.build(None)
    by_key = dict(contents.layers)
    arrays = {f"layers/{name}": array for found in by_key.values() for name, array in found}
    pairs: list[tuple[Any, np.ndarray]] = []
    for names, place in paths_of_arrays(entry):
        layer = _layer_at(model, names)
        if layer is None or not layer.weights:
            continue
        found = []
        while f"{place}/{len(found)}" in arrays:
            found.append(arrays[f"{place}/{len(found)}"].read())
        pairs += _values(path, layer, _sloped(layer, found, 1 / _SLOPES) if found else found)
    K.batch_set_value(pairs)
    _compile(model, contents.training)
    return model


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
