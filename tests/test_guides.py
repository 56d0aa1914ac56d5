"""Every block of code in the guides runs, and does what the text around it says.

`python tests/test_guides.py` writes the outputs that the guides show anew, where they have changed.
"""

import ast
import tempfile
from pathlib import Path

import numpy as np
import pytest
from markdown_code import Run, check, read_blocks, rewrite

DOCS = Path(__file__).parents[1] / "docs"
GUIDES = ("guide.md", "guide.zh.md")
BLOCKS = {name: read_blocks(DOCS / name) for name in GUIDES}


@pytest.fixture(scope="module", autouse=True)
def fresh_keras():
    """In place of the fixture of this name for each test: a guide is one long program."""
    yield
    _forget()


@pytest.fixture(scope="module")
def run(request, tmp_path_factory):
    _forget()
    return Run(DOCS / request.param, tmp_path_factory.mktemp("guide"))


def _forget():
    from keras import backend as K

    K.clear_session()
    K.set_image_dim_ordering("th")


@pytest.mark.parametrize(
    "run, number",
    [
        pytest.param(name, number, id=f"{name}:{block.name}")
        for name in GUIDES
        for number, block in enumerate(BLOCKS[name])
    ],
    indirect=["run"],
)
def test_block(run, number):
    outcome = run.outcome(number)
    if outcome is None:
        pytest.skip(f"needs {run.blocks[number].needs}")
    check(run.blocks[number], outcome)


def test_both_guides_run_the_same_program():
    """They differ in comments and docstrings only: who changes one changes the other."""
    programs = [[(block.raises, block.needs, _parsed(block)) for block in BLOCKS[name]] for name in GUIDES]
    for number, (one, other) in enumerate(zip(*programs, strict=True), 1):
        assert one == other, f"block {number} ({BLOCKS[GUIDES[0]][number - 1].name})"


def _parsed(block):
    tree = ast.parse(block.code)
    for definition in ast.walk(tree):
        if isinstance(definition, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(definition):
            del definition.body[0]
    return ast.dump(tree)


if __name__ == "__main__":
    for guide in GUIDES:
        _forget()
        np.random.seed(0)
        with tempfile.TemporaryDirectory() as folder:
            rewrite(Run(DOCS / guide, folder))
