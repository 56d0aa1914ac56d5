"""The blocks of code in README.md and README.zh.md run and print what they show."""

import ast
from pathlib import Path

import pytest
from markdown_code import Run, check, read_blocks

ROOT = Path(__file__).parents[1]
README, CHINESE = (ROOT / name for name in ("README.md", "README.zh.md"))


@pytest.mark.parametrize("number", range(len(read_blocks(README))))
def test_block_of_the_readme_prints_what_is_shown(number):
    run = Run(README, ROOT)
    check(run.blocks[number], run.outcome(number))


def test_both_readmes_have_the_same_program():
    programs = [
        [(ast.dump(ast.parse(b.code)), b.text) for b in read_blocks(page)] for page in (README, CHINESE)
    ]
    assert programs[0] == programs[1]


def test_readme_shows_a_result_within_ten_lines_of_code():
    first = read_blocks(README)[0]
    assert len([line for line in first.code.splitlines() if line.strip()]) <= 10
    assert first.text
