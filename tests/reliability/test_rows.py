"""Every row of the table meets its bar with small counts, or says why it does not."""

import dataclasses
import sys

import pytest

if sys.platform != "linux":
    pytest.skip("needs fork, /proc and inotify", allow_module_level=True)

from reliability.row import Figure, Row, Run
from reliability.table import ROWS, as_markdown, by_ids


@pytest.mark.slow
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_the_bar_is_met(row, tmp_path):
    figure = row.measure(Run(tmp_path, quick=True))
    assert figure.as_expected, "\n".join([figure.ours, *figure.problems])


def test_ids_occur_once():
    ids = [row.id for row in ROWS]
    assert len(set(ids)) == len(ids)


def test_an_unknown_id():
    with pytest.raises(ValueError, match="No row .'Z9'"):
        by_ids(["Z9"])


def test_a_bar_that_is_not_met_stands_out():
    row = Row("A1", "files | folders", "0", "-", lambda run: Figure("1", False))
    assert as_markdown([(row, row.measure(None))]).endswith(
        "| A1 | files \\| folders | **Not met:** 1 | 0 | - |"
    )


def test_a_reason_is_printed_and_excuses_no_problem():
    row = Row("F1", "hosts", "all", "-", lambda run: Figure("none", False, why_not="one process"))
    figure = row.measure(None)
    assert "| **Not met:** none (one process) |" in as_markdown([(row, figure)])
    assert figure.as_expected and not dataclasses.replace(figure, problems=("a crash",)).as_expected
