"""Compiles the programs of the tests in this folder quickly: hundreds of small ones, each run once or twice.

What XLA's optimizations might change is tested with the options of users everywhere else.
"""

import pytest

from keras._host import platform


@pytest.fixture(autouse=True)
def quickly_compiled(monkeypatch):
    monkeypatch.setitem(platform._CPU_OPTIONS, "xla_backend_optimization_level", 0)
