"""Products of matrices and tensors."""

import math
from collections.abc import Sequence

import jax
import jax.numpy as jnp

from .._base.types import TensorLike
from .._graph import SparseMatrix, op, product_op
from .._graph.operators import as_arrays


@product_op
def dot(x: TensorLike, y: TensorLike) -> jax.Array:
    """Product of the last axis of `x` with the second to last axis of `y`.

    Args:
        x: tensor (..., k); it may be sparse where `y` has rank 2.
        y: dense tensor (k,), (k, n) or (..., k, n).
    Returns:
        Tensor (..., n), the leading axes of `x` before those of `y`.
    """
    x, y = as_arrays(x, y)
    if isinstance(x, SparseMatrix):
        return x @ y
    if x.ndim > 2 and y.ndim == 2:
        # As matrices: for the gradient of a product with more axes XLA would transpose an operand.
        return jnp.dot(x.reshape(math.prod(x.shape[:-1]), x.shape[-1]), y).reshape(*x.shape[:-1], y.shape[-1])
    return jnp.dot(x, y)


@product_op
def batch_dot(x: TensorLike, y: TensorLike, axes: int | Sequence[int] | None = None) -> jax.Array:
    """Product of each sample of `x` with the same sample of `y`.

    Args:
        x, y: tensors of rank 2 or more, with the samples along axis 0.
        axes: int or pair of ints, the axis of `x` and that of `y` to sum over; None means the last axis of
            `x` and the second to last of `y`.
    Returns:
        Tensor of rank 2 or more: the remaining axes of `x`, then those of `y`; (samples, 1) where
        none remain.

    Example:
        >>> from keras import backend as K
        >>> K.batch_dot(K.placeholder((32, 20, 5)), K.placeholder((32, 5, 7))).shape
        (32, 20, 7)
    """
    axes = (axes, axes) if isinstance(axes, int) else axes
    x, y = as_arrays(x, y)
    x_rank, y_rank = x.ndim, y.ndim
    if x_rank == y_rank == 2:
        if axes is None:
            axes = (1, 0)
        product = x * y if axes[0] % 2 == axes[1] % 2 else x.T * y
        return jnp.expand_dims(jnp.sum(product, axis=axes[1]), 1)
    # The operand of lower rank gets trailing axes of size 1, which are removed from the result.
    missing = x_rank - y_rank
    x = x.reshape(x.shape + (1,) * max(0, -missing))
    y = y.reshape(y.shape + (1,) * max(0, missing))
    if axes is not None:
        x = x if axes[0] % x_rank == x.ndim - 1 else jnp.swapaxes(x, -1, -2)
        y = jnp.swapaxes(y, -1, -2) if axes[1] % y_rank == y.ndim - 1 else y
    result = jnp.matmul(x, y)
    if missing:
        first = x_rank + y_rank - 3 if missing > 0 else x_rank - 1
        result = jnp.squeeze(result, tuple(range(first, first + abs(missing))))
    return result if result.ndim > 1 else jnp.expand_dims(result, 1)


@op
def transpose(x: TensorLike) -> jax.Array:
    """Reverses the order of the axes."""
    return jnp.transpose(x)
