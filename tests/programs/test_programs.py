"""Programs written for Keras 1: each runs unchanged, and its numbers equal those of the original.

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

HERE = Path(__file__).parent
RECORDED = json.loads((GOLDEN / "programs.json").read_text())
PROGRAMS = sorted(path.stem for path in HERE.glob("*.py") if path.stem not in ("record", "test_programs"))


@pytest.mark.parametrize("name", PROGRAMS)
def test_program_runs_and_returns_the_recorded_numbers(name, tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(HERE))
    monkeypatch.delitem(sys.modules, name, raising=False)
    facts = importlib.import_module(name).main(str(tmp_path))
    assert facts.keys() == RECORDED[name].keys()
    for fact, value in facts.items():
        np.testing.assert_allclose(value, RECORDED[name][fact], err_msg=fact, **TRAJECTORY)
