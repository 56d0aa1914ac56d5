"""Each row of the table meets its bar with small counts, or has a reason why not."""

import dataclasses
import sys

import pytest

if sys.platform != "linux":
    pytest.skip("needs fork, /proc and inotify", allow_module_level=True)

from reliability.row import Figure, Row, Run
from reliability.table import ROWS, as_markdown, by_ids


@pytest.mark.slow
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_bar_is_met(row, tmp_path):
    figure = row.measure(Run(tmp_path, quick=True))
    assert figure.as_expected, "\n".join([figure.ours, *figure.problems])


def test_ids_are_unique():
    ids = [row.id for row in ROWS]
    assert len(set(ids)) == len(ids)


def test_unknown_id_is_refused():
    with pytest.raises(ValueError, match="No row .'Z9'"):
        by_ids(["Z9"])


def test_missed_bar_is_printed_in_bold():
    row = Row("A1", "files | folders", "0", "-", lambda run: Figure("1", False))
    assert as_markdown([(row, row.measure(None))]).endswith(
        "| A1 | files \\| folders | **Not met:** 1 | 0 | - |"
    )


def test_reason_is_printed_and_does_not_excuse_problems():
    row = Row("F1", "hosts", "all", "-", lambda run: Figure("none", False, why_not="one process"))
    figure = row.measure(None)
    assert "| **Not met:** none (one process) |" in as_markdown([(row, figure)])
    assert figure.as_expected and not dataclasses.replace(figure, problems=("a crash",)).as_expected
