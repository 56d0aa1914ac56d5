""".npz: weights as arrays of NumPy, and the config of the model as bytes of JSON."""

from typing import Any

import numpy as np

from .._files.atomic import atomic_write
from .._inspect.arrays import CONFIG
from ..models import model_from_json
from .arrays import named_arrays
from .lost import Lost


def lost(model: Any) -> list[Lost]:
    """Returns what the format cannot hold."""
    return training_lost(model)


def training_lost(model: Any) -> list[Lost]:
    """Returns the loss, metrics and optimizer of a compiled model, for formats that hold weights."""
    if not hasattr(model, "optimizer"):
        return []
    return [
        Lost(f"how it was compiled: the loss, and {type(model.optimizer).__name__} with its state", False)
    ]


def write(model: Any, path: str) -> None:
    """Writes a model."""
    text = model.to_json()
    model_from_json(text)  # what cannot be read back is not written
    arrays: dict[str, Any] = named_arrays(model)
    with atomic_write(path) as temporary, open(temporary, "wb") as file:
        arrays[CONFIG] = np.frombuffer(text.encode(), "uint8")
        np.savez(file, **arrays)
