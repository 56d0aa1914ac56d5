"""Values of options of Keras 1 in the words of Keras 2: initializers, penalties, limits, activations."""

from collections.abc import Callable
from typing import Any

from .. import backend as K

_ACTIVATIONS = frozenset(
    "linear relu tanh sigmoid hard_sigmoid softmax softplus softsign elu selu exponential".split()
)
#: Activations that Keras 3 has and Keras 2.3 has not.
_ACTIVATIONS_OF_3 = frozenset("gelu silu mish".split())


class Unknown(ValueError):
    """A value that Keras 2 has no word for.

    Attributes:
        blocks: bool, as of `Lost`.
    """

    def __init__(self, text: str, blocks: bool = True) -> None:
        super().__init__(text)
        self.blocks = blocks


def value_as_2x(name: str, value: Any, generation: int) -> Any:
    """Returns the value of an option.

    Args:
        name: its name in Keras 2.
        value: its value in a config of Keras 1.
        generation: 2 or 3.

    Raises:
        Unknown: there is no word for it.
    """
    kind = name.rsplit("_", 1)[-1]
    if kind == "activation":
        return _activation(value, generation)
    convert = _BY_NAME.get(name) or _BY_LAST_WORD.get(kind)
    return convert(value) if convert else value


def _data_format(value: Any) -> str:
    ordering = K.image_dim_ordering() if value in (None, "default") else value
    return {"th": "channels_first", "tf": "channels_last"}.get(ordering, ordering)


_INITIALIZERS: dict[str, Any] = {
    "zero": {"class_name": "Zeros", "config": {}},
    "one": {"class_name": "Ones", "config": {}},
    "uniform": {"class_name": "RandomUniform", "config": {"minval": -0.05, "maxval": 0.05, "seed": None}},
    "normal": {"class_name": "RandomNormal", "config": {"mean": 0.0, "stddev": 0.05, "seed": None}},
    "orthogonal": {"class_name": "Orthogonal", "config": {"gain": 1.1, "seed": None}},
    "identity": {"class_name": "Identity", "config": {"gain": 1.0}},
    **{name: name for name in ("glorot_uniform", "he_uniform", "lecun_uniform")},
}


def _initializer(value: Any) -> Any:
    if isinstance(value, dict) and isinstance(value.get("name"), str):
        return {"class_name": value["name"], "config": {k: v for k, v in value.items() if k != "name"}}
    if isinstance(value, str) and value in _INITIALIZERS:
        return _INITIALIZERS[value]
    raise Unknown(
        f"Keras 2 has no initialization {value!r}; new weights would be drawn in another way", False
    )


def _unit_forget_bias(value: Any) -> bool:
    if value in ("one", "zero"):
        return value == "one"
    raise Unknown(f"{value!r}; Keras 2 has only zeros and ones for a new bias", False)


def _regularizer(value: Any) -> Any:
    if value is None:
        return None
    name = value.get("name") if isinstance(value, dict) else value
    if name not in ("L1L2Regularizer", "WeightRegularizer", "ActivityRegularizer") or not isinstance(
        value, dict
    ):
        raise Unknown(f"the penalty {name!r}, which Keras 2 does not have", False)
    return {"class_name": "L1L2", "config": {key: float(value.get(key, 0.0)) for key in ("l1", "l2")}}


_CONSTRAINT_ARGUMENTS = {"m": "max_value", "low": "min_value", "high": "max_value"}


def _constraint(value: Any) -> Any:
    if value is None:
        return None
    name = value.get("name") if isinstance(value, dict) else value
    if name not in ("MaxNorm", "NonNeg", "UnitNorm", "MinMaxNorm") or not isinstance(value, dict):
        raise Unknown(f"the constraint {name!r}, which Keras 2 does not have", False)
    return {
        "class_name": name,
        "config": {_CONSTRAINT_ARGUMENTS.get(k, k): v for k, v in value.items() if k != "name"},
    }


def _activation(value: Any, generation: int) -> Any:
    known = isinstance(value, str) and value in (
        _ACTIVATIONS | _ACTIVATIONS_OF_3 if generation == 3 else _ACTIVATIONS
    )
    if not known:
        raise Unknown(f"the activation {value!r}, which Keras {generation} does not have")
    return value


def _padding(value: Any) -> Any:
    """Returns (top, bottom, left, right) as pairs; other values stay."""
    if isinstance(value, list | tuple) and len(value) == 4:
        return [list(value[:2]), list(value[2:])]
    return value


_BY_NAME: dict[str, Callable[[Any], Any]] = {
    "padding": _padding,
    "data_format": _data_format,
    "unit_forget_bias": _unit_forget_bias,
    "implementation": lambda value: 1,
}
_BY_LAST_WORD: dict[str, Callable[[Any], Any]] = {
    "initializer": _initializer,
    "regularizer": _regularizer,
    "constraint": _constraint,
}
