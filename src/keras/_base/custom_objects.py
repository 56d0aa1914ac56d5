"""Custom objects: a program's own classes and functions, by the names that files use for them.

A name is registered for the whole program in `get_custom_objects()`. A `CustomObjectScope`, or the argument
`custom_objects` of a load, gives names to one block: they are found by what the block calls, and by no other
thread or asyncio task, so that a file of one caller never meets the classes of another.
"""

import contextlib
import contextvars
from collections.abc import Iterator, MutableMapping
from dataclasses import dataclass
from typing import Any, Self

from .types import CustomObjects

_REMOVED: Any = object()  # the value of a name that was deleted inside a scope


@dataclass(eq=False)  # compared by identity: two blocks may give the same names
class _Names:
    """The names of one running block.

    Attributes:
        table: dict name -> object.
        takes_changes: whether changes made to `get_custom_objects()` in the block are made here, and so end
            with it.
    """

    table: dict[str, Any]
    takes_changes: bool


#: The running blocks of this thread or task, outermost first.
_running: contextvars.ContextVar[tuple[_Names, ...]] = contextvars.ContextVar("custom_objects", default=())


# MutableMapping first: it derives the other methods of a dict from the five here. A dict, because programs of
# Keras 1 know this object as one; the names of the whole program are its own entries. (Type checkers believe
# that dict is a MutableMapping itself, and so refuse the order of the two.)
class _CustomObjects(MutableMapping[str, Any], dict[str, Any]):  # pyright: ignore[reportGeneralTypeIssues]
    """The names that apply where it is asked: those of the running blocks, then those of the program."""

    def __getitem__(self, name: str) -> Any:
        for names in reversed(_running.get()):
            if name in names.table:
                if names.table[name] is _REMOVED:
                    raise KeyError(name)
                return names.table[name]
        return dict.__getitem__(self, name)

    def __setitem__(self, name: str, value: Any) -> None:
        scope = _innermost_scope()
        if scope is None:
            dict.__setitem__(self, name, value)
        else:
            scope.table[name] = value

    def __delitem__(self, name: str) -> None:
        scope = _innermost_scope()
        if scope is None:
            dict.__delitem__(self, name)
        else:
            self[name]  # raises KeyError if there is none
            scope.table[name] = _REMOVED

    def __iter__(self) -> Iterator[str]:
        found = dict(dict.items(self))
        for names in _running.get():
            found.update(names.table)
        return iter([name for name, value in found.items() if value is not _REMOVED])

    def __len__(self) -> int:
        return sum(1 for _ in self)

    # dict's own operators read and write the names of the program only.

    def __or__(self, other: Any) -> dict[Any, Any]:  # pyright: ignore[reportIncompatibleMethodOverride]
        return dict(self) | other

    def __ior__(self, other: Any) -> Self:  # pyright: ignore[reportIncompatibleMethodOverride]
        self.update(other)
        return self

    def __repr__(self) -> str:
        return repr(dict(self))

    def copy(self) -> dict[str, Any]:
        return dict(self)


#: The one object of this class; Keras 1.2.2 has it under this name in `keras.utils.generic_utils`.
_GLOBAL_CUSTOM_OBJECTS = _CustomObjects()


def get_custom_objects() -> dict[str, Any]:
    """Returns the dictionary of custom objects, name -> class or function.

    Names added to it apply in the whole program, in all threads. Inside a `CustomObjectScope` it also has
    the names of the scope, and what is changed there is undone at the end of the scope, as in Keras 1.2.2.

    Returns:
        The dictionary itself, not a copy.

    Example:
        >>> def swish(x):
        ...     return x
        >>> get_custom_objects()['swish'] = swish
        >>> get_custom_objects()
        {'swish': <function swish at ...>}
        >>> get_custom_objects().clear()
    """
    return _GLOBAL_CUSTOM_OBJECTS


class CustomObjectScope:
    """Context manager that gives names to what runs inside of it, in this thread or asyncio task only.

    Args:
        *args: dictionaries, name -> class or function. Later ones take precedence.

    Raises:
        TypeError: on entry, an argument is not a dictionary with names as its keys.

    Example:
        >>> with CustomObjectScope({'twice': max}):
        ...     'twice' in get_custom_objects()
        True
        >>> 'twice' in get_custom_objects()
        False
    """

    def __init__(self, *args: CustomObjects) -> None:
        self.custom_objects = args
        self._entered: list[_Names] = []  # one scope may be entered several times, and by several threads

    def __enter__(self) -> Self:
        self._entered.append(_enter(_merged("CustomObjectScope", *self.custom_objects), takes_changes=True))
        return self

    def __exit__(self, *exc_info: object) -> None:
        here = [names for names in _running.get() if names in self._entered]
        names = here[-1] if here else self._entered[-1]
        self._entered.remove(names)
        _leave(names)


def custom_object_scope(*args: CustomObjects) -> CustomObjectScope:
    """Returns a `CustomObjectScope` of the given dictionaries.

    Args:
        *args: dictionaries, name -> class or function.

    Returns:
        A context manager.
    """
    return CustomObjectScope(*args)


@contextlib.contextmanager
def given_to_call(custom_objects: CustomObjects | None) -> Iterator[None]:
    """Gives the argument `custom_objects` of a call to what runs in the block.

    In contrast to a scope, what the block registers in `get_custom_objects()` stays: a module of layers that
    is imported during a load registers them for the program.

    Args:
        custom_objects: dict name -> class or function, or None.

    Raises:
        TypeError: it is not such a dict.
    """
    if custom_objects is None or (isinstance(custom_objects, dict) and not custom_objects):
        yield
        return
    names = _enter(_merged("custom_objects", custom_objects), takes_changes=False)
    try:
        yield
    finally:
        _leave(names)


def _merged(owner: str, *given: Any) -> dict[str, Any]:
    table = {}
    for objects in given:
        keys = getattr(objects, "keys", None)
        if keys is None or not all(isinstance(name, str) for name in keys()):
            raise TypeError(
                f"{owner}: got {objects!r:.200}; wanted a dict of names, such as {{'MyLayer': MyLayer}}."
            )
        table.update(objects)
    return table


def _enter(table: dict[str, Any], takes_changes: bool) -> _Names:
    names = _Names(table, takes_changes)
    _running.set((*_running.get(), names))
    return names


def _leave(names: _Names) -> None:
    """Takes out this block alone, since blocks of generators need not end in the reverse order."""
    running = _running.get()
    if names in running:
        _running.set(tuple(other for other in running if other is not names))
    else:
        # Of a generator that was begun in another thread or task, whose blocks cannot be changed from here.
        names.table.clear()


def _innermost_scope() -> _Names | None:
    return next((names for names in reversed(_running.get()) if names.takes_changes), None)
