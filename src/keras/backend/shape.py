"""Functions that move elements about: joining, reshaping, repeating, padding, resizing."""

import jax
import jax.numpy as jnp
import numpy as np

from .._graph import SparseMatrix, densify, op
from .common import check_dim_ordering, floatx


@op
def concatenate(tensors, axis=-1):
    """Joins a list of tensors along an axis. The result is sparse if all of them are."""
    if all(isinstance(tensor, SparseMatrix) for tensor in tensors):
        return SparseMatrix.concatenate(tensors, axis)
    return jnp.concatenate([densify(tensor) for tensor in tensors], axis=axis)


@op
def stack(x):
    """Joins a list of tensors of one shape along a new first axis."""
    return jnp.stack(x)


@op
def reshape(x, shape):
    """The elements in another shape, one size of which may be -1 (what is left)."""
    return jnp.reshape(x, tuple(int(size) for size in shape))


@op
def permute_dimensions(x, pattern):
    """The axes in another order, given as a tuple of all axis numbers."""
    return jnp.transpose(x, tuple(pattern))


@op
def flatten(x):
    """All elements in one axis."""
    return jnp.reshape(x, (-1,))


@op
def batch_flatten(x):
    """Shape (samples, all the rest)."""
    return jnp.reshape(x, (x.shape[0], int(np.prod(x.shape[1:]))))


@op
def expand_dims(x, dim=-1):
    """A new axis of size 1 at place `dim`."""
    return jnp.expand_dims(x, dim)


@op
def squeeze(x, axis):
    """Takes out an axis of size 1; its size must be known."""
    return jnp.squeeze(x, axis)


@op
def repeat(x, n):
    """(samples, features) to (samples, n, features), each sample n times.

    Raises:
        ValueError: if `x` is not of rank 2.
    """
    if x.ndim != 2:
        raise ValueError(f"repeat: needs a tensor of rank 2, (samples, features); got shape {x.shape}.")
    return jnp.repeat(x[:, None, :], n, axis=1)


@op
def repeat_elements(x, rep, axis):
    """Each element `rep` times, one behind the other, along an axis."""
    return jnp.repeat(x, rep, axis=axis)


@op
def tile(x, n):
    """The tensor `n` times along each axis; `n` is an int or one int for each axis."""
    return jnp.tile(x, n)


@op
def reverse(x, axes):
    """The elements in reverse order along an axis or several."""
    return jnp.flip(x, axes if isinstance(axes, int) else tuple(axes))


@op
def gather(reference, indices):
    """Rows of `reference` picked by ints; result shape indices.shape + reference.shape[1:]."""
    # Ids out of range read the nearest row here; layers and models refuse them before they come here.
    return jnp.take(reference, jnp.asarray(indices).astype("int32"), axis=0, mode="clip")


def one_hot(indices, nb_classes):
    """Ints of shape (...) to `K.floatx()` of shape (..., nb_classes): 1 at the index, 0 elsewhere."""
    return _one_hot(indices, nb_classes, floatx())


@op
def _one_hot(indices, nb_classes, dtype):
    return jax.nn.one_hot(indices, nb_classes, dtype=dtype)


@op
def _pad(x, widths):
    return jnp.pad(x, widths)


def temporal_padding(x, padding=1):
    """Zeros before and after the steps of (samples, steps, features): `padding` steps on each side."""
    return asymmetric_temporal_padding(x, padding, padding)


def asymmetric_temporal_padding(x, left_pad=1, right_pad=1):
    """Zeros before and after the steps of (samples, steps, features)."""
    return _pad(x, ((0, 0), (left_pad, right_pad), (0, 0)))


def spatial_2d_padding(x, padding=(1, 1), dim_ordering="default"):
    """Zeros around images: `padding` = (rows, cols) on each side."""
    (rows, cols) = padding
    return asymmetric_spatial_2d_padding(x, rows, rows, cols, cols, dim_ordering)


def asymmetric_spatial_2d_padding(
    x, top_pad=1, bottom_pad=1, left_pad=1, right_pad=1, dim_ordering="default"
):
    """Zeros around images, a number of rows or columns for each side."""
    return _pad_space(x, ((top_pad, bottom_pad), (left_pad, right_pad)), dim_ordering)


def spatial_3d_padding(x, padding=(1, 1, 1), dim_ordering="default"):
    """Zeros around volumes: `padding` = one number for each of the three axes, on both sides."""
    return _pad_space(x, tuple((size, size) for size in padding), dim_ordering)


def _pad_space(x, widths, dim_ordering):
    if check_dim_ordering(dim_ordering) == "th":
        return _pad(x, ((0, 0), (0, 0), *widths))
    return _pad(x, ((0, 0), *widths, (0, 0)))


def resize_images(X, height_factor, width_factor, dim_ordering):
    """Images made larger by whole factors, each pixel repeated."""
    return _repeat_space(X, (height_factor, width_factor), dim_ordering)


def resize_volumes(X, depth_factor, height_factor, width_factor, dim_ordering):
    """Volumes made larger by whole factors, each voxel repeated."""
    return _repeat_space(X, (depth_factor, height_factor, width_factor), dim_ordering)


def _repeat_space(x, factors, dim_ordering):
    first = 2 if check_dim_ordering(dim_ordering) == "th" else 1
    for axis, factor in enumerate(factors, start=first):
        x = repeat_elements(x, factor, axis)
    return x
