"""Pieces of HTML. They take the colors of the page, so that they suit light and dark notebooks."""

from collections.abc import Iterable, Sequence
from html import escape

_FAINT = "opacity:0.7"


def box(*parts: str) -> str:
    """Returns the element around all that an object shows."""
    return f'<div style="font-size:13px;line-height:1.4;max-width:100%">{"".join(parts)}</div>'


def heading(title: str, *facts: str) -> str:
    """Returns a line with a title and the most important facts."""
    more = "".join(f' <span style="{_FAINT}">· {escape(fact)}</span>' for fact in facts)
    return f"<div><b>{escape(title)}</b>{more}</div>"


def folded(title: str, inside: str, is_open: bool = False) -> str:
    """Returns a part that opens and closes on a click."""
    state = " open" if is_open else ""
    style = "margin:4px 0 4px 8px"
    return (
        f'<details style="{style}"{state}><summary style="cursor:pointer">{escape(title)}</summary>'
        f"{inside}</details>"
    )


def scrolled(inside: str) -> str:
    """Returns a part of limited height, for pictures of deep models."""
    return f'<div style="max-height:540px;max-width:100%;overflow:auto">{inside}</div>'


def table(headings: Sequence[str], rows: Iterable[Sequence[object]], numeric: Sequence[int] = ()) -> str:
    """Returns a table.

    Args:
        headings: one text for each column; empty for none.
        rows: one value for each column.
        numeric: the columns whose values are flush right.
    """

    def cells(row: Sequence[object], kind: str) -> str:
        found = ""
        for column, value in enumerate(row):
            align = "right" if column in numeric else "left"
            text = escape(str(value))
            indent = len(text) - len(text.lstrip())
            style = f"text-align:{align};padding:1px 12px 1px {4 + 8 * indent}px"
            found += f'<{kind} style="{style}">{text.strip()}</{kind}>'
        return f"<tr>{found}</tr>"

    head = f"<thead>{cells(headings, 'th')}</thead>" if headings else ""
    body = "".join(cells(row, "td") for row in rows)
    style = "border-collapse:collapse;font-size:12px;margin:4px 0"
    return f'<table style="{style}">{head}<tbody>{body}</tbody></table>'
