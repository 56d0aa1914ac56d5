"""Translates one call, or one config, from Keras 2 to Keras 1 by a row of the table."""

import dataclasses
import functools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from .._base.types import Config
from . import table, values
from .later import LATER
from .version import called_by_keras, version

#: Activations that mark a call as Keras 2 in the position of Keras 1's `init`, which has no such names.
_ACTIVATIONS = (
    *("softmax", "elu", "selu", "softplus", "softsign", "relu", "tanh", "sigmoid", "hard_sigmoid", "linear"),
    "exponential",
)


class Keyword(NamedTuple):
    """One argument of a row.

    Attributes:
        new: name in Keras 2.
        old: names in Keras 1: one, several if it holds the size of several axes, or none.
        count: length of the tuple; 0 if the value is not a tuple.
        in_pairs: whether the value is a tuple of pairs.
        only: the values that are accepted if Keras 1 has no such argument; None for any.
        is_added: whether Keras 1.2.2 has no such argument, and this package has it under the same name.
    """

    new: str
    old: tuple[str, ...]
    count: int = 0
    in_pairs: bool = False
    only: str | None = None
    is_added: bool = False

    @property
    def is_shared(self) -> bool:
        """Whether the argument exists, under the same name, in both generations."""
        return self.old == (self.new,) and not self.is_added


@functools.cache
def keywords(text: str) -> dict[str, Keyword]:
    """Returns the arguments of a row by their Keras 2 name, in order.

    Example:
        >>> keywords("units=output_dim kernel_size=nb_row,nb_col strides=subsample*2 seed:None")["units"].old
        ('output_dim',)
    """
    found = [_keyword(token) for token in text.split()]
    return {keyword.new: keyword for keyword in found}


def _keyword(token: str) -> Keyword:
    if token.endswith("-"):
        return Keyword(token[:-1], ())
    if token.endswith("!"):
        return Keyword(token[:-1], (token[:-1],), is_added=True)
    if ":" in token:
        new, only = token.split(":")
        return Keyword(new, (), only=only)
    token, in_pairs, times = token.partition("**")
    token, _, count = (token, "", times) if in_pairs else token.partition("*")
    new, _, old = token.partition("=")
    return Keyword(new, tuple((old or new).split(",")), int(count or 0), bool(in_pairs))


