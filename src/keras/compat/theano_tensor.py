"""Stand-in for `theano.tensor`: functions that programs of 2015 to 2017 call on tensors, over K."""

import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .. import backend as K
from .._graph import Tensor, Variable
from .._graph import identity as _identity
from .._graph.operators import getitem
from . import _arrays, _tensors
from . import theano_nnet as nnet  # noqa: F401
from ._missing import missing
from ._values import known_size, of_values, refuse, sizes, symbolic, value

TensorVariable = Tensor
TensorSharedVariable = Variable
inf = np.inf

# --- element by element --------------------------------------------------------------------------

exp, log, sqr, abs_, sgn, sin, cos, tanh, pow = map(
    of_values, (K.exp, K.log, K.square, K.abs, K.sign, K.sin, K.cos, K.tanh, K.pow)
)
sqrt, floor, ceil, log1p, expm1, erf, gammaln, tan, arcsin, arccos, arctan, arctan2, sinh, cosh = map(
    of_values,
    (
        *(_arrays.sqrt, _arrays.floor, _arrays.ceil, _arrays.log1p, _arrays.expm1, _arrays.erf),
        *(_arrays.gammaln, _arrays.tan, _arrays.asin, _arrays.acos, _arrays.atan, _arrays.atan2),
        *(_arrays.sinh, _arrays.cosh),
    ),
)
maximum, minimum, eq, neq, gt, ge, lt, le = map(
    of_values,
    (
        *(K.maximum, K.minimum, K.equal, K.not_equal),
        *(K.greater, K.greater_equal, K.lesser, K.lesser_equal),
    ),
)
isnan, isinf, and_, or_, invert, xor = map(
    of_values,
    (
        *(_arrays.is_nan, _arrays.is_inf, _arrays.logical_and),
        *(_arrays.logical_or, _arrays.logical_not, _arrays.logical_xor),
    ),
)
add, sub, mul, true_div, int_div, mod, neg = map(
    of_values,
    (
        *(operator.add, operator.sub, operator.mul, operator.truediv),
        *(operator.floordiv, operator.mod, operator.neg),
    ),
)
power, square, sign, bitwise_and, bitwise_or = pow, sqr, sgn, and_, or_


def clip(x: Any, min: Any, max: Any) -> Any:
    """Limits the elements to a range."""
    return K.maximum(K.minimum(x, max), min)


def switch(cond: Any, ift: Any, iff: Any) -> Any:
    """`ift` where the condition is not 0, `iff` elsewhere; the three broadcast."""
    return K.switch(value(cond), value(ift), value(iff))


where = switch


def round(x: Any, mode: str = "half_away_from_zero") -> Any:
    """Rounds to the nearest integer; halves away from zero, or to the even one."""
    if mode == "half_to_even":
        return K.round(x)
    return K.sign(x) * _arrays.floor(K.abs(x) + 0.5)


def cast(x: Any, dtype: str) -> Any:
    """Converts to another dtype; "floatX" is that of K."""
    return K.cast(x, K.floatx() if dtype == "floatX" else dtype)


# --- reductions ----------------------------------------------------------------------------------


def _reduction(function: Callable[..., Any]) -> Callable[..., Any]:
    def reduce(x: Any, axis: Any = None, keepdims: bool = False, **flags: Any) -> Any:
        """Reduces axes: one, several, or all."""
        return function(value(x), tuple(axis) if isinstance(axis, list) else axis, keepdims)

    return reduce


sum, mean, prod, max, min, var, std = map(_reduction, (K.sum, K.mean, K.prod, K.max, K.min, K.var, K.std))
all, any = map(
    _reduction,
    (
        lambda x, axis, keepdims: _arrays.truth(x, axis, keepdims, True),
        lambda x, axis, keepdims: _arrays.truth(x, axis, keepdims, False),
    ),
)


def argmax(x: Any, axis: int | None = None, keepdims: bool = False) -> Any:
    """The index of the largest element, along an axis or of all."""
    result = K.argmax(K.flatten(x) if axis is None else x, -1 if axis is None else axis)
    return K.expand_dims(result, axis) if keepdims and axis is not None else result


