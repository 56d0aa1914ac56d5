"""Wraps the public names of the table, so that they accept Keras 2 spellings as well."""

import functools
import inspect
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

from . import later, table
from .attributes import add_attributes
from .own_layers import weight_arguments
from .translate import Keyword, Translator, class_name_for, keywords, layer_translator
from .values import value_as_2x


def accept(package: ModuleType) -> None:
    """Makes the layers, methods and functions of the table accept Keras 2 spellings as well.

    Signatures, classes and the arguments that the wrapped functions receive remain those of Keras 1.

    Args:
        package: the imported module `keras`.
    """
    for name, row in table.LAYERS.items():
        cls = getattr(package.layers, name)
        cls.__init__ = _translated_constructor(name, cls, package.layers)
        cls.get_config = _with_both_names(cls.get_config, row.keywords)
        add_attributes(cls, row.keywords)
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
        for module in (package.layers, package.layers.pooling, package.layers.convolutional):
            if hasattr(module, target):
                setattr(module, name, getattr(module, target))
    _accept_weights(package.engine.Layer)
    package.optimizers.Optimizer.learning_rate = property(
        lambda self: self.lr, lambda self, value: setattr(self, "lr", value), doc="Keras 2.3's name of `lr`."
    )
    later.offer(package)


class _Config(dict[str, Any]):
    """A config in Keras 1's names, which are those it lists; it finds values under Keras 2's as well."""

    known: dict[str, Keyword]

    def __missing__(self, name: str) -> Any:
        keyword = self.known.get(name)
        if keyword is None or not keyword.old or keyword.old[0] not in self:
            raise KeyError(name)
        found = [self[old] for old in keyword.old]
        return value_as_2x(name, found[0]) if len(found) == 1 else tuple(found)


def _with_both_names(get_config: Callable, row_keywords: str) -> Callable:
    @functools.wraps(get_config)
    def translated(self: Any) -> Any:
        config = _Config(get_config(self))
        config.known = keywords(row_keywords)
        return config

    return translated


def _accept_weights(layer_class: Any) -> None:
    """Makes `Layer.add_weight` take its arguments in the order of either version."""
    add_weight = layer_class.add_weight

    @functools.wraps(add_weight)
    def translated(self: Any, *args: Any, **kwargs: Any) -> Any:
        given = weight_arguments(args, kwargs)
        return add_weight(self, **given)

    layer_class.add_weight = translated


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
    signature = inspect.signature(function)
    names = list(signature.parameters)[is_method:]

    @functools.wraps(function)
    def translated(*args: Any, **kwargs: Any) -> Any:
        owner, args = args[:is_method], args[is_method:]  # (self,) for a method
        is_2 = translator.is_keras_2(args, kwargs)
        if is_2:
            args, kwargs = (), translator.arguments_as_1x(args, kwargs)
        for name, value in translator.row.optional.items():
            if name not in kwargs and len(args) <= names.index(name):
                kwargs[name] = value
        if is_2:
            return function(*owner, **kwargs)
        args, kwargs = translator.convert_shared(names, args, kwargs)
        return function(*owner, *args, **kwargs)

    if translator.row.optional:  # the signature shown is Keras 1's
        shown = [
            parameter.replace(default=parameter.empty) if name in translator.row.optional else parameter
            for name, parameter in signature.parameters.items()
        ]
        setattr(translated, "__signature__", signature.replace(parameters=shown))  # noqa: B010
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
        self._made_in_keras_2 = True
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
