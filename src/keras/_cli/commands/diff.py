"""Compares two files: the layers and their options, the weights, how they were compiled, training states.

Weights are compared by the norm of their difference. The exit code is 1 if anything differs.

examples:
  keras-classic diff before.h5 after.h5
  keras-classic diff epoch_1.state epoch_2.state --json
"""

import argparse
from collections.abc import Iterator
from typing import Any

import numpy as np

from ..._inspect import Contents, open_contents
from ..._inspect.contents import Arrays
from ..._inspect.tree import tree_of
from ..console import Console

NAME = "diff"
HELP = "compare two files, part by part"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of the command."""
    parser.add_argument("a", metavar="A", help="the first file")
    parser.add_argument("b", metavar="B", help="the second file")
    parser.add_argument(
        "--tolerance", type=float, default=0.0, metavar="T",
        help="norm of the difference, relative to that of A, up to which weights are equal (default 0)",
    )  # fmt: skip


def run(args: argparse.Namespace, console: Console) -> int:
    """Runs the command."""
    with open_contents(args.a) as a, open_contents(args.b) as b:
        changes = [*_architecture(a, b), *_values(a, b)]
        weights = [*_arrays(_flat(a.layers), _flat(b.layers)), *_arrays(_state(a), _state(b))]
    different = [row for row in weights if row["kind"] != "equal" and row.get("relative", 1) > args.tolerance]
    console.result({"equal": not (changes or different), "changes": changes, "weights": different})
    for change in changes:
        console.line(f"{change['where']}: {change['what']}: {change['a']} -> {change['b']}")
    if different:
        console.table(
            ["weight", "norm of A", "norm of difference", "relative"], [_row(row) for row in different]
        )
    equal = not (changes or different)
    console.line("equal" if equal else "differ", style="green" if equal else "bold red")
    return 0 if equal else 1


def _row(row: dict[str, Any]) -> list[str]:
    if "norm" in row:
        return [row["name"], f"{row['norm']:.4g}", f"{row['difference']:.4g}", f"{row['relative']:.3g}"]
    return [row["name"], row["kind"], "", ""]


# --- layers ---------------------------------------------------------------------------------------


def _architecture(a: Contents, b: Contents) -> Iterator[dict[str, Any]]:
    if a.model is None or b.model is None:
        if (a.model is None) != (b.model is None):
            yield _change("file", "model", *("none" if c.model is None else "a model" for c in (a, b)))
        return
    trees = [dict(_nodes(tree_of(contents.model or {}, None))) for contents in (a, b)]
    for name in dict.fromkeys([*trees[0], *trees[1]]):
        first, second = (tree.get(name) for tree in trees)
        if first is None or second is None:
            yield _change(
                name, "layer", *("none" if node is None else node["class"] for node in (first, second))
            )
            continue
        yield from _options(name, first, second)


def _nodes(tree: dict[str, Any], path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yields (path, node) for each layer; the outermost model is "model"."""
    name = f"{path}/{tree['name'] or tree['class']}" if path else "model"
    yield name, tree
    for child in tree.get("layers", []):
        yield from _nodes(child, name)


def _options(name: str, a: dict[str, Any], b: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if a["class"] != b["class"]:
        yield _change(name, "class", a["class"], b["class"])
    for key in dict.fromkeys([*a["options"], *b["options"]]):
        one, other = (node["options"].get(key) for node in (a, b))
        if one != other:
            yield _change(name, key, one, other)
    for key in ("inputs", "trainable"):
        if a.get(key) != b.get(key):
            yield _change(name, key, a.get(key), b.get(key))


def _change(where: str, what: str, a: Any, b: Any) -> dict[str, Any]:
    return {"where": where, "what": what, "a": a, "b": b}


def _values(a: Contents, b: Contents) -> Iterator[dict[str, Any]]:
    """Yields what differs in the arguments of `compile` and in the places of two trainings."""
    for where, one, other in (("compile", a.training, b.training), ("training", a.state, b.state)):
        one, other = one or {}, other or {}
        for key in dict.fromkeys([*one, *other]):
            if one.get(key) != other.get(key):
                yield _change(where, key, one.get(key), other.get(key))


# --- weights --------------------------------------------------------------------------------------


def _flat(layers: list[tuple[str, Arrays]]) -> dict[str, Any]:
    return {f"{layer}/{name}".strip("/"): array for layer, arrays in layers for name, array in arrays}


def _state(contents: Contents) -> dict[str, Any]:
    # Numbered, as the names of these arrays are automatic.
    return {f"optimizer/{i}": array for i, (_, array) in enumerate(contents.optimizer)}


def _arrays(a: dict[str, Any], b: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if a and b and not set(a) & set(b) and [x.shape for x in a.values()] == [x.shape for x in b.values()]:
        b = dict(zip(a, b.values(), strict=True))  # other names, the same arrays
    for name in dict.fromkeys([*a, *b]):
        if name not in a or name not in b:
            yield {"name": name, "kind": f"only in {'A' if name in a else 'B'}"}
        elif a[name].shape != b[name].shape:
            yield {"name": name, "kind": f"{a[name].shape} -> {b[name].shape}"}
        else:
            yield _compared(name, a[name].read(), b[name].read())


def _compared(name: str, a: np.ndarray, b: np.ndarray) -> dict[str, Any]:
    if np.array_equal(a, b):
        return {"name": name, "kind": "equal"}
    norm = float(np.linalg.norm(np.asarray(a, "float64").ravel()))
    difference = float(np.linalg.norm((np.asarray(a, "float64") - np.asarray(b, "float64")).ravel()))
    relative = difference / norm if norm else float("inf")
    return {"name": name, "kind": "values", "norm": norm, "difference": difference, "relative": relative}
