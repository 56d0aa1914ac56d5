"""Layers that programs define in the manner of Keras 2: names of methods, arguments of `add_weight`."""

from collections.abc import Mapping, Sequence
from typing import Any

from . import values
from .version import version

#: Methods that both versions have, under two names.
_METHODS = (("compute_output_shape", "get_output_shape_for"),)
_WEIGHT_2 = ("name", "shape", "dtype", "initializer", "regularizer", "trainable", "constraint")
_WEIGHT_1 = ("shape", "initializer", "name", "trainable", "regularizer", "constraint")
#: Names of initializers that Keras 1 does not know.
_ONLY_2 = ("zeros", "ones", "constant", "random_uniform", "random_normal", "truncated_normal")


def define_both_names(cls: type) -> None:
    """Gives a method that a class defines under the name of one version the name of the other one, too."""
    own = vars(cls)
    for pair in _METHODS:
        for name, other in (pair, pair[::-1]):
            if name in own and other not in own:
                setattr(cls, other, own[name])


def weight_arguments(args: Sequence[Any], kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the arguments of `add_weight` by name, for a call in the order of either version.

    Keras 2 begins with the name, Keras 1 with the shape. Without an initializer, it is "glorot_uniform".

    Raises:
        TypeError: an argument is given twice, or there are too many.

    Example:
        >>> weight_arguments(("w", (3,)), {"initializer": "zeros"})
        {'name': 'w', 'shape': (3,), 'initializer': 'zero'}
        >>> weight_arguments(((3,), "zero"), {})
        {'shape': (3,), 'initializer': 'zero'}
    """
    is_2 = bool(args) and (args[0] is None or isinstance(args[0], str))
    order = _WEIGHT_2 if is_2 else _WEIGHT_1
    if len(args) > len(order):
        raise TypeError(f"add_weight takes {', '.join(order)}; got {len(args)} positional arguments.")
    given: dict[str, Any] = dict(zip(order, args, strict=False))
    twice = sorted(given.keys() & kwargs.keys())
    if twice:
        raise TypeError(f"add_weight: got multiple values for argument {twice[0]!r}.")
    given.update(kwargs)
    initializer = given.get("initializer")
    is_2 = is_2 or "dtype" in given or version() == 2
    if initializer is None:
        given["initializer"] = "glorot_uniform"
    elif is_2 or not isinstance(initializer, str) or initializer in _ONLY_2:
        given["initializer"] = values.initializer(initializer)
    if given.get("trainable", True) is None:
        del given["trainable"]
    given.setdefault("shape", ())
    if given["shape"] is None:
        given["shape"] = ()
    for name in ("regularizer", "constraint"):
        if given.get(name) is not None:
            given[name] = values.value_as_1x(name, given[name])
    return given
