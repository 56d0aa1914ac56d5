"""Configs of Keras 3 in the words of Keras 2, which `_spelling` translates further to Keras 1.

Keras 3 wraps every object in its module, writes calls as nested arguments, and has options of its own. Those
that do nothing at their default are left out; any other value is refused.

Reference:
    Keras 3, saving/serialization_lib.py: `serialize_keras_object`; models/functional.py: `serialize_node`.
"""

import re
from typing import Any

from .._base.types import Config

#: Options that Keras 2 does not have, and the values at which they have no effect; None for any value.
_WITHOUT_EFFECT: dict[str, tuple[Any, ...] | None] = {
    "groups": (1,),
    "quantization_config": (None,),
    "zero_output_for_mask": (False,),
    "synchronized": (False,),
    "ragged": (False,),
    "optional": (False,),
    "autocast": (True,),
    "lora_rank": (None,),
    "lora_alpha": (None,),
    "use_cudnn": None,
    "build_config": None,
    "build_input_shape": None,
    "renorm": (False,),
    "renorm_clipping": None,
    "renorm_momentum": None,
    "input_axes": None,
    "output_axes": None,
}
_SEEDED = ("Dropout", "GaussianDropout", "GaussianNoise", "LSTM", "GRU", "SimpleRNN", "ConvLSTM2D")
_NAMED = {f"{kind}{shape}" for kind in ("Glorot", "He", "Lecun") for shape in ("Uniform", "Normal")}
_RENAMED = {("LeakyReLU", "negative_slope"): "alpha"}
_MODELS = ("Functional", "Model", "Sequential")


def model_as_keras_2(entry: Config) -> Config:
    """Returns the config of a model of Keras 3 as Keras 2.3 would write it.

    Args:
        entry: {"class_name": ..., "config": ..., "module": ...}.

    Raises:
        ValueError: an option or a call has no counterpart; the message names the layer.
    """
    if not isinstance(entry, dict) or not isinstance(entry.get("config"), dict):
        raise ValueError(f"The config of a layer of Keras 3 is {entry!r:.80}; wanted a dict.")
    if entry.get("class_name") not in _MODELS:
        return _layer(entry)
    config = entry["config"]
    layers = [model_as_keras_2(layer) for layer in config.get("layers", [])]
    if entry["class_name"] == "Sequential":
        return {
            "class_name": "Sequential",
            "config": {"name": config.get("name"), "layers": _started(layers)},
        }
    names = {
        layer["config"].get("name") for layer in layers if layer["class_name"] in ("Model", "Sequential")
    }
    for layer, source in zip(layers, config["layers"], strict=True):
        layer["name"] = source.get("name", layer["config"].get("name"))
        nodes = [_node(layer["name"], node, names) for node in source.get("inbound_nodes", [])]
        layer["inbound_nodes"] = nodes
    places = {
        key: [_place(source, names) for source in _listed(config.get(key, []))]
        for key in ("input_layers", "output_layers")
    }
    return {"class_name": "Model", "config": {"name": config.get("name"), "layers": layers, **places}}


def _started(layers: list[Config]) -> list[Config]:
    """Replaces the InputLayer at the beginning of a Sequential by the shape of its first layer."""
    if len(layers) < 2 or layers[0]["class_name"] != "InputLayer":
        return layers
    first, second, *rest = layers
    if second["class_name"] in ("Model", "Sequential"):
        return [second, *rest]
    shape = {"batch_input_shape": first["config"].get("batch_input_shape")}
    return [{**second, "config": {**second["config"], **shape}}, *rest]


def _layer(entry: Config) -> Config:
    class_name, config = entry["class_name"], entry["config"]
    who = f"Layer {config.get('name')!r} ({class_name})"
    result: Config = {}
    for key, value in config.items():
        if key in _WITHOUT_EFFECT or (key == "seed" and class_name in _SEEDED):
            allowed = _WITHOUT_EFFECT.get(key)
            if allowed is not None and value not in allowed:
                raise ValueError(f"{who} has {key}={value!r:.80}, which only Keras 3 has.")
            continue
        result[_RENAMED.get((class_name, key), key)] = _value(value)
    if class_name == "InputLayer" and "batch_shape" in result:
        result["batch_input_shape"] = result.pop("batch_shape")
    if class_name == "Embedding":
        result.setdefault("input_length", None)
    if class_name == "Bidirectional":
        _check_backward(who, config)
        result.pop("backward_layer", None)
    return {"class_name": class_name, "config": result}


