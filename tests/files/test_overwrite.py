"""The question before a file is overwritten."""

import io
import sys

import pytest

from keras.utils.io_utils import ask_to_proceed_with_overwrite


def test_without_a_terminal_overwriting_is_refused(monkeypatch):  # reliability row S10
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    monkeypatch.setattr("builtins.input", lambda _: pytest.fail("asked"))
    with pytest.raises(FileExistsError, match="w.h5 already exists.*overwrite=True"):
        ask_to_proceed_with_overwrite("w.h5")


@pytest.mark.parametrize("answers, result", [(["y"], True), (["n"], False), (["?", "n"], False)])
def test_answer_at_the_terminal_decides(answers, result, monkeypatch):
    class Terminal:
        isatty = staticmethod(lambda: True)

    answers = iter(answers)
    monkeypatch.setattr(sys, "stdin", Terminal())
    monkeypatch.setattr("builtins.input", lambda _: next(answers))
    assert ask_to_proceed_with_overwrite("w.h5") is result
