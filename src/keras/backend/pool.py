"""Pooling over images and volumes."""

from collections.abc import Sequence
from typing import Any

import jax

from .._base.types import TensorLike
from .._graph import Tensor, op, wide_op
from .._kernels.pooling import max_pool, mean_pool
from .common import check_dim_ordering
from .conv import channels_last, ordered, padding_of


def pool2d(
    x: TensorLike,
    pool_size: Sequence[int],
    strides: Sequence[int] = (1, 1),
    border_mode: str = "valid",
    dim_ordering: str = "default",
    pool_mode: str = "max",
) -> Tensor:
    """Maximum or mean of each window of an image.

    Args:
        x: (samples, channels, rows, cols), or channels last for "tf".
        pool_size, strides: pairs of int.
        border_mode: "valid" or "same"; elements outside the image do not count in a mean.
        dim_ordering: "th", "tf" or "default".
        pool_mode: "max" or "avg".
    Returns:
        Tensor (samples, channels, new rows, new cols), or channels last for "tf".
    Raises:
        ValueError: for other modes or orderings.
    """
    return _pool(x, tuple(pool_size), tuple(strides), border_mode, dim_ordering, pool_mode)


def pool3d(
    x: TensorLike,
    pool_size: Sequence[int],
    strides: Sequence[int] = (1, 1, 1),
    border_mode: str = "valid",
    dim_ordering: str = "default",
    pool_mode: str = "max",
) -> Tensor:
    """Maximum or mean of each window of a volume; arguments as for `pool2d`, with one more axis."""
    return _pool(x, tuple(pool_size), tuple(strides), border_mode, dim_ordering, pool_mode)


def _pool(
    x: TensorLike,
    pool_size: tuple[int, ...],
    strides: tuple[int, ...],
    border_mode: str,
    dim_ordering: str,
    pool_mode: str,
) -> Tensor:
    if pool_mode not in ("max", "avg"):
        raise ValueError(f'pool_mode: got {pool_mode!r}; wanted "max" or "avg".')
    function = _max_pool if pool_mode == "max" else _mean_pool
    return function(x, pool_size, strides, padding_of(border_mode), check_dim_ordering(dim_ordering))


@op(saved_as="max_pool", formerly="_max_pool", channels_last=True)
def _max_pool(
    x: Any, size: tuple[int, ...], strides: tuple[int, ...], padding: str, ordering: str
) -> jax.Array:
    return ordered(max_pool(channels_last(x, ordering), size, strides, padding), ordering)


@wide_op(saved_as="mean_pool", formerly="_mean_pool", channels_last=True)
def _mean_pool(
    x: Any, size: tuple[int, ...], strides: tuple[int, ...], padding: str, ordering: str
) -> jax.Array:
    return ordered(mean_pool(channels_last(x, ordering), size, strides, padding), ordering)
