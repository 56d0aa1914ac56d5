"""What a Python function takes from around it: closure, defaults, plain global values.

`[Lambda(lambda x: x[:, j])(i) for j in range(3)]` closes over one `j`, which is 2 afterwards. A layer
computes with the values of its calls, so these are noted at the call, and configs hold them.
"""

import builtins
import copy
import dis
import functools
import types
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

_SCALARS = (bool, int, float, str, np.generic, type(None))


@dataclass(frozen=True)
class Captured:
    """The values that a function found around it.

    Attributes:
        closure: the variables of the functions around it, by name.
        defaults: the default values of its arguments.
        keyword_defaults: those of its keyword-only arguments, by name.
        globals: its global variables that are plain data, by name.
    """

    closure: dict[str, Any] = field(default_factory=dict)
    defaults: tuple[Any, ...] | None = None
    keyword_defaults: dict[str, Any] = field(default_factory=dict)
    globals: dict[str, Any] = field(default_factory=dict)

    def difference(self, other: "Captured") -> str | None:
        """Returns the name of a value that is another one in `other`, or None."""
        for mine, its in ((self.closure, other.closure), (self.globals, other.globals)):
            for name in mine.keys() | its.keys():
                if name not in mine or name not in its or not same(mine[name], its[name]):
                    return name
        if not same(self.defaults, other.defaults) or not same(self.keyword_defaults, other.keyword_defaults):
            return "a default value"
        return None


def capture(function: Any) -> Captured:
    """Returns what a function finds around it now; of plain data a copy."""
    if not isinstance(function, types.FunctionType):
        return Captured()
    closure = {}
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        try:
            closure[name] = plain_copy(cell.cell_contents)
        except ValueError:  # not assigned yet
            continue
    found = function.__globals__
    names = [name for name in global_names(function.__code__) if name in found and is_plain(found[name])]
    return Captured(
        closure,
        plain_copy(function.__defaults__),
        plain_copy(function.__kwdefaults__ or {}),
        {name: plain_copy(found[name]) for name in names},
    )


def with_captured(function: Any, captured: Captured) -> Any:
    """Returns a function that finds these values: itself if it still does, else a copy."""
    if captured.difference(capture(function)) is None:
        return function
    code = function.__code__
    cells = dict(zip(code.co_freevars, function.__closure__ or (), strict=True))
    made = types.FunctionType(
        code,
        {**function.__globals__, **captured.globals},
        function.__name__,
        captured.defaults,
        tuple(
            types.CellType(captured.closure[name]) if name in captured.closure else cells[name]
            for name in code.co_freevars
        ),
    )
    made.__kwdefaults__ = captured.keyword_defaults or None
    return made


@functools.lru_cache(maxsize=512)
def global_names(code: types.CodeType) -> tuple[str, ...]:
    """Returns the names of the global variables that code reads, without built-ins."""
    return tuple(name for name in dict.fromkeys(_loaded_names(code)) if not hasattr(builtins, name))


def _loaded_names(code: types.CodeType) -> Iterator[str]:
    for instruction in dis.get_instructions(code):
        if instruction.opname in ("LOAD_GLOBAL", "LOAD_NAME"):
            yield instruction.argval
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _loaded_names(constant)


# --- plain data, exactly -------------------------------------------------------------------------


def is_plain(value: Any) -> bool:
    """Whether a value is made of numbers, strings, arrays, and lists, tuples and dicts of them."""
    if isinstance(value, list | tuple):
        return type(value) in (list, tuple) and all(map(is_plain, value))
    if isinstance(value, dict):
        return type(value) is dict and all(isinstance(k, str) and is_plain(v) for k, v in value.items())
    return isinstance(value, _SCALARS) or (isinstance(value, np.ndarray) and value.dtype.kind in "fiub")


def plain_copy(value: Any) -> Any:
    """Returns a copy of plain data; another value itself."""
    return copy.deepcopy(value) if is_plain(value) else value


def same(a: Any, b: Any) -> bool:
    """Whether two values are equal and of one type; of values that are not plain, whether they are one."""
    if a is b:
        return True
    if type(a) is not type(b):
        return False
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, np.ndarray):
        return a.dtype == b.dtype and np.array_equal(a, b, equal_nan=a.dtype.kind == "f")
    return isinstance(a, _SCALARS) and bool(a == b)


def encoded(value: Any) -> Any:
    """Returns plain data in a form that JSON and YAML keep: what they would change is a dict with one key."""
    if isinstance(value, tuple):
        return {"tuple": [encoded(item) for item in value]}
    if isinstance(value, list):
        return [encoded(item) for item in value]
    if isinstance(value, dict):
        return {"dict": {key: encoded(item) for key, item in value.items()}}
    if isinstance(value, np.ndarray | np.generic):
        return {"array": value.tolist(), "dtype": value.dtype.name}
    return value


def decoded(value: Any) -> Any:
    """Returns the value that `encoded` described."""
    if isinstance(value, list):
        return [decoded(item) for item in value]
    if isinstance(value, dict):
        if set(value) == {"tuple"}:
            return tuple(decoded(item) for item in value["tuple"])
        if set(value) == {"dict"}:
            return {key: decoded(item) for key, item in value["dict"].items()}
        if set(value) == {"array", "dtype"}:
            return np.array(value["array"], value["dtype"])[()]
    return value


def each(captured: Captured) -> Iterator[tuple[str, Any]]:
    """Yields (name, value) of all that is not a global."""
    yield from captured.closure.items()
    yield from captured.keyword_defaults.items()
    for value in captured.defaults or ():
        yield "a default value", value