class Translator:
    """Translates the arguments of one function of Keras 1 from Keras 2's spelling.

    Args:
        row: the function's row.
        owner: name of the class or function, for messages.

    Attributes:
        known: the arguments of the row by their Keras 2 name, in order.
        new: names that only Keras 2 has, and names that were added here.
        renamed: those of them that have another name in Keras 1.
        old: names that only Keras 1 has.
        shared: names that both have and that accept more forms of values in Keras 2.
    """

    def __init__(self, row: table.Row, owner: str) -> None:
        self.row = row
        self.owner = owner
        self.known = keywords(row.keywords)
        self.new = {name for name, keyword in self.known.items() if not keyword.is_shared}
        self.renamed = {name for name in self.new if not self.known[name].is_added}
        old = {name for keyword in self.known.values() for name in keyword.old}
        self.old = old - self.known.keys() - set(row.also)
        self.shared = {
            name
            for name, keyword in self.known.items()
            if keyword.is_shared and (keyword.count or values.shared_converter(name))
        }

    def is_keras_2(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> bool:
        """Whether a call is certainly not a call of Keras 1."""
        if not self.new.isdisjoint(kwargs):
            # What was added under the same name stands beside the names of Keras 1 in our own configs.
            return not self.renamed.isdisjoint(kwargs) or self.old.isdisjoint(kwargs)
        if version() == 2 and not called_by_keras(3):
            return self.old.isdisjoint(kwargs)
        if self.row.recognized_by == "always":
            return self.old.isdisjoint(kwargs)
        if len(args) < 2 or not self.old.isdisjoint(kwargs):
            return False
        if self.row.recognized_by == "activation":
            return isinstance(args[1], str) and args[1] in _ACTIVATIONS
        if self.row.recognized_by == "kernel":
            sizes = len(self.known["kernel_size"].old)
            return isinstance(args[1], tuple | list) or (sizes > 1 and len(args) == 2)
        return False

    def arguments_as_1x(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> dict[str, Any]:
        """Returns the Keras 1 keyword arguments for a call of Keras 2.

        Raises:
            TypeError: an argument is given twice, or names of both generations are mixed.
            ValueError: a value has no counterpart in Keras 1.
        """
        defaults = {**self.row.defaults, **self.row.in_version_2} if version() == 2 else self.row.defaults
        arguments = {**defaults, **self._translated(self._named(args, kwargs))}
        if self.keeps_class(arguments):
            # Its own arguments have Keras 2's names; the float type is that of all layers here.
            back = {old: name for name, k in self.known.items() for old in k.old}
            if arguments.get("input_dtype") in (None, "float32"):
                arguments.pop("input_dtype", None)
            return {back.get(name, name): value for name, value in arguments.items()}
        for name in self.row.own:
            arguments.pop(name, None)
        return {**arguments, **self.row.fixed}

    def keeps_class(self, arguments: Mapping[str, Any]) -> bool:
        """Whether a class that would become another one stays, because of its own arguments."""
        own = self.row.own
        return any(arguments.get(name, default) != default for name, default in own.items())

    def _named(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> dict[str, Any]:
        """Returns all arguments of a call by their Keras 2 name."""
        mixed = sorted(self.old.intersection(kwargs))
        if mixed:
            new = sorted(self.new.intersection(kwargs)) or [*self.known][: len(args)]
            raise TypeError(
                f"{self.owner}: got {mixed[0]!r}, which is Keras 1's name, together with {new[0]!r}, which "
                f"is Keras 2's. Use the names of one of the two: {self._pair(mixed[0])}."
            )
        if len(args) > len(self.known):
            raise TypeError(
                f"{self.owner}: got {len(args)} positional arguments; wanted at most {len(self.known)}: "
                f"{', '.join(self.known)}."
            )
        self._refuse_separate_sizes(args, kwargs)
        given = dict(zip(self.known, args, strict=False))
        twice = sorted(given.keys() & kwargs.keys())
        if twice:
            raise TypeError(f"{self.owner}: got multiple values for argument {twice[0]!r}.")
        return {**given, **kwargs}

    def _refuse_separate_sizes(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> None:
        if version() == 2 or self.row.recognized_by != "kernel" or len(self.known["kernel_size"].old) == 1:
            return
        if len(args) > 2 and _are_ints(args[1:3]):
            sizes, new = f"{args[1]}, {args[2]}", sorted(self.new.intersection(kwargs))
            raise TypeError(
                f"{self.owner}: {sizes} as two arguments are Keras 1's filter size, but {new[0]!r} is Keras "
                f"2's name. Write the size as a tuple, ({sizes}), or use Keras 1's names throughout."
            )

    def _pair(self, old: str) -> str:
        new = next(name for name, keyword in self.known.items() if old in keyword.old)
        return f"{old!r} is {new!r} in Keras 2"

    def _translated(self, given: Mapping[str, Any]) -> dict[str, Any]:
        result, came_from = {}, {}
        for name, value in given.items():
            keyword = self.known.get(name)
            if keyword is None:
                result[name] = value
                continue
            for old, item in self._renamed(keyword, value):
                if old in result and result[old] != item:
                    raise ValueError(
                        f"{self.owner}: {came_from[old]} and {name} must be equal, because both are {old!r} "
                        f"in Keras 1; got {given[came_from[old]]!r} and {value!r}."
                    )
                result[old], came_from[old] = item, name
        return result

    def _renamed(self, keyword: Keyword, value: Any) -> list[tuple[str, Any]]:
        """Returns (Keras 1 name, value) for each argument of Keras 1 that the value sets."""
        if not keyword.old:
            self._check_without_effect(keyword, value)
            return []
        if keyword.is_shared:
            return [(keyword.new, self._shared_value(keyword.new, value))]
        value = self._sized(keyword, values.value_as_1x(keyword.new, value))
        if len(keyword.old) == 1:
            return [(keyword.old[0], value)]
        sizes = values.repeated(value, len(keyword.old))
        if not isinstance(sizes, tuple | list) or len(sizes) != len(keyword.old):
            raise ValueError(
                f"{self.owner}: {keyword.new} must be an int or a tuple of {len(keyword.old)} ints; "
                f"got {value!r}."
            )
        return list(zip(keyword.old, sizes, strict=True))

    def _sized(self, keyword: Keyword, value: Any) -> Any:
        if not keyword.count:
            return value
        return (values.pairs if keyword.in_pairs else values.repeated)(value, keyword.count)

    def _check_without_effect(self, keyword: Keyword, value: Any) -> None:
        if keyword.only is not None and not values.same_value(value, keyword.only):
            wanted = " or ".join(keyword.only.split("|"))
            raise ValueError(
                f"{self.owner}: {keyword.new}={value!r} is Keras 2's and has no counterpart in Keras 1; "
                f"only {keyword.new}={wanted} is accepted."
            )

    def convert_shared(
        self, names: Sequence[str], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Converts the values in a call of Keras 1 that have a form that only Keras 2 accepts.

        Args:
            names: the function's arguments in order.
            args: positional arguments.
            kwargs: keyword arguments.

        Returns:
            Tuple (positional arguments, keyword arguments).
        """
        if not self.shared:
            return args, kwargs
        named = [self._shared_value(name, value) for name, value in zip(names, args, strict=False)]
        return (*named, *args[len(names) :]), {k: self._shared_value(k, v) for k, v in kwargs.items()}

    def _shared_value(self, name: str, value: Any) -> Any:
        if name not in self.shared:
            return value
        value = self._sized(self.known[name], value)
        convert = values.shared_converter(name)
        return convert(value) if convert else value


def _are_ints(items: Iterable[Any]) -> bool:
    return all(isinstance(item, int) and not isinstance(item, bool) for item in items)


@functools.cache
def layer_translator(class_name: str) -> Translator | None:
    """Returns the `Translator` of a layer class, by its name in either generation; None if it has no row."""
    name = table.CLASSES.get(class_name, class_name)
    row = table.LAYERS.get(name)
    if row is None:
        return None
    dtype = "" if "dtype" in keywords(row.keywords) else " dtype=input_dtype"
    return Translator(dataclasses.replace(row, keywords=row.keywords + dtype), name)


def class_name_for(translator: Translator, arguments: dict[str, Any]) -> str:
    """Returns the name of the Keras 1 class for a class of Keras 2.

    Args:
        translator: the `Translator` of the class.
        arguments: arguments of Keras 1. One that only selects the class is removed from it.
    """
    row = translator.row
    if translator.keeps_class(arguments):
        return translator.owner
    replacement = row.becomes or translator.owner
    if row.only_if is None:
        return replacement
    rate = arguments.get(row.only_if, 1)
    if rate == 1 or (isinstance(rate, tuple | list) and set(rate) == {1}):
        arguments.pop(row.only_if, None)
        return translator.owner
    return replacement


def config_as_1x(class_name: Any, config: Any) -> tuple[Any, Any]:
    """Translates the class name and config of a layer or model of Keras 2 to Keras 1.

    A config of Keras 1 is returned unchanged, and so is anything malformed, which the caller refuses.

    Raises:
        ValueError: one of its arguments has no counterpart in Keras 1.
    """
    if not isinstance(class_name, str):
        return class_name, config
    if class_name in ("Sequential", "Model", "Functional", "Container"):
        return _model_as_1x(class_name, config)
    translator = layer_translator(class_name)
    if class_name in LATER["layers"] and isinstance(config, dict) and "dtype" in config:
        return class_name, {"input_dtype" if name == "dtype" else name: config[name] for name in config}
    if translator is None or not isinstance(config, dict):
        return class_name, config
    if not translator.is_keras_2((), config) and not translator.row.fixed:
        return class_name, config
    arguments = translator.arguments_as_1x((), config)
    return class_name_for(translator, arguments), arguments


def _model_as_1x(class_name: str, config: Any) -> tuple[str, Any]:
    """Translates a model: a Sequential is a list, a tensor's place has three parts, all graphs are Model."""
    if class_name == "Sequential":
        return class_name, config["layers"] if isinstance(config, dict) and "layers" in config else config
    if not isinstance(config, dict) or not isinstance(config.get("layers"), list):
        return class_name, config
    layers = [
        {**layer, "inbound_nodes": _nodes_as_1x(layer)} if isinstance(layer, dict) else layer
        for layer in config["layers"]
    ]
    return "Model" if class_name == "Functional" else class_name, {**config, "layers": layers}


def _nodes_as_1x(layer: Config) -> Any:
    nodes = layer.get("inbound_nodes", [])
    if not isinstance(nodes, list):
        return nodes
    return [[_place_as_1x(place) for place in node] if isinstance(node, list) else node for node in nodes]


def _place_as_1x(place: Any) -> Any:
    """Returns a tensor's place without the arguments of the call, if there are none."""
    return place[:3] if isinstance(place, list) and len(place) == 4 and not place[3] else place
