"""Convolution with small windows, as one sum of products that XLA fuses with the operations after it.

The time of a first layer, over one or three color channels, is that of writing its result. XLA fuses this sum
with the operations that follow, such as a bias and a rectifier; the result of a library call is written, and
read again. Times with the rectifier, Eigen -> this form: (32, 27, 27, 1) and 64 filters of 3x3, 1.37 -> 0.49
ms; (4, 256, 256, 3) and 64 filters of 3x3, 23.3 -> 13.2 ms.
"""

import functools
import math

import jax
import numpy as np

from .apart import apart
from .geometry import Geometry, elements, pad, sum_of_terms

#: Largest number of elements in a window, channels included: each is an operation of the program. This is 3x3
#: with three colors.
MOST_TERMS = 27


def pays(x: jax.Array, kernel: jax.Array) -> bool:
    """Whether this form is faster, and as exact: narrower types than float32 are rounded after each term."""
    return math.prod(kernel.shape[:-1]) <= MOST_TERMS and np.dtype(x.dtype).itemsize >= 4


def convolve(x: jax.Array, kernel: jax.Array, geometry: Geometry) -> jax.Array:
    """`convolution.convolve` in this form."""
    seen = elements(pad(x, [(0, 0), *geometry.margins]), geometry.positions, geometry)
    return sum_of_terms(seen, _rows(kernel, count=len(seen)))


# Apart: XLA would fuse a transposition of the kernel, and read its rows element by element for each position.
@functools.partial(apart, static=("count",))
def _rows(kernel: jax.Array, count: int) -> jax.Array:
    """The kernel as (elements, channels, filters)."""
    return kernel.reshape(count, *kernel.shape[-2:])
