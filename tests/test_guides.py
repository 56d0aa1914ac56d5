"""Every code block in the guides runs, and its result is the one that the text shows.

`python tests/test_guides.py` updates the outputs in the guides.
"""

import ast
import tempfile
from pathlib import Path

import pytest
from markdown_code import Run, check, read_blocks, rewrite

from keras import backend as K

DOCS = Path(__file__).parents[1] / "docs"
PAIRS = [("guide.md", "guide.zh.md"), ("old_files.md", "old_files.zh.md"), ("serving.md", "serving.zh.md")]
GUIDES = [name for pair in PAIRS for name in pair]
BLOCKS = {name: read_blocks(DOCS / name) for name in GUIDES}


@pytest.fixture(scope="module", autouse=True)
def fresh_keras():
    """Replaces the fixture of this name for each test: a guide is one long program."""
    yield
    _begin_anew()


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    return {name: Run(DOCS / name, tmp_path_factory.mktemp("guide"), _begin_anew) for name in GUIDES}


def _begin_anew(number=0, namespace=None):
    """Resets the numbering of layers and the settings before the first block of a guide (number 0)."""
    if number == 0:
        K.clear_session()
        K.set_image_dim_ordering("th")


@pytest.mark.parametrize(
    "name, number",
    [
        pytest.param(name, number, id=f"{name}:{block.name}")
        for name in GUIDES
        for number, block in enumerate(BLOCKS[name])
    ],
)
def test_guide_block_runs_and_prints_what_is_shown(runs, name, number):
    block, outcome = runs[name].blocks[number], runs[name].outcome(number)
    if outcome is None:
        pytest.skip(f"needs {block.needs}")
    check(block, outcome)


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair[0])
def test_both_guides_have_the_same_program(pair):
    """They may differ in comments and docstrings only; a change in one must be made in the other."""
    programs = [[(block.raises, block.needs, _parsed(block)) for block in BLOCKS[name]] for name in pair]
    for number, (one, other) in enumerate(zip(*programs, strict=True), 1):
        assert one == other, f"block {number} ({BLOCKS[pair[0]][number - 1].name})"


def _parsed(block):
    tree = ast.parse(block.code)
    for definition in ast.walk(tree):
        if isinstance(definition, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(definition):
            del definition.body[0]
    return ast.dump(tree)


if __name__ == "__main__":
    for guide in GUIDES:
        with tempfile.TemporaryDirectory() as folder:
            rewrite(Run(DOCS / guide, folder, _begin_anew))
