"""One call, or one config, of Keras 2 as Keras 1 has it, by a row of the table."""

import functools
from typing import NamedTuple

from . import table, values

#: Activations that may stand where Keras 1 has the initial weights, which are never called so.
_ACTIVATIONS = (
    *("softmax", "elu", "selu", "softplus", "softsign", "relu", "tanh", "sigmoid", "hard_sigmoid", "linear"),
    "exponential",
)


class Keyword(NamedTuple):
    """One argument of a row.

    Attributes:
        new: str, its name in Keras 2.
        old: tuple of str, its names in Keras 1: one, several for a size on each axis, or none.
        count: int, of how many ints a tuple is; 0 if it is no tuple.
        in_pairs: bool, whether it is a tuple of pairs.
        only: str, the values that may come where Keras 1 has no such argument; None for any.
    """

    new: str
    old: tuple
    count: int = 0
    in_pairs: bool = False
    only: str | None = None

    @property
    def is_shared(self):
        """Whether both generations call it the same."""
        return self.old == (self.new,)


@functools.cache
def keywords(text):
    """The arguments of a row as `Keyword`s, by their names in Keras 2, in order.

    Example:
        >>> keywords("units=output_dim kernel_size=nb_row,nb_col strides=subsample*2 seed:None")["units"].old
        ('output_dim',)
    """
    found = [_keyword(token) for token in text.split()]
    return {keyword.new: keyword for keyword in found}


def _keyword(token):
    if token.endswith("-"):
        return Keyword(token[:-1], ())
    if ":" in token:
        new, only = token.split(":")
        return Keyword(new, (), only=only)
    token, in_pairs, times = token.partition("**")
    token, _, count = (token, "", times) if in_pairs else token.partition("*")
    new, _, old = token.partition("=")
    return Keyword(new, tuple((old or new).split(",")), int(count or 0), bool(in_pairs))


class Translator:
    """Turns the arguments of one function of Keras 1 from Keras 2's spelling.

    Args:
        row: `table.Row`.
        owner: str, who is called, for messages.
    """

    def __init__(self, row, owner):
        self.row = row
        self.owner = owner
        self.known = keywords(row.keywords)
        self.new = {name for name, keyword in self.known.items() if not keyword.is_shared}
        old = {name for keyword in self.known.values() for name in keyword.old}
        self.old = old - self.known.keys()
        self.wider = {
            name
            for name, keyword in self.known.items()
            if keyword.is_shared and (keyword.count or values.wider(name))
        }

    def is_keras_2(self, args, kwargs):
        """Whether a call cannot be one of Keras 1."""
        if not self.new.isdisjoint(kwargs):
            return True
        if self.row.told_by == "always":
            return self.old.isdisjoint(kwargs)
        if len(args) < 2 or not self.old.isdisjoint(kwargs):
            return False
        if self.row.told_by == "activation":
            return isinstance(args[1], str) and args[1] in _ACTIVATIONS
        if self.row.told_by == "kernel":
            sizes = len(self.known["kernel_size"].old)
            return isinstance(args[1], tuple | list) or (sizes > 1 and len(args) == 2)
        return False

    def call(self, args, kwargs):
        """The keyword arguments of Keras 1 for a call of Keras 2.

        Raises:
            TypeError: if one is given twice, or names of both generations are mixed.
            ValueError: if a value asks for what Keras 1 cannot do.
        """
        return {**self.row.defaults, **self._translated(self._named(args, kwargs)), **self.row.fixed}

    def _named(self, args, kwargs):
        mixed = sorted(self.old.intersection(kwargs))
        if mixed:
            new = sorted(self.new.intersection(kwargs)) or [*self.known][: len(args)]
            raise TypeError(
                f"{self.owner}: got {mixed[0]!r}, which is Keras 1's name, together with {new[0]!r}, which "
                f"is Keras 2's. Use the names of one of the two: {self._pair(mixed[0])}."
            )
        if len(args) > len(self.known):
            raise TypeError(f"{self.owner}: got {len(args)} arguments; it takes {', '.join(self.known)}.")
        self._refuse_sizes_in_a_row(args, kwargs)
        given = dict(zip(self.known, args, strict=False))
        twice = sorted(given.keys() & kwargs.keys())
        if twice:
            raise TypeError(f"{self.owner}: got multiple values for argument {twice[0]!r}.")
        return {**given, **kwargs}

    def _refuse_sizes_in_a_row(self, args, kwargs):
        if self.row.told_by != "kernel" or len(self.known["kernel_size"].old) == 1:
            return
        if len(args) > 2 and _are_ints(args[1:3]):
            sizes, new = f"{args[1]}, {args[2]}", sorted(self.new.intersection(kwargs))
            raise TypeError(
                f"{self.owner}: {sizes} in a row are Keras 1's size of a filter, but {new[0]!r} is Keras 2's "
                f"name. Write the size as a tuple, ({sizes}), or all names as Keras 1 has them."
            )

    def _pair(self, old):
        new = next(name for name, keyword in self.known.items() if old in keyword.old)
        return f"{old!r} is {new!r} in Keras 2"

    def _translated(self, given):
        result, came_from = {}, {}
        for name, value in given.items():
            keyword = self.known.get(name)
            if keyword is None:
                result[name] = value
                continue
            for old, item in self._renamed(keyword, value):
                if old in result and result[old] != item:
                    raise ValueError(
                        f"{self.owner}: {came_from[old]} and {name} must be the same, as Keras 1 has one "
                        f"{old!r} for both; got {given[came_from[old]]!r} and {value!r}."
                    )
                result[old], came_from[old] = item, name
        return result

    def _renamed(self, keyword, value):
        if not keyword.old:
            self._check_without_effect(keyword, value)
            return []
        if keyword.is_shared:
            return [(keyword.new, self.widened(keyword.new, value))]
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

    def _sized(self, keyword, value):
        if not keyword.count:
            return value
        return (values.pairs if keyword.in_pairs else values.repeated)(value, keyword.count)

    def _check_without_effect(self, keyword, value):
        if keyword.only is not None and not values.same_value(value, keyword.only):
            wanted = " or ".join(keyword.only.split("|"))
            raise ValueError(
                f"{self.owner}: {keyword.new}={value!r} is Keras 2's, and nothing in Keras 1 does it; only "
                f"{keyword.new}={wanted} can be taken."
            )

    def widen(self, names, args, kwargs):
        """The arguments of a call of Keras 1, with those forms of values that only Keras 2 has turned.

        Args:
            names: the function's arguments in order.
        """
        if not self.wider:
            return args, kwargs
        args = [self.widened(name, value) for name, value in zip(names, args, strict=False)] + list(
            args[len(names) :]
        )
        return args, {name: self.widened(name, value) for name, value in kwargs.items()}

    def widened(self, name, value):
        """The value of an argument that both generations have, where Keras 2 also takes other forms."""
        if name not in self.wider:
            return value
        value = self._sized(self.known[name], value)
        convert = values.wider(name)
        return convert(value) if convert else value


