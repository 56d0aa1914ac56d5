"""The text of a program, with parts of it replaced."""

import ast
import io
import tokenize
from collections.abc import Callable, Iterator
from typing import Any

Replacement = Callable[[ast.AST], str | None]


class Source:
    """A program and its syntax tree.

    Args:
        code: the program.
        name: its name, for messages.

    Attributes:
        tree: the syntax tree.
        above: {statement: lines to write above it, each with its end}.
        below: {statement: text to write behind it}.

    Raises:
        ValueError: it is no program of Python 3.
    """

    def __init__(self, code: str, name: str) -> None:
        try:
            self.tree = ast.parse(code)
        except SyntaxError as error:
            raise ValueError(
                f"{name}, line {error.lineno}: {error.msg}. Wanted Python 3, which 2to3 makes of Python 2."
            ) from error
        self.above: dict[ast.stmt, str] = {}
        self.below: dict[ast.stmt, str] = {}
        self._bytes = code.encode()
        self._lines = self._bytes.splitlines(keepends=True)  # as Python counts: a form feed ends no line
        self._starts = [0]
        for line in self._lines:
            self._starts.append(self._starts[-1] + len(line))
        tokens = tokenize.generate_tokens(io.StringIO(code).readline)
        self._comments = [(each.start, each.string) for each in tokens if each.type == tokenize.COMMENT]

    def text_of(self, node: ast.AST, replacement: Replacement) -> str:
        """Returns the text of a node, with what `replacement` returns for it or for nodes inside it."""
        if not isinstance(node, ast.Module):
            made = replacement(node)
            if made is not None:
                return made
        start, end = self._span(node)
        return self._copied(start, end, _children(node), replacement)

    def renamed(self, node: ast.FunctionDef, name: str, replacement: Replacement) -> str:
        """Returns the text of a function under another name."""
        start, end = self._span(node)
        return self._copied(start, end, _children(node), replacement).replace(node.name, name, 1)

    def _copied(self, start: int, end: int, nodes: Iterator[ast.AST], replacement: Replacement) -> str:
        pieces, here = [], start
        for node in sorted(nodes, key=self._span):
            first, last = self._span(node)
            if isinstance(node, ast.stmt) and node in self.above:
                begin = self._bytes.rfind(b"\n", 0, first) + 1
                pieces += [self._bytes[here:begin].decode(), self.above[node]]
                here = max(begin, here)
            pieces += [self._bytes[here:first].decode(), self.text_of(node, replacement)]
            if isinstance(node, ast.stmt):
                pieces.append(self.below.get(node, ""))
            here = last
        return "".join([*pieces, self._bytes[here:end].decode()])

    def _span(self, node: Any) -> tuple[int, int]:
        if isinstance(node, ast.Module):
            return 0, len(self._bytes)
        first = min([node, *getattr(node, "decorator_list", [])], key=lambda each: each.lineno)
        begin = self._starts[first.lineno - 1] + first.col_offset - (first is not node)  # with the sign @
        return begin, self._starts[node.end_lineno - 1] + node.end_col_offset

    def leading(self, line: int) -> str:
        """Returns the white space at the beginning of a line, counted from 1."""
        text = self._lines[line - 1].decode()
        return text[: len(text) - len(text.lstrip())]

    def indentation(self, node: ast.stmt) -> str:
        """Returns the white space in front of a statement."""
        return self.leading(node.lineno)

    def with_a_line(self, node: ast.stmt) -> ast.stmt:
        """Returns the statement above which a comment on a statement can stand: the first of its line."""
        before = [each for each in ast.walk(self.tree) if isinstance(each, ast.stmt)]
        before = [each for each in before if self._span(each)[0] <= self._span(node)[0]]
        firsts = [each for each in before if len(self.leading(each.lineno)) == each.col_offset]
        return max(firsts, key=lambda each: self._span(each)[0], default=node)

    def comments_in(self, node: ast.expr) -> Iterator[str]:
        """Yields the comments inside an expression, without their signs."""
        start, end = (node.lineno, node.col_offset), (node.end_lineno or 0, node.end_col_offset or 0)
        for place, text in self._comments:
            if start <= place < end:
                yield text.lstrip("# ")


def _children(node: ast.AST) -> Iterator[ast.AST]:
    """Yields the nodes with a place in the text that are directly inside a node."""
    if isinstance(node, ast.JoinedStr):  # Python 3.11 does not know the places inside it
        return
    for child in ast.iter_child_nodes(node):
        if hasattr(child, "lineno"):
            yield child
        else:
            yield from _children(child)
