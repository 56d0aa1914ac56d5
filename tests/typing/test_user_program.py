"""The program whose types pyright checks also runs, so that its types are those of a working program."""

import runpy
from pathlib import Path

import pytest

PROGRAM = runpy.run_path(str(Path(__file__).with_name("user_program.py")))


@pytest.mark.slow
def test_user_program_runs(tmp_path, capsys):
    PROGRAM["main"](tmp_path)
