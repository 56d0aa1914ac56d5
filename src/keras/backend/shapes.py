"""Functions that rearrange elements: joining, reshaping, repeating, padding, resizing."""

from collections.abc import Sequence
from typing import Any, cast

import jax
import jax.numpy as jnp
import numpy as np

from .._base.types import TensorLike
from .._graph import SparseMatrix, Tensor, densify, op
from .._graph.sizes import as_size
from .common import check_dim_ordering, floatx


@op
def concatenate(tensors: Sequence[TensorLike], axis: int = -1) -> jax.Array:
    """Joins tensors along an axis. The result is sparse if all of them are."""
    if all(isinstance(tensor, SparseMatrix) for tensor in tensors):
        return cast(Any, SparseMatrix.concatenate(tensors, axis))
    return jnp.concatenate([jnp.asarray(densify(tensor)) for tensor in tensors], axis=axis)


@op
def stack(x: Sequence[TensorLike]) -> jax.Array:
    """Joins tensors of the same shape along a new first axis."""
    return jnp.stack([jnp.asarray(part) for part in x])


@op
def reshape(x: TensorLike, shape: Sequence[Any]) -> jax.Array:
    """Gives a tensor another shape.

    Args:
        x: tensor.
        shape: ints, or sizes such as `K.shape(x)[0]`; one may be -1 and follows from the number of elements.
    """
    return jnp.reshape(x, tuple(map(as_size, shape)))


@op
def permute_dimensions(x: TensorLike, pattern: Sequence[int]) -> jax.Array:
    """Reorders the axes; axis i of the result is axis `pattern[i]` of `x`."""
    return jnp.transpose(x, tuple(pattern))


@op
def flatten(x: TensorLike) -> jax.Array:
    """Reshapes a tensor to rank 1, the samples included; see `batch_flatten`."""
    return jnp.reshape(x, (-1,))


@op
def batch_flatten(x: TensorLike) -> jax.Array:
    """Reshapes a tensor to rank 2, (samples, all other elements)."""
    return jnp.reshape(x, (x.shape[0], int(np.prod(x.shape[1:]))))


@op
def expand_dims(x: TensorLike, dim: int = -1) -> jax.Array:
    """Adds an axis of size 1 at position `dim`."""
    return jnp.expand_dims(x, dim)


@op
def squeeze(x: TensorLike, axis: int) -> jax.Array:
    """Removes an axis of size 1; its size must be known."""
    return jnp.squeeze(x, axis)


@op
def repeat(x: TensorLike, n: int) -> jax.Array:
    """Repeats each sample n times: (samples, features) to (samples, n, features).

    Raises:
        ValueError: if `x` is not of rank 2.
    """
    if x.ndim != 2:
        raise ValueError(f"repeat: needs a tensor of rank 2, (samples, features); got shape {x.shape}.")
    return jnp.repeat(x[:, None, :], n, axis=1)


@op
def repeat_elements(x: TensorLike, rep: int, axis: int) -> jax.Array:
    """Repeats each element `rep` times along an axis: a, b to a, a, b, b for rep=2."""
    return jnp.repeat(x, rep, axis=axis)


@op
def tile(x: TensorLike, n: Any) -> jax.Array:
    """Repeats the whole tensor `n` times along the last axis, or n[i] times along axis i.

    Args:
        x: tensor.
        n: int, or a tuple of ints or of sizes such as `K.shape(x)[0]`.
    """
    return jnp.tile(jnp.asarray(x), tuple(map(as_size, np.atleast_1d(n))))


@op
def reverse(x: TensorLike, axes: int | Sequence[int]) -> jax.Array:
    """Reverses the order of the elements along one axis or several."""
    return jnp.flip(x, axes if isinstance(axes, int) else tuple(axes))


@op
def gather(reference: TensorLike, indices: TensorLike) -> jax.Array:
    """Picks rows of `reference` by their numbers.

    Args:
        reference: tensor (rows, ...).
        indices: ints of any shape, in 0 .. rows - 1.
    Returns:
        Tensor of shape indices.shape + reference.shape[1:].
    """
    # Indices out of range read the nearest row here; layers and models reject them earlier.
    return jnp.take(reference, jnp.asarray(indices).astype("int32"), axis=0, mode="clip")


