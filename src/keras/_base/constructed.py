"""The arguments that an object was made with, compared with those in its config.

A class of the user's may have an argument that its `get_config` does not return. What is loaded from such a
config has the default in its place: another model, without a word.
"""

import inspect
from collections.abc import Collection, Iterator
from numbers import Real
from typing import Any, ClassVar, Self

import numpy as np

_POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
_VARIABLE = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
_PACKAGE = __name__.partition(".")[0]


class Constructed:
    """Base of classes whose instances remember the arguments of their constructor.

    Those of this package do not: their configs are tested.
    """

    #: Names of arguments that a config need not contain.
    _not_in_config: ClassVar[Collection[str]] = ()
    #: Whether `from_config` passes the config to the constructor as arguments.
    _config_is_arguments: ClassVar[bool] = True
    _arguments_given: tuple[tuple[Any, ...], dict[str, Any]] | None = None

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        made = super().__new__(cls)
        if is_foreign(cls):
            made._arguments_given = args, kwargs
        return made


def is_foreign(cls: type) -> bool:
    """Whether a class is not of this package."""
    return cls.__module__.partition(".")[0] != _PACKAGE


def check_arguments(made: Any, config: Any, who: str) -> None:
    """Checks that a config contains the arguments that an object was made with.

    A class with a `from_config` of its own is left alone, as it may compute them.

    Args:
        made: a `Constructed`, or another object, which is not checked.
        config: dict, the result of its `get_config`.
        who: str for messages, such as "Layer 'scale_1'".

    Raises:
        ValueError: an argument is not in the config, and is not the default.
    """
    given = getattr(made, "_arguments_given", None)
    if given is None or not made._config_is_arguments or not isinstance(config, dict):
        return
    if _own_from_config(type(made)):
        return
    for name, value, default in _named_arguments(type(made), *given):
        if name in config or name in made._not_in_config or _same(value, default):
            continue
        was = "has no default" if default is inspect.Parameter.empty else f"would be {default!r:.80}"
        raise ValueError(
            f"{who} cannot be saved: {type(made).__name__} was made with {name}={value!r:.80}, which its "
            f"get_config() does not return; when it is loaded, {name} {was}. Add it to the dict that "
            f"get_config returns: config[{name!r}] = self.{name}."
        )


def _own_from_config(cls: type) -> bool:
    owner = next((base for base in cls.__mro__ if "from_config" in vars(base)), None)
    return owner is not None and is_foreign(owner)


def _named_arguments(
    cls: type, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Iterator[tuple[str, Any, Any]]:
    """Yields (name, value, default) for each argument, through all constructors to which it is passed on."""
    rest, named, known_elsewhere, star = list(args), dict(kwargs), set(), "args"
    for base in cls.__mro__:
        init = vars(base).get("__init__")
        if init is None or base is object:
            continue
        parameters = list(inspect.signature(init).parameters.values())[1:]
        known_elsewhere.update(getattr(init, "of_keras_2", ()))
        yield from _taken(parameters, rest, named)
        names = {parameter.kind: parameter.name for parameter in parameters}
        if inspect.Parameter.VAR_POSITIONAL in names:
            star = names[inspect.Parameter.VAR_POSITIONAL]
        elif rest:  # the *arguments of a class before, which it did not pass on
            yield star, tuple(rest), ()
            rest = []
        if inspect.Parameter.VAR_KEYWORD not in names:
            return
    for name, value in named.items():
        if name not in known_elsewhere:
            yield name, value, inspect.Parameter.empty


def _taken(
    parameters: list[inspect.Parameter], rest: list[Any], named: dict[str, Any]
) -> Iterator[tuple[str, Any, Any]]:
    """Yields (name, value, default) for the arguments that one constructor takes, and removes them."""
    for parameter in parameters:
        if parameter.kind in _POSITIONAL and rest:
            yield parameter.name, rest.pop(0), parameter.default
        elif parameter.name in named and parameter.kind not in _VARIABLE:
            yield parameter.name, named.pop(parameter.name), parameter.default


def _same(value: Any, default: Any) -> bool:
    if value is default:
        return True
    try:
        if isinstance(value, np.ndarray) or isinstance(default, np.ndarray):
            return np.array_equal(value, default)
        numbers = all(isinstance(each, Real) and not isinstance(each, bool) for each in (value, default))
        return (numbers or type(value) is type(default)) and bool(value == default)
    except (TypeError, ValueError):
        return False
