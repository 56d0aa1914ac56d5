"""The pages of the API reference: every public name of the package, from its docstring."""

import ast
import importlib
import inspect
import json
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from pages import REFERENCE

from keras._spelling.later import LATER

_ROOT = Path(__file__).resolve().parents[2]
#: The record of Keras 1.2.2's public names, {module: {name: ...}}.
_SURFACE = json.loads((_ROOT / "tests" / "golden" / "surface.json").read_text("utf-8"))

_FIRST = ("Model", "Sequential")


def reference_pages(language: str) -> dict[str, str]:
    """Returns {file name: text} of the reference; only its titles depend on the language.

    Raises:
        LookupError: a public name of Keras 1.2.2 is on no page.
    """
    seen: dict[int, str] = {}
    pages = {}
    for page, (titles, modules) in REFERENCE.items():
        parts = [_module(name, seen, alone=" " not in modules) for name in modules.split()]
        pages[f"{page}.md"] = "\n".join([f"# {titles[language]}\n", *parts])
    _check_complete(seen)
    names = "\n".join(REFERENCE)
    title = {"en": "API", "zh": "API 参考"}[language]
    pages["index.md"] = f"# {title}\n\n```{{toctree}}\n:maxdepth: 2\n\n{names}\n```\n"
    return pages


def _module(name: str, seen: dict[int, str], alone: bool) -> str:
    module = importlib.import_module(name)
    directives, others = [], []
    for attribute, value in public(module):
        path = f"{name}.{attribute}"
        first = seen.setdefault(id(value), path)
        if first != path:
            others.append(f"`{attribute}` is {{py:obj}}`{first}`")
        else:
            kind = "class" if inspect.isclass(value) else "function"
            members = "   :members:\n" if kind == "class" else ""
            directives.append(f".. auto{kind}:: {path}\n{members}")
    text = "" if alone else f"\n## {name}\n"
    text += f"\n```{{eval-rst}}\n.. automodule:: {name}\n```\n"
    if directives:
        text += "\n```{eval-rst}\n" + "\n".join(directives) + "```\n"
    return text + ("\nOther names: " + "; ".join(others) + ".\n" if others else "")


def public(module: ModuleType) -> Iterator[tuple[str, Any]]:
    """Yields (name, object) of what a module offers: models, then classes, then functions."""
    name = module.__name__
    later = LATER.get(name.partition(".")[2], {})
    own = {key for key in _written_in(module) if not key.startswith("_")}
    offered = {*own, *_SURFACE.get(name, {}), *later}
    found = {key: getattr(module, key, None) for key in offered}
    known = set(map(id, found.values()))  # names of Keras 2 for these are set from the table of spellings
    found |= {key: value for key, value in vars(module).items() if key[0] != "_" and id(value) in known}
    for key in sorted(
        found, key=lambda key: (key not in _FIRST, not inspect.isclass(found[key]), key.lower())
    ):
        value = found[key]
        if callable(value) and str(getattr(value, "__module__", "")).startswith("keras"):
            yield key, value


def _written_in(module: ModuleType) -> Iterator[str]:
    """Yields the names that a module defines, assigns, or passes on as in `from x import name as name`."""
    for node in ast.parse(Path(module.__file__ or "").read_text("utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.ImportFrom):
            yield from (each.name for each in node.names if each.asname == each.name)
        elif isinstance(node, ast.Assign):
            yield from (target.id for target in node.targets if isinstance(target, ast.Name))


def _check_complete(seen: dict[int, str]) -> None:
    missing = []
    for name, attributes in _SURFACE.items():
        module = importlib.import_module(name)
        values = {key: getattr(module, key, None) for key in attributes}
        missing += [
            f"{name}.{key}"
            for key, value in values.items()
            if callable(value) and str(value.__module__).startswith("keras") and id(value) not in seen
        ]
    if missing:
        raise LookupError(
            f"on no page of the reference: {', '.join(missing)}. Add their modules to REFERENCE in pages.py."
        )
