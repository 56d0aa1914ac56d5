"""Pooling over images and volumes."""

import jax.numpy as jnp
from jax import lax

from .._graph import op
from .common import check_dim_ordering
from .conv import _padding


def pool2d(x, pool_size, strides=(1, 1), border_mode="valid", dim_ordering="default", pool_mode="max"):
    """The largest element or the mean of each window of an image.

    Args:
        x: (samples, channels, rows, cols), or channels last for "tf".
        pool_size, strides: pairs of int.
        border_mode: "valid" or "same"; elements outside of the image do not count in a mean.
        pool_mode: "max" or "avg".
    """
    return _pool(x, tuple(pool_size), tuple(strides), border_mode, dim_ordering, pool_mode)


def pool3d(x, pool_size, strides=(1, 1, 1), border_mode="valid", dim_ordering="default", pool_mode="max"):
    """The largest element or the mean of each window of a volume; arguments as `pool2d`."""
    return _pool(x, tuple(pool_size), tuple(strides), border_mode, dim_ordering, pool_mode)


def _pool(x, pool_size, strides, border_mode, dim_ordering, pool_mode):
    if pool_mode not in ("max", "avg"):
        raise ValueError(f'pool_mode: got {pool_mode!r}; wanted "max" or "avg".')
    function = _max_pool if pool_mode == "max" else _mean_pool
    around = ((1, 1), ()) if check_dim_ordering(dim_ordering) == "th" else ((1,), (1,))
    window = (*around[0], *pool_size, *around[1])
    steps = (*around[0], *strides, *around[1])
    return function(x, window, steps, _padding(border_mode))


@op
def _max_pool(x, window, strides, padding):
    return lax.reduce_window(x, -jnp.inf, lax.max, window, strides, padding)


@op
def _mean_pool(x, window, strides, padding):
    total = lax.reduce_window(x, 0.0, lax.add, window, strides, padding)
    count = lax.reduce_window(jnp.ones_like(x), 0.0, lax.add, window, strides, padding)
    return total / count