def argmin(x: Any, axis: int | None = None, keepdims: bool = False) -> Any:
    """The index of the smallest element, along an axis or of all."""
    return argmax(-x, axis, keepdims)


def cumsum(x: Any, axis: int | None = None) -> Any:
    """Sums of the elements up to each one."""
    return _arrays.cumulated(K.flatten(x) if axis is None else x, axis or 0, False, False, False)


def sort(x: Any, axis: int = -1) -> Any:
    """The elements in order, along an axis."""
    return _arrays.sort(x, axis)


def argsort(x: Any, axis: int = -1) -> Any:
    """The places of the elements in order, along an axis."""
    return _arrays.argsort(x, axis)


# --- products ------------------------------------------------------------------------------------

dot, outer = of_values(K.dot), of_values(_arrays.outer)


def tensordot(a: Any, b: Any, axes: Any = 2) -> Any:
    """Sums products over axes: a number of axes, or a pair of lists of them."""
    axes = axes if isinstance(axes, int) else tuple(tuple(np.atleast_1d(part).tolist()) for part in axes)
    return _arrays.tensordot(a, b, axes)


def batched_dot(x: Any, y: Any) -> Any:
    """The product of each sample of x with the same sample of y."""
    return _arrays.einsum("nik,nkj->nij", x, y) if K.ndim(x) == K.ndim(y) == 3 else K.batch_dot(x, y)


# --- shapes --------------------------------------------------------------------------------------


def _method(name: str) -> Callable[..., Any]:
    return lambda x, *args, **kwargs: _tensors.METHODS["theano"][name](x, *args, **kwargs)


reshape, flatten, transpose = _method("reshape"), _method("flatten"), _method("transpose")


def shape(x: Any) -> Any:
    """The sizes, an int tensor."""
    return K.shape(x)


def concatenate(tensor_list: Sequence[Any], axis: int = 0) -> Any:
    """Joins tensors along an axis."""
    return K.concatenate([value(item) for item in tensor_list], axis)


def stack(*tensors: Any, axis: int = 0) -> Any:
    """Joins tensors along a new axis; they are arguments, or a list."""
    if len(tensors) == 2 and isinstance(tensors[0], list | tuple) and isinstance(tensors[1], int):
        tensors, axis = (tensors[0],), tensors[1]
    items = tensors[0] if len(tensors) == 1 and isinstance(tensors[0], list | tuple) else tensors
    return K.concatenate([K.expand_dims(item, axis) for item in items], axis)


def stacklists(tensor_list: Any) -> Any:
    """A tensor of a list of lists of tensors."""
    return value(tensor_list)


def repeat(x: Any, repeats: int, axis: int | None = None) -> Any:
    """Repeats each element, along an axis or in a vector of all."""
    return K.repeat_elements(K.flatten(x) if axis is None else x, repeats, axis or 0)


def tile(x: Any, reps: Any, ndim: int | None = None) -> Any:
    """Repeats a tensor along each axis."""
    return K.tile(x, sizes(reps))


def shape_padright(x: Any, n_ones: int = 1) -> Any:
    """Adds axes of size 1 at the end."""
    for _ in np.arange(n_ones):
        x = K.expand_dims(x, -1)
    return x


def shape_padleft(x: Any, n_ones: int = 1) -> Any:
    """Adds axes of size 1 at the front."""
    for _ in np.arange(n_ones):
        x = K.expand_dims(x, 0)
    return x


def unbroadcast(x: Any, *axes: int) -> Any:
    """The tensor itself: axes of size 1 always broadcast here."""
    return x


addbroadcast = patternbroadcast = Rebroadcast = unbroadcast


def roll(x: Any, shift: int, axis: int | None = None) -> Any:
    """Shifts the elements along an axis; those that leave at one end enter at the other."""
    return _arrays.roll(x, shift, axis)


def squeeze(x: Any) -> Any:
    """Removes the axes of size 1."""
    return _arrays.squeeze(x, None)


