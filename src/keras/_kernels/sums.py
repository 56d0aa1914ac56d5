"""The sum over all axes but the last, in two steps; the gradient of a bias is one.

XLA's CPU back end walks through a tensor (..., width, channels) once for each channel, or for a few of them.
Summed up to (width, channels) first, it is one pass along the memory: four times faster, and pairs of sums
round less.
"""

import math

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from .platform import apart, on_cpu


def leaves_channels(x, axes):
    """Whether a sum of x over these axes leaves the last one of three or more."""
    return x.ndim > 2 and tuple(axes) == tuple(range(x.ndim - 1)) and np.dtype(x.dtype).itemsize >= 4


def sum_to_channels(x):
    """The sum of a float tensor (..., width, channels) over all axes but the last; (channels,)."""
    *before, width, channels = x.shape
    rows = _sum_rows(x.reshape(math.prod(before), width * channels))
    return lax.reduce_sum(rows.reshape(width, channels), axes=(0,))


@apart  # XLA would make one sum of both steps
def _sum_rows(x):
    return lax.reduce_sum(x, axes=(0,))


@jax.custom_vjp
def add_bias(x, bias):
    """x + bias, where the gradient of the bias is such a sum.

    Args:
        x: float tensor (samples, ..., channels).
        bias: tensor (channels,) of the same dtype.
    """
    return x + bias


def _add_bias_backward(_, u):
    axes = range(u.ndim - 1)
    return u, sum_to_channels(u) if on_cpu() and leaves_channels(u, axes) else jnp.sum(u, axis=axes)


add_bias.defvjp(lambda x, bias: (x + bias, None), _add_bias_backward)
