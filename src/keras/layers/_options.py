"""What many layers take: initial weights' functions, regularizers, constraints, sizes."""

import math
from numbers import Real

from .. import activations, constraints, initializations, regularizers
from .. import backend as K
from .._graph import apply

_GETTERS = {
    "regularizer": regularizers.get,
    "constraint": constraints.get,
    "init": initializations.get,
    "activation": activations.get,
}


def keep(layer, **options):
    """Stores options on a layer, names turned into the functions that they stand for.

    Args:
        options: by the layer's argument names; what ends in "regularizer", "constraint", "init" or
            "activation" is looked up, the rest is stored as it is.
    """
    for name, value in options.items():
        getter = _GETTERS.get(name.rsplit("_", 1)[-1])
        setattr(layer, name, getter(value) if getter else value)


def config_of(layer, *names):
    """The options with these names as plain data."""
    return {name: _plain(getattr(layer, name)) for name in names}


def unless_default(layer, **defaults):
    """Options that the configs of Keras 1.2.2 lack, where they are not as they would be without.

    A config written by the original can do without them, and the original reads them.

    Args:
        defaults: by the layer's argument names.
    """
    changed = [name for name, default in defaults.items() if getattr(layer, name) != default]
    return config_of(layer, *changed)


def _plain(value):
    if hasattr(value, "get_config"):
        return value.get_config()
    return value.__name__ if callable(value) else value


def sizes_of(x):
    """The shape of a tensor as a list, with tensors for the sizes that only a run knows."""
    return [K.shape(x)[i] if size is None else size for i, size in enumerate(K.int_shape(x))]


def activate(layer, x):
    """The layer's activation, be it written with K functions or in plain JAX."""
    return apply(layer.activation, x)


def positive_int(owner, name, value):
    """Checks a size.

    Args:
        owner: the layer, for the message.
    Returns:
        The value as an int.
    Raises:
        ValueError: if it is not a positive int.
    """
    integer = not isinstance(value, bool) and hasattr(value, "__index__")
    if not integer or value < 1:
        raise ValueError(f"{type(owner).__name__}: {name} must be a positive int, got {value!r}.")
    return int(value)


def positive_ints(owner, name, values, count):
    """Checks sizes, one for each axis of space.

    Returns:
        Tuple of `count` ints.
    Raises:
        ValueError: if they are not `count` positive ints.
    """
    if not isinstance(values, tuple | list) or len(values) != count:
        raise ValueError(
            f"{type(owner).__name__}: {name} must be a tuple of {count} positive ints; got {values!r}."
        )
    return tuple(positive_int(owner, name, value) for value in values)


def fraction(owner, name, value):
    """Checks a part to drop.

    Raises:
        ValueError: if it is not a number with 0 <= value < 1.
    """
    if isinstance(value, bool | str | None) or not 0 <= value < 1:
        raise ValueError(f"{type(owner).__name__}: needs 0 <= {name} < 1; got {value!r}.")
    return value


def number(owner, name, value, least=-math.inf):
    """Checks a number.

    Raises:
        ValueError: if it is not a finite number of at least `least`.
    """
    known = isinstance(value, Real) and not isinstance(value, bool) and math.isfinite(value)
    if not known or value < least:
        bound = "" if least == -math.inf else f" >= {least}"
        raise ValueError(f"{type(owner).__name__}: {name} must be a finite number{bound}; got {value!r}.")
    return value
