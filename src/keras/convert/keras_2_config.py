"""Configs of Keras 1 in the words of Keras 2: the table of `_spelling`, read from right to left."""

import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from .. import backend as K
from .. import layers
from .._base.types import Config
from .._spelling import table
from .._spelling.translate import Keyword, keywords
from ..layers._options import LayerWithOptions, options_of
from .lost import Lost

#: Keras 2's short names, which its files have.
SHORT_NAMES = {
    old: new for new, old in table.CLASSES.items() if new in ("Conv1D", "Conv2D", "Conv3D", "SeparableConv2D")
}
DILATED = {"AtrousConvolution1D": "Convolution1D", "AtrousConvolution2D": "Convolution2D"}
MERGED = {row.fixed["mode"]: (name, row) for name, row in table.LAYERS.items() if row.becomes == "Merge"}
#: Options of Keras 1 that say the same twice, or matter only while a layer is made.
_IGNORED = frozenset(
    "name trainable batch_input_shape input_shape input_dtype input_dim input_length weights consume_less "
    "layer layers atrous_rate init inner_init forget_bias_init output_shape_type mode_type arguments "
    "output_mask output_mask_type node_indices tensor_indices concat_axis dot_axes mode output_shape sparse "
    "dim_ordering".split()
)
#: The others count only at another value than these.
_WITHOUT_EFFECT: dict[str, tuple[Any, ...]] = {"mode": (0, None), "dropout": (0, 0.0, None)}
_KNOWN_ACTIVATIONS = frozenset("linear relu tanh sigmoid hard_sigmoid softmax softplus softsign elu".split())
_CODE = ("Lambda", "Operation")


@dataclass
class Translation:
    """A config in the words of Keras 2.

    Attributes:
        entry: {"class_name": ..., "config": ...}.
        lost: what Keras 2 has no words for.
    """

    entry: Config
    lost: list[Lost] = field(default_factory=list)


def model_as_2x(model: Any) -> Translation:
    """Translates the config of a model.

    Args:
        model: a built `Model` or `Sequential`.
    """
    config = model.get_config()
    name = model.name
    entry = {"class_name": type(model).__name__, "config": config, "name": name}
    lost: list[Lost] = []
    return Translation(_entry(entry, lost), lost)


def _entry(entry: Config, lost: list[Lost]) -> Config:
    class_name, config = entry["class_name"], entry["config"]
    name = entry.get("name") or (config.get("name") if isinstance(config, dict) else None)
    if "shared" in entry:
        lost.append(Lost(f"layer {name!r} ({class_name}) is shared by several models inside this one"))
    if entry.get("trainable") is False:
        lost.append(Lost(f"layer {name!r} ({class_name}) is frozen as a whole", blocks=False))
    if isinstance(config, list):
        layers = [_entry(item, lost) for item in config]
        return {"class_name": "Sequential", "config": {"name": name, "layers": layers}}
    if "layers" in config and class_name != "Merge":
        return _model(class_name, config, lost)
    if "layer" in config:
        return {
            "class_name": class_name,
            "config": {**_layer(class_name, config, lost)[1], "layer": _entry(config["layer"], lost)},
        }
    new_name, arguments = _layer(class_name, config, lost)
    return {"class_name": new_name, "config": arguments}


def _model(class_name: str, config: Config, lost: list[Lost]) -> Config:
    if class_name not in ("Model", "Container"):
        lost.append(Lost(f"model {config.get('name')!r} is of a class of its own, {class_name}"))
    layers = []
    for layer in config["layers"]:
        nodes = [[[*source[:3], {}] for source in node] for node in layer["inbound_nodes"]]
        layers.append({"name": layer["name"], **_entry(layer, lost), "inbound_nodes": nodes})
    places = {key: config[key] for key in ("input_layers", "output_layers")}
    return {"class_name": "Model", "config": {"name": config.get("name"), "layers": layers, **places}}


