"""The saved states of the built-in callbacks: which values they have, and the check of what a file holds."""

from collections.abc import Callable, Mapping
from reprlib import repr as brief
from typing import Any, TypeAlias

import numpy as np

#: A function that returns whether a value is of a kind. Its docstring names the kind in messages.
Kind: TypeAlias = Callable[[Any], bool]


def count(value: Any) -> bool:
    """an int of 0 or more"""
    return isinstance(value, int | np.integer) and not isinstance(value, bool) and 0 <= int(value) < 2**63


def number(value: Any) -> bool:
    """a number"""
    return isinstance(value, int | float | np.number) and not isinstance(value, bool)


def counts(value: Any) -> bool:
    """a list of ints of 0 or more"""
    return isinstance(value, list) and all(count(item) for item in value)


def numbers_by_name(value: Any) -> bool:
    """a dict of numbers"""
    return isinstance(value, dict) and all(number(item) for item in value.values())


def lists_by_name(value: Any) -> bool:
    """a dict of lists"""
    return isinstance(value, dict) and all(isinstance(item, list) for item in value.values())


def sums_by_name(value: Any) -> bool:
    """a dict of pairs (sum, count)"""
    return isinstance(value, dict) and all(_is_pair(item, number, number) for item in value.values())


def named_numbers(value: Any) -> bool:
    """a list of pairs (name, number)"""
    return isinstance(value, list) and all(_is_pair(item, _is_text, number) for item in value)


def names_or_none(value: Any) -> bool:
    """a list of names, or None"""
    return value is None or (isinstance(value, list) and all(map(_is_text, value)))


def arrays_or_none(value: Any) -> bool:
    """a list of arrays, or None"""
    return value is None or (isinstance(value, list) and all(isinstance(item, np.ndarray) for item in value))


def check_state(state: Mapping[str, Any], kinds: Mapping[str, Kind]) -> None:
    """Compares a state with the kinds of its values.

    Args:
        state: dict, what a file holds.
        kinds: dict name -> `Kind`, of all values that the state must have.

    Raises:
        ValueError: a value is missing, or of another kind.
    """
    for name, kind in kinds.items():
        if name not in state:
            raise ValueError(f"it has no {name!r}")
        if not kind(state[name]):
            raise ValueError(f"{name} is {brief(state[name])}; wanted {kind.__doc__}")


def _is_pair(value: Any, first: Kind, second: Kind) -> bool:
    return isinstance(value, list) and len(value) == 2 and first(value[0]) and second(value[1])


def _is_text(value: Any) -> bool:
    return isinstance(value, str)
