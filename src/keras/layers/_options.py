"""Options of layers: declared once; stored, checked and saved from that declaration.

The options of a layer are the parameters of its `__init__`. The signature holds their order and their
defaults, and the class declares a field for each of them. The type of the field determines the type of the
attribute and the conversion of the argument:

    class Scale(LayerWithOptions):
        init: Initializer
        W_regularizer: Regularizer
        axis: Option[int]

        def __init__(self, init="one", W_regularizer=None, axis=-1, **kwargs):
            self._store_options(locals())
            super().__init__(**kwargs)

`Scale().init` is a function, and `Scale().get_config()` has the keys "init", "W_regularizer" and "axis".
`tests/layers/test_options.py` checks for every layer that signature, fields and config agree.
"""

import contextlib
import functools
import inspect
import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from numbers import Real
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, TypeAlias, TypeVar, cast

from .. import activations, constraints, initializations, regularizers
from .. import backend as K
from .._base.constructed import check_arguments
from .._base.names import name_in_files
from .._base.types import Config
from .._graph import Tensor
from ..backend.common import check_dim_ordering
from ..engine import InputSpec, Layer
from ..engine.files.functions import is_foreign_function, name_for_config

T = TypeVar("T")

#: The types of an argument that selects a function: its name, the function itself, or its config.
NameOrFunction: TypeAlias = str | Callable[..., Any] | Config


# --- kinds of options ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Kind:
    """Marks a field as an option, in its type.

    Attributes:
        convert: function (layer, name of the option, argument) -> value of the attribute. It raises
            ValueError if the argument is not valid.
    """

    convert: Callable[[Any, str, Any], Any]


class _UnlessDefault:
    """Marks an option that is not in the config if it has its default value."""


def one_of(*values: Any) -> Kind:
    """Returns the kind of an option that has one of these values."""
    *others, last = map(json.dumps, values)
    wanted = f"{', '.join(others)} or {last}" if others else last

    def convert(layer: Layer, name: str, value: Any) -> Any:
        if value not in values:
            raise ValueError(f"{type(layer).__name__}: {name} must be {wanted}; got {value!r}.")
        return value

    return Kind(convert)


def positive_int(owner: Layer, name: str, value: Any) -> int:
    """Checks a size.

    Args:
        owner: the layer, for the message.
        name: the name of the option, for the message.
        value: the argument.

    Returns:
        The value as an int.

    Raises:
        ValueError: if it is not a positive int.
    """
    integer = not isinstance(value, bool) and hasattr(value, "__index__")
    if not integer or value < 1:
        raise ValueError(f"{type(owner).__name__}: {name} must be a positive int, got {value!r}.")
    return int(value)


