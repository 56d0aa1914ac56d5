"""JSON and YAML: the config alone."""

from typing import Any

from .._files.atomic import atomic_write
from .lost import Lost


def lost(model: Any) -> list[Lost]:
    """Returns what the format cannot hold."""
    return [Lost("the weights", False)] if model.weights else []


def write_json(model: Any, path: str) -> None:
    """Writes the text of `model.to_json()`."""
    _write(model.to_json(indent=1), path)


def write_yaml(model: Any, path: str) -> None:
    """Writes the text of `model.to_yaml()`."""
    _write(model.to_yaml(), path)


def _write(text: str, path: str) -> None:
    with atomic_write(path) as temporary, open(temporary, "w", encoding="utf-8") as file:
        file.write(text)
