"""Programs for Keras 1 and, as "keras_2...", for Keras 2: each runs unchanged, with the original's numbers.

Each program asserts what must be true of it. The numbers that it returns depend on no random draw of the
engine, and are compared with those of the original (`record.py`).
"""

import importlib
import json
import sys
from pathlib import Path

import numpy as np
import pytest
from recorded import GOLDEN, TRAJECTORY

import keras.compat
from keras.backend import common

HERE = Path(__file__).parent
RECORDED = {
    **json.loads((GOLDEN / "programs.json").read_text()),
    **json.loads((GOLDEN / "programs_2.json").read_text()),
}
PROGRAMS = sorted(
    path.stem for path in HERE.glob("*.py") if path.stem != "record" and not path.stem.startswith("test_")
)


#: Programs that are written for one engine. They run under its name, and with its stand-in.
WRITTEN_FOR = {"ssd": "tensorflow", "dqn_agent": "tensorflow"}


@pytest.fixture
def engine(name, monkeypatch):
    """Does what KERAS_BACKEND and `keras.compat` do, for the time of one program."""
    if name.startswith("keras_2"):
        with keras.compat.set_version(2):
            yield
        return
    if name not in WRITTEN_FOR:
        yield
        return
    monkeypatch.setitem(common._settings, "backend", WRITTEN_FOR[name])
    with keras.compat.install(WRITTEN_FOR[name]):
        yield


@pytest.mark.parametrize("name", PROGRAMS)
def test_program_runs_and_returns_the_recorded_numbers(name, engine, tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(HERE))
    monkeypatch.delitem(sys.modules, name, raising=False)
    facts = importlib.import_module(name).main(str(tmp_path))
    assert facts.keys() == RECORDED[name].keys()
    for fact, value in facts.items():
        np.testing.assert_allclose(value, RECORDED[name][fact], err_msg=fact, **TRAJECTORY)