def positive_ints(owner: Layer, name: str, values: Any, count: int) -> tuple[int, ...]:
    """Checks sizes, one for each spatial axis.

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


def fraction(owner: Layer, name: str, value: Any) -> float:
    """Checks a fraction, such as that of the elements to drop.

    Raises:
        ValueError: if it is not a number with 0 <= value < 1.
    """
    if isinstance(value, bool | str | None) or not 0 <= value < 1:
        raise ValueError(f"{type(owner).__name__}: needs 0 <= {name} < 1; got {value!r}.")
    return value


def number(owner: Layer, name: str, value: Any, least: float = -math.inf) -> float:
    """Checks a number.

    Raises:
        ValueError: if it is not a finite number of at least `least`.
    """
    finite = isinstance(value, Real) and not isinstance(value, bool) and math.isfinite(value)
    if not finite or value < least:
        bound = "" if least == -math.inf else f" >= {least}"
        raise ValueError(f"{type(owner).__name__}: {name} must be a finite number{bound}; got {value!r}.")
    return cast(float, value)  # or another real number, such as a NumPy scalar


def floatx_number(owner: Layer, name: str, value: Any, least: float = -math.inf) -> float:
    """Checks a number and rounds it to the default float type, as the original computes and saves it."""
    return float(K.cast_to_floatx(number(owner, name, value, least)))


#: An option that is stored unchanged.
Option: TypeAlias = Annotated[T, Kind(lambda layer, name, value: value)]
#: An option that the configs of Keras 1.2.2 lack. It is in a config only if it differs from the default, so
#: that Keras 1.2.2 reads all other files, and its own files need no such key.
UnlessDefault: TypeAlias = Annotated[T, _UnlessDefault()]

PositiveInt: TypeAlias = Annotated[int, Kind(positive_int)]
PositivePair: TypeAlias = Annotated[tuple[int, int], Kind(functools.partial(positive_ints, count=2))]
PositiveTriple: TypeAlias = Annotated[tuple[int, int, int], Kind(functools.partial(positive_ints, count=3))]
Fraction: TypeAlias = Annotated[float, Kind(fraction)]
Number: TypeAlias = Annotated[float, Kind(number)]
NonNegative: TypeAlias = Annotated[float, Kind(functools.partial(number, least=0))]
FloatxNumber: TypeAlias = Annotated[float, Kind(floatx_number)]
BorderMode: TypeAlias = Annotated[str, one_of("valid", "same")]
#: "th" or "tf"; the argument may be "default".
DimOrdering: TypeAlias = Annotated[str, Kind(lambda layer, name, value: check_dim_ordering(value))]

Initializer: TypeAlias = Annotated[
    Callable[..., Any], Kind(lambda layer, name, value: initializations.get(value))
]
Activation: TypeAlias = Annotated[Callable[..., Any], Kind(lambda layer, name, value: activations.get(value))]
Regularizer: TypeAlias = Annotated[
    Callable[..., Any] | None, Kind(lambda layer, name, value: regularizers.get(value))
]
Constraint: TypeAlias = Annotated[
    Callable[..., Any] | None, Kind(lambda layer, name, value: constraints.get(value))
]


# --- layers with options -------------------------------------------------------------------------


class LayerWithOptions(Layer):
    """Base of the layers of this package: stores its options and returns them as a config.

    Derived classes may also be written as in Keras 1, and set attributes and define `get_config` themselves.
    """

    #: Options that come first in the config, if Keras 1's order is not that of the signature.
    _config_order: ClassVar[tuple[str, ...]] = ()
    #: The argument `weights` of many layers: a list of arrays. It is not in the config.
    initial_weights: Any = None

    if TYPE_CHECKING:

        def __call__(self, x: Tensor | Sequence[Tensor], mask: Any = None, **arguments: Any) -> Tensor: ...

    def _store_options(self, arguments: Mapping[str, Any]) -> None:
        """Stores the arguments that are options of the layer, each converted by its field.

        Args:
            arguments: `locals()`, taken in the first line of `__init__`.

        Raises:
            ValueError: if an argument is not valid.
        """
        for name, field in _fields(type(self)).items():
            if name in arguments:
                setattr(self, name, field.convert(self, name, arguments[name]))
        if "weights" in arguments:
            self.initial_weights = arguments["weights"]

    def get_config(self) -> Config:
        """Returns the arguments of the constructor as plain data, without the weights."""
        config = super().get_config()
        for name, field, default in options_of(type(self)):
            # From the instance, where it is stored: `bias` of the class is Keras 2's name of the weight.
            value = vars(self)[name] if name in vars(self) else getattr(self, name)
            if field.always or value != field.convert(self, name, default):
                config[name] = as_plain_data(value)
                if isinstance(config[name], str) and is_foreign_function(value):
                    config[name] = name_for_config(
                        self, name, value, _meaning(self, name, field, config[name])
                    )
        return config


def _meaning(layer: Layer, option: str, field: "_Field", name: str) -> Any:
    """Returns what a loaded layer takes a name for, or None if it knows no such name."""
    with contextlib.suppress(ValueError, TypeError):
        return field.convert(layer, option, name)
    return None


@dataclass(frozen=True)
class _Field:
    convert: Callable[[Any, str, Any], Any]
    always: bool


# Bounded, because a program may define any number of classes.
@functools.lru_cache(maxsize=512)
def _fields(cls: type) -> dict[str, _Field]:
    """Returns the fields of the options that a class and its bases declare, by name."""
    found = {}
    for base in reversed(cls.__mro__):
        # Python 3.14 evaluates annotations here; a user's class may use names that exist only for type
        # checkers.
        with contextlib.suppress(NameError):
            for name, hint in inspect.get_annotations(base).items():
                marks = getattr(hint, "__metadata__", ())
                kinds = [mark for mark in marks if isinstance(mark, Kind)]
                if kinds:
                    always = not any(isinstance(mark, _UnlessDefault) for mark in marks)
                    found[name] = _Field(kinds[-1].convert, always)
    return found


@functools.lru_cache(maxsize=512)
def options_of(cls: type[LayerWithOptions]) -> list[tuple[str, _Field, Any]]:
    """Returns the options of a class in the order of its config: (name, field, default).

    Those of the base classes come first. A parameter of `__init__` without a field, such as `weights`,
    is not an option.
    """
    options, seen = [], set()
    for base in reversed(cls.__mro__):
        if "__init__" not in vars(base):
            continue
        fields = _fields(base)
        parameters = inspect.signature(base.__init__).parameters
        first = getattr(base, "_config_order", ())
        for name in dict.fromkeys((*first, *parameters)):
            if name in fields and name in parameters and name not in seen:
                seen.add(name)
                options.append((name, fields[name], parameters[name].default))
    return options


def for_base(arguments: Mapping[str, Any], *but: str) -> dict[str, Any]:
    """Returns the arguments that an `__init__` passes on to that of the base class.

    Args:
        arguments: `locals()` of an `__init__` with `**kwargs`.
        but: names of the options that the base class does not take.
    """
    own = {"self", "__class__", "kwargs", *but}
    return {name: value for name, value in arguments.items() if name not in own} | arguments["kwargs"]


def as_plain_data(value: Any) -> Any:
    """Returns the value of an option for a config: functions become names or configs."""
    if hasattr(value, "get_config"):
        config = value.get_config()
        check_arguments(value, config, type(value).__name__)
        return config
    return name_in_files(value) if callable(value) else value


# --- small functions for layers ------------------------------------------------------------------


def inputs_of(ndim: int | str | None = None) -> list[InputSpec]:
    """Returns the `input_spec` of a layer with one input.

    Args:
        ndim: the rank, or a str such as "3+" for at least 3; any rank if None.
    """
    return [InputSpec(ndim=ndim)]


def sizes_of(x: Tensor) -> list[Any]:
    """Returns the shape of a tensor as a list, with tensors for the sizes that are known only at run time."""
    return [K.shape(x)[i] if size is None else size for i, size in enumerate(K.int_shape(x))]
