"""The example in docs/adding_a_layer.md runs and prints what the page shows."""

from pathlib import Path

from markdown_code import Run, check, read_blocks

PAGE = Path(__file__).parents[2] / "docs" / "adding_a_layer.md"


def test_documentation_example_runs(tmp_path):
    (block,) = read_blocks(PAGE)
    check(block, Run(PAGE, tmp_path, lambda *_: None).outcome(0))
