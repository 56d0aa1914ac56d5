"""Errors in configs: the place in the file at the beginning of the message, and one type."""

import contextlib
from collections.abc import Iterator
from typing import Any

#: What Python raises where a config lacks something or has something of another kind.
MISTAKES = (
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    ArithmeticError,
    RuntimeError,
    AssertionError,
    NameError,  # of JAX, for a text in the place of an axis
    SyntaxError,  # of NumPy, for a malformed dtype
)
_KINDS: dict[type, str] = {dict: "an object", list: "a list", str: "text", int: "a whole number"}


@contextlib.contextmanager
def errors_at(place: str) -> Iterator[None]:
    """Makes each error of the block a ValueError (or MemoryError) that begins with a place.

    Blocks may be nested: the message then leads from the file to the layer. OSErrors pass unchanged, since
    they concern the file as a whole, which they name.

    Args:
        place: str, such as "model.h5" or "layer 'dense_1'".

    Example:
        >>> with errors_at("model.json"), errors_at("layer 'dense_1'"):
        ...     {}["name"]
        Traceback (most recent call last):
          ...
        ValueError: model.json: layer 'dense_1': it has no 'name'
    """
    try:
        yield
    except MISTAKES as error:
        message = _message(error)
        message = message if place in message else f"{place}: {message}"
        if not isinstance(error, ValueError) or len(error.args) != 1:
            raise ValueError(message) from error
        error.args = (message,)  # a subclass says more than ValueError: OverBudget, for instance
        raise
    except MemoryError as error:
        raise MemoryError(f"{place}: {error}") from error


def _message(error: Exception) -> str:
    if isinstance(error, KeyError) and error.args:
        return f"it has no {error.args[0]!r}"
    # The names of these tell the reader more than their messages, such as "division by zero".
    named = isinstance(error, ValueError | TypeError)
    return str(error) if named else f"{type(error).__name__}: {error}"


def entry(config: Any, key: str, kind: type, owner: str) -> Any:
    """Returns an entry of a config that must be there.

    Args:
        config: what should be a dict.
        key: the name of the entry.
        kind: what the entry must be: dict, list, str or int.
        owner: str, what the config describes, for the message.

    Raises:
        ValueError: the config is no dict, it has no such entry, or the entry is of another kind.
    """
    found = checked(config, dict, owner)
    if key not in found:
        raise ValueError(f"{owner} must have {key!r}, {_KINDS[kind]}; it has {', '.join(found) or 'nothing'}")
    return checked(found[key], kind, f"{key!r} of {owner}")


def checked(value: Any, kind: type, what: str) -> Any:
    """Returns a part of a config after checking its kind; see `entry`."""
    fits = isinstance(value, list | tuple if kind is list else kind)
    if not fits or (kind is int and (isinstance(value, bool) or value < 0)):
        raise ValueError(f"{what} must be {_KINDS[kind]}{' >= 0' * (kind is int)}; got {value!r:.100}")
    return value
