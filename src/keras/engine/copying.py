"""Copies and pickles of models, and pickles of built layers: what they are made of, without their programs.

A pickle holds code anyway, so byte code of lambdas is allowed here, unlike in model files.
"""

from types import FunctionType
from typing import Any

from .. import backend as K
from .._base.custom_objects import given_to_call
from .._base.names import name_of
from .._base.types import Config, CustomObjects
from .files.functions import check_functions, known_functions
from .files.registry import allowing_code
from .node import single

Place = tuple[int, ...]  # of a layer: its index among those inside a layer, from the outside in


def model_parts(model: Any, by_name: bool = False) -> Config:
    """Returns what `model_of` makes an equal model from, the optimizer with its state included.

    Args:
        model: the model.
        by_name: bool, whether the parts will be pickled, so that the config has only the names of functions.

    Raises:
        ValueError: two classes or functions have one name.
    """
    training = None
    if hasattr(model, "optimizer"):
        training = {
            name: getattr(model, name) for name in ("optimizer", "loss", "metrics", "sample_weight_mode")
        }
        training["loss_weights"] = current_values(model.loss_weights)
    layers, config = _layers_by_place(model), model.get_config()
    return {
        "class": type(model),
        "config": config,
        "objects": _objects_of(layers.values(), config, by_name),
        "trainable": {place: layer.trainable for place, layer in layers.items()},
        "weights": {
            place: layer.get_weights() for place, layer in layers.items() if not _holds_layers(layer)
        },
        "training": training,
    }


def copied_model(model: Any) -> Any:
    """Returns a copy of a model with new weights, not compiled."""
    return _graph_of(model_parts(model))


def _graph_of(parts: Config) -> Any:
    with given_to_call(parts["objects"]), allowing_code(True):
        model = parts["class"].from_config(parts["config"])
    layers = {place: _at(model, place) for place in parts["trainable"]}
    for place, trainable in parts["trainable"].items():
        layers[place].trainable = trainable
    return model


def model_of(parts: Config) -> Any:
    """Makes a model from the result of `model_parts`."""
    model = _graph_of(parts)
    for place, values in parts["weights"].items():
        _at(model, place).set_weights(values)
    if parts["training"] is not None:
        model.compile(**parts["training"])
    return model


def layer_parts(layer: Any) -> Config:
    """Returns what `layer_of` makes an equal layer from, without its calls."""
    shapes = layer.inbound_nodes[0].input_shapes if layer.inbound_nodes else None
    config = layer.get_config()
    return {
        "class": type(layer),
        "config": config,
        "objects": _objects_of(_layers_by_place(layer).values(), config, by_name=True),
        "shape": shapes and single(shapes),
        "weights": layer.get_weights(),
    }


def layer_of(parts: Config) -> Any:
    """Makes a layer from the result of `layer_parts`, built for the shape of its first call."""
    with given_to_call(parts["objects"]), allowing_code(True):
        layer = parts["class"].from_config(parts["config"])
    if parts["shape"] is not None and not layer.built:
        layer.build(parts["shape"])
        layer.built = True
    layer.set_weights(parts["weights"])
    return layer


def _layers_by_place(layer: Any) -> dict[Place, Any]:
    """Returns a layer and those inside it, each under its first place, from the outside in."""
    found, seen, waiting = {}, set(), [((), layer)]
    while waiting:
        place, one = waiting.pop()
        if id(one) not in seen:
            seen.add(id(one))
            found[place] = one
            inside = one._holders()  # the branches of a `Merge` included
            waiting += [((*place, i), inside[i]) for i in reversed(range(len(inside)))]
    return found


def _at(layer: Any, place: Place) -> Any:
    """Returns the layer at a place.

    Not the n-th of all layers: one without weights, such as an Input, may be one layer in the model and two
    in the copy.
    """
    for i in place:
        layer = layer._holders()[i]
    return layer


def _holds_layers(layer: Any) -> bool:
    return hasattr(layer, "layers_by_depth")


def _objects_of(layers: Any, config: Config, by_name: bool) -> CustomObjects:
    """Returns the classes and functions of the user's that the configs of layers name.

    Without the functions that the config knows itself: all that it has, or, `by_name`, those with their code.
    """
    if by_name:
        check_functions(config)
    with_code, named = known_functions(config)
    known = {id(function) for function in (with_code if by_name else with_code + named)}
    objects: dict[str, Any] = {}
    for layer in layers:
        for value in (type(layer), *vars(layer).values()):
            own = callable(value) and not hasattr(value, "inbound_nodes") and not hasattr(value, "node")
            if not own or id(value) in known or str(getattr(value, "__module__", "")).startswith("keras."):
                continue
            name = name_of(value)
            other = objects.setdefault(name, value)
            if isinstance(value, type | FunctionType) and other is not value:
                raise ValueError(
                    f"Layer {layer.name!r} cannot be copied: it has another class or function named {name!r} "
                    "than a layer before it, and copies find both by name. Rename one."
                )
    return objects


def current_values(value: Any) -> Any:
    """Replaces the variables in a (nested) argument of `compile` by their values."""
    if isinstance(value, dict):
        return {key: current_values(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [current_values(item) for item in value]
    return float(K.get_value(value)) if hasattr(value, "get_value") else value
