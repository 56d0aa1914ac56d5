"""The notebooks of the guides: docs/guide.md as docs/guide.ipynb, and the Chinese one.

    python tests/guide_notebooks.py          writes both
    python tests/guide_notebooks.py --run    runs both in kernels, and compares what they print with the
                                             guides; needs nbclient and ipykernel, and takes some minutes

The notebooks have no outputs; `test_notebooks.py` checks that they are those of the guides.
"""

import builtins
import json
import re
import sys
import tempfile
from pathlib import Path

from markdown_code import Block, Outcome, check, read_blocks

DOCS = Path(__file__).parents[1] / "docs"
GUIDES = ("guide.md", "guide.zh.md")
_PART = re.compile(
    r"^(?:<!-- (?:raises|needs): [^\n]* -->\n+)*```python\n.*?^```$(?:\s*?^```text\n.*?^```$)?",
    re.MULTILINE | re.DOTALL,
)
# What runs before the first block in the tests, too.
_FIRST = "from keras import backend as K\n\nK.set_image_dim_ordering('th')"


def notebook_of(guide: str) -> dict:
    """Returns the notebook of a guide as plain data: its text, and its blocks of Python as cells."""
    markdown, blocks = (DOCS / guide).read_text("utf-8"), read_blocks(DOCS / guide)
    texts = [text.strip() for text in _PART.split(markdown)]
    assert len(texts) == len(blocks) + 1
    cells = [_text(texts[0]), _code(_FIRST)]
    for text, block in zip(texts[1:], blocks, strict=True):
        cells.append(_code(block.code.rstrip("\n"), ["raises-exception"] if block.raises else []))
        cells += [_text(text)] if text else []
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def written(notebook: dict) -> str:
    """Returns the contents of a notebook's file."""
    return json.dumps(notebook, ensure_ascii=False, indent=1) + "\n"


def path_of(guide: str) -> Path:
    """Returns the path of the notebook of a guide."""
    return (DOCS / guide).with_suffix(".ipynb")


def run(guide: str) -> list[str]:
    """Runs the notebook of a guide; returns a line for each cell that does not do what the guide shows."""
    import nbformat
    from nbclient import NotebookClient

    notebook = nbformat.reads(path_of(guide).read_text("utf-8"), as_version=4)
    with tempfile.TemporaryDirectory() as folder:
        client = NotebookClient(notebook, timeout=600, resources={"metadata": {"path": folder}})
        client.execute()
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"][1:]
    problems = []
    for block, cell in zip(read_blocks(DOCS / guide), cells, strict=True):
        try:
            _compare(block, cell.outputs)
        except AssertionError as error:
            problems.append(f"{guide}: {error}")
    return problems


def _compare(block: Block, outputs: list) -> None:
    printed = "".join(each.text for each in outputs if each.output_type == "stream" and each.name == "stdout")
    raised = [each.ename for each in outputs if each.output_type == "error"]
    # A kernel reports the name of the class; the guide that of a built-in one, from which it may derive.
    known = [block.raises if block.raises and not hasattr(builtins, name) else name for name in raised]
    assert known == ([block.raises] if block.raises else []), f"line {block.line}: raised {raised}"
    if not block.raises:
        check(block, Outcome(printed, None))


def _text(markdown: str) -> dict:
    return {"cell_type": "markdown", "metadata": {}, "source": _lines(markdown)}


def _code(code: str, tags: list[str] | None = None) -> dict:
    metadata = {"tags": tags} if tags else {}
    return {
        "cell_type": "code",
        "execution_count": None,
        "metadata": metadata,
        "outputs": [],
        "source": _lines(code),
    }


def _lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)


if __name__ == "__main__":
    if sys.argv[1:] == ["--run"]:
        found = [problem for guide in GUIDES for problem in run(guide)]
        print("\n".join(found) or "both notebooks do what the guides show")
        sys.exit(bool(found))
    for name in GUIDES:
        path_of(name).write_text(written(notebook_of(name)), "utf-8")
