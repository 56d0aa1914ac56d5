"""Decorators of Keras 2 that accepted the names of Keras 1. They return the function as it is."""

from typing import Any


def _unchanged(func: Any) -> Any:
    """Returns the function."""
    return func


def __getattr__(name: str) -> Any:
    if name.startswith("legacy_") or name == "recurrent_args_preprocessor":
        return _unchanged
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
