"""Objects by name: the table of custom objects, and the lookup behind every `get`."""

import difflib
import numbers
from collections.abc import Mapping
from typing import Any, Self

from .types import CustomObjects

_CUSTOM_OBJECTS: dict[str, Any] = {}

# Plain data, which is never the function or object that was asked for.
_PLAIN_VALUES = (numbers.Number, bytes, list, tuple, set)


def get_custom_objects() -> dict[str, Any]:
    """Returns the process-wide dictionary of custom objects, name -> class or function.

    Entries added to the dictionary apply everywhere; `CustomObjectScope` adds entries for the duration of
    a `with` block.

    Returns:
        The dictionary itself, not a copy.

    Example:
        >>> def swish(x):
        ...     return x
        >>> get_custom_objects()['swish'] = swish
        >>> get_from_module('swish', {}, 'activation function') is swish
        True
        >>> get_custom_objects().clear()
    """
    return _CUSTOM_OBJECTS


class CustomObjectScope:
    """Context manager that adds custom objects and restores the previous ones on exit.

    Args:
        *args: dictionaries, name -> class or function. Later ones take precedence.

    Example:
        >>> with CustomObjectScope({'twice': max}):
        ...     'twice' in get_custom_objects()
        True
        >>> 'twice' in get_custom_objects()
        False
    """

    def __init__(self, *args: CustomObjects) -> None:
        self.custom_objects = args
        self.backup: dict[str, Any] = {}

    def __enter__(self) -> Self:
        self.backup = dict(_CUSTOM_OBJECTS)
        for objects in self.custom_objects:
            _CUSTOM_OBJECTS.update(objects)
        return self

    def __exit__(self, *exc_info: object) -> None:
        _CUSTOM_OBJECTS.clear()
        _CUSTOM_OBJECTS.update(self.backup)


def custom_object_scope(*args: CustomObjects) -> CustomObjectScope:
    """Returns a `CustomObjectScope` of the given dictionaries.

    Args:
        *args: dictionaries, name -> class or function.

    Returns:
        A context manager.
    """
    return CustomObjectScope(*args)


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
        identifier: a name; a dictionary with 'name' and the arguments to call it with; or the object
            itself (any callable or instance) or None, which are returned unchanged.
        module_params: dict name -> object, the known names.
        module_name: str, the kind of object, such as 'activation function'; used in error messages.
        instantiate: bool, whether the object found by a name is called (optimizers, regularizers).
        kwargs: dict of arguments for that call, or None. A dictionary identifier has its own.

    Returns:
        The object found, or the result of calling it if `instantiate` is set or `identifier` is a
        dictionary.

    Raises:
        ValueError: the name is unknown, or the dictionary has no 'name'.
        TypeError: `identifier` is a number, bytes, a list, a tuple or a set.

    Example:
        >>> get_from_module('max', {'max': max}, 'function') is max
        True
    """
    if isinstance(identifier, str):
        found = _look_up(identifier, module_params, module_name)
        return found(**(kwargs or {})) if instantiate else found
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
    return identifier


def _look_up(name: str, known: Mapping[str, Any], kind: str) -> Any:
    for table in (_CUSTOM_OBJECTS, known):
        if name in table:
            return table[name]
    close = difflib.get_close_matches(str(name), [*_CUSTOM_OBJECTS, *known], n=1)
    hint = f" Did you mean {close[0]!r}?" if close else ""
    raise ValueError(
        f"Invalid {kind}: {name!r}.{hint} {_known_names(known)} "
        f"If it is your own, pass the object itself or custom_objects={{{name!r}: ...}}."
    )


def _known_names(known: Mapping[str, Any]) -> str:
    return f"Known names: {', '.join(sorted({*_CUSTOM_OBJECTS, *known}))}."


def make_tuple(*args: Any) -> tuple[Any, ...]:
    """Returns its arguments as a tuple.

    Example:
        >>> make_tuple(1, 'a')
        (1, 'a')
    """
    return args
