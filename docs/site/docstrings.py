"""Docstrings and signatures as Sphinx reads them; `conf.py` connects these functions."""

import inspect
import re
from typing import Any

from sphinx.util.inspect import stringify_signature

_WORDS = re.compile(r"(`[^`]+`)(?=\w)|(`[^`]+`)|([*|]+|(?<=\w)_(?!\w))")


def as_rst(app: Any, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    """Makes reStructuredText of a docstring, in place; Sphinx calls it before it looks for "Args:".

    In docstrings, single backquotes mark code and all other characters stand for themselves. Names that share
    one description may fill several lines.
    """
    made: list[str] = []
    in_example = False
    for line in lines:
        in_example = bool(line.strip()) and (in_example or line.lstrip().startswith(">>>"))
        if made and re.fullmatch(r" +[\w, *]+,", made[-1]):
            made[-1] += " " + line.lstrip()
        elif in_example or re.match(r" *\*+\w+:", line):
            made.append(line)
        else:
            made.append(_WORDS.sub(_escaped, line))
    lines[:] = made


def _escaped(match: re.Match[str]) -> str:
    before_a_letter, code, marks = match.groups()
    if marks:
        return "".join(f"\\{mark}" for mark in marks)
    return code or before_a_letter + "\\ "


def signature_of(app: Any, what: str, name: str, obj: Any, *_: Any) -> tuple[str, None] | None:
    """Returns the signature of a class, which is that of its `__init__`; Sphinx asks for each object."""
    if what != "class" or not inspect.isclass(obj):
        return None
    try:
        signature = inspect.signature(obj).replace(return_annotation=inspect.Signature.empty)
    except ValueError:
        return None
    text = stringify_signature(signature, unqualified_typehints=True)
    return text.replace("Callable[[...],", "Callable[...,"), None


def left_out(app: Any, what: str, name: str, obj: Any, skip: bool, options: Any) -> bool | None:
    """Returns True for members that every class has, and for those that only repeat another name."""
    text = inspect.getdoc(obj) or ""
    return True if name == "get_config" or text.startswith("Keras 2's name of") else None
