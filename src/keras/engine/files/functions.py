"""Functions in the configs of `Lambda` and `Merge`. Only this module turns code from files into functions.

A config that `get_config` returns holds, in the place of code or of a name, a list or str that also knows the
function itself: `from_config` in the same process needs no permission. As text it is plain data.
"""

import builtins
import contextlib
import types
from collections.abc import Iterator
from typing import Any

from ... import backend
from ..._base.byte_code import func_dump, func_load
from ..._base.custom_objects import get_custom_objects
from ..._base.names import name_in_files
from ..._base.types import Config
from . import captured as values
from .captured import Captured, capture, decoded, encoded, is_plain, same, with_captured
from .registry import code_is_allowed


class MissingGlobal(ValueError, NameError):
    """Raised if a layer's function uses a global name that is not defined, as after loading it."""


class _OfThisProcess:
    """A part of a config that knows the function it stands for.

    Attributes:
        function: the function.
        captured: what it found around it when it was called.
        problem: str, why a file cannot hold it; None if one can.
    """

    function: Any
    captured: Captured
    problem: str | None = None

    def __deepcopy__(self, memo: Any) -> Any:
        return self  # nobody changes it, and what it captured may be something that cannot be copied


class _Code(_OfThisProcess, list):
    def __reduce__(self) -> Any:
        return list, (list(self),)


class _Name(_OfThisProcess, str):
    def __reduce__(self) -> Any:
        return str, (str(self),)


def note_captured(layer: Any, **held: Any) -> None:
    """Notes, when a layer is called, what its functions find around them, and its plain values.

    Args:
        layer: the layer.
        **held: functions and values by the names that they have in its config.
    """
    now = {
        name: capture(value) if callable(value) else values.plain_copy(value) for name, value in held.items()
    }
    noted = vars(layer).setdefault("_captured", now)
    for name, value in now.items():
        before = noted[name]
        if isinstance(value, Captured):
            changed = before.difference(value)
        else:
            changed = None if same(before, value) else name
        if changed is not None:
            layer._captured_twice = changed


def functions_to_config(layer: Any, **held: Any) -> Config:
    """Returns the config entries of the functions of a layer: "name" and "name_type" for each.

    Each pair is (value, "raw") for a plain value; (dump, "lambda") for a lambda; (name, "function") for a
    named function, which must be passed through `custom_objects` when a file is read.

    Args:
        layer: the layer.
        **held: functions and plain values by name.
    """
    config: Config = {}
    for name, value in held.items():
        noted = vars(layer).get("_captured", {}).get(name)
        captured = noted if isinstance(noted, Captured) else capture(value)
        data, kind = _to_config(value, captured)
        if isinstance(data, _OfThisProcess):
            data.problem = _problem(layer, name, data, kind)
        config[name], config[f"{name}_type"] = data, kind
    return config


def called_with(layer: Any, name: str, value: Any) -> Any:
    """Returns a plain value of a layer, such as its `arguments`, as it was when the layer was called."""
    noted = vars(layer).get("_captured", {}).get(name, value)
    return noted if is_plain(noted) else value


def _to_config(value: Any, captured: Captured) -> tuple[Any, str]:
    if not callable(value):
        return value, "raw"
    if isinstance(value, types.LambdaType) and value.__name__ == "<lambda>":
        code = func_dump(value)[0]
        closure = [encoded(captured.closure.get(name)) for name in value.__code__.co_freevars]
        defaults = None if captured.defaults is None else list(map(encoded, captured.defaults))
        data: Any = _Code([code, defaults, closure or None])
        more = {"globals": captured.globals, "keyword_defaults": captured.keyword_defaults}
        more = {key: {n: encoded(v) for n, v in found.items()} for key, found in more.items() if found}
        if more:
            data.append(more)
        kind = "lambda"
    else:
        data, kind = _Name(name_in_files(value)), "function"
    data.function, data.captured = value, captured
    return data, kind


def _problem(layer: Any, name: str, data: Any, kind: str) -> str | None:
    who = f"Layer {layer.name!r} cannot be saved: its {name}"
    changed = getattr(layer, "_captured_twice", None)
    if changed is not None:
        return (
            f"{who} was called several times, with different values of {changed!r}. Use a layer for each, "
            "and pass the value through arguments={...}."
        )
    if kind == "function":
        changed = data.captured.difference(capture(data.function))
        if changed is None:
            return None
        return (
            f"{who} {str(data)!r} was called with another value of {changed!r} than it has now, and a file "
            "has only its name. Pass the value through arguments={...}."
        )
    for variable, value in values.each(data.captured):
        if not is_plain(value):
            return (
                f"{who} uses {variable!r} of the function around it, a {type(value).__name__}; a file can "
                "hold numbers, strings, arrays and lists of them. Use a named function, and pass it through "
                "custom_objects when the file is loaded."
            )
    return None


def is_foreign_function(value: Any) -> bool:
    """Whether a value is a function neither of this package nor of JAX."""
    owner = str(getattr(value, "__module__", None)).partition(".")[0]
    return callable(value) and owner not in ("keras", "jax") and hasattr(value, "__name__")


def named_function(function: Any) -> _Name:
    """Returns the name of a function of the user's, which `check_functions` compares with the other names."""
    name = _Name(function.__name__)
    name.function, name.captured = function, capture(function)
    return name