def _layer(class_name: str, config: Config, lost: list[Lost]) -> tuple[str, Config]:
    """Returns (class name, arguments) in Keras 2."""
    who = f"layer {config.get('name')!r} ({class_name})"
    if class_name == "InputLayer":
        return class_name, {
            "batch_input_shape": config["batch_input_shape"],
            "dtype": config.get("input_dtype") or "float32",
            "sparse": config.get("sparse", False),
            "name": config["name"],
        }
    if class_name in _CODE:
        lost.append(Lost(f"{who}: its function is code of this program, which no file can carry"))
        return class_name, dict(config)
    new_name, row = _row_of(class_name, config)
    if row is None:
        why = f"mode {config.get('mode')!r}" if class_name == "Merge" else "no such layer"
        lost.append(Lost(f"{who}: Keras 2 has {why if class_name != 'Merge' else 'no merge of ' + why}"))
        return class_name, dict(config)
    arguments = {key: config[key] for key in ("name", "trainable", "batch_input_shape") if key in config}
    arguments["dtype"] = config.get("input_dtype") or "float32"
    used = set(row.fixed)
    # A config leaves out options that Keras 1 does not have if they have their defaults; those of Keras 2 or
    # 3 may be others.
    complete = {**_defaults(class_name), **config}
    for keyword in keywords(row.keywords).values():
        used.update(keyword.old)
        arguments.update(_argument(keyword, complete, who, lost))
    if class_name in DILATED:
        rate = config["atrous_rate"]
        arguments["dilation_rate"] = list(rate) if isinstance(rate, list | tuple) else rate
    lost += _leftovers(who, class_name, config, used)
    return new_name, arguments


@functools.cache
def _defaults(class_name: str) -> Config:
    """Returns the defaults of the options that a layer's config has only if they have other values."""
    cls = getattr(layers, class_name, None)
    if not isinstance(cls, type) or not issubclass(cls, LayerWithOptions):
        return {}
    return {name: default for name, field, default in options_of(cls) if not field.always}


def _row_of(class_name: str, config: Config) -> tuple[str, table.Row | None]:
    if class_name == "Merge":
        mode = config.get("mode")
        known = isinstance(mode, str) and config.get("mode_type", "raw") == "raw" and "layers" not in config
        return MERGED.get(mode, (class_name, None)) if known else (class_name, None)
    base = DILATED.get(class_name, class_name)
    return SHORT_NAMES.get(base, base), table.LAYERS.get(base)


def _leftovers(who: str, class_name: str, config: Config, used: set[str]) -> Iterator[Lost]:
    """Yields the options of Keras 1 that no word of Keras 2 stands for."""
    for key, value in config.items():
        if key in used or value is None or value is False:
            continue
        if key in _WITHOUT_EFFECT and class_name != "Merge":
            if value not in _WITHOUT_EFFECT[key]:
                yield Lost(f"{who}: {key}={value!r}, which only Keras 1 has")
        elif key not in _IGNORED or (key == "output_shape" and class_name == "Deconvolution2D"):
            yield Lost(f"{who}: {key}={value!r:.60}, which only Keras 1 has")


def _argument(keyword: Keyword, config: Config, who: str, lost: list[Lost]) -> Iterator[tuple[str, Any]]:
    """Yields (name in Keras 2, value), or nothing if the layer does not say."""
    if not keyword.old:
        if keyword.only is not None and keyword.new not in ("batch_size", "dilation_rate"):
            yield keyword.new, _ONLY.get(keyword.only.split("|")[0], keyword.only.split("|")[0])
        return
    if not all(name in config for name in keyword.old):
        return
    values = [config[name] for name in keyword.old]
    value = values[0] if len(values) == 1 else values
    try:
        yield keyword.new, _value(keyword.new, value)
    except _Unknown as problem:
        lost.append(Lost(f"{who}: {keyword.old[0]}: {problem}", problem.blocks))


_ONLY: dict[str, Any] = {
    "None": None, "True": True, "False": False, "0": 0, "1": 1, "-1": -1,
}  # fmt: skip


