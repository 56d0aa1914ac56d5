"""Configs of Keras 1 in the words of Keras 2: the table of `_spelling`, read from right to left.

Layers of `_later` have the words of Keras 2 already; only what is in their options is translated.
"""

import functools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from .. import layers
from .._base.types import Config
from .._spelling import table
from .._spelling.later import LATER
from .._spelling.translate import Keyword, keywords
from ..layers._options import LayerWithOptions, options_of
from .keras_2_values import Unknown, value_as_2x
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
#: Layers of `_later` that Keras 2.3 has not; Keras 3 has them.
_ONLY_3 = frozenset(
    "LayerNormalization RMSNormalization GroupNormalization UnitNormalization MultiHeadAttention Attention "
    "AdditiveAttention GroupQueryAttention Conv1DTranspose DepthwiseConv1D Identity Rescaling".split()
)
_CODE = ("Lambda", "Operation")
#: Classes of Keras 2 whose call has the argument `training`; for the others it says nothing.
_WITH_PHASE = frozenset(
    "Dropout SpatialDropout1D SpatialDropout2D SpatialDropout3D AlphaDropout GaussianDropout GaussianNoise "
    "BatchNormalization LSTM GRU SimpleRNN ConvLSTM2D RNN TimeDistributed Bidirectional MultiHeadAttention "
    "Attention AdditiveAttention".split()
)


@dataclass
class Translation:
    """A config in the words of Keras 2.

    Attributes:
        entry: {"class_name": ..., "config": ...}.
        lost: what Keras 2 has no words for.
    """

    entry: Config
    lost: list[Lost] = field(default_factory=list)


@dataclass
class _Losses:
    """What is lost so far, and for which generation of Keras, 2 or 3."""

    generation: int
    found: list[Lost] = field(default_factory=list)

    def append(self, what: str, blocks: bool = True) -> None:
        """Adds a loss."""
        self.found.append(Lost(what, blocks))


def model_as_2x(model: Any, generation: int = 2) -> Translation:
    """Translates the config of a model.

    Args:
        model: a built `Model` or `Sequential`.
        generation: 2 for what Keras 2.3 has; 3 for what Keras 3 has, still in the words of Keras 2.
    """
    entry = {"class_name": type(model).__name__, "config": model.get_config(), "name": model.name}
    lost = _Losses(generation)
    return Translation(_entry(entry, model, lost), lost.found)


def _entry(entry: Config, layer: Any, lost: _Losses) -> Config:
    class_name, config = entry["class_name"], entry["config"]
    who = f"layer {layer.name!r} ({class_name})"
    if "shared" in entry:
        lost.append(f"{who} is shared by several models inside this one")
    if entry.get("trainable") is False:
        lost.append(f"{who} is frozen as a whole", blocks=False)
    if isinstance(config, list):
        parts = [_entry(item, inner, lost) for item, inner in zip(config, layer.layers, strict=True)]
        return {"class_name": "Sequential", "config": {"name": layer.name, "layers": parts}}
    if "layers" in config and class_name != "Merge":
        return _model(class_name, config, layer, lost)
    new_name, arguments = _layer(class_name, config, layer, lost)
    if class_name != "Merge":
        if "cells" in config:
            pairs = zip(config["cells"], layer.cells, strict=True)
            arguments["cells"] = [_entry(part, cell, lost) for part, cell in pairs]
        for key in ("layer", "cell"):
            if key in config:
                arguments[key] = _entry(config[key], getattr(layer, key), lost)
    return {"class_name": new_name, "config": arguments}


def _model(class_name: str, config: Config, model: Any, lost: _Losses) -> Config:
    if class_name not in ("Model", "Container"):
        lost.append(f"model {config.get('name')!r} is of a class of its own, {class_name}")
    layers, own = [], {layer.name: layer for layer in model.layers}
    for layer in config["layers"]:
        entry = {"name": layer["name"], **_entry(layer, own[layer["name"]], lost)}
        who = f"layer {layer['name']!r} ({layer['class_name']})"
        nodes = [_call(node, entry["class_name"], who, lost) for node in layer["inbound_nodes"]]
        layers.append({**entry, "inbound_nodes": nodes})
    places = {key: config[key] for key in ("input_layers", "output_layers")}
    return {"class_name": "Model", "config": {"name": config.get("name"), "layers": layers, **places}}


def _call(node: list[Any], class_name: str, who: str, lost: _Losses) -> list[Any]:
    """Returns the sources of a call, the first with the arguments of the call, the others with none."""
    arguments = dict(node[0][3]) if len(node[0]) > 3 else {}
    is_model = class_name in ("Model", "Sequential")
    if lost.generation == 3 and "training" in arguments:
        phase = arguments.pop("training")
        why = "a Functional of Keras 3 gives all its layers its own phase"
        lost.append(f"{who} is called with training={phase}; {why}", blocks=bool(phase))
    if lost.generation == 2:
        if "training" in arguments and not is_model and class_name not in _WITH_PHASE:
            del arguments["training"]
        if arguments and is_model:
            lost.append(f"{who} is called with {arguments}, which the models of Keras 2 do not take")
        elif arguments and len(node) > 1:
            lost.append(
                f"{who} is called on several inputs with {arguments}, which is not written for Keras 2"
            )
    return [[*source[:3], arguments if i == 0 else {}] for i, source in enumerate(node)]


