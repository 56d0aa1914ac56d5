"""The kinds of values in the saved states of callbacks."""

import numpy as np
import pytest

from keras.callbacks import BaseLogger, CallbackList, EarlyStopping, History
from keras.callbacks._state import count, counts, named_numbers, names_or_none, number, sums_by_name


@pytest.mark.parametrize(
    "kind, good, bad",
    [
        (count, [0, 3, np.int64(3)], [-1, True, 1.0, None, "1", 2**63]),
        (number, [0, -1.5, float("inf"), np.float32(2)], [None, True, "1", [1], np.zeros(2)]),
        (counts, [[], [0, 1]], [None, [0.5], {"a": 1}, [-1]]),
        (sums_by_name, [{}, {"loss": [1.5, 3]}], [{"loss": 1.5}, {"loss": [1, 2, 3]}, {"loss": ["1", 2]}]),
        (named_numbers, [[], [["loss", 0.5]]], [[["loss"]], [[1, 1]], [["loss", None]], {}]),
        (names_or_none, [None, [], ["loss"]], [["loss", 1], "loss", {}]),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_kinds_of_values(kind, good, bad):
    assert all(kind(value) for value in good)
    assert not any(kind(value) for value in bad)


class Patient(EarlyStopping):
    """A subclass with a state of its own."""

    state_attributes = ("mood",)


def test_a_subclass_may_have_another_state():
    standard = {"BaseLogger:0": {"seen": 0, "totals": {}}, "History:0": {"epoch": [], "history": {}}}
    hooks = CallbackList([BaseLogger(), Patient(), History()])
    hooks.check_states({**standard, "Patient:0": {"mood": "good"}})
    with pytest.raises(ValueError, match="the state of EarlyStopping: it has no 'best'"):
        CallbackList([EarlyStopping()]).check_states({**standard, "EarlyStopping:0": {"wait": 1}})
