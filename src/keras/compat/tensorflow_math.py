"""Functions of `tensorflow` that compute: element by element, reductions, products; over K."""

import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .. import backend as K
from .._graph.operators import OPERATORS
from . import _arrays
from ._values import accepts, of_values, value

# --- element by element --------------------------------------------------------------------------

exp, log, square, abs, sign, round, sin, cos, tanh, sigmoid, pow = map(
    of_values,
    (*(K.exp, K.log, K.square, K.abs, K.sign, K.round, K.sin, K.cos, K.tanh, K.sigmoid, K.pow),),
)
sqrt, rsqrt, reciprocal, floor, ceil, log1p, expm1, erf, lgamma = map(
    of_values,
    (
        *(_arrays.sqrt, _arrays.rsqrt, _arrays.reciprocal, _arrays.floor, _arrays.ceil),
        *(_arrays.log1p, _arrays.expm1, _arrays.erf, _arrays.gammaln),
    ),
)
tan, asin, acos, atan, atan2, sinh, cosh = map(
    of_values,
    (
        *(_arrays.tan, _arrays.asin, _arrays.acos, _arrays.atan, _arrays.atan2),
        *(_arrays.sinh, _arrays.cosh),
    ),
)
is_nan, is_inf, is_finite, logical_and, logical_or, logical_not, logical_xor = map(
    of_values,
    (
        *(_arrays.is_nan, _arrays.is_inf, _arrays.is_finite),
        *(_arrays.logical_and, _arrays.logical_or, _arrays.logical_not, _arrays.logical_xor),
    ),
)
maximum, minimum, equal, not_equal, greater, greater_equal, less, less_equal = map(
    of_values,
    (
        *(K.maximum, K.minimum, K.equal, K.not_equal),
        *(K.greater, K.greater_equal, K.lesser, K.lesser_equal),
    ),
)
rint = round
add, subtract, multiply, truediv, floordiv, mod = map(
    of_values,
    (
        *(operator.add, operator.sub, operator.mul),
        *(operator.truediv, operator.floordiv, operator.mod),
    ),
)
negative = of_values(operator.neg)
sub, mul, neg, divide, floormod, realdiv = subtract, multiply, negative, truediv, mod, truediv


@accepts()
def div(x: Any, y: Any) -> Any:
    """x / y; of ints the part without fraction, as in Python 2."""
    x, y = value(x), value(y)
    return x // y if all(np.result_type(item).kind in "iu" for item in (x, y)) else x / y


@accepts()
def squared_difference(x: Any, y: Any) -> Any:
    """(x - y) ** 2."""
    return K.square(value(x) - value(y))


@accepts()
def add_n(inputs: Sequence[Any]) -> Any:
    """The sum of tensors of one shape."""
    total = value(inputs[0])
    for item in inputs[1:]:
        total = total + value(item)
    return total


accumulate_n = add_n


@accepts()
def clip_by_value(t: Any, clip_value_min: Any, clip_value_max: Any) -> Any:
    """Limits the elements to a range."""
    return K.maximum(K.minimum(value(t), value(clip_value_max)), value(clip_value_min))


@accepts()
def clip_by_norm(t: Any, clip_norm: Any, axes: Any = None) -> Any:
    """Scales a tensor so that its Euclidean norm is at most `clip_norm`."""
    t = value(t)
    return t * (clip_norm / K.maximum(_arrays.norm(t, 2, _axes(axes), True), clip_norm))


@accepts()
def cast(x: Any, dtype: Any) -> Any:
    """Converts to another dtype."""
    return K.cast(value(x), dtype)


def _caster(dtype: str) -> Callable[..., Any]:
    @accepts()
    def to(x: Any) -> Any:
        """Converts to the dtype in the function's name."""
        return K.cast(value(x), dtype)

    return to


to_float, to_double, to_int32, to_int64 = map(_caster, ("float32", "float64", "int32", "int64"))

# --- reductions ----------------------------------------------------------------------------------


def _axes(axis: Any) -> Any:
    return tuple(int(i) for i in axis) if isinstance(axis, list | tuple | np.ndarray) else axis


_reduces = accepts(reduction_indices="axis", keepdims="keep_dims")


def _reduction(function: Callable[..., Any]) -> Callable[..., Any]:
    @_reduces
    def reduce(input_tensor: Any, axis: Any = None, keep_dims: bool = False) -> Any:
        """Reduces axes: one, a list of them, or all."""
        return function(value(input_tensor), _axes(axis), keep_dims)

    return reduce


