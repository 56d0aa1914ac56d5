"""Which of two values of what is monitored is better."""

import numpy as np

from ._base import warn

_MODES = ("auto", "min", "max")


def known_mode(mode, owner):
    if mode in _MODES:
        return mode
    warn(f"{owner} mode {mode} is unknown, fallback to auto mode.")
    return "auto"


def grows(monitor):
    """Whether a larger value of what is monitored is better, judged by its name."""
    return "acc" in monitor


def comparison(mode, larger_is_better):
    """The NumPy comparison that says 'better'. It is False for NaN, which so is never best."""
    return np.greater if mode == "max" or (mode == "auto" and larger_is_better) else np.less


def worst(comparison):
    return -np.inf if comparison is np.greater else np.inf
