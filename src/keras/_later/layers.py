"""`serialize` and `deserialize` of layers."""

from typing import Any

from ..engine.files.entries import entry_of
from ..engine.files.registry import layer_from_config


def serialize(layer: Any) -> Any:
    """Returns a layer as {"class_name": ..., "config": ...}, without its weights."""
    return entry_of(layer)


def deserialize(config: Any, custom_objects: Any = None) -> Any:
    """Returns the layer that `serialize` described, with new weights.

    Args:
        config: dict.
        custom_objects: dict name -> class or function of the program's own.
    """
    return layer_from_config(config, custom_objects)
