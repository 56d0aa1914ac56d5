"""Text for people and JSON for programs.

`rich` draws tables and trees in a terminal. Where it is missing, or the output is no terminal, the same
contents are plain lines. Text of files is never markup, and characters that would control a terminal are
replaced.
"""

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Tree:
    """A line of text with other lines below it."""

    label: str
    children: list["Tree"] = field(default_factory=list)


class Console:
    """Where a command writes.

    Args:
        json: bool, whether `result` prints JSON and all else prints nothing.
    """

    def __init__(self, json: bool = False) -> None:
        self.json = json
        self._rich = None if json or not sys.stdout.isatty() else _rich()

    def result(self, value: Any) -> None:
        """Prints the whole result of a command as JSON, if that was asked for."""
        if self.json:
            print(json.dumps(value, indent=2, default=_plain))

    def line(self, text: str = "", style: str | None = None) -> None:
        """Prints a line of text; `style` is one of rich, such as "bold" or "red"."""
        if self.json:
            return
        text = printable(text)
        if self._rich:
            self._rich["console"].print(text, style=style, markup=False, highlight=False, soft_wrap=True)
        else:
            print(text)

    def facts(self, facts: Sequence[tuple[str, Any]]) -> None:
        """Prints names and values, one pair on each line; values of None are left out."""
        shown = [(name, printable(str(value))) for name, value in facts if value is not None]
        width = max((len(name) for name, _ in shown), default=0)
        for name, value in shown:
            self.line(f"{name.ljust(width)}  {value}")

    def table(self, headings: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """Prints a table."""
        if self.json:
            return
        texts = [[printable(str(cell)) for cell in row] for row in rows]
        if self._rich:
            table = self._rich["table"](*headings, box=self._rich["box"].SIMPLE)
            for row in texts:
                table.add_row(*(self._rich["text"](cell) for cell in row))
            self._rich["console"].print(table)
            return
        widths = [max(map(len, column)) for column in zip(headings, *texts, strict=True)]
        for row in [list(headings), *texts]:
            print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())

    def tree(self, tree: Tree) -> None:
        """Prints a tree."""
        if self.json:
            return
        for line in _lines(tree, "", ""):
            self.line(line)


def _lines(tree: Tree, first: str, rest: str) -> list[str]:
    """Returns the lines of a tree; works without recursion limits, as files nest at most 64 deep."""
    lines = [f"{first}{tree.label}"]
    for number, child in enumerate(tree.children):
        last = number == len(tree.children) - 1
        lines += _lines(child, rest + ("└── " if last else "├── "), rest + ("    " if last else "│   "))
    return lines


def printable(text: str) -> str:
    """Replaces what a terminal would take for a command, and what its encoding lacks."""
    text = "".join(c if c.isprintable() else "?" for c in text)
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    return text.encode(encoding, errors="replace").decode(encoding)


def _rich() -> dict[str, Any] | None:
    try:
        from rich import box, console, table, text
    except ImportError:
        return None
    return {"console": console.Console(), "table": table.Table, "text": text.Text, "box": box}


def _plain(value: Any) -> Any:
    """Returns NumPy's numbers and arrays, and tuples, as JSON has them."""
    return value.tolist() if hasattr(value, "tolist") else str(value)
