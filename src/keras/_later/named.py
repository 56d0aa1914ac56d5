"""`serialize` and `deserialize` of activations, initializers, regularizers and constraints."""

from collections.abc import Mapping
from typing import Any

from .. import activations, constraints, initializations, regularizers
from .._base.names import get_from_module, name_of
from .._base.types import Config
from .._spelling import value_as_1x


def serialize(value: Any) -> Any:
    """Returns a function as its name, an object as {"class_name": ..., "config": ...}."""
    if value is None or isinstance(value, str):
        return value
    if hasattr(value, "get_config"):
        config = {key: item for key, item in value.get_config().items() if key != "name"}
        return {"class_name": type(value).__name__, "config": config}
    return name_of(value)


def deserialize(config: Any, custom_objects: Any = None) -> Any:
    """Returns what `serialize` described: an activation, initializer, regularizer or constraint.

    Args:
        config: str or dict.
        custom_objects: dict name -> class or function of the program's own.

    Raises:
        ValueError: none of the four modules knows the name.
    """
    own = custom_objects or {}
    name = config["class_name"] if isinstance(config, dict) else config
    if name in own:
        return own[name](**config["config"]) if isinstance(config, dict) else own[name]
    kinds = (
        (activations, "activation"),
        (initializations, "kernel_initializer"),
        (regularizers, "kernel_regularizer"),
        (constraints, "kernel_constraint"),
    )
    for module, argument in kinds:
        try:
            return module.get(value_as_1x(argument, config))
        except (ValueError, TypeError):
            continue
    raise ValueError(f"deserialize: no activation, initializer, regularizer or constraint is named {name!r}.")


def from_entry(entry: Config, base: type, known: Mapping[str, Any], custom_objects: Any = None) -> Any:
    """Makes the object that {"class_name": ..., "config": ...} describes.

    Args:
        entry: dict.
        base: the class from which those in `known` must derive to be meant.
        known: dict name -> class; other values are passed over.
        custom_objects: dict name -> class or function of the program's own.

    Raises:
        ValueError: there is no such class.
    """
    name, own = entry["class_name"], custom_objects or {}
    cls: Any = own.get(name, known.get(name))
    if name not in own and not (isinstance(cls, type) and issubclass(cls, base)):
        raise ValueError(f"deserialize: no {base.__name__.lower()} is named {name!r}.")
    return cls(**entry["config"])


def serialize_keras_object(instance: Any) -> Any:
    """Returns a function as its name, an object as {"class_name": ..., "config": ...}."""
    return serialize(instance)


def deserialize_keras_object(
    identifier: Any,
    module_objects: Any = None,
    custom_objects: Any = None,
    printable_module_name: str = "object",
) -> Any:
    """Returns the object that a name or a dict describes.

    Args:
        identifier: str, or dict of class name and config.
        module_objects, custom_objects: dicts name -> class or function.
        printable_module_name: str, the kind of object, for messages.
    """
    known = {**(module_objects or {}), **(custom_objects or {})}
    if isinstance(identifier, dict):
        identifier = {"name": identifier["class_name"], **identifier["config"]}
    return get_from_module(identifier, known, printable_module_name)
