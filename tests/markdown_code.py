"""Runs the Python blocks of a Markdown file, and compares their output with the text blocks that follow.

A block of Python is fenced with ```python; its output may follow in a block fenced with ```text. Comment
lines before a block state what a reader learns from the text around it:

    <!-- raises: ValueError -->    the block raises this exception; ```text holds the message, wrapped
                                   anywhere, with ... for parts that differ from run to run
    <!-- needs: package.module --> the block is skipped if the module cannot be imported
"""

import builtins
import contextlib
import importlib.util
import io
import re
import textwrap
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

_BLOCK = re.compile(
    r"(?P<marks>(?:^<!-- (?:raises|needs): [^\n]* -->\n+)*)^```python\n(?P<code>.*?)^```$"
    r"(?:\s*?^```text\n(?P<text>.*?)^```$)?",
    re.MULTILINE | re.DOTALL,
)
_MARK = re.compile(r"<!-- (raises|needs): ([^\n]*) -->")
_HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)
_FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)


class Block(NamedTuple):
    """A block of Python.

    Attributes:
        name: the heading above the block and its number under that heading, such as "Masks-2".
        line: line of the file where the code begins, from 1.
        code: the Python code.
        raises: name of a built-in exception, or None.
        needs: name of a module, or None.
        text: contents of the text block that follows, or None.
        span: (start, end) of that text in the file, or None.
    """

    name: str
    line: int
    code: str
    raises: str | None
    needs: str | None
    text: str | None
    span: tuple[int, int] | None


class Outcome(NamedTuple):
    """The result of a block: the text that it printed, and its exception or None."""

    printed: str
    error: Exception | None


def read_blocks(path: Path) -> list[Block]:
    """Returns the Python blocks of a Markdown file."""
    markdown = Path(path).read_text(encoding="utf-8")
    prose = _FENCED.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), markdown)
    headings = [(match.start(), match[1]) for match in _HEADING.finditer(prose)]
    blocks: list[Block] = []
    count: dict[str, int] = {}
    for match in _BLOCK.finditer(markdown):
        heading = next((text for start, text in reversed(headings) if start < match.start()), "")
        count[heading] = count.get(heading, 0) + 1
        marks = dict(_MARK.findall(match["marks"]))
        blocks.append(
            Block(
                name=f"{heading}-{count[heading]}",
                line=markdown.count("\n", 0, match.start("code")) + 1,
                code=match["code"],
                raises=marks.get("raises"),
                needs=marks.get("needs"),
                text=match["text"],
                span=match.span("text") if match["text"] is not None else None,
            )
        )
    return blocks


class Run:
    """The blocks of one file, run in one namespace; each runs when its outcome or a later one is needed.

    Args:
        path: the Markdown file.
        folder: the working directory for the blocks.
        given: function of (number of the block, namespace), called before each block; or None.
    """

    def __init__(
        self, path: Path, folder: str | Path, given: Callable[[int, dict[str, Any]], None] | None = None
    ) -> None:
        self.path = path
        self.folder = folder
        self.given = given
        self.blocks = read_blocks(path)
        self.namespace: dict[str, Any] = {"__name__": "__main__"}
        self.outcomes: list[Outcome | None] = []

    def outcome(self, number: int) -> Outcome | None:
        """Returns the outcome of block `number`, from 0, or None if the module that it needs is missing."""
        while len(self.outcomes) <= number:
            self.outcomes.append(self._run(len(self.outcomes)))
        return self.outcomes[number]

    def _run(self, number: int) -> Outcome | None:
        block = self.blocks[number]
        if block.needs and not _can_import(block.needs):
            return None
        if self.given:
            self.given(number, self.namespace)
        # Empty lines in front, so that a traceback names the lines of the Markdown file.
        code = compile("\n" * (block.line - 1) + block.code, str(self.path), "exec")
        printed, error = io.StringIO(), None
        with contextlib.chdir(self.folder), contextlib.redirect_stdout(printed), warnings.catch_warnings():
            warnings.simplefilter("error", UserWarning)  # teaching material must not cause warnings
            try:
                exec(code, self.namespace)
            except Exception as raised:
                error = raised
        return Outcome(printed.getvalue(), error)


def check(block: Block, outcome: Outcome) -> None:
    """Raises AssertionError, or the block's own exception, if the outcome differs from the text."""
    if block.raises is None:
        if outcome.error is not None:
            raise outcome.error
    else:
        assert isinstance(outcome.error, getattr(builtins, block.raises)), (
            f"line {block.line}: wanted {block.raises}, got {outcome.error!r}"
        )
    if block.text is not None:
        assert _same(block, outcome), (
            f"line {block.line}: the text shows\n{block.text}\nbut the block printed\n{shown(block, outcome)}"
        )


def shown(block: Block, outcome: Outcome) -> str:
    """Returns the text block that belongs after the block."""
    if outcome.error is None:
        return "".join(f"{line.rstrip()}\n" for line in outcome.printed.splitlines())
    # The last lines of a traceback, without the notes that libraries append.
    message = " ".join(traceback.format_exception_only(outcome.error)[0].split())
    return "\n".join(textwrap.wrap(message, 100, break_long_words=False, break_on_hyphens=False)) + "\n"


def _same(block: Block, outcome: Outcome) -> bool:
    found, wanted = shown(block, outcome), block.text or ""
    if outcome.error is None:
        return found == wanted
    parts = [re.escape(part.strip()) for part in " ".join(wanted.split()).split("...")]
    return re.fullmatch(".*".join(parts), " ".join(found.split())) is not None


def rewrite(run: Run) -> None:
    """Runs all blocks, and writes their outputs into the text blocks of the file."""
    markdown = Path(run.path).read_text(encoding="utf-8")
    for number in reversed(range(len(run.blocks))):
        run.outcome(len(run.blocks) - 1)
        block, outcome = run.blocks[number], run.outcomes[number]
        if block.span and outcome and not _same(block, outcome):
            markdown = markdown[: block.span[0]] + shown(block, outcome) + markdown[block.span[1] :]
    Path(run.path).write_text(markdown, encoding="utf-8")


def _can_import(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:
        return False
