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


def leaves_channels(x, axes):
    """Whether a sum of x over these axes leaves the last one of three or more."""
    return x.ndim > 2 and tuple(axes) == tuple(range(x.ndim - 1)) and np.dtype(x.dtype).itemsize >= 4


def sum_to_channels(x):
    """The sum of a float tensor (..., width, channels) over all axes but the last; (channels,)."""
    *before, width, channels = x.shape
    rows = lax.reduce_sum(x.reshape(math.prod(before), width * channels), axes=(0,))
    return lax.reduce_sum(rows.reshape(width, channels), axes=(0,))


@jax.custom_vjp
def add_bias(x, bias):
    """x + bias, where the gradient of the bias is found by products with ones along the last axis but one.

    Args:
        x: float tensor (samples, ..., width, channels).
        bias: tensor (channels,) of the same dtype.
    """
    return x + bias


def _add_bias_backward(_, u):
    sums = jnp.ones(u.shape[-2], u.dtype) @ u
    return u, jnp.sum(sums, axis=range(sums.ndim - 1))


add_bias.defvjp(lambda x, bias: (x + bias, None), _add_bias_backward)
