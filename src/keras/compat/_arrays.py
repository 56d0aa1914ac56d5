"""Ops that TensorFlow and Theano have and K lacks, as functions of JAX arrays."""

from collections.abc import Sequence
from typing import Any, cast

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.core import Tracer
from jax.scipy import special

from .._base.types import TensorLike
from .._graph import op, product_op, wide_op
from .._graph.operators import _as_index

_op, _wide, _product = cast(Any, op), cast(Any, wide_op), cast(Any, product_op)  # types of K's own ops

floor, ceil, tan, asin, acos = map(_op, (jnp.floor, jnp.ceil, jnp.tan, jnp.arcsin, jnp.arccos))
atan, atan2, sinh, cosh = map(_op, (jnp.arctan, jnp.arctan2, jnp.sinh, jnp.cosh))
is_nan, is_inf, is_finite = map(_op, (jnp.isnan, jnp.isinf, jnp.isfinite))
logical_and, logical_or, logical_not = map(_op, (jnp.logical_and, jnp.logical_or, jnp.logical_not))
logical_xor, outer = map(_op, (jnp.logical_xor, jnp.outer))
diagonal, sort, argsort, roll = map(_op, (jnp.diagonal, jnp.sort, jnp.argsort, jnp.roll))
sqrt, rsqrt, reciprocal, log1p = map(_wide, (jnp.sqrt, lax.rsqrt, jnp.reciprocal, jnp.log1p))
expm1, erf, gammaln = map(_wide, (jnp.expm1, special.erf, special.gammaln))
inverse, determinant = map(_wide, (jnp.linalg.inv, jnp.linalg.det))
einsum, tensordot = map(_product, (jnp.einsum, jnp.tensordot))


@op
def where(condition: TensorLike, x: TensorLike, y: TensorLike) -> jax.Array:
    """x where the condition holds, y elsewhere. A condition of rank 1 chooses rows of x and y."""
    if jnp.ndim(condition) == 1 and jnp.ndim(x) > 1:
        condition = condition.reshape((-1,) + (1,) * (jnp.ndim(x) - 1))
    return jnp.where(condition, x, y)


@op
def squeeze(x: TensorLike, axes: Sequence[int] | None) -> jax.Array:
    """Removes axes of size 1: these, or all of them."""
    return jnp.squeeze(x, None if axes is None else tuple(axes))


@op
def full(shape: Any, fill_value: TensorLike, dtype: Any) -> jax.Array:
    """A tensor of equal elements."""
    return jnp.full(tuple(int(size) for size in shape), fill_value, dtype)


@op
def linspace(start: TensorLike, stop: TensorLike, num: Any) -> jax.Array:
    """Evenly spaced numbers, the ends included."""
    return jnp.linspace(start, stop, int(num), dtype=jnp.float32)


@op
def part(x: TensorLike, begin: Any, size: Any) -> jax.Array:
    """The part of x that begins at `begin` and has these sizes; -1 means up to the end."""
    begin, size = list(begin), [int(count) for count in size]
    lengths = [n - int(b) if s == -1 else s for n, b, s in zip(x.shape, begin, size, strict=True)]
    if any(isinstance(b, Tracer) for b in begin):  # a place that depends on data
        return lax.dynamic_slice(x, begin, lengths)
    return x[tuple(slice(int(b), int(b) + s) for b, s in zip(begin, lengths, strict=True))]


@op
def pad(x: TensorLike, widths: Any, mode: str, constant: float) -> jax.Array:
    """Pads the axes; mode is "constant", "reflect" or "symmetric"."""
    widths = [(int(before), int(after)) for before, after in widths]
    return jnp.pad(x, widths, mode, **({"constant_values": constant} if mode == "constant" else {}))


@op
def one_hot(indices: TensorLike, depth: Any, on: float, off: float, axis: int, dtype: Any) -> jax.Array:
    """One-hot encoding with two values, along a new axis."""
    return jnp.where(jax.nn.one_hot(indices, int(depth), dtype=bool, axis=axis), on, off).astype(dtype)


@op
def take(x: TensorLike, indices: TensorLike, axis: int) -> jax.Array:
    """Picks slices along an axis; an index out of range reads the nearest."""
    return jnp.take(x, jnp.asarray(indices).astype("int32"), axis=axis, mode="clip")


@op
def gather_nd(x: TensorLike, indices: TensorLike) -> jax.Array:
    """x[i, j, ...] for each row (i, j, ...) of the last axis of `indices`."""
    return x[tuple(jnp.moveaxis(jnp.asarray(indices).astype("int32"), -1, 0))]


