"""Wraps the public names of the table, so that they accept Keras 2 spellings as well."""

import functools
import inspect
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

from . import table
from .translate import Translator, class_name_for, layer_translator


def accept(package: ModuleType) -> None:
    """Makes the layers, methods and functions of the table accept Keras 2 spellings as well.

    Signatures, classes and the arguments that the wrapped functions receive remain those of Keras 1.

    Args:
        package: the imported module `keras`.
    """
    for name in table.LAYERS:
        cls = getattr(package.layers, name)
        cls.__init__ = _translated_constructor(name, cls, package.layers)
    for path, row in table.CALLS.items():
        owner_path, _, name = path.rpartition(".")
        owner = _find(package, owner_path)
        shown_name = owner.__name__ if name == "__init__" else name
        translator = Translator(row, shown_name)
        setattr(
            owner, name, _translated(inspect.getattr_static(owner, name), translator, isinstance(owner, type))
        )
    for path, target in table.NAMES.items():
        _add_name(package, path, _find(package, target))
    for name, target in table.CLASSES.items():
        setattr(package.layers, name, getattr(package.layers, target))


def _find(package: ModuleType, path: str) -> Any:
    found = package
    for part in path.split("."):
        found = getattr(found, part)
    return found


def _add_name(package: ModuleType, path: str, value: Any) -> None:
    """Adds a name; a module also becomes importable under it."""
    owner_path, _, name = path.rpartition(".")
    owner = _find(package, owner_path) if owner_path else package
    if isinstance(value, ModuleType):
        sys.modules[f"{package.__name__}.{path}"] = value
    if not hasattr(owner, name):  # `keras.layers.merge` is Keras 1's function
        setattr(owner, name, value)


def _translated(function: Callable, translator: Translator, is_method: bool) -> Callable:
    """Wraps a function or method so that it accepts both spellings."""
    names = list(inspect.signature(function).parameters)[is_method:]

    @functools.wraps(function)
    def translated(*args: Any, **kwargs: Any) -> Any:
        owner, args = args[:is_method], args[is_method:]  # (self,) for a method
        if translator.is_keras_2(args, kwargs):
            return function(*owner, **translator.arguments_as_1x(args, kwargs))
        args, kwargs = translator.convert_shared(names, args, kwargs)
        return function(*owner, *args, **kwargs)

    return translated


def _translated_constructor(name: str, cls: type, layers: ModuleType) -> Callable:
    """Wraps the constructor of a layer so that it accepts both spellings.

    Some classes of Keras 2 are another class in Keras 1: the new object then changes its class.
    """
    function = cls.__init__
    names = list(inspect.signature(function).parameters)[1:]
    translator = layer_translator(name)
    assert translator is not None, f"{name} has no row in the table"

    @functools.wraps(function)
    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
        if not translator.is_keras_2(args, kwargs) and not translator.row.fixed:
            args, kwargs = translator.convert_shared(names, args, kwargs)
            function(self, *args, **kwargs)
            return
        arguments = translator.arguments_as_1x(args, kwargs)
        target = getattr(layers, class_name_for(translator, arguments))
        if target is cls:
            function(self, **arguments)
            return
        if type(self) is cls:
            # From here on the layer is one of Keras 1, also in files.
            self.__class__ = target
        elif not isinstance(self, target):
            raise TypeError(
                f"{type(self).__name__}: with these Keras 2 arguments, {cls.__name__} is Keras 1's "
                f"{target.__name__}; derive your class from {target.__name__}."
            )
        target.__init__(self, **arguments)

    # Error messages of layers list these names. `setattr`: a function's type has no such attribute.
    setattr(__init__, "of_keras_2", [name for name in translator.known if name in translator.new])  # noqa: B010
    return __init__
