"""Element-wise functions, comparisons and reductions."""

import builtins
from collections.abc import Sequence
from typing import Any, TypeAlias

import jax
import jax.numpy as jnp
import numpy as np

from .._base.types import TensorLike
from .._graph import Tensor, op, shape_op, wide_op
from .._graph.operators import abs as abs
from .._graph.operators import as_arrays
from .._graph.operators import pow as pow
from .common import floatx

#: An axis, a list of axes, or all of them.
Axis: TypeAlias = int | Sequence[int] | None


@wide_op
def square(x: TensorLike) -> jax.Array:
    """Square, element by element."""
    return jnp.square(x)


@op
def sqrt(x: TensorLike) -> jax.Array:
    """Square root; 0 for negative values."""
    # The gradient at 0 is infinite, as that of sqrt; with a clip it would be infinity times zero.
    return jnp.sqrt(jnp.where(x < 0, 0, x))


@wide_op
def exp(x: TensorLike) -> jax.Array:
    """e to the power x."""
    return jnp.exp(x)


@wide_op
def log(x: TensorLike) -> jax.Array:
    """Natural logarithm."""
    return jnp.log(x)


@op
def sin(x: TensorLike) -> jax.Array:
    """Sine; x in radians."""
    return jnp.sin(x)


@op
def cos(x: TensorLike) -> jax.Array:
    """Cosine; x in radians."""
    return jnp.cos(x)


@op
def round(x: TensorLike) -> jax.Array:
    """Rounds to the nearest integer, halves to the even one."""
    return jnp.round(x)


@op
def sign(x: TensorLike) -> jax.Array:
    """Sign: -1, 0 or 1, element by element."""
    return jnp.sign(x)


def larger(x: TensorLike, y: TensorLike) -> jax.Array:
    """The larger of x and y. In a tie x gets the whole gradient, as in TensorFlow; JAX would split it."""
    return jnp.where((x >= y) | (x != x), x, y)


def smaller(x: TensorLike, y: TensorLike) -> jax.Array:
    """The smaller of x and y; for ties see `larger`."""
    return jnp.where((x <= y) | (x != x), x, y)


@op
def clip(x: TensorLike, min_value: float, max_value: float | None) -> jax.Array:
    """Limits the elements of a tensor to a range.

    Args:
        x: tensor.
        min_value: lower bound; where it is larger than `max_value`, all elements become `min_value`.
        max_value: upper bound, or None for no bound.
    """
    x, min_value, max_value = as_arrays(x, min_value, max_value)
    if max_value is None:
        return larger(x, min_value)
    return larger(smaller(x, jnp.maximum(min_value, max_value)), min_value)


@op
def maximum(x: TensorLike, y: TensorLike) -> jax.Array:
    """Maximum of two tensors, element by element. In a tie `x` gets all of the gradient."""
    return larger(*as_arrays(x, y))


@op
def minimum(x: TensorLike, y: TensorLike) -> jax.Array:
    """Minimum of two tensors, element by element. In a tie `x` gets all of the gradient."""
    return smaller(*as_arrays(x, y))


@op
def equal(x: TensorLike, y: TensorLike) -> jax.Array:
    """Whether x == y, element by element: a bool tensor."""
    return jnp.equal(*as_arrays(x, y))


@op
def not_equal(x: TensorLike, y: TensorLike) -> jax.Array:
    """Whether x != y, element by element: a bool tensor."""
    return jnp.not_equal(*as_arrays(x, y))


@op
def greater(x: TensorLike, y: TensorLike) -> jax.Array:
    """Whether x > y, element by element: a bool tensor."""
    return jnp.greater(*as_arrays(x, y))


@op
def greater_equal(x: TensorLike, y: TensorLike) -> jax.Array:
    """Whether x >= y, element by element: a bool tensor."""
    return jnp.greater_equal(*as_arrays(x, y))


@op
def lesser(x: TensorLike, y: TensorLike) -> jax.Array:
    """Whether x < y, element by element: a bool tensor."""
    return jnp.less(*as_arrays(x, y))


