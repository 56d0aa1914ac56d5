"""HDF5 of Keras 1.2.2, which this library writes and every Keras 1 reads; and weights alone."""

from typing import Any

from .lost import Lost


def lost(model: Any) -> list[Lost]:
    """Returns what the format cannot hold: nothing, as it is the library's own."""
    return []


def write(model: Any, path: str) -> None:
    """Writes a model."""
    model.save(path)


def write_weights(model: Any, path: str) -> None:
    """Writes the weights alone."""
    model.save_weights(path)