def _check_backward(who: str, config: Config) -> None:
    parts: list[Any] = [config.get(name) for name in ("layer", "backward_layer")]
    if parts[1] is None:
        return
    first, second = (
        {k: _value(v) for k, v in part["config"].items() if k not in ("name", "go_backwards")}
        for part in parts
    )
    if first != second:
        raise ValueError(f"{who} has two different layers; wanted the same one in both directions.")


def _value(value: Any) -> Any:
    """Returns a stored object as Keras 2 stores it."""
    if isinstance(value, list):
        return [_value(item) for item in value]
    if not isinstance(value, dict) or "class_name" not in value:
        return value
    name, config = value["class_name"], value.get("config")
    if name == "DTypePolicy":
        return (config or {}).get("name", "float32")
    if name in _NAMED:
        return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()
    if name in ("L1", "L2"):
        return {"class_name": "L1L2", "config": {"l1": 0.0, "l2": 0.0, **(config or {})}}
    if name == "function":
        return config
    if isinstance(config, dict):
        if "inbound_nodes" in value or value.get("module") == "keras.layers" or name in _MODELS:
            return model_as_keras_2(value)
        return {"class_name": name, "config": {k: v for k, v in config.items() if k not in _WITHOUT_EFFECT}}
    return value


def _node(layer: str, node: Any, models: set[str]) -> list[Any]:
    """Returns a call, {"args": ..., "kwargs": ...}, as the list of its inputs."""
    if isinstance(node, list):
        return node
    args, kwargs = node.get("args", []), node.get("kwargs", {})
    given = {key: value for key, value in kwargs.items() if value not in (None, False)}
    if len(args) != 1 or given:
        raise ValueError(
            f"Layer {layer!r} was called with more than its inputs ({sorted(given) or len(args)}); layers of "
            "Keras 1 are called on tensors only."
        )
    tensors = args[0] if isinstance(args[0], list) else [args[0]]
    return [[*_place(_history(layer, tensor), models), {}] for tensor in tensors]


def _history(layer: str, tensor: Any) -> Any:
    if not isinstance(tensor, dict) or tensor.get("class_name") != "__keras_tensor__":
        raise ValueError(f"Layer {layer!r} was called on {tensor!r:.80}; wanted the output of a layer.")
    return tensor["config"]["keras_history"]


def _place(source: Any, models: set[str]) -> list[Any]:
    """Counts the calls of a model inside another from 1, as Keras 1 and 2 do: call 0 is its definition."""
    name, node, index = source
    return [name, node + (name in models), index]


def _listed(places: Any) -> list[Any]:
    return [places] if places and isinstance(places[0], str) else places


# --- where Keras 3 puts the arrays of a layer -----------------------------------------------------

_RECURRENT = ("LSTM", "GRU", "SimpleRNN", "ConvLSTM2D")


def snake_case(name: str) -> str:
    """Returns the name of a class as Keras 3 spells it in paths.

    Example:
        >>> snake_case("BatchNormalization"), snake_case("Conv2D"), snake_case("PReLU")
        ('batch_normalization', 'conv2d', 'p_re_lu')
    """
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()


def keys_of(layers: list[Config]) -> list[str]:
    """Returns the key of each layer of a container: its class, numbered from the second on."""
    seen: dict[str, int] = {}
    keys = []
    for layer in layers:
        key = snake_case(str(layer.get("class_name")))
        seen[key] = seen.get(key, -1) + 1
        keys.append(key if not seen[key] else f"{key}_{seen[key]}")
    return keys


def paths_of_arrays(entry: Config, prefix: str = "") -> list[tuple[tuple[str, ...], str]]:
    """Returns (names of the layers from the outside in, path of its `vars`) for each layer of a model.

    Args:
        entry: the config of a model of Keras 3.
        prefix: path of the model, "" or ending in "/".
    """
    found: list[tuple[tuple[str, ...], str]] = []
    layers = entry["config"]["layers"]
    for layer, key in zip(layers, keys_of(layers), strict=True):
        name, path = layer["config"].get("name"), f"{prefix}layers/{key}/"
        found += [((name, *inner), place) for inner, place in _paths(layer, path)]
    return found


def _paths(layer: Config, path: str) -> list[tuple[tuple[str, ...], str]]:
    class_name, config = layer["class_name"], layer["config"]
    if class_name in _MODELS:
        return paths_of_arrays(layer, path)
    if class_name == "Bidirectional":
        sides = (("forward", "forward_layer/"), ("backward", "backward_layer/"))
        return [
            ((side, *inner), place)
            for side, part in sides
            for inner, place in _paths(config["layer"], f"{path}{part}")
        ]
    if class_name == "TimeDistributed":
        return [(("layer", *inner), place) for inner, place in _paths(config["layer"], f"{path}layer/")]
    return [((), f"{path}cell/vars" if class_name in _RECURRENT else f"{path}vars")]
