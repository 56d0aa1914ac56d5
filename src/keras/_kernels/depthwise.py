"""Depthwise convolution, of each channel on its own, and its two gradients.

XLA's CPU back end computes a convolution with one group for each channel by a loop that uses neither vectors
nor the cache. Here each map is a sum over the elements of the kernel, with the channels innermost:

    result[q, c m]         sum over offsets k of x[stride q + dilation k - margin, c] kernel[k, c, m]
    gradient of x[p, c]    the same sum over the result's gradient, with the kernel turned around
    gradient of kernel[k]  sum over samples and positions q of x[stride q + dilation k - margin] u[q]

As in `convolution`, the derivative of each map consists of the other two.
"""

import functools
import math

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from .._host.platform import on_cpu
from .apart import apart
from .bilinear import differentiate
from .filter_gradient import add_blocks, even_part
from .geometry import Geometry, elements

#: Larger kernels (elements) are left to XLA: each element is an operation of the program.
LARGEST_KERNEL = 128
#: The kernel's gradient is summed in blocks of rows that stay in the cache; over at most 32 rows XLA needs
#: one pass. ms for 3x3 over (8, 64, 64, 64) and (4, 19, 19, 728): 2.1 and 1.1, as one reduction 6.2 and 2.3.
MOST_ROWS, BLOCK_ROWS = 24, 8


def depthwise(x: jax.Array, kernel: jax.Array, strides: tuple[int, ...], padding: str) -> jax.Array:
    """Cross-correlation of each channel with its own filters.

    Args:
        x: float tensor (samples, *space, channels).
        kernel: tensor (*size, channels, multiplier) of the same dtype.
        strides: tuple of int, one for each axis of space.
        padding: "VALID" or "SAME".
    Returns:
        Tensor (samples, *smaller space, channels * multiplier); the filters of a channel are side by side.
    """
    size = kernel.shape[:-2]
    geometry = Geometry.of(x.shape[1:-1], size, strides, padding, (1,) * len(size))
    # Types narrower than float32 would be rounded after each term.
    if not on_cpu() or math.prod(size) > LARGEST_KERNEL or np.dtype(x.dtype).itemsize < 4:
        return _lax_depthwise(x, kernel, geometry)
    return _depthwise(x, kernel, geometry)


def _lax_depthwise(x: jax.Array, kernel: jax.Array, geometry: Geometry) -> jax.Array:
    """`depthwise` in XLA's form."""
    channels, multiplier = kernel.shape[-2:]
    space = "DHW"[-len(geometry.size) :]
    return lax.conv_general_dilated(
        x,
        kernel.reshape(*geometry.size, 1, channels * multiplier),
        geometry.strides,
        geometry.margins,
        dimension_numbers=(f"N{space}C", f"{space}IO", f"N{space}C"),
        feature_group_count=channels,
    )


# --- the three maps, each the derivative of the others --------------------------------------------


@functools.partial(jax.custom_vjp, nondiff_argnums=(2,))
def _depthwise(x: jax.Array, kernel: jax.Array, geometry: Geometry) -> jax.Array:
    return _forward(x, kernel, geometry=geometry)


@functools.partial(jax.custom_vjp, nondiff_argnums=(2,))
def _input_gradient(u: jax.Array, kernel: jax.Array, geometry: Geometry) -> jax.Array:
    return _backward(u, kernel, geometry=geometry)


@functools.partial(jax.custom_vjp, nondiff_argnums=(2,))
def _kernel_gradient(x: jax.Array, u: jax.Array, geometry: Geometry) -> jax.Array:
    u = u.reshape(*u.shape[:-1], x.shape[-1], -1)

    def sums(seen: jax.Array, part: jax.Array) -> list[jax.Array]:
        windows = elements(seen, part.shape[1:-2], geometry)
        return [(window[..., None] * part).sum((0, 1)) for window in windows]

    rows = u.shape[1]
    block = rows if rows <= MOST_ROWS else even_part(rows, BLOCK_ROWS)
    zeros = [jnp.zeros(u.shape[2:], u.dtype)] * math.prod(geometry.size)
    totals = add_blocks(x, u, geometry, (1, block), sums, zeros)
    gradients = [total.reshape(-1, *total.shape[-2:]).sum(0) for total in totals]
    return jnp.stack(gradients).reshape(*geometry.size, *u.shape[-2:])


# Apart: every operation that reads the result would compute the whole sum again.
@functools.partial(apart, static=("geometry",))
def _forward(x: jax.Array, kernel: jax.Array, geometry: Geometry) -> jax.Array:
    seen = elements(_padded(x, margins=geometry.margins), geometry.positions, geometry)
    terms = [part[..., None] * row for part, row in zip(seen, _rows(kernel), strict=True)]
    result = functools.reduce(jnp.add, terms)
    return result.reshape(*result.shape[:-2], -1)


@functools.partial(apart, static=("geometry",))
def _backward(u: jax.Array, kernel: jax.Array, geometry: Geometry) -> jax.Array:
    # The windows of the result that contain a position of x, as a convolution of u with the kernel turned
    # around: u has zeros between its positions, and around them as far as the windows reach.
    axes = zip(geometry.space, geometry.margins, geometry.size, geometry.strides, u.shape[1:-1], strict=True)
    margins = tuple(
        (k - 1 - low, size + low - ((count - 1) * step + 1)) for size, (low, _), k, step, count in axes
    )
    spread = _padded(u, margins=margins, inside=tuple(step - 1 for step in geometry.strides))
    seen = elements(spread, geometry.space, geometry._replace(strides=(1,) * len(geometry.size)))
    rows = _rows(kernel)[::-1]
    terms = [part.reshape(*part.shape[:-1], *row.shape) * row for part, row in zip(seen, rows, strict=True)]
    return functools.reduce(jnp.add, terms).sum(-1)


def _rows(kernel: jax.Array) -> jax.Array:
    """The kernel as (elements, channels, multiplier)."""
    return kernel.reshape(-1, *kernel.shape[-2:])


# Apart: a fused padding is a comparison for each element of each window.
@functools.partial(apart, static=("margins", "inside"))
def _padded(
    x: jax.Array, margins: tuple[tuple[int, int], ...], inside: tuple[int, ...] | None = None
) -> jax.Array:
    """Puts zeros around the axes of space, and `inside` of them between neighbouring positions."""
    inside = inside or (0,) * len(margins)
    edges = [(low, high, between) for (low, high), between in zip(margins, inside, strict=True)]
    return lax.pad(x, jnp.zeros((), x.dtype), [(0, 0, 0), *edges, *[(0, 0, 0)] * (x.ndim - 1 - len(edges))])


differentiate(_depthwise, _input_gradient, _kernel_gradient)
