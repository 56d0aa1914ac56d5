"""Values of Keras 2 arguments, converted to those of Keras 1."""

import math
import numbers
from collections.abc import Callable, Mapping
from typing import Any

from .._base.types import Config
from .version import version

_INITIALIZERS = {"zeros": "zero", "ones": "one", "random_uniform": "uniform", "random_normal": "normal"}
#: Names that have another distribution in each generation, and names that only Keras 2 has.
_OBJECTS: dict[str, tuple[str, Config]] = {
    "orthogonal": ("Orthogonal", {}),
    "truncated_normal": ("TruncatedNormal", {}),
    "glorot_normal": ("VarianceScaling", {"scale": 1.0, "mode": "fan_avg", "distribution": "normal"}),
    "he_normal": ("VarianceScaling", {"scale": 2.0, "mode": "fan_in", "distribution": "normal"}),
    "lecun_normal": ("VarianceScaling", {"scale": 1.0, "mode": "fan_in", "distribution": "normal"}),
}
#: Unseeded Keras 2 objects that draw the same numbers as a Keras 1 function.
_SAME_DRAWS: tuple[tuple[str, Config, str], ...] = (
    ("Zeros", {}, "zero"),
    ("Ones", {}, "one"),
    ("RandomUniform", {"minval": -0.05, "maxval": 0.05}, "uniform"),
    ("RandomNormal", {"mean": 0.0, "stddev": 0.05}, "normal"),
    ("Identity", {"gain": 1.0}, "identity"),
    ("VarianceScaling", {"scale": 1.0, "mode": "fan_avg", "distribution": "uniform"}, "glorot_uniform"),
    ("VarianceScaling", {"scale": 2.0, "mode": "fan_in", "distribution": "uniform"}, "he_uniform"),
    ("VarianceScaling", {"scale": 1.0, "mode": "fan_in", "distribution": "uniform"}, "lecun_uniform"),
)
_REGULARIZERS = {"L1L2": "L1L2Regularizer", "l1_l2": "l1l2"}
_CONSTRAINTS = {
    "max_norm": "maxnorm",
    "non_neg": "nonneg",
    "unit_norm": "unitnorm",
    "min_max_norm": "MinMaxNorm",
}
_CONSTRAINT_ARGUMENTS = {
    "MaxNorm": {"max_value": "m"},
    "MinMaxNorm": {"min_value": "low", "max_value": "high"},
}
_ORDERINGS = {"channels_first": "th", "channels_last": "tf", None: "default"}
_IMPLEMENTATIONS = {0: "cpu", 1: "mem", 2: "gpu"}

_Converter = Callable[[Any], Any]


class Batches(int):
    """A number of batches, where Keras 1 counts samples."""


def value_as_1x(name: str, value: Any) -> Any:
    """Returns the Keras 1 value for the value of a Keras 2 argument.

    Args:
        name: the argument's name in Keras 2.
        value: its value.

    Raises:
        ValueError: Keras 2 does not accept this value.
    """
    convert = _BY_NAME.get(name) or _BY_LAST_WORD.get(name.rsplit("_", 1)[-1])
    return convert(value) if convert else value


def repeated(value: Any, count: int) -> Any:
    """Returns an int as a tuple of `count` ints, and for `count` 1 a tuple of one as its int."""
    if count == 1:
        return value[0] if isinstance(value, tuple | list) and len(value) == 1 else value
    return (value,) * count if isinstance(value, numbers.Integral) else value


def pairs(value: Any, count: int) -> Any:
    """Returns one pair for each of `count` axes; an int, or one int per axis, applies to both sides.

    Example:
        >>> pairs(1, 2), pairs((1, 2), 2), pairs(((1, 0), (2, 0)), 2)
        (((1, 1), (1, 1)), ((1, 1), (2, 2)), ((1, 0), (2, 0)))
    """
    value = repeated(value, count)
    if isinstance(value, tuple | list) and len(value) == count and all(map(_is_int, value)):
        return tuple((size, size) for size in value)
    return value


def initializer(value: Any) -> Any:
    """Converts an initializer to a form that `initializations.get` accepts.

    An initializer that draws the same numbers as a Keras 1 function becomes the name of that function.

    Args:
        value: a name, a dict {"class_name": ..., "config": ...} or an object.

    Example:
        >>> initializer("zeros"), initializer("he_uniform")
        ('zero', 'he_uniform')
        >>> initializer({"class_name": "RandomNormal", "config": {"mean": 0.0, "stddev": 0.1, "seed": None}})
        {'name': 'RandomNormal', 'mean': 0.0, 'stddev': 0.1}
    """
    if isinstance(value, str):
        if value in _OBJECTS:
            name, config = _OBJECTS[value]
            return {"name": name, **config}
        return _INITIALIZERS.get(value, value)
    if not _is_stored(value):
        return value
    config = {key: item for key, item in value["config"].items() if (key, item) != ("seed", None)}
    for class_name, known, function in _SAME_DRAWS:
        if (value["class_name"], config) == (class_name, known):
            return function
    return {"name": value["class_name"], **config}


def regularizer(value: Any) -> Any:
    """Converts a name, a dict {"class_name": ..., "config": ...} or an object for `regularizers.get`."""
    return _named(value, _REGULARIZERS, {})