reduce_sum, reduce_mean, reduce_prod, reduce_max, reduce_min, reduce_logsumexp, reduce_all, reduce_any = map(
    _reduction,
    (
        *(K.sum, K.mean, K.prod, K.max, K.min, _arrays.logsumexp),
        lambda x, axis, keepdims: _arrays.truth(x, axis, keepdims, True),
        lambda x, axis, keepdims: _arrays.truth(x, axis, keepdims, False),
    ),
)


@accepts(dimension="axis")
def argmax(input: Any, axis: int = 0) -> Any:
    """The index of the largest element along an axis."""
    return K.argmax(value(input), axis or 0)


@accepts(dimension="axis")
def argmin(input: Any, axis: int = 0) -> Any:
    """The index of the smallest element along an axis."""
    return K.argmin(value(input), axis or 0)


arg_max, arg_min = argmax, argmin


@accepts()
def cumsum(x: Any, axis: int = 0, exclusive: bool = False, reverse: bool = False) -> Any:
    """Sums of the elements up to each one."""
    return _arrays.cumulated(value(x), axis, exclusive, reverse, False)


@accepts()
def cumprod(x: Any, axis: int = 0, exclusive: bool = False, reverse: bool = False) -> Any:
    """Products of the elements up to each one."""
    return _arrays.cumulated(value(x), axis, exclusive, reverse, True)


@accepts(keepdims="keep_dims")
def norm(tensor: Any, ord: Any = "euclidean", axis: Any = None, keep_dims: bool = False) -> Any:
    """Norm of the elements along axes, or of all: ord "euclidean", 1, 2 or infinity."""
    return _arrays.norm(value(tensor), ord, _axes(axis), keep_dims)


# --- matrices ------------------------------------------------------------------------------------


@accepts("a_is_sparse", "b_is_sparse", adj_x="adjoint_a", adj_y="adjoint_b", x="a", y="b")
def matmul(
    a: Any,
    b: Any,
    transpose_a: bool = False,
    transpose_b: bool = False,
    adjoint_a: bool = False,
    adjoint_b: bool = False,
) -> Any:
    """The product of matrices, or of two equally long lists of matrices."""
    a, b = value(a), value(b)
    a = _swapped(a) if transpose_a or adjoint_a else a
    return OPERATORS["matmul"](a, _swapped(b) if transpose_b or adjoint_b else b)


def batch_matmul(x: Any, y: Any, adj_x: bool = False, adj_y: bool = False, name: str | None = None) -> Any:
    """`matmul`, as TensorFlow 0.12 calls it for lists of matrices."""
    return matmul(x, y, adj_x, adj_y)


def _swapped(x: Any) -> Any:
    axes = list(range(K.ndim(x)))
    return K.permute_dimensions(x, (*axes[:-2], axes[-1], axes[-2]))


@accepts("conjugate")
def matrix_transpose(a: Any) -> Any:
    """Exchanges the last two axes."""
    return _swapped(value(a))


@accepts()
def tensordot(a: Any, b: Any, axes: Any) -> Any:
    """Sums products over axes: a number of axes, or a pair of lists of them."""
    axes = axes if isinstance(axes, int) else tuple(_axes(np.atleast_1d(part)) for part in axes)
    return _arrays.tensordot(value(a), value(b), axes)


def einsum(equation: str, *inputs: Any, name: str | None = None) -> Any:
    """Sums of products in Einstein's notation."""
    return _arrays.einsum(equation, *map(value, inputs))


@accepts()
def diag(diagonal: Any) -> Any:
    """A matrix with these numbers on its diagonal."""
    return _arrays.diag(value(diagonal))


matrix_diag = diag


@accepts()
def diag_part(input: Any) -> Any:
    """The diagonal of a matrix."""
    return _arrays.diagonal(value(input), 0, -2, -1)


matrix_diag_part = diag_part


@accepts()
def trace(x: Any) -> Any:
    """The sum of the diagonal."""
    return K.sum(diag_part(x), axis=-1)


@accepts()
def matrix_band_part(input: Any, num_lower: int, num_upper: int) -> Any:
    """A matrix with zeros outside a band of diagonals; -1 keeps all of a side."""
    return _arrays.band(value(input), num_lower, num_upper)


matrix_inverse, matrix_determinant = of_values(_arrays.inverse), of_values(_arrays.determinant)
