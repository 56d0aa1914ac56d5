"""Kinds of options for layers in Keras 2's names: sizes, positions of channels, initializers."""

from typing import Annotated, Any, TypeAlias

from .. import backend as K
from .. import constraints, initializations, regularizers
from .._graph import Variable
from .._spelling import value_as_1x
from ..layers._options import Kind, positive_ints


def sizes(count: int) -> Any:
    """Returns the kind of an option with one int for each of `count` axes; an int is the same for all."""

    def convert(layer: Any, name: str, value: Any) -> tuple[int, ...]:
        return positive_ints(layer, name, (value,) * count if isinstance(value, int) else value, count)

    return Kind(convert)


DataFormat: TypeAlias = Annotated[str, Kind(lambda layer, name, value: K.normalize_data_format(value))]
Padding: TypeAlias = Annotated[str, Kind(lambda layer, name, value: _padding(layer, value))]
#: Initializers, regularizers and constraints by the names of Keras 2 as well as of Keras 1.
Init: TypeAlias = Annotated[
    Any, Kind(lambda layer, name, value: initializations.get(value_as_1x("kernel_initializer", value)))
]
Penalty: TypeAlias = Annotated[
    Any, Kind(lambda layer, name, value: regularizers.get(value_as_1x("kernel_regularizer", value)))
]
Limit: TypeAlias = Annotated[
    Any, Kind(lambda layer, name, value: constraints.get(value_as_1x("kernel_constraint", value)))
]


def _padding(layer: Any, value: Any) -> str:
    if str(value).lower() not in ("valid", "same"):
        raise ValueError(f"{type(layer).__name__}: padding must be 'valid' or 'same'; got {value!r}.")
    return value.lower()


def of_kernel(init: Any) -> Any:
    """Returns an initialization for kernels (sizes..., inputs, outputs) of any rank.

    `initializations` compute with the sizes of images; sequences get a second size of 1.
    """

    def make(shape: tuple[int, ...], name: str | None = None) -> Variable:
        if len(shape) != 3:
            try:
                return init(shape, name=name, dim_ordering="tf")
            except TypeError:  # a function of the program's own, without the argument
                return init(shape, name=name)
        wide = init((shape[0], 1, *shape[1:]), name=name, dim_ordering="tf")
        return K.variable(K.get_value(wide).reshape(shape), name=name)

    return make
