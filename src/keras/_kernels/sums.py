"""The sum over space, in two steps; the gradient of a bias and a global average are such sums.

XLA's CPU back end walks through a tensor (..., width, channels) once for each channel, or for a few of them.
Summed up to (width, channels) first, it is one pass along the memory: four times faster, and pairs of sums
round less.
"""

import functools
import math

import jax
import numpy as np
from jax import lax

from .._host.platform import apart, on_cpu


def reduce_sum(x, axes):
    """`lax.reduce_sum`, in two steps where several axes before the last are summed on the CPU.

    Args:
        x: array of numbers.
        axes: tuple of int, not negative, in order.
    """
    first = min(axes, default=0)
    several = len(axes) > 1 and tuple(axes) == tuple(range(first, x.ndim - 1))
    # What is narrower than float32 would be rounded between the steps.
    if not on_cpu() or not several or np.dtype(x.dtype).itemsize < 4:
        return lax.reduce_sum(x, axes=tuple(axes))
    return lax.reduce_sum(_sum_rows(x, first=first), axes=(first,))


# Apart: XLA would make one sum of both steps, and x once more in a shape of its own.
@functools.partial(apart, static="first")
def _sum_rows(x, first):
    """The sum over all axes from `first` on but the last two."""
    before, (width, channels) = x.shape[:first], x.shape[-2:]
    count = math.prod(x.shape[first:-2])
    rows = x.reshape(*before, count, width * channels)
    # XLA sums windows of 32 rows first. Where they do not come out even it pads the last one: three times
    # as slow.
    even, rest = lax.split(rows, [count - count % 32, count % 32], axis=first)
    parts = [part for part in (even, rest) if part.shape[first]] or [rest]
    sums = [lax.reduce_sum(part, axes=(first,)) for part in parts]
    return functools.reduce(lax.add, sums).reshape(*before, width, channels)


@jax.custom_vjp
def add_bias(x, bias):
    """x + bias, where the gradient of the bias is such a sum.

    Args:
        x: float tensor (samples, ..., channels).
        bias: tensor (channels,) of the same dtype.
    """
    return x + bias


add_bias.defvjp(
    lambda x, bias: (x + bias, None),
    lambda _, u: (u, reduce_sum(u, range(u.ndim - 1))),
)
