"""Nested dicts from paths of names."""

from collections.abc import Mapping
from typing import Any, TypeAlias

#: Names from the outside in: of layers, then of the weight.
Path: TypeAlias = tuple[str, ...]


def tree_of(values: Mapping[Path, Any]) -> dict[str, Any]:
    """Returns nested dicts with each value under its path.

    Example:
        >>> tree_of({("a", "b"): 1, ("a", "c"): 2})
        {'a': {'b': 1, 'c': 2}}
    """
    tree: dict[str, Any] = {}
    for path, value in values.items():
        inner = tree
        for name in path[:-1]:
            inner = inner.setdefault(name, {})
        inner[path[-1]] = value
    return tree
