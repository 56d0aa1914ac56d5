"""Checks of the arguments of `Input`."""

import difflib
from typing import Any

import numpy as np

from .._base.types import Shape
from .._graph import Tensor

_DTYPES = (
    *("float16", "bfloat16", "float32", "float64", "bool"),
    *("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"),
)


def check_shape(shape: Any, argument: str) -> Shape:
    """Returns a user's shape as a tuple, checked.

    Raises:
        TypeError, ValueError: naming the argument, the shape and the size that is wrong.
    """
    if isinstance(shape, str) or not isinstance(shape, tuple | list):
        raise TypeError(f"Input: {argument} must be a tuple of ints (or None); got {shape!r}.")
    for size in shape:
        if size is None:
            continue
        if isinstance(size, bool) or not isinstance(size, int | np.integer):
            raise TypeError(
                f"Input: {argument} must be a tuple of ints (or None); got {size!r} in {shape!r}."
            )
        if size < 0:
            raise ValueError(f"Input: {argument} {shape!r} has the negative dimension {size}.")
        if size == 0:
            raise ValueError(f"Input: {argument} {shape!r} has a dimension 0: no data would fit it.")
    return tuple(None if size is None else int(size) for size in shape)


def check_dtype(dtype: Any) -> str:
    """Returns the name of a dtype, checked.

    Raises:
        ValueError: it is unknown; the message suggests the nearest known name.
    """
    name = dtype if isinstance(dtype, str) else np.dtype(dtype).name
    if name not in _DTYPES:
        close = difflib.get_close_matches(name, _DTYPES, n=1)
        hint = f"; did you mean {close[0]!r}?" if close else "."
        raise ValueError(f"Input: unknown dtype {name!r}{hint} Known: {', '.join(_DTYPES)}.")
    return name


def check_tensor(tensor: Any) -> None:
    """Raises TypeError if the argument is not a tensor."""
    if not isinstance(tensor, Tensor):
        raise TypeError(
            f"Input: tensor: expected a Keras tensor (K.placeholder, K.variable, ...); "
            f"got {type(tensor).__name__}. Pass arrays to fit and predict."
        )
