"""Configs of Keras 3 in the words of Keras 2, which `_spelling` translates further to Keras 1.

Keras 3 wraps every object in its module, writes calls as nested arguments, and has options of its own. Those
that do nothing at their default are left out; any other value is refused.

Reference:
    Keras 3, saving/serialization_lib.py: `serialize_keras_object`; models/functional.py: `serialize_node`.
"""

import re
from typing import Any

from .._base.types import Config
from ..engine.files.registry import layer_class
from .keras_3_masks import MASKS, without_masks

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
    "rms_scaling": (False,),
    "sliding_window": (None,),
    "renorm_clipping": None,
    "renorm_momentum": None,
    "input_axes": None,
    "output_axes": None,
}
_SEEDED = (
    *("Dropout", "GaussianDropout", "GaussianNoise", "LSTM", "GRU", "SimpleRNN", "ConvLSTM2D"),
    *("LSTMCell", "GRUCell", "SimpleRNNCell", "AlphaDropout", "MultiHeadAttention"),
)
_NAMED = {f"{kind}{shape}" for kind in ("Glorot", "He", "Lecun") for shape in ("Uniform", "Normal")}
_RENAMED = {("LeakyReLU", "negative_slope"): "alpha"}
_MODELS = ("Functional", "Model", "Sequential")
#: Options of one class that do nothing at these values.
_WITHOUT_EFFECT_IN: dict[tuple[str, str], tuple[Any, ...]] = {
    ("ZeroPadding1D", "data_format"): ("channels_last", None),
    ("MultiHeadAttention", "attention_axes"): (None, [1]),
    ("MultiHeadAttention", "flash_attention"): (None, False, True),
    ("MultiHeadAttention", "use_gate"): (False,),
    **{
        (f"Global{kind}Pooling{rank}D", "keepdims"): (False,)
        for kind in ("Max", "Average")
        for rank in (1, 2, 3)
    },
}
#: Values that mean something else in Keras 1.
_OTHER_MEANING = {
    "activation": ("hard_sigmoid", "its slope is 1/6 in Keras 3, and 1/5 here"),
    "interpolation": ("bilinear", "it takes other places of the image here"),
}
#: The arguments of the call of a layer with several, in the order of the list on which it is called here.
ARGUMENTS: dict[str, tuple[str, ...]] = {"MultiHeadAttention": ("query", "value", "key", "attention_mask")}
_FIRST = ("inputs", "input", "x", "sequences", "sequence")
#: Arguments of a call that do nothing there: a Functional of Keras 3 gives all its layers its own phase, and
#: the tensors here have their masks.
_WITHOUT_EFFECT_IN_CALLS = ("training", *MASKS)
_KEPT = ("use_causal_mask",)


def model_as_keras_2(entry: Config) -> Config:
    """Returns the config of a model of Keras 3 as Keras 2.3 would write it.

    Args:
        entry: {"class_name": ..., "config": ..., "module": ...}.

    Raises:
        ValueError: an option or a call has no counterpart, or the config is damaged; the message names the
            layer.
    """
    try:
        return _model(entry)
    except (KeyError, TypeError, AttributeError, IndexError) as error:
        raise ValueError(
            f"The config of Keras 3 is damaged: {type(error).__name__}: {error!s:.100}."
        ) from error


