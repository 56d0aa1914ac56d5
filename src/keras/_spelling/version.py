"""The version of Keras whose meaning a call has that is valid in both: 1, unless a program chooses 2."""

import sys

_chosen = {"version": 1}


def version() -> int:
    """Returns 1 or 2."""
    return _chosen["version"]


def choose(number: int) -> None:
    """Chooses the version; see `keras.compat.set_version`."""
    _chosen["version"] = number


def called_by_keras(levels: int) -> bool:
    """Whether the code so many calls up is of this package, which uses Keras 1's names in either version."""
    caller = sys._getframe(levels).f_globals.get("__name__", "")
    return caller.partition(".")[0] == __name__.partition(".")[0]
