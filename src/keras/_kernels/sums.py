"""Sums over space in two steps, as in the gradient of a bias and in a global average.

XLA's CPU back end reads a tensor (..., width, channels) once for each channel, or for a few channels. Summed
to (width, channels) first, it is read once, in the order of the memory: four times faster, and with smaller
rounding errors.
"""

import functools
import math
from collections.abc import Sequence
from typing import Any

import jax
import numpy as np
from jax import lax

from .._host.platform import on_cpu
from .apart import apart


def reduce_sum(x: Any, axes: Sequence[int]) -> jax.Array:
    """`lax.reduce_sum`, in two steps where several axes before the last are summed on the CPU.

    Args:
        x: array of numbers.
        axes: tuple of int, not negative, in order.
    """
    first = min(axes, default=0)
    several = len(axes) > 1 and tuple(axes) == tuple(range(first, x.ndim - 1))
    # Types narrower than float32 would be rounded between the steps.
    if not on_cpu() or not several or np.dtype(x.dtype).itemsize < 4:
        return lax.reduce_sum(x, axes=tuple(axes))
    return lax.reduce_sum(_sum_rows(x, first=first), axes=(first,))


# Apart: XLA would merge both steps into one sum, and copy x to another shape.
@functools.partial(apart, static=("first",))
def _sum_rows(x: jax.Array, first: int) -> jax.Array:
    """The sum over the axes from `first` on, except the last two."""
    before, (width, channels) = x.shape[:first], x.shape[-2:]
    count = math.prod(x.shape[first:-2])
    rows = x.reshape(*before, count, width * channels)
    # XLA sums windows of 32 rows first. If the last window is not full, XLA pads it: three times as slow.
    even, rest = lax.split(rows, [count - count % 32, count % 32], axis=first)
    parts = [part for part in (even, rest) if part.shape[first]] or [rest]
    sums = [lax.reduce_sum(part, axes=(first,)) for part in parts]
    return functools.reduce(lax.add, sums).reshape(*before, width, channels)


@jax.custom_vjp
def add_bias(x: jax.Array, bias: jax.Array) -> jax.Array:
    """x + bias, with the gradient of the bias by `reduce_sum`.

    Args:
        x: float tensor (samples, ..., channels).
        bias: tensor (channels,) of the same dtype.
    """
    return x + bias


add_bias.defvjp(
    lambda x, bias: (x + bias, None),
    lambda _, u: (u, reduce_sum(u, range(u.ndim - 1))),
)
