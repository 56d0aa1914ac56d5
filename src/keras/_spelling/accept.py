"""Puts the translation in front of the public names, in one place."""

import functools
import inspect
import sys

from . import table
from .translate import Translator, class_of, translator


def accept(package):
    """Makes the layers, methods and functions of the table take Keras 2's spelling, too.

    Signatures, classes and what the functions themselves see stay Keras 1's.

    Args:
        package: the imported module `keras`.
    """
    for name in table.LAYERS:
        cls = getattr(package.layers, name)
        cls.__init__ = _constructor(cls, translator(name), package.layers)
    for path, row in table.CALLS.items():
        owner, name = _find(package, path.rpartition(".")[0]), path.rpartition(".")[2]
        said = owner.__name__ if name == "__init__" else name
        is_method = isinstance(owner, type)
        setattr(owner, name, _function(vars(owner)[name], Translator(row, said), is_method))
    for path, target in table.NAMES.items():
        _name(package, path, _find(package, target))
    for name, target in table.CLASSES.items():
        setattr(package.layers, name, getattr(package.layers, target))


def _find(package, path):
    found = package
    for part in path.split("."):
        found = getattr(found, part)
    return found


def _name(package, path, value):
    """Sets a name; a module can be imported by it as well."""
    owner, _, name = path.rpartition(".")
    owner = _find(package, owner) if owner else package
    if isinstance(value, type(sys)):
        sys.modules[f"{package.__name__}.{path}"] = value
    if not hasattr(owner, name):  # `keras.layers.merge` is Keras 1's function
        setattr(owner, name, value)


def _function(function, translate, is_method):
    names = list(inspect.signature(function).parameters)[is_method:]

    @functools.wraps(function)
    def either(*args, **kwargs):
        owner, args = args[:is_method], args[is_method:]
        if translate.is_keras_2(args, kwargs):
            return function(*owner, **translate.call(args, kwargs))
        args, kwargs = translate.widen(names, args, kwargs)
        return function(*owner, *args, **kwargs)

    return either


def _constructor(cls, translate, layers):
    function = cls.__init__
    names = list(inspect.signature(function).parameters)[1:]

    @functools.wraps(function)
    def __init__(self, *args, **kwargs):
        if not translate.is_keras_2(args, kwargs) and not translate.row.fixed:
            args, kwargs = translate.widen(names, args, kwargs)
            return function(self, *args, **kwargs)
        arguments = translate.call(args, kwargs)
        target = getattr(layers, class_of(translate, arguments))
        if target is cls:
            return function(self, **arguments)
        if type(self) is cls:
            # From here on the layer is one of Keras 1, also in files.
            self.__class__ = target
        elif not isinstance(self, target):
            raise TypeError(
                f"{type(self).__name__}: with these arguments of Keras 2 a {cls.__name__} is Keras 1's "
                f"{target.__name__}; derive your class from {target.__name__}."
            )
        return target.__init__(self, **arguments)

    __init__.of_keras_2 = [name for name in translate.known if name in translate.new]  # for messages
    return __init__