def one_hot(indices: TensorLike, nb_classes: int) -> Tensor:
    """One-hot encoding.

    Args:
        indices: ints of shape (...).
        nb_classes: int.
    Returns:
        Tensor (..., nb_classes) of `K.floatx()`: 1 at the index, 0 elsewhere.
    """
    return _one_hot(indices, nb_classes, floatx())


@op(saved_as="one_hot", formerly="_one_hot")
def _one_hot(indices: TensorLike, nb_classes: int, dtype: str) -> jax.Array:
    return jax.nn.one_hot(indices, nb_classes, dtype=dtype)


@op(saved_as="pad", formerly="_pad")
def _pad(x: TensorLike, widths: tuple[tuple[int, int], ...]) -> jax.Array:
    return jnp.pad(x, widths)


def temporal_padding(x: TensorLike, padding: int = 1) -> Tensor:
    """Pads the steps of (samples, steps, features) with `padding` steps of zeros on each side."""
    return asymmetric_temporal_padding(x, padding, padding)


def asymmetric_temporal_padding(x: TensorLike, left_pad: int = 1, right_pad: int = 1) -> Tensor:
    """Pads the steps of (samples, steps, features) with zeros: `left_pad` before, `right_pad` after them."""
    return _pad(x, ((0, 0), (left_pad, right_pad), (0, 0)))


def spatial_2d_padding(
    x: TensorLike, padding: Sequence[int] = (1, 1), dim_ordering: str = "default"
) -> Tensor:
    """Pads images with zeros, `padding` = (rows, cols) on each side.

    Args:
        x: (samples, channels, rows, cols), or channels last for "tf".
        padding: pair of int.
        dim_ordering: "th", "tf" or "default".
    """
    (rows, cols) = padding
    return asymmetric_spatial_2d_padding(x, rows, rows, cols, cols, dim_ordering)


def asymmetric_spatial_2d_padding(
    x: TensorLike,
    top_pad: int = 1,
    bottom_pad: int = 1,
    left_pad: int = 1,
    right_pad: int = 1,
    dim_ordering: str = "default",
) -> Tensor:
    """Pads images with zeros, with a number of rows or columns for each side."""
    return _pad_space(x, ((top_pad, bottom_pad), (left_pad, right_pad)), dim_ordering)


def spatial_3d_padding(
    x: TensorLike, padding: Sequence[int] = (1, 1, 1), dim_ordering: str = "default"
) -> Tensor:
    """Pads volumes with zeros, `padding` = one number for each of the three axes, on both sides."""
    return _pad_space(x, tuple((size, size) for size in padding), dim_ordering)


def _pad_space(x: TensorLike, widths: tuple[tuple[int, int], ...], dim_ordering: str) -> Tensor:
    if check_dim_ordering(dim_ordering) == "th":
        return _pad(x, ((0, 0), (0, 0), *widths))
    return _pad(x, ((0, 0), *widths, (0, 0)))


def resize_images(X: TensorLike, height_factor: int, width_factor: int, dim_ordering: str) -> Tensor:
    """Enlarges images by integer factors; each pixel is repeated."""
    return _repeat_space(X, (height_factor, width_factor), dim_ordering)


def resize_volumes(
    X: TensorLike, depth_factor: int, height_factor: int, width_factor: int, dim_ordering: str
) -> Tensor:
    """Enlarges volumes by integer factors; each voxel is repeated."""
    return _repeat_space(X, (depth_factor, height_factor, width_factor), dim_ordering)


def _repeat_space(x: TensorLike, factors: Sequence[int], dim_ordering: str) -> Tensor:
    first = 2 if check_dim_ordering(dim_ordering) == "th" else 1
    for axis, factor in enumerate(factors, start=first):
        x = repeat_elements(x, factor, axis)
    return x
