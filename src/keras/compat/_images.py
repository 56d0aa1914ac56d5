"""Ops on images, channels last, with TensorFlow's conventions of 2016."""

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from .._base.types import TensorLike
from .._graph import op


@op
def depth_to_space(x: TensorLike, block: int) -> jax.Array:
    """Moves channels into blocks of pixels: (n, r, c, block**2 * d) to (n, r * block, c * block, d)."""
    n, rows, columns, depth = x.shape
    x = x.reshape(n, rows, columns, block, block, depth // block**2)
    return x.transpose(0, 1, 3, 2, 4, 5).reshape(n, rows * block, columns * block, depth // block**2)


@op
def space_to_depth(x: TensorLike, block: int) -> jax.Array:
    """Moves blocks of pixels into channels, the inverse of `depth_to_space`."""
    n, rows, columns, depth = x.shape
    x = x.reshape(n, rows // block, block, columns // block, block, depth)
    return x.transpose(0, 1, 3, 2, 4, 5).reshape(n, rows // block, columns // block, block**2 * depth)


@op
def patches(
    x: TensorLike, size: Sequence[int], strides: Sequence[int], rates: Sequence[int], padding: str
) -> jax.Array:
    """The pixels of each window as channels: rows, columns, depth, the depth fastest."""
    spans = [(n - 1) * rate + 1 for n, rate in zip(size, rates, strict=True)]
    if padding == "SAME":
        widths = lax.padtype_to_pads(x.shape[1:3], spans, strides, padding)
        x = jnp.pad(x, [(0, 0), *widths, (0, 0)])
    counts = [(n - span) // step + 1 for n, span, step in zip(x.shape[1:3], spans, strides, strict=True)]
    windows = []
    for i, j in np.ndindex(*size):
        first = (i * rates[0], j * rates[1])
        picks = (
            slice(start, start + (count - 1) * step + 1, step)
            for start, count, step in zip(first, counts, strides, strict=True)
        )
        windows.append(x[(slice(None), *picks)])
    return jnp.concatenate(windows, axis=-1)


@op
def resize(x: TensorLike, size: Any, bilinear: bool, align_corners: bool) -> jax.Array:
    """Resizes images (samples, rows, cols, channels) to `size` = (rows, cols).

    As in TensorFlow 1, pixel i of n reads the place i * (old / n), or i * (old - 1) / (n - 1) if the corners
    are aligned. Later libraries shift places by half a pixel.
    """
    for axis, count in enumerate(size, 1):
        x = _resize_axis(x, axis, int(count), bilinear, align_corners)
    return x


def _resize_axis(x: Any, axis: int, count: int, bilinear: bool, align_corners: bool) -> jax.Array:
    old = x.shape[axis]
    scale = (old - 1) / (count - 1) if align_corners and count > 1 else old / count
    places = np.arange(count, dtype=np.float32) * np.float32(scale)
    if not bilinear:
        # Halves are rounded up, unlike by NumPy.
        nearest = np.floor(places + (0.5 if align_corners else 0)).astype(int)
        return jnp.take(x, np.minimum(nearest, old - 1), axis=axis)
    below = np.minimum(np.floor(places).astype(int), old - 1)
    above = np.minimum(below + 1, old - 1)
    weight = (places - below).reshape((-1,) + (1,) * (x.ndim - axis - 1))
    x = x.astype(jnp.result_type(x, jnp.float32))
    lower, upper = jnp.take(x, below, axis=axis), jnp.take(x, above, axis=axis)
    return lower + (upper - lower) * weight


@op
def crop_and_resize(
    x: TensorLike, boxes: TensorLike, sample: TensorLike, size: Any, outside: float
) -> jax.Array:
    """Cuts boxes out of images and resizes them bilinearly, corner on corner.

    Args:
        x: (samples, rows, cols, channels).
        boxes: (boxes, 4), the corners y1, x1, y2, x2, where 0 and 1 are the first and the last pixel.
        sample: (boxes,) ints, the image of each box.
        size: (rows, cols) of the results.
        outside: the value of pixels outside the image.
    """
    images = x[jnp.asarray(sample).astype("int32")]
    for axis, count in enumerate(size, 1):
        old, count = images.shape[axis], int(count)
        start, stop = boxes[:, axis - 1], boxes[:, axis + 1]
        steps = jnp.arange(count) / (count - 1) if count > 1 else jnp.full(1, 0.5)
        places = (start[:, None] + (stop - start)[:, None] * steps) * (old - 1)
        shape = (len(boxes), *(count if a == axis else 1 for a in (1, 2, 3)))
        inside = ((places >= 0) & (places <= old - 1)).reshape(shape)
        below = jnp.clip(jnp.floor(places), 0, old - 1).astype("int32")
        above = jnp.minimum(below + 1, old - 1)
        lower, upper = (jnp.take_along_axis(images, i.reshape(shape), axis=axis) for i in (below, above))
        mixed = lower + (upper - lower) * (places - below).reshape(shape)
        images = jnp.where(inside, mixed, outside)
    return images


@op
def local_response(x: TensorLike, radius: int, bias: float, alpha: float, beta: float) -> jax.Array:
    """Divides by (bias + alpha * sum of the squares of the channels within `radius`) ** beta."""
    squares = lax.reduce_window(
        jnp.square(x),
        0.0,
        lax.add,
        (1, 1, 1, 2 * radius + 1),
        (1, 1, 1, 1),
        [(0, 0)] * 3 + [(radius, radius)],
    )
    return x / (bias + alpha * squares) ** beta