def set_subtensor(x: Any, y: Any) -> Any:
    """`set_subtensor(x[index], y)` is x with y at that index."""
    return _changed("set_subtensor", x, y, add=False)


def inc_subtensor(x: Any, y: Any) -> Any:
    """`inc_subtensor(x[index], y)` is x with y added at that index."""
    return _changed("inc_subtensor", x, y, add=True)


def _changed(who: str, part: Any, y: Any, add: bool) -> Any:
    node = part.node
    if node.op is not getitem or len(node.inputs) != 1:
        refuse(f"theano.tensor.{who}", "the first argument must be x[index] with a fixed index.")
    (_, index), _ = node.fill(node.inputs)
    return _arrays.changed(node.inputs[0], value(y), index, add)


# --- new tensors ---------------------------------------------------------------------------------


def constant(x: Any, dtype: Any = None) -> Any:
    """A tensor with a fixed value."""
    return symbolic(K.cast(np.asarray(x), dtype or K.floatx()))


as_tensor_variable = of_values(_identity)


def _filled(fill_value: int) -> Callable[..., Any]:
    def filled(shape: Any, dtype: Any = None) -> Any:
        """A tensor of zeros, or of ones."""
        return symbolic(_arrays.full(sizes(shape), fill_value, np.dtype(dtype or K.floatx())))

    return filled


zeros, ones = _filled(0), _filled(1)


def alloc(value: Any, *shape: Any) -> Any:
    """A tensor of equal elements."""
    return symbolic(_arrays.full(sizes(shape), value, None))


def zeros_like(model: Any, dtype: Any = None) -> Any:
    """Zeros in the shape of a tensor."""
    return K.zeros_like(model, dtype)


def ones_like(model: Any, dtype: Any = None) -> Any:
    """Ones in the shape of a tensor."""
    return K.ones_like(model, dtype)


def eye(n: int, m: int | None = None, k: int = 0, dtype: Any = None) -> Any:
    """Ones on a diagonal."""
    return symbolic(np.eye(n, m, k, dtype or K.floatx()))


def identity_like(x: Any) -> Any:
    """An identity matrix of the shape of a matrix."""
    return eye(known_size("identity_like", x, 0), known_size("identity_like", x, 1))


def arange(start: Any, stop: Any = None, step: Any = 1, dtype: Any = "int32") -> Any:
    """start, start + step, ... below stop."""
    return symbolic(K.arange(start, stop, step, dtype))


def diag(v: Any, k: int = 0) -> Any:
    """The diagonal of a matrix, or a matrix with a vector on its diagonal."""
    return _arrays.diagonal(v, k) if K.ndim(v) == 2 else _arrays.diag(v)


def _placeholders(ndim: int, dtype: str | None) -> Callable[..., Any]:
    def make(name: str | None = None, dtype: str | None = dtype) -> Any:
        """A placeholder of this rank."""
        return K.placeholder(ndim=ndim, dtype=dtype, name=name)

    return make


scalar, vector, matrix, tensor3, tensor4, tensor5 = (_placeholders(int(n), None) for n in np.arange(6))
iscalar, ivector, imatrix, itensor3, itensor4 = (_placeholders(int(n), "int32") for n in np.arange(5))
fscalar, fvector, fmatrix, ftensor3, ftensor4 = (_placeholders(int(n), "float32") for n in np.arange(5))
col, row, lscalar, lvector, lmatrix = matrix, matrix, iscalar, ivector, imatrix


def grad(cost: Tensor, wrt: Any, **flags: Any) -> Any:
    """The gradients of a scalar with respect to a tensor, or to a list of them."""
    found = K.gradients(cost, wrt)
    return found if isinstance(wrt, list | tuple) else found[0]


_HINTS = {
    "nonzero": "K.switch or a product with the mask: the number of places is not known before a program runs",
    "signal": "K.pool2d",
    "raw_random": "theano.sandbox.rng_mrg",
    "extra_ops": "T.repeat and T.cumsum, which are there",
}


def __getattr__(name: str) -> Any:
    raise missing("theano.tensor", name, globals(), _HINTS)
