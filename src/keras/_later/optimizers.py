"""`serialize` and `deserialize` of optimizers."""

from typing import Any

from .. import optimizers


def serialize(optimizer: Any) -> Any:
    """Returns an optimizer as {"class_name": ..., "config": ...}."""
    return {"class_name": type(optimizer).__name__, "config": optimizer.get_config()}


def deserialize(config: Any, custom_objects: Any = None) -> Any:
    """Returns the optimizer that `serialize` described.

    Args:
        config: dict.
        custom_objects: dict name -> class of the program's own.
    """
    return optimizers.optimizer_from_config(config, custom_objects)
