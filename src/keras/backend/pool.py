"""Pooling over images and volumes."""

from .._graph import op, wide_op
from .._kernels.pooling import max_pool, mean_pool
from .common import check_dim_ordering
from .conv import _padding, channels_last, ordered


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
    return function(x, pool_size, strides, _padding(border_mode), check_dim_ordering(dim_ordering))


@op
def _max_pool(x, size, strides, padding, ordering):
    return ordered(max_pool(channels_last(x, ordering), size, strides, padding), ordering)


@wide_op
def _mean_pool(x, size, strides, padding, ordering):
    return ordered(mean_pool(channels_last(x, ordering), size, strides, padding), ordering)