def _model(entry: Config) -> Config:
    if not isinstance(entry, dict) or not isinstance(entry.get("config"), dict):
        raise ValueError(f"The config of a layer of Keras 3 is {entry!r:.80}; wanted a dict.")
    if entry.get("class_name") not in _MODELS:
        return _layer(entry)
    config = entry["config"]
    sources = without_masks(config.get("layers", []))
    layers = [_model(layer) for layer in sources]
    if entry["class_name"] == "Sequential":
        return {
            "class_name": "Sequential",
            "config": {"name": config.get("name"), "layers": _started(layers)},
        }
    names = {
        layer["config"].get("name") for layer in layers if layer["class_name"] in ("Model", "Sequential")
    }
    for layer, source in zip(layers, sources, strict=True):
        layer["name"] = source.get("name", layer["config"].get("name"))
        calls = source.get("inbound_nodes", [])
        nodes = [_node(layer["name"], source["class_name"], node, names) for node in calls]
        layer["inbound_nodes"] = nodes
    # Keras 3 counts the calls of a Functional from 1 in this place only.
    sequentials = {layer["config"].get("name") for layer in layers if layer["class_name"] == "Sequential"}
    places = {
        key: [_place(source, sequentials) for source in _listed(config.get(key, []))]
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
    given = {"batch_input_shape": first["config"].get("batch_input_shape")}
    given["dtype"] = first["config"].get("dtype")
    return [{**second, "config": {**second["config"], **given}}, *rest]


def _layer(entry: Config) -> Config:
    class_name, config = entry["class_name"], entry["config"]
    who = f"Layer {config.get('name')!r} ({class_name})"
    if not _is_known(class_name):
        what = "operation" if str(entry.get("module")).startswith("keras.src.ops") else "layer"
        raise ValueError(f"{who}: keras-classic has no such {what} of Keras 3.")
    result: Config = {}
    for key, value in config.items():
        if class_name == "Bidirectional" and key in ("layer", "backward_layer"):
            value = _unmasked(value)
        if (class_name, key) in _WITHOUT_EFFECT_IN:
            allowed: tuple[Any, ...] | None = _WITHOUT_EFFECT_IN[class_name, key]
        elif key in _WITHOUT_EFFECT or (key == "seed" and class_name in _SEEDED):
            allowed = _WITHOUT_EFFECT.get(key)
        else:
            result[_RENAMED.get((class_name, key), key)] = _option(who, key, value)
            continue
        if allowed is not None and value not in allowed:
            raise ValueError(f"{who} has {key}={value!r:.80}, which only Keras 3 has.")
    return {"class_name": class_name, "config": _adapted(who, class_name, config, result)}


def _adapted(who: str, class_name: str, config: Config, result: Config) -> Config:
    if class_name == "InputLayer" and "batch_shape" in result:
        result["batch_input_shape"] = result.pop("batch_shape")
    if class_name == "MultiHeadAttention" and isinstance(result.get("output_shape"), list):
        (result["output_shape"],) = result["output_shape"]
    if class_name == "Embedding":
        result.setdefault("input_length", None)
    if class_name == "Bidirectional":
        _check_backward(who, config)
        result.pop("backward_layer", None)
    return result


def _option(who: str, key: str, value: Any) -> Any:
    value = _value(value)
    if key in _OTHER_MEANING and value == _OTHER_MEANING[key][0]:
        raise ValueError(f"{who} has {key}={value!r}: {_OTHER_MEANING[key][1]}.")
    if key == "dtype" and isinstance(value, str) and "float16" in value:
        raise ValueError(f"{who} computes in {value}; models in float32 are read.")
    return value


def _is_known(class_name: Any) -> bool:
    try:
        return bool(layer_class(class_name))
    except ValueError:
        return False


def _unmasked(layer: Any) -> Any:
    """Removes what Keras 3 sets by return_sequences; it has an effect on masked steps, which are refused."""
    if not isinstance(layer, dict) or not isinstance(layer.get("config"), dict):
        return layer
    return {**layer, "config": {k: v for k, v in layer["config"].items() if k != "zero_output_for_mask"}}


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
    if name == "VarianceScaling" and (config or {}).get("distribution") == "truncated_normal":
        config = {**(config or {}), "distribution": "normal"}  # Keras 2's name of the same
    if isinstance(config, dict):
        if "inbound_nodes" in value or value.get("module") == "keras.layers" or name in _MODELS:
            return _model(value)
        return {"class_name": name, "config": {k: v for k, v in config.items() if k not in _WITHOUT_EFFECT}}
    return value


def _node(layer: str, class_name: str, node: Any, models: set[str]) -> list[Any]:
    """Returns a call, {"args": ..., "kwargs": ...}, as the list of its inputs.

    The arguments of the call are the fourth part of the first input. A mask that Keras 3 writes is one that
    the tensors have here, too: `_without_masks` has checked it.
    """
    if isinstance(node, list):
        return node
    names = ARGUMENTS.get(class_name, ("",))
    args, kwargs = node.get("args", []), dict(node.get("kwargs", {}))
    given = {**dict(zip(names, args, strict=False))}
    for name in (*names, *_FIRST):
        if kwargs.get(name) is not None:
            given[name if name in names else ""] = kwargs.pop(name)
    kept = {key: value for key in _KEPT if (value := kwargs.pop(key, None))}
    more = {k: v for k, v in kwargs.items() if v not in (None, False) and k not in _WITHOUT_EFFECT_IN_CALLS}
    if len(args) > len(names) or more or not given:
        raise ValueError(
            f"Layer {layer!r} was called with more than its inputs ({sorted(more) or len(args)}); layers "
            "of Keras 1 are called on tensors only."
        )
    if names == ("",):
        tensors = given[""] if isinstance(given[""], list) else [given[""]]
    else:
        tensors = [given[name] for name in names if name in given]
        if "attention_mask" in given and "key" not in given:
            tensors.insert(2, given["value"])
    places = [[*_place(_history(layer, tensor), models), {}] for tensor in tensors]
    if kept:
        places[0][3] = kept
    return places


def _history(layer: str, tensor: Any) -> Any:
    if not isinstance(tensor, dict) or tensor.get("class_name") != "__keras_tensor__":
        raise ValueError(f"Layer {layer!r} was called on {tensor!r:.80}; wanted the output of a layer.")
    return tensor["config"]["keras_history"]


def _place(source: Any, models: set[str]) -> list[Any]:
    """Counts the calls of a model inside another from 1, as Keras 1 and 2 do: call 0 is its definition."""
    name, node, index = source
    return [name, node + (name in models), index]


def _listed(places: Any) -> list[Any]:
    if isinstance(places, dict):  # a model called on a dict; the order of its inputs is that of the dict
        return list(places.values())
    return [places] if places and isinstance(places[0], str) else places
