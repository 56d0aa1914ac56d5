"""Objects by name: the lookup behind every `get`."""

import difflib
import functools
import inspect
import numbers
from collections.abc import Mapping
from typing import Any

from .custom_objects import get_custom_objects

# Plain data, which is never the function or object that was asked for.
_PLAIN_VALUES = (numbers.Number, bytes, list, tuple, set)


def get_from_module(
    identifier: Any,
    module_params: Mapping[str, Any],
    module_name: str,
    instantiate: bool = False,
    kwargs: Mapping[str, Any] | None = None,
) -> Any:
    """Resolves an identifier - a name, a dictionary or an object - to an object.

    Custom objects take precedence over `module_params`.

    Args:
        identifier: a name; a dictionary with 'name' and the arguments to call it with; the object itself (any
            callable or instance) or None, which are returned unchanged; or a class, of which an object is
            made.
        module_params: dict name -> object, the known names.
        module_name: str, the kind of object, such as 'activation function'; used in error messages.
        instantiate: bool, whether the object found by a name is called (optimizers, regularizers).
        kwargs: dict of arguments for that call, or None. A dictionary identifier has its own.

    Returns:
        The object found, or the result of calling it if `instantiate` is set or `identifier` is a
        dictionary.

    Raises:
        ValueError: the name is unknown, or the dictionary has no 'name'.
        TypeError: `identifier` is a number, bytes, a list, a tuple or a set, or a class that needs arguments.

    Example:
        >>> get_from_module('max', {'max': max}, 'function') is max
        True
    """
    if isinstance(identifier, str):
        itself = getattr(identifier, "function", None)  # a config of this process knows it
        if itself is not None and identifier not in get_custom_objects():
            return itself
        found = _look_up(identifier, module_params, module_name)
        return found(**(kwargs or {})) if instantiate and _makes_objects(found) else found
    if isinstance(identifier, dict):
        if "name" not in identifier:
            raise ValueError(
                f"Invalid {module_name}: the dictionary {identifier!r} has no 'name'. "
                f"{_known_names(module_params)}"
            )
        arguments = {key: value for key, value in identifier.items() if key != "name"}
        return _look_up(identifier["name"], module_params, module_name)(**arguments)
    if isinstance(identifier, _PLAIN_VALUES):
        raise TypeError(
            f"Invalid {module_name}: got {identifier!r} ({type(identifier).__name__}), wanted a "
            f"name or an object. {_known_names(module_params)}"
        )
    return _made(identifier, module_name) if isinstance(identifier, type) else identifier


def name_of(function: Any) -> str:
    """Returns the name of a function or callable object, for logs and files.

    A function, method or class has its own name, a `functools.partial` that of its function, and another
    object that of its class, unless it has a `__name__`.

    Example:
        >>> import functools
        >>> name_of(max), name_of(functools.partial(max, 3)), name_of("mse".upper)
        ('max', 'max', 'upper')
    """
    while isinstance(function, functools.partial):
        function = function.func
    return getattr(function, "__name__", None) or type(function).__name__


def name_in_files(function: Any) -> str:
    """Returns the name of a function in files, whose readers pass the function in `custom_objects`.

    Raises:
        TypeError: it is a `functools.partial`, of which a file would have only the name of the inner
            function.
    """
    if isinstance(function, functools.partial):
        raise TypeError(
            f"{function} cannot be saved: a file has only the name {name_of(function)!r}, which is the "
            "function without these arguments. Define a function of its own that calls it, and pass that "
            "one to custom_objects when the file is loaded."
        )
    return name_of(function)


def _makes_objects(found: Any) -> bool:
    """Whether a name stands for a class or a function without arguments, not for the object itself."""
    if isinstance(found, type):
        return True
    try:
        inspect.signature(found).bind()
    except (TypeError, ValueError):
        return False
    return inspect.isroutine(found)


def _made(identifier: type, module_name: str) -> Any:
    """Returns an object of a class that was passed in place of one."""
    try:
        return identifier()
    except TypeError as error:
        raise TypeError(
            f"Invalid {module_name}: got the class {identifier.__name__} itself, wanted a name or an object, "
            f"such as {identifier.__name__}(...); {error}."
        ) from None


def _look_up(name: str, known: Mapping[str, Any], kind: str) -> Any:
    custom = get_custom_objects()
    for table in (custom, known):
        if isinstance(name, str) and name in table:
            return table[name]
    close = difflib.get_close_matches(str(name), [*custom, *known], n=1)
    hint = f" Did you mean {close[0]!r}?" if close else ""
    raise ValueError(
        f"Invalid {kind}: {name!r}.{hint} {_known_names(known)} "
        f"If it is your own, pass the object itself or custom_objects={{{name!r}: ...}}."
    )


def _known_names(known: Mapping[str, Any]) -> str:
    return f"Known names: {', '.join(sorted({*get_custom_objects(), *known}))}."


def make_tuple(*args: Any) -> tuple[Any, ...]:
    """Returns its arguments as a tuple.

    Example:
        >>> make_tuple(1, 'a')
        (1, 'a')
    """
    return args