@op
def lesser_equal(x: TensorLike, y: TensorLike) -> jax.Array:
    """Whether x <= y, element by element: a bool tensor."""
    return jnp.less_equal(*as_arrays(x, y))


def _axis(axis: Axis) -> Any:
    return tuple(axis) if isinstance(axis, list) else axis


def _float(x: jax.Array) -> jax.Array:
    # Keras 1.2.2 casts bools, which have no mean, to the default float type, but not ints.
    return x.astype(floatx()) if x.dtype == bool else x


@wide_op
def sum(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> jax.Array:
    """Sum over an axis, a list of axes, or all (None)."""
    return jnp.sum(x, axis=_axis(axis), keepdims=keepdims)


@wide_op
def prod(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> jax.Array:
    """Product over an axis, a list of axes, or all (None)."""
    return jnp.prod(x, axis=_axis(axis), keepdims=keepdims)


@wide_op
def mean(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> jax.Array:
    """Mean over an axis, a list of axes, or all (None); bool values count as 0 and 1."""
    return jnp.mean(_float(jnp.asarray(x)), axis=_axis(axis), keepdims=keepdims)


@wide_op
def var(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> jax.Array:
    """Variance (divided by n) over an axis, a list of axes, or all (None)."""
    return jnp.var(_float(jnp.asarray(x)), axis=_axis(axis), keepdims=keepdims)


def std(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Standard deviation (divided by n) over an axis, a list of axes, or all (None)."""
    return sqrt(var(x, axis, keepdims))


@op
def max(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> jax.Array:
    """Maximum over an axis, a list of axes, or all (None)."""
    return jnp.max(x, axis=_axis(axis), keepdims=keepdims)


@op
def min(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> jax.Array:
    """Minimum over an axis, a list of axes, or all (None)."""
    return jnp.min(x, axis=_axis(axis), keepdims=keepdims)


@op
def any(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> jax.Array:
    """Whether any element is true (1) or none (0), over an axis, a list of axes, or all (None); uint8."""
    return jnp.any(x, axis=_axis(axis), keepdims=keepdims).astype("uint8")


@op
def all(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> jax.Array:
    """Whether all elements are true (1) or not (0), over an axis, a list of axes, or all (None); uint8."""
    return jnp.all(x, axis=_axis(axis), keepdims=keepdims).astype("uint8")


@op
def argmax(x: TensorLike, axis: int = -1) -> jax.Array:
    """Index of the maximum along an axis, of the first one in a tie."""
    return jnp.argmax(x, axis=axis)


@op
def argmin(x: TensorLike, axis: int = -1) -> jax.Array:
    """Index of the minimum along an axis, of the first one in a tie."""
    return jnp.argmin(x, axis=axis)


def arange(start: Any, stop: Any = None, step: Any = 1, dtype: str = "int32") -> Tensor:
    """The numbers start, start + step, ... below stop; `arange(stop)` starts at 0.

    Args:
        start, stop, step: numbers, or sizes such as `K.shape(x)[0]`.
        dtype: str; where it is "int32" and an argument is a float, the result is in `K.floatx()`.
    Returns:
        Tensor of rank 1, empty where stop is not beyond start.

    Example:
        >>> from keras import backend as K
        >>> K.eval(K.arange(2, 8, 3)).tolist()
        [2, 5]
    """
    if stop is None:
        start, stop = 0, start
    if dtype == "int32" and builtins.any(isinstance(value, float) for value in (start, stop, step)):
        dtype = floatx()
    return _arange(start, stop, step, np.dtype(dtype))


@shape_op(saved_as="arange", formerly="_arange")
def _arange(start: Any, stop: Any, step: Any, dtype: "np.dtype[Any]") -> Any:
    return np.arange(start, stop, step, dtype=dtype)


@op
def stop_gradient(variables: TensorLike) -> jax.Array:
    """The same values, which `K.gradients` treats as constants.

    Args:
        variables: tensor, or a list of tensors; the result has the same structure.
    """
    return jax.lax.stop_gradient(variables)