class _Unknown(ValueError):
    """A value that Keras 2 has no word for."""

    def __init__(self, text: str, blocks: bool = True) -> None:
        super().__init__(text)
        self.blocks = blocks


def _value(name: str, value: Any) -> Any:
    convert = _BY_NAME.get(name) or _BY_LAST_WORD.get(name.rsplit("_", 1)[-1])
    return convert(value) if convert else value


def _data_format(value: Any) -> str:
    ordering = K.image_dim_ordering() if value in (None, "default") else value
    return {"th": "channels_first", "tf": "channels_last"}[ordering]


_INITIALIZERS: dict[str, Any] = {
    "zero": {"class_name": "Zeros", "config": {}},
    "one": {"class_name": "Ones", "config": {}},
    "uniform": {"class_name": "RandomUniform", "config": {"minval": -0.05, "maxval": 0.05, "seed": None}},
    "normal": {"class_name": "RandomNormal", "config": {"mean": 0.0, "stddev": 0.05, "seed": None}},
    "orthogonal": {"class_name": "Orthogonal", "config": {"gain": 1.1, "seed": None}},
    "identity": {"class_name": "Identity", "config": {"gain": 1.0}},
    **{name: name for name in ("glorot_uniform", "he_uniform", "lecun_uniform")},
}


def _initializer(value: Any) -> Any:
    if isinstance(value, dict) and isinstance(value.get("name"), str):
        return {"class_name": value["name"], "config": {k: v for k, v in value.items() if k != "name"}}
    if isinstance(value, str) and value in _INITIALIZERS:
        return _INITIALIZERS[value]
    raise _Unknown(
        f"Keras 2 has no initialization {value!r}; new weights would be drawn in another way", False
    )


def _unit_forget_bias(value: Any) -> bool:
    if value in ("one", "zero"):
        return value == "one"
    raise _Unknown(f"{value!r}; Keras 2 has only zeros and ones for a new bias", False)


def _regularizer(value: Any) -> Any:
    if value is None:
        return None
    name = value.get("name") if isinstance(value, dict) else value
    if name not in ("L1L2Regularizer", "WeightRegularizer", "ActivityRegularizer") or not isinstance(
        value, dict
    ):
        raise _Unknown(f"the penalty {name!r}, which Keras 2 does not have", False)
    return {"class_name": "L1L2", "config": {key: float(value.get(key, 0.0)) for key in ("l1", "l2")}}


_CONSTRAINT_ARGUMENTS = {"m": "max_value", "low": "min_value", "high": "max_value"}


def _constraint(value: Any) -> Any:
    if value is None:
        return None
    name = value.get("name") if isinstance(value, dict) else value
    if name not in ("MaxNorm", "NonNeg", "UnitNorm", "MinMaxNorm") or not isinstance(value, dict):
        raise _Unknown(f"the constraint {name!r}, which Keras 2 does not have", False)
    return {
        "class_name": name,
        "config": {_CONSTRAINT_ARGUMENTS.get(k, k): v for k, v in value.items() if k != "name"},
    }


def _activation(value: Any) -> Any:
    if value not in _KNOWN_ACTIVATIONS:
        raise _Unknown(f"the activation {value!r}, which Keras 2 does not have")
    return value


def _padding(value: Any) -> Any:
    """Returns (top, bottom, left, right) as pairs; other values stay."""
    if isinstance(value, list | tuple) and len(value) == 4:
        return [list(value[:2]), list(value[2:])]
    return value


_BY_NAME: dict[str, Callable[[Any], Any]] = {
    "padding": _padding,
    "data_format": _data_format,
    "unit_forget_bias": _unit_forget_bias,
    "implementation": lambda value: 1,
}
_BY_LAST_WORD: dict[str, Callable[[Any], Any]] = {
    "initializer": _initializer,
    "regularizer": _regularizer,
    "constraint": _constraint,
    "activation": _activation,
}
