"""Runs the Python blocks of a Markdown text, and compares the text blocks behind them with what came.

A block of Python is fenced with ```python; what it prints may follow in a block fenced with ```text. A
comment line before a block says what a reader sees from the text around it:

    <!-- raises: ValueError -->    the block ends with this exception; ```text holds the message, wrapped
                                   anywhere, with ... for what differs from run to run
    <!-- needs: package.module --> the block is left out where the module cannot be imported
"""

import builtins
import contextlib
import importlib.util
import io
import re
import textwrap
import traceback
import warnings
from pathlib import Path
from typing import NamedTuple

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
        name: str, the heading above it and its number below that heading, such as "Masks-2".
        line: int, the line of the file where the code begins, from 1.
        code: str.
        raises: name of a built-in exception, or None.
        needs: name of a module, or None.
        text: str, what the text block behind it holds, or None.
        span: (start, end) of that text in the file, or None.
    """

    name: str
    line: int
    code: str
    raises: str | None
    needs: str | None
    text: str | None
    span: tuple | None


class Outcome(NamedTuple):
    """What a block did: the text it printed, and the exception it ended with, or None."""

    printed: str
    error: Exception | None


def read_blocks(path):
    """The Python blocks of a Markdown file, as a list of `Block`."""
    markdown = Path(path).read_text(encoding="utf-8")
    prose = _FENCED.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), markdown)
    headings = [(match.start(), match[1]) for match in _HEADING.finditer(prose)]
    blocks, count = [], {}
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
    """The blocks of one file in one namespace, each run when it or a later one is asked for.

    Args:
        path: the Markdown file.
        folder: the working directory for the blocks.
        given: function (number of the block, namespace) that is called before each block; None for none.
    """

    def __init__(self, path, folder, given=None):
        self.path = path
        self.folder = folder
        self.given = given
        self.blocks = read_blocks(path)
        self.namespace = {"__name__": "__main__"}
        self.outcomes = []

    def outcome(self, number):
        """The outcome of block `number`, from 0; None where what it needs is not there."""
        while len(self.outcomes) <= number:
            self.outcomes.append(self._run(len(self.outcomes)))
        return self.outcomes[number]

    def _run(self, number):
        block = self.blocks[number]
        if block.needs and not _can_import(block.needs):
            return None
        if self.given:
            self.given(number, self.namespace)
        # Empty lines in front, so that a traceback names the lines of the Markdown file.
        code = compile("\n" * (block.line - 1) + block.code, str(self.path), "exec")
        printed, error = io.StringIO(), None
        with contextlib.chdir(self.folder), contextlib.redirect_stdout(printed), warnings.catch_warnings():
            warnings.simplefilter("error", UserWarning)  # a text that teaches gives no cause to be warned
            try:
                exec(code, self.namespace)
            except Exception as raised:
                error = raised
        return Outcome(printed.getvalue(), error)


def check(block, outcome):
    """Raises AssertionError, or the block's own exception, where the outcome is not as the text says."""
    if block.raises is None:
        if outcome.error is not None:
            raise outcome.error
    else:
        assert isinstance(outcome.error, getattr(builtins, block.raises)), (
            f"line {block.line}: wanted {block.raises}, got {outcome.error!r}"
        )
    if block.text is not None:
        assert _same(block, outcome), (
            f"line {block.line}: the text shows\n{block.text}\nbut there came\n{shown(block, outcome)}"
        )


def shown(block, outcome):
    """The text block that a reader should find behind the block."""
    if outcome.error is None:
        return "".join(f"{line.rstrip()}\n" for line in outcome.printed.splitlines())
    # The last lines of a traceback, without what libraries append as notes.
    message = " ".join(traceback.format_exception_only(outcome.error)[0].split())
    return "\n".join(textwrap.wrap(message, 100, break_long_words=False, break_on_hyphens=False)) + "\n"


def _same(block, outcome):
    found, wanted = shown(block, outcome), block.text
    if outcome.error is None:
        return found == wanted
    parts = [re.escape(part.strip()) for part in " ".join(wanted.split()).split("...")]
    return re.fullmatch(".*".join(parts), " ".join(found.split())) is not None


def rewrite(run):
    """Writes the true outputs into the file's text blocks; runs all blocks."""
    markdown = Path(run.path).read_text(encoding="utf-8")
    for number in reversed(range(len(run.blocks))):
        run.outcome(len(run.blocks) - 1)
        block, outcome = run.blocks[number], run.outcomes[number]
        if block.span and outcome and not _same(block, outcome):
            markdown = markdown[: block.span[0]] + shown(block, outcome) + markdown[block.span[1] :]
    Path(run.path).write_text(markdown, encoding="utf-8")


def _can_import(name):
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:
        return False