def constraint(value: Any) -> Any:
    """Converts a name, a dict {"class_name": ..., "config": ...} or an object for `constraints.get`."""
    return _named(value, _CONSTRAINTS, _CONSTRAINT_ARGUMENTS)


def _named(value: Any, names: Mapping[str, str], arguments: Mapping[str, Mapping[str, str]]) -> Any:
    if isinstance(value, str):
        return names.get(value, value)
    if not _is_stored(value):
        return value
    name = value["class_name"]
    renamed = arguments.get(name, {})
    return {"name": names.get(name, name), **{renamed.get(k, k): v for k, v in value["config"].items()}}


def _is_stored(value: Any) -> bool:
    """Whether a value has the form in which Keras 2 stores an object in a config."""
    if not isinstance(value, dict) or not isinstance(value.get("config"), dict):
        return False
    return isinstance(value.get("class_name"), str)


def _one_of(name: str, known: Mapping[Any, str]) -> _Converter:
    def convert(value: Any) -> str:
        if isinstance(value, str | numbers.Integral | None) and value in known:
            return known[value]
        wanted = ", ".join(map(repr, known))
        raise ValueError(f"{name}: got {value!r}; wanted one of {wanted}.")

    return convert


def _padding(value: Any) -> Any:
    """Returns ((top, bottom), (left, right)) as (top, bottom, left, right), anything else unchanged."""
    if isinstance(value, tuple | list) and value and all(isinstance(pair, tuple | list) for pair in value):
        flat = tuple(size for pair in value for size in pair)
        if len(value) == 3:
            # Keras 1 pads both sides of a volume equally.
            if any(before != after for before, after in value):
                raise ValueError(
                    f"padding: got {value!r}; wanted the same size on both sides of each axis of a volume."
                )
            return flat[::2]
        return flat
    return value


def _is_int(value: Any) -> bool:
    return isinstance(value, numbers.Integral) and not isinstance(value, bool)


def _batches(value: Any) -> Batches:
    if not _is_int(value) or value < 1:
        raise ValueError(f"steps: got {value!r}; wanted a number of batches, an int of at least 1.")
    return Batches(value)


_BY_NAME: dict[str, _Converter] = {
    "data_format": _one_of("data_format", _ORDERINGS),
    "implementation": _one_of("implementation", _IMPLEMENTATIONS),
    "unit_forget_bias": _one_of("unit_forget_bias", {True: "one", False: "zero"}),
    "batch_size": lambda value: 32 if value is None else value,
    "epsilon": lambda value: 1e-7 if value is None else value,
    "steps_per_epoch": _batches,
    "validation_steps": lambda value: None if value is None else _batches(value),
    "steps": _batches,
    "patience": lambda value: max(value - 1, 0) if version() == 2 else value,
}
_BY_LAST_WORD: dict[str, _Converter] = {
    "initializer": initializer,
    "regularizer": regularizer,
    "constraint": constraint,
}

_BACK: dict[str, Mapping[Any, Any]] = {
    "data_format": {"th": "channels_first", "tf": "channels_last"},
    "implementation": {old: new for new, old in _IMPLEMENTATIONS.items()},
}
_SHARED: dict[str, _Converter] = {
    "batch_size": _BY_NAME["batch_size"],
    "epsilon": _BY_NAME["epsilon"],
    # Keras 2 stops after `patience` epochs without improvement, Keras 1 at the next one.
    "patience": _BY_NAME["patience"],
    "padding": _padding,
}


def shared_converter(name: str) -> _Converter | None:
    """Returns the converter of an argument that has the same name in both generations, or None.

    It converts forms of values that only Keras 2 accepts.
    """
    return _SHARED.get(name) or _BY_LAST_WORD.get(name.rsplit("_", 1)[-1])


def value_as_2x(name: str, value: Any) -> Any:
    """Returns the Keras 2 value for the value of a Keras 1 option, given Keras 2's name of it."""
    known = _BACK.get(name)
    return known.get(value, value) if known and isinstance(value, str | bool | None) else value


def initializer_as_2x(name: str) -> str | tuple[str, Config]:
    """Returns the initializer of Keras 2 or 3 that draws as one of Keras 1: a name, or (class, config).

    Example:
        >>> initializer_as_2x("zero"), initializer_as_2x("orthogonal")
        ('zeros', ('Orthogonal', {'gain': 1.1}))
    """
    if name == "orthogonal":
        return "Orthogonal", {"gain": 1.1}
    if name in _OBJECTS:  # the names are the same; Keras 1 does not cut its normal numbers off
        class_name, config = _OBJECTS[name]
        return class_name, {**config, "distribution": "untruncated_normal"}
    return next((new for new, old in _INITIALIZERS.items() if old == name), name)


def same_value(value: Any, allowed: str) -> bool:
    """Whether a value is one of those that a row of the table allows, written as text.

    Example:
        >>> same_value(None, "channels_last|None"), same_value((1, 1), "1"), same_value("ones", "zeros")
        (True, True, False)
    """
    value = initializer(value)
    if isinstance(value, tuple | list) and len(set(value)) == 1:
        value = value[0]
    return any(_equals(value, text) for text in allowed.split("|"))


def _equals(value: Any, text: str) -> bool:
    if value is None or isinstance(value, bool | str):
        return str(value) == _INITIALIZERS.get(text, text)
    try:
        return math.isclose(value, float(text), abs_tol=0.0)
    except (TypeError, ValueError):
        return False
