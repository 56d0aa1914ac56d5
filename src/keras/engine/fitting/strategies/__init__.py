"""Strategies: where a model's values live and how a training step runs, one file for each placement."""

from .base import Strategy
from .one_device import OneDevice
from .processes import Processes

#: The placements; the first one that is active is used.
_KINDS: list[type[Strategy]] = [Processes, OneDevice]


def register(kind: type[Strategy]) -> None:
    """Adds a placement, which takes precedence over the placements that are registered already."""
    _KINDS.insert(0, kind)


def unregister(kind: type[Strategy]) -> None:
    """Removes a placement."""
    _KINDS.remove(kind)


def current() -> Strategy:
    """Returns the strategy of this process."""
    return next(kind for kind in _KINDS if kind.is_active())()
