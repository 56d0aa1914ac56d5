"""Element-wise functions, comparisons and reductions."""

import builtins

import jax
import jax.numpy as jnp
import numpy as np

from .._graph import op, shape_op, wide_op
from .._graph.operators import absolute
from .common import floatx


@op
def abs(x):
    """Absolute value; its gradient at 0 is 0."""
    return absolute(jnp.asarray(x))


@wide_op
def square(x):
    """x * x."""
    return jnp.square(x)


@op
def sqrt(x):
    """Square root; negative values count as 0."""
    # A clip would make the gradient at 0 infinite times zero; the branch keeps it inf as sqrt has it.
    return jnp.sqrt(jnp.where(x < 0, 0, x))


@wide_op
def exp(x):
    """e to the power x."""
    return jnp.exp(x)


@wide_op
def log(x):
    """Natural logarithm."""
    return jnp.log(x)


@op
def sin(x):
    """Sine; x in radians."""
    return jnp.sin(x)


@op
def cos(x):
    """Cosine; x in radians."""
    return jnp.cos(x)


@op
def round(x):
    """Nearest integer, halves to the even one."""
    return jnp.round(x)


@op
def sign(x):
    """-1, 0 or 1."""
    return jnp.sign(x)


@wide_op
def pow(x, a):
    """x to the power `a`."""
    return jnp.power(x, a)


def larger(x, y):
    """The larger one. At a tie all of the gradient goes to x, as in TensorFlow; JAX would halve it."""
    return jnp.where((x >= y) | (x != x), x, y)


def smaller(x, y):
    """The smaller one; see `larger`."""
    return jnp.where((x <= y) | (x != x), x, y)


@op
def clip(x, min_value, max_value):
    """x cut off below `min_value` and above `max_value`: numbers; a larger min_value wins.

    `max_value` None means no bound above.
    """
    if max_value is None:
        return larger(x, min_value)
    return larger(smaller(x, jnp.maximum(min_value, max_value)), min_value)


@op
def maximum(x, y):
    """The larger of two tensors, element by element."""
    return larger(x, y)


@op
def minimum(x, y):
    """The smaller of two tensors, element by element."""
    return smaller(x, y)


@op
def equal(x, y):
    """x == y as a bool tensor."""
    return jnp.equal(x, y)


@op
def not_equal(x, y):
    """x != y as a bool tensor."""
    return jnp.not_equal(x, y)


@op
def greater(x, y):
    """x > y as a bool tensor."""
    return jnp.greater(x, y)


@op
def greater_equal(x, y):
    """x >= y as a bool tensor."""
    return jnp.greater_equal(x, y)


@op
def lesser(x, y):
    """x < y as a bool tensor."""
    return jnp.less(x, y)


@op
def lesser_equal(x, y):
    """x <= y as a bool tensor."""
    return jnp.less_equal(x, y)


def _axis(axis):
    return tuple(axis) if isinstance(axis, list) else axis


def _float(x):
    # bool has no mean; the original casts it to the default float type and leaves ints alone.
    return x.astype(floatx()) if x.dtype == bool else x


@wide_op
def sum(x, axis=None, keepdims=False):
    """Sum over an axis, a list of axes, or all (None)."""
    return jnp.sum(x, axis=_axis(axis), keepdims=keepdims)


@wide_op
def prod(x, axis=None, keepdims=False):
    """Product over an axis, a list of axes, or all (None)."""
    return jnp.prod(x, axis=_axis(axis), keepdims=keepdims)


@wide_op
def mean(x, axis=None, keepdims=False):
    """Mean over an axis, a list of axes, or all (None); bool counts as 0 and 1."""
    return jnp.mean(_float(jnp.asarray(x)), axis=_axis(axis), keepdims=keepdims)


@wide_op
def var(x, axis=None, keepdims=False):
    """Variance (divided by n) over an axis, a list of axes, or all (None)."""
    return jnp.var(_float(jnp.asarray(x)), axis=_axis(axis), keepdims=keepdims)


def std(x, axis=None, keepdims=False):
    """Standard deviation (divided by n) over an axis, a list of axes, or all (None)."""
    return sqrt(var(x, axis, keepdims))


@op
def max(x, axis=None, keepdims=False):
    """Largest element over an axis, a list of axes, or all (None)."""
    return jnp.max(x, axis=_axis(axis), keepdims=keepdims)


@op
def min(x, axis=None, keepdims=False):
    """Smallest element over an axis, a list of axes, or all (None)."""
    return jnp.min(x, axis=_axis(axis), keepdims=keepdims)


@op
def any(x, axis=None, keepdims=False):
    """Whether any element is true, as uint8."""
    return jnp.any(x, axis=_axis(axis), keepdims=keepdims).astype("uint8")


@op
def all(x, axis=None, keepdims=False):
    """Whether all elements are true, as uint8."""
    return jnp.all(x, axis=_axis(axis), keepdims=keepdims).astype("uint8")


@op
def argmax(x, axis=-1):
    """Index of the largest element along an axis (the first one, if several)."""
    return jnp.argmax(x, axis=axis)


@op
def argmin(x, axis=-1):
    """Index of the smallest element along an axis (the first one, if several)."""
    return jnp.argmin(x, axis=axis)


def arange(start, stop=None, step=1, dtype="int32"):
    """A 1D tensor start, start + step, ... below stop; `arange(stop)` starts at 0.

    A negative `start` alone gives an empty tensor. The default dtype gives floats if an argument is one.
    """
    if stop is None:
        start, stop = 0, start
    if dtype == "int32" and builtins.any(isinstance(value, float) for value in (start, stop, step)):
        dtype = floatx()
    return _arange(start, stop, step, np.dtype(dtype))


@shape_op
def _arange(start, stop, step, dtype):
    return np.arange(start, stop, step, dtype=dtype)


@op
def stop_gradient(variables):
    """The same values, taken as constants by `K.gradients`."""
    return jax.lax.stop_gradient(variables)