def _later_layer(class_name: str, config: Config, who: str, lost: _Losses) -> tuple[str, Config]:
    """Returns a layer of `_later`, whose words are those of Keras 2."""
    if lost.generation == 2 and class_name in _ONLY_3:
        lost.append(f"{who}: Keras 2 has no such layer")
    if class_name == "AlphaDropout" and config.get("noise_shape") is None:
        config = {key: value for key, value in config.items() if key != "noise_shape"}
    arguments: Config = {"dtype": config.get("input_dtype") or "float32"}
    for key, value in config.items():
        if key == "policy":
            lost.append(f"{who}: {key}={value!r:.60}, which only keras-classic has")
        elif key not in ("input_dtype", "layer", "cell", "cells"):
            arguments.update(_translated(key, key, value, who, lost))
    return class_name, arguments


def _transposed(config: Config, layer: Any, who: str, lost: _Losses) -> tuple[str, Config]:
    """Returns a Deconvolution2D as a Conv2DTranspose that computes the same size of output.

    Without output_padding that of n rows is n * step for "same", and n * step + max(size - step, 0) for
    "valid"; with it, (n - 1) * step + size - 2 * pad + output_padding, with pad = size // 2 for "same" and 0
    for "valid", and 0 <= output_padding < step.

    Reference:
        Keras 2.3, utils/conv_utils.py: `deconv_length`; Keras 3, backend/common/backend_utils.py.
    """
    is_first = value_as_2x("data_format", config["dim_ordering"], 2) == "channels_first"
    axes = slice(2, 4) if is_first else slice(1, 3)
    nodes = layer.inbound_nodes
    shape = nodes[0].input_shapes[0] if nodes else None
    wanted = tuple(config["output_shape"][axes])
    sizes = (config["nb_row"], config["nb_col"])
    config = {key: value for key, value in config.items() if key != "output_shape"}
    if shape is None or None in shape[axes]:
        lost.append(f"{who}: its input has no known size, which a transposed convolution of Keras 2 needs")
        return "Conv2DTranspose", config
    is_same, steps = config["border_mode"] == "same", config["subsample"]
    each = list(zip(shape[axes], sizes, steps, strict=True))
    if wanted == tuple(n * step + (0 if is_same else max(size - step, 0)) for n, size, step in each):
        return "Conv2DTranspose", config
    smallest = [(n - 1) * step + size - (2 * (size // 2) if is_same else 0) for n, size, step in each]
    padding = [out - least for out, least in zip(wanted, smallest, strict=True)]
    if not all(0 <= more < step for more, step in zip(padding, steps, strict=True)):
        lost.append(
            f"{who}: an output of {wanted[0]} x {wanted[1]} would need output_padding={tuple(padding)} in a "
            f"Conv2DTranspose of Keras {lost.generation}, which takes 0 to the steps less 1"
        )
    return "Conv2DTranspose", {**config, "output_padding": padding}


def _layer(class_name: str, config: Config, layer: Any, lost: _Losses) -> tuple[str, Config]:
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
        lost.append(f"{who}: its function is code of this program, which no file can carry")
        return class_name, dict(config)
    if class_name in LATER["layers"] or class_name == "Dot":  # a Dot that is no Merge, as it normalizes
        return _later_layer(class_name, config, who, lost)
    if class_name == "Deconvolution2D":
        class_name, config = _transposed(config, layer, who, lost)
    new_name, row = _row_of(class_name, config)
    if row is None:
        lost.append(_unknown(class_name, config, who, lost.generation))
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
    if class_name == "Flatten":
        # Without it Keras 2 takes the image ordering. Channels last keeps the order in memory, as here.
        is_first = config.get("image_ordering") == "th"
        arguments["data_format"] = "channels_first" if is_first else "channels_last"
    lost.found += _leftovers(who, class_name, config, used)
    return new_name, arguments


def _unknown(class_name: str, config: Config, who: str, generation: int) -> str:
    if class_name == "Merge":
        return f"{who}: Keras {generation} has no merge of mode {config.get('mode')!r}"
    own = not hasattr(layers, class_name)
    return f"{who}: its class is of this program" if own else f"{who}: Keras {generation} has no such layer"


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
        elif key not in _IGNORED:
            has = "keras-classic" if key == "policy" else "Keras 1"
            yield Lost(f"{who}: {key}={value!r:.60}, which only {has} has")


def _argument(keyword: Keyword, config: Config, who: str, lost: _Losses) -> Iterator[tuple[str, Any]]:
    """Yields (name in Keras 2, value), or nothing if the layer does not say."""
    if not keyword.old:
        if keyword.only is not None and keyword.new not in ("batch_size", "dilation_rate"):
            yield keyword.new, _ONLY.get(keyword.only.split("|")[0], keyword.only.split("|")[0])
        return
    if not all(name in config for name in keyword.old):
        return
    values = [config[name] for name in keyword.old]
    value = values[0] if len(values) == 1 else values
    yield from _translated(keyword.new, keyword.old[0], value, who, lost)


def _translated(new: str, old: str, value: Any, who: str, lost: _Losses) -> Iterator[tuple[str, Any]]:
    """Yields (name, value in Keras 2), or nothing if Keras 2 has no word for it."""
    try:
        yield new, value_as_2x(new, value, lost.generation)
    except Unknown as problem:
        lost.append(f"{who}: {old}: {problem}", problem.blocks)


_ONLY: dict[str, Any] = {
    "None": None, "True": True, "False": False, "0": 0, "1": 1, "-1": -1,
}  # fmt: skip