def name_for_config(layer: Any, option: str, function: Any, meaning: Any) -> _Name:
    """Returns the name of a function for the config of a layer.

    Args:
        layer: the layer.
        option: str, the option that the function is the value of.
        function: a function of the user's.
        meaning: what the name stands for when it is loaded without `custom_objects`, or None.
    """
    name = named_function(function)
    if meaning is not None and meaning is not function:
        name.problem = (
            f"Layer {layer.name!r} cannot be saved: its {option} is a function of yours with the name "
            f"{function.__name__!r}, which is also one of Keras's, and that one would be loaded. Rename it."
        )
    return name


def known_functions(config: Any) -> tuple[list[Any], list[Any]]:
    """Returns the functions that a config of this process knows: those with their code, those by name."""
    with_code, by_name, stack = [], [], [config]
    while stack:
        item = stack.pop()
        if isinstance(item, _OfThisProcess):
            (with_code if isinstance(item, _Code) else by_name).append(item.function)
        elif isinstance(item, dict):
            stack += item.values()
        elif isinstance(item, list | tuple):
            stack += item
    return with_code, by_name


def check_functions(config: Any) -> None:
    """Checks that text can hold the functions of a config.

    Raises:
        ValueError: one of them was called with values that text cannot hold, or two have one name.
    """
    names: dict[str, Any] = {}
    stack = [config]
    while stack:
        item = stack.pop()
        if isinstance(item, _OfThisProcess):
            if item.problem is not None:
                raise ValueError(item.problem)
            if isinstance(item, _Name):
                other = names.setdefault(str(item), item)
                if not _same_function(other, item):
                    raise ValueError(
                        f"The model cannot be saved: two of its layers or losses have different functions "
                        f"named {str(item)!r}, and a file has only this name. Give each its own, or use one "
                        "function and pass what differs through arguments={...}."
                    )
        elif isinstance(item, dict):
            stack += item.values()
        elif isinstance(item, list | tuple):
            stack += item


def _same_function(a: _Name, b: _Name) -> bool:
    codes = [getattr(each.function, "__code__", each.function) for each in (a, b)]
    return a.function is b.function or (_same_code(*codes) and a.captured.difference(b.captured) is None)


def _same_code(a: Any, b: Any) -> bool:
    """Whether two code objects do the same, wherever they are written; compares other values by `==`."""
    if not isinstance(a, types.CodeType) or not isinstance(b, types.CodeType):
        return type(a) is type(b) and a == b
    parts = [(c.co_code, c.co_names, c.co_varnames, c.co_freevars, len(c.co_consts)) for c in (a, b)]
    constants = zip(a.co_consts, b.co_consts, strict=False)
    return parts[0] == parts[1] and all(_same_code(*pair) for pair in constants)


def function_from_config(data: Any, kind: Any, where: str) -> Any:
    """Returns the function or plain value in a config.

    Args:
        data, kind: as `functions_to_config` returns them.
        where: str for messages, such as "Lambda 'lambda_1': function".

    Raises:
        ValueError: it is byte code that the caller of the load has not allowed, or a function whose name is
            not in `custom_objects`.
    """
    if kind == "raw" or data is None:
        return data
    if kind == "function" and isinstance(data, str) and data in get_custom_objects():
        return get_custom_objects()[data]
    if isinstance(data, _OfThisProcess):
        return with_captured(data.function, data.captured)
    if kind == "lambda":
        try:
            return _load(data)
        except ValueError as error:
            raise ValueError(
                f"{where} is Python byte code, stored in the file. {error} For load_model and "
                "model_from_config, _json or _yaml that is allow_code=True."
            ) from None
    if kind == "function" and isinstance(data, str):
        raise ValueError(
            f"{where} is the function {data!r}, of which the file has only the name. Pass it: "
            f"custom_objects={{{data!r}: {data}}}."
        )
    raise ValueError(f"{where}: unknown kind of function {kind!r} in the config.")


def _load(data: Any) -> Any:
    names: dict[str, Any] = {"__builtins__": builtins, "K": backend}
    keyword_defaults = {}
    if code_is_allowed() and isinstance(data, list | tuple) and len(data) in (3, 4):
        more = data[3] if len(data) == 4 else {}
        names |= {name: decoded(value) for name, value in more.get("globals", {}).items()}
        keyword_defaults = {n: decoded(value) for n, value in more.get("keyword_defaults", {}).items()}
        data = [data[0], *(None if part is None else list(map(decoded, part)) for part in data[1:3])]
    function: Any = func_load(data, allow_code=code_is_allowed(), globs={**names, **get_custom_objects()})
    function.__kwdefaults__ = keyword_defaults or None
    return function


@contextlib.contextmanager
def naming_globals(layer: Any) -> Iterator[None]:
    """Makes a NameError in a layer's function one that names the layer and the remedy.

    Raises:
        MissingGlobal: the function uses a global name that is not defined.
    """
    try:
        yield
    except UnboundLocalError:
        raise
    except NameError as error:
        name = error.name or "NAME"
        raise MissingGlobal(
            f"Layer {layer.name!r}: its function uses the global name {name!r}, which is not defined. A file "
            "holds a function without the modules and functions that it uses; pass them when it is loaded: "
            f"custom_objects={{{name!r}: {name}}}."
        ) from error
