"""The layers of a model as a tree of plain data, through nested models and wrappers."""

import contextlib
import math
import warnings
from typing import Any

from .._base.budget import Budget, spending
from .._base.types import Config
from ..engine.container import Container
from ..engine.files.building import building_from
from ..engine.files.registry import layer_from_config
from .contents import Arrays

#: More weights are not made for the sake of shapes.
_MAX_NUMBERS = 250_000_000


def built(config: Config, numbers: int | None) -> tuple[Any, str | None]:
    """Builds a model without its weights' values, to learn its shapes. Runs no code of the file.

    Args:
        config: {"class_name": ..., "config": ...}.
        numbers: int, how many numbers the file has for weights; None for a config alone.

    Returns:
        (the model, None) or (None, why it cannot be built).
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with building_from(config, _MAX_NUMBERS if numbers is None else numbers):
                model = layer_from_config(config)
            if isinstance(model, Container) and not model.built:
                model.build(None)
        except (ValueError, TypeError, MemoryError, KeyError, AttributeError, IndexError) as error:
            return None, str(error)
    return model if isinstance(model, Container) else None, None


def tree_of(entry: Config, layer: Any, arrays: dict[str, Arrays] | None = None) -> Config:
    """Returns a layer or model as {"name", "class", "output_shape", "parameters", "layers", ...}.

    Args:
        entry: its config, in the words of Keras 1, 2 or 3.
        layer: the layer itself, or None if it could not be built.
        arrays: for a model, the arrays of the file by the name of the layer.
    """
    config = entry.get("config")
    options = config if isinstance(config, dict) else {}
    name = options.get("name") or entry.get("name") or getattr(layer, "name", None)
    node: Config = {"name": name, "class": entry.get("class_name")}
    shape = _shape(layer)
    if shape is not None:
        node["output_shape"] = shape
    if layer is not None:
        node["parameters"] = layer.count_params() if layer.built else 0
    hidden = ("name", "layers", "layer", "backward_layer", "input_layers", "output_layers", "trainable")
    node["options"] = {key: value for key, value in options.items() if key not in hidden}
    if options.get("trainable") is False or entry.get("trainable") is False:
        node["trainable"] = False
    inside = _inside(config)
    if inside:
        node["layers"] = [_inner(child, layer, arrays) for child in inside]
        if layer is None:
            node["parameters"] = sum(child.get("parameters", 0) for child in node["layers"])
    return node


def _inner(entry: Config, model: Any, arrays: dict[str, Arrays] | None) -> Config:
    name = _name(entry)
    node = tree_of(entry, _layer_named(model, name))
    found = (arrays or {}).get(name or "", [])
    if found:
        node["weights"] = [
            {"name": weight, "shape": list(array.shape), "dtype": str(array.dtype)} for weight, array in found
        ]
        node.setdefault("parameters", sum(math.prod(array.shape) for _, array in found))
    calls = entry.get("inbound_nodes")
    if isinstance(calls, list):
        node["inputs"] = [sources for call in calls if (sources := _sources(call))]
        if len(node["inputs"]) > 1:
            node["calls"] = len(node["inputs"])
    return node


def _sources(call: Any) -> list[str]:
    """Returns the names of the layers whose outputs a call takes, in any version's form."""
    if isinstance(call, dict):  # Keras 3
        found, stack = [], [call.get("args", [])]
        while stack:
            item = stack.pop()
            if isinstance(item, dict) and "keras_history" in item.get("config", {}):
                found.append(str(item["config"]["keras_history"][0]))
            elif isinstance(item, list):
                stack += item[::-1]
        return found
    if not isinstance(call, list):
        return []
    return [str(source[0]) for source in call if isinstance(source, list) and source]


def _inside(config: Any) -> list[Config]:
    """Returns the entries of the layers inside a config: a list (Sequential of Keras 1) or a dict."""
    if isinstance(config, list):
        return [item for item in config if isinstance(item, dict)]
    if not isinstance(config, dict):
        return []
    inner = config.get("layers")
    if isinstance(inner, list):
        return [item for item in inner if isinstance(item, dict)]
    return [config["layer"]] if isinstance(config.get("layer"), dict) else []


def _name(entry: Config) -> str | None:
    config = entry.get("config")
    name = config.get("name") if isinstance(config, dict) else None
    return name or entry.get("name")


def _layer_named(model: Any, name: str | None) -> Any:
    inner = getattr(model, "layer", None)
    if inner is not None:  # a wrapper
        return inner
    found = [layer for layer in getattr(model, "layers", None) or [] if layer.name == name]
    return found[0] if found else None


def _shape(layer: Any) -> Any:
    with contextlib.suppress(AttributeError, TypeError):
        return layer.output_shape
    return None


def within_law(path: str, size: int) -> Any:
    """Charges what the block builds to the law of costs for a file of this size."""
    return spending(Budget(path, size))
