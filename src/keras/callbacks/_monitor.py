"""Which of two values of a monitored log is better."""

from collections.abc import Callable
from typing import Any

import numpy as np

from ._base import warn

_MODES = ("auto", "min", "max")


def known_mode(mode: str, owner: str) -> str:
    """Returns `mode`, or warns and returns 'auto' if it is unknown."""
    if mode in _MODES:
        return mode
    warn(f"{owner} mode {mode} is unknown, fallback to auto mode.")
    return "auto"


def is_accuracy(monitor: str) -> bool:
    """Whether a log is an accuracy, by its name; larger values are then better."""
    return "acc" in monitor


def comparison(mode: str, larger_is_better: bool) -> Callable[[Any, Any], Any]:
    """Returns the NumPy function for 'is better than'. It is False for NaN, which is therefore never best."""
    return np.greater if mode == "max" or (mode == "auto" and larger_is_better) else np.less


def worst(comparison: Callable[[Any, Any], Any]) -> float:
    """Returns the value that any other value is better than."""
    return -np.inf if comparison is np.greater else np.inf