@op
def scatter_nd(indices: TensorLike, updates: TensorLike, shape: Any) -> jax.Array:
    """Zeros in this shape, with the updates added at the rows of `indices`."""
    zeros = jnp.zeros(tuple(int(size) for size in shape), jnp.result_type(updates))
    return zeros.at[tuple(jnp.moveaxis(jnp.asarray(indices).astype("int32"), -1, 0))].add(updates)


@op
def segment_sum(x: TensorLike, segments: TensorLike, count: int) -> jax.Array:
    """Sums of the rows of each segment."""
    return jax.ops.segment_sum(x, jnp.asarray(segments), count)


@op
def top_k(x: TensorLike, k: int) -> tuple[jax.Array, jax.Array]:
    """The k largest elements along the last axis, the largest first, and their indices."""
    values, indices = lax.top_k(x, k)
    return values, indices


@wide_op
def cumulated(x: TensorLike, axis: int, exclusive: bool, reverse: bool, product: bool) -> jax.Array:
    """Sums or products of the elements up to each one, without the element itself if exclusive."""
    x = jnp.flip(x, axis) if reverse else x
    result = (jnp.cumprod if product else jnp.cumsum)(x, axis=axis)
    if exclusive:
        neutral = jnp.full_like(lax.slice_in_dim(result, 0, 1, axis=axis), int(product))
        result = jnp.concatenate([neutral, lax.slice_in_dim(result, 0, -1, axis=axis)], axis)
    return jnp.flip(result, axis) if reverse else result


@op
def truth(x: TensorLike, axis: Any, keepdims: bool, every: bool) -> jax.Array:
    """Whether every element, or any, is true."""
    return (jnp.all if every else jnp.any)(x, axis=axis, keepdims=keepdims)


@wide_op
def logsumexp(x: TensorLike, axis: Any, keepdims: bool) -> jax.Array:
    """log(sum(exp(x)))."""
    return special.logsumexp(x, axis=axis, keepdims=keepdims)


@wide_op
def norm(x: TensorLike, order: Any, axis: Any, keepdims: bool) -> jax.Array:
    """Norm of the elements along the axes, all of them for None; order 1, 2 ("euclidean") or infinity."""
    if order in (2, "euclidean", "fro"):
        return jnp.sqrt(jnp.sum(jnp.square(x), axis=axis, keepdims=keepdims))
    if order == 1:
        return jnp.sum(jnp.abs(x), axis=axis, keepdims=keepdims)
    if order == np.inf:
        return jnp.max(jnp.abs(x), axis=axis, keepdims=keepdims)
    raise ValueError(f"norm: order {order!r} is not one of 1, 2, inf.")


@wide_op
def softmax(x: TensorLike, axis: int) -> jax.Array:
    """Softmax along an axis."""
    return jax.nn.softmax(x, axis=axis)


@wide_op
def log_softmax(x: TensorLike, axis: int) -> jax.Array:
    """Logarithm of the softmax along an axis."""
    return jax.nn.log_softmax(x, axis=axis)


@wide_op
def normalized(x: TensorLike, axis: Any, epsilon: float) -> jax.Array:
    """x divided by its Euclidean norm along axes, whose square is at least epsilon."""
    return x * lax.rsqrt(jnp.maximum(jnp.sum(jnp.square(x), axis=axis, keepdims=True), epsilon))


@op
def diag(x: TensorLike) -> jax.Array:
    """Matrices with the last axis of x on their diagonals."""
    return x[..., None] * jnp.eye(x.shape[-1], dtype=x.dtype)


@op
def band(x: TensorLike, lower: int, upper: int) -> jax.Array:
    """Matrices with zeros outside the band of `lower` and `upper` diagonals; -1 keeps all of a side."""
    rows, columns = x.shape[-2:]
    distance = jnp.arange(columns)[None, :] - jnp.arange(rows)[:, None]
    keep = (lower < 0) | (-distance <= lower)
    return jnp.where(keep & ((upper < 0) | (distance <= upper)), x, 0)


@op
def sequence_mask(lengths: TensorLike, maxlen: Any, dtype: Any) -> jax.Array:
    """Whether each of `maxlen` steps is before the end of its sequence."""
    return (jnp.arange(int(maxlen)) < jnp.asarray(lengths)[..., None]).astype(dtype)


@op
def changed(x: TensorLike, y: TensorLike, index: tuple[Any, ...], add: bool) -> jax.Array:
    """x with y at these indices, or added there."""
    place = jnp.asarray(x).at[tuple(map(_as_index, index))]
    return place.add(y) if add else place.set(y)
