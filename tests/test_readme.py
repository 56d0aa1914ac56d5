"""The blocks of code in README.md run and print what it shows."""

from pathlib import Path

import pytest
from markdown_code import Run, check, read_blocks

README = Path(__file__).parents[1] / "README.md"


@pytest.mark.parametrize("number", range(len(read_blocks(README))))
def test_block_of_the_readme_prints_what_is_shown(number):
    run = Run(README, README.parent)
    check(run.blocks[number], run.outcome(number))


def test_readme_shows_a_result_within_ten_lines_of_code():
    first = read_blocks(README)[0]
    assert len([line for line in first.code.splitlines() if line.strip()]) <= 10
    assert first.text
