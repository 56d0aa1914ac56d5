"""Callbacks are driven by hand here: see `callback_driver`."""

import pytest
from callback_driver import FakeVariable

from keras import callbacks


@pytest.fixture
def fake_backend(monkeypatch):
    """Lets callbacks read and set `FakeVariable`s, which need no engine."""

    def set_value(variable: FakeVariable, value: float) -> None:
        variable.value = value

    monkeypatch.setattr(callbacks.K, "get_value", lambda variable: variable.value)
    monkeypatch.setattr(callbacks.K, "set_value", set_value)
