"""Methods that tensors have in TensorFlow and in Theano; an installed stand-in adds them to ours."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from .. import backend as K
from .._graph import Tensor
from . import tensorflow_session
from ._values import sizes

# --- TensorFlow ----------------------------------------------------------------------------------


class Dimension:
    """A size, or None for an unknown one.

    Attributes:
        value: int or None.
    """

    def __init__(self, value: int | None) -> None:
        self.value = value

    def __index__(self) -> int:
        if self.value is None:
            raise TypeError("This size is not known before a program runs: use tf.shape(x)[axis].")
        return self.value

    __int__ = __index__

    def __eq__(self, other: object) -> bool:
        return self.value == getattr(other, "value", other)

    def __hash__(self) -> int:
        return hash(self.value)

    def __repr__(self) -> str:
        return "?" if self.value is None else str(self.value)

    def __add__(self, other: Any) -> Any:
        return _computed(lambda a, b: a + b, self, other)

    def __sub__(self, other: Any) -> Any:
        return _computed(lambda a, b: a - b, self, other)

    def __mul__(self, other: Any) -> Any:
        return _computed(lambda a, b: a * b, self, other)

    def __floordiv__(self, other: Any) -> Any:
        return _computed(lambda a, b: a // b, self, other)

    def __truediv__(self, other: Any) -> float:
        return int(self) / other

    def __lt__(self, other: Any) -> bool:
        return int(self) < int(other)

    def __gt__(self, other: Any) -> bool:
        return int(self) > int(other)

    def __le__(self, other: Any) -> bool:
        return int(self) <= int(other)

    def __ge__(self, other: Any) -> bool:
        return int(self) >= int(other)

    __radd__, __rmul__ = __add__, __mul__

    def __rsub__(self, other: Any) -> Any:
        return _computed(lambda a, b: b - a, self, other)


def _computed(function: Callable[[Any, Any], Any], one: Dimension, other: Any) -> Dimension:
    a, b = one.value, getattr(other, "value", other)
    return Dimension(None if a is None or b is None else function(a, b))


class TensorShape(tuple):
    """The sizes of a tensor, `Dimension`s."""

    @property
    def ndims(self) -> int:
        """The number of axes."""
        return len(self)

    @property
    def dims(self) -> list[Dimension]:
        """The sizes, a list."""
        return list(self)

    def as_list(self) -> list[int | None]:
        """The sizes as ints, None where unknown."""
        return [size.value for size in self]

    def is_fully_defined(self) -> bool:
        """Whether all sizes are known."""
        return None not in self.as_list()

    def __getitem__(self, index: Any) -> Any:
        item = super().__getitem__(index)
        return TensorShape(item) if isinstance(index, slice) else item


def get_shape(tensor: Tensor) -> TensorShape:
    """The shape, with `as_list()`, and sizes with a `value`."""
    return TensorShape(map(Dimension, K.int_shape(tensor)))


def set_shape(tensor: Tensor, shape: Any) -> None:
    """Checks that the tensor may have this shape.

    Raises:
        ValueError: if it cannot.
    """
    wanted = [getattr(size, "value", size) for size in shape]
    own = K.int_shape(tensor)
    if len(own) != len(wanted) or any(
        None not in (a, b) and a != b for a, b in zip(own, wanted, strict=True)
    ):
        raise ValueError(f"set_shape: {tensor!r} cannot have the shape {tuple(wanted)}.")


def evaluated(tensor: Tensor, feed_dict: Mapping[Tensor, Any] | None = None, session: Any = None) -> Any:
    """The value of the tensor."""
    return (session or tensorflow_session.get_session()).run(tensor, feed_dict)


# --- Theano --------------------------------------------------------------------------------------


def dimshuffle(tensor: Tensor, *pattern: Any) -> Tensor:
    """Reorders the axes; "x" is a new axis of size 1. Axes of size 1 may be left out."""
    if len(pattern) == 1 and isinstance(pattern[0], list | tuple):
        pattern = tuple(pattern[0])
    kept = [axis for axis in pattern if axis != "x"]
    dropped = [axis for axis in np.arange(K.ndim(tensor)) if axis not in kept]
    result = K.permute_dimensions(tensor, tuple(int(axis) for axis in (*dropped, *kept)))
    for _ in dropped:
        result = K.squeeze(result, 0)
    for place, axis in enumerate(pattern):
        if axis == "x":
            result = K.expand_dims(result, place)
    return result


def reshape(tensor: Tensor, shape: Any, ndim: int | None = None) -> Tensor:
    """The tensor in another shape."""
    return K.reshape(tensor, sizes(shape))


def flatten(tensor: Tensor, ndim: int = 1) -> Tensor:
    """The tensor with `ndim` axes, the last ones joined."""
    shape = [K.shape(tensor)[int(axis)] for axis in np.arange(ndim - 1)]
    return K.reshape(tensor, [*shape, -1])


def _transposed(tensor: Tensor, *pattern: Any) -> Tensor:
    if not pattern:
        return K.transpose(tensor)
    return K.permute_dimensions(tensor, pattern[0] if isinstance(pattern[0], Sequence) else pattern)


def norm(tensor: Tensor, L: int, axis: Any = None, keepdims: bool = False) -> Tensor:
    """The norm of order L along an axis."""
    powers = K.sum(K.pow(K.abs(tensor), L), axis, keepdims)
    return K.pow(powers, 1.0 / L)


#: Engine -> method name -> method.
METHODS: dict[str, dict[str, Any]] = {
    "tensorflow": {"get_shape": get_shape, "set_shape": set_shape, "eval": evaluated},
    "theano": {
        "dimshuffle": dimshuffle,
        "reshape": reshape,
        "flatten": flatten,
        "transpose": _transposed,
        "T": property(_transposed),
        "norm": norm,
        "astype": K.cast,
        "dot": K.dot,
        "sum": K.sum,
        "mean": K.mean,
        "max": K.max,
        "min": K.min,
        "prod": K.prod,
        "std": K.std,
        "var": K.var,
        "clip": K.clip,
        "repeat": lambda tensor, repeats, axis: K.repeat_elements(tensor, repeats, axis),
        "argmax": K.argmax,
        "argmin": K.argmin,
    },
}