def _are_ints(items):
    return all(isinstance(item, int) and not isinstance(item, bool) for item in items)


@functools.cache
def translator(class_name):
    """The `Translator` of a class of layers, by its name in either generation; None if it has no row."""
    name = table.CLASSES.get(class_name, class_name)
    row = table.LAYERS.get(name)
    if row is None:
        return None
    dtype = "" if "dtype" in keywords(row.keywords) else " dtype=input_dtype"
    return Translator(table.Row(**{**vars(row), "keywords": row.keywords + dtype}), name)


def class_of(translator, arguments):
    """The name of the class that stands for one of Keras 2, given its arguments of Keras 1.

    An argument that only decided the class is taken out of `arguments`.
    """
    row = translator.row
    if row.only_if is None:
        return row.becomes or translator.owner
    rate = arguments.get(row.only_if, 1)
    if rate == 1 or (isinstance(rate, tuple | list) and set(rate) == {1}):
        arguments.pop(row.only_if, None)
        return translator.owner
    return row.becomes


def config_as_1x(class_name, config):
    """The class name and the config of a layer or model of Keras 2 as Keras 1 has them.

    What is Keras 1's already comes back as it is.

    Raises:
        ValueError: if the class or one of the arguments does what Keras 1 cannot.
    """
    if not isinstance(class_name, str):
        return class_name, config
    if class_name in table.REFUSED:
        why = table.REFUSED[class_name]
        raise ValueError(f"{class_name} is a layer of Keras 2 without a counterpart here: {why}.")
    if class_name in ("Sequential", "Model", "Functional", "Container"):
        return _model_as_1x(class_name, config)
    translate = translator(class_name)
    if translate is None or not isinstance(config, dict):
        return class_name, config
    if not translate.is_keras_2((), config) and not translate.row.fixed:
        return class_name, config
    arguments = translate.call((), config)
    return class_of(translate, arguments), arguments


def _model_as_1x(class_name, config):
    """A Sequential is a list; the place of a tensor has three parts; all models are Model."""
    if class_name == "Sequential":
        return class_name, config["layers"] if isinstance(config, dict) and "layers" in config else config
    if not isinstance(config, dict) or not isinstance(config.get("layers"), list):
        return class_name, config
    layers = [
        {**layer, "inbound_nodes": _nodes_as_1x(layer)} if isinstance(layer, dict) else layer
        for layer in config["layers"]
    ]
    return "Model" if class_name == "Functional" else class_name, {**config, "layers": layers}


def _nodes_as_1x(layer):
    nodes = layer.get("inbound_nodes", [])
    if not isinstance(nodes, list):
        return nodes
    return [
        [_place_as_1x(layer, place) for place in node] if isinstance(node, list) else node for node in nodes
    ]


def _place_as_1x(layer, place):
    if not isinstance(place, list) or len(place) != 4:
        return place
    if place[3]:
        raise ValueError(
            f"Layer {layer.get('name')!r} was called with {place[3]!r}; layers of Keras 1 are called on "
            "tensors only."
        )
    return place[:3]
