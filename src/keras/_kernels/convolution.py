"""Convolution over a channels-last tensor, and its two gradients, in the forms that run fastest.

Convolution is bilinear. For a tensor u of the result's shape, three maps belong together:

    convolve(x, kernel)         result[q] = sum over offsets k of x[stride q + dilation k - margin] kernel[k]
    input_gradient(u, kernel)   the gradient of sum(u * convolve(x, kernel)) with respect to x
    filter_gradient(x, u)       the same with respect to kernel

Each is linear in both arguments, and the derivative of each is made of the other two: they are closed under
differentiation, so gradients of gradients stay in these forms.

On the CPU, XLA is fast at the first two. It sees the third as a convolution with a kernel as large as the
image, which is several times slower than the products below, and sixty times inside a loop.
"""

import functools
import itertools
import math
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import lax

from .platform import on_cpu

#: Size (bytes) of the columns that one step of the filter gradient gathers.
BLOCK_BYTES = 2 * 2**20
#: Least number of positions of a step: every step reads and writes the whole gradient.
LEAST_POSITIONS = 512
#: Kernels with more elements are left to XLA: each element is an operation of the program.
LARGEST_KERNEL = 128


class Geometry(NamedTuple):
    """What the three maps share, all of space: shapes of x and kernel, (low, high) zeros around x."""

    space: tuple[int, ...]
    size: tuple[int, ...]
    strides: tuple[int, ...]
    margins: tuple[tuple[int, int], ...]
    dilation: tuple[int, ...]


def convolve(x, kernel, strides, padding, dilation):
    """Cross-correlation: the kernel is not flipped.

    Args:
        x: float tensor (samples, *space, channels).
        kernel: tensor (*size, channels, filters) of the same dtype.
        strides, dilation: tuples of int, one for each axis of space.
        padding: "VALID" or "SAME".
    Returns:
        Tensor (samples, *smaller space, filters).
    """
    geometry = _geometry(x.shape[1:-1], kernel, strides, padding, dilation)
    if not on_cpu():
        return _lax_convolve(x, kernel, geometry)
    if math.prod(geometry.size) == 1:
        return _pointwise(x, kernel, strides)
    return _convolve(x, kernel, geometry)


def transposed(u, kernel, space, strides, padding):
    """The input gradient of `convolve`.

    Args:
        u: float tensor (samples, *smaller space, filters).
        kernel: tensor (*size, channels, filters) of the same dtype.
        space: tuple of int, the spatial shape of the result.
        strides: tuple of int.
        padding: "VALID" or "SAME".
    Returns:
        Tensor (samples, *space, channels).
    """
    geometry = _geometry(space, kernel, strides, padding, (1,) * len(strides))
    return (_input_gradient if on_cpu() else _lax_input_gradient)(u, kernel, geometry)


def _geometry(space, kernel, strides, padding, dilation):
    size = kernel.shape[:-2]
    spans = _spans(size, dilation)
    margins = tuple(map(tuple, lax.padtype_to_pads(space, spans, strides, padding)))
    return Geometry(tuple(space), size, tuple(strides), margins, tuple(dilation))


def _spans(size, dilation):
    return [(k - 1) * d + 1 for k, d in zip(size, dilation, strict=True)]


# --- the three maps, each the derivative of the others --------------------------------------------


@functools.partial(jax.custom_vjp, nondiff_argnums=(2,))
def _convolve(x, kernel, geometry):
    return _lax_convolve(x, kernel, geometry)


@functools.partial(jax.custom_vjp, nondiff_argnums=(2,))
def _input_gradient(u, kernel, geometry):
    return _lax_input_gradient(u, kernel, geometry)


@functools.partial(jax.custom_vjp, nondiff_argnums=(2,))
def _filter_gradient(x, u, geometry):
    if math.prod(geometry.size) > LARGEST_KERNEL:
        return _lax_filter_gradient(x, u, geometry)
    return _blocked_filter_gradient(x, u, geometry)


def _keep_both(map_):
    return lambda a, b, geometry: (map_(a, b, geometry), (a, b))


_convolve.defvjp(
    _keep_both(_convolve),
    lambda geometry, kept, u: (
        _input_gradient(u, kept[1], geometry),
        _filter_gradient(kept[0], u, geometry),
    ),
)
_input_gradient.defvjp(
    _keep_both(_input_gradient),
    lambda geometry, kept, x: (
        _convolve(x, kept[1], geometry),
        _filter_gradient(x, kept[0], geometry),
    ),
)
_filter_gradient.defvjp(
    _keep_both(_filter_gradient),
    lambda geometry, kept, kernel: (
        _input_gradient(kept[1], kernel, geometry),
        _convolve(kept[0], kernel, geometry),
    ),
)


# --- as XLA has them ------------------------------------------------------------------------------


def _lax_convolve(x, kernel, geometry):
    space = "DHW"[-len(geometry.size) :]
    return lax.conv_general_dilated(
        x,
        kernel,
        geometry.strides,
        geometry.margins,
        rhs_dilation=geometry.dilation,
        dimension_numbers=(f"N{space}C", f"{space}IO", f"N{space}C"),
    )


def _lax_input_gradient(u, kernel, geometry):
    x = jax.ShapeDtypeStruct((u.shape[0], *geometry.space, kernel.shape[-2]), u.dtype)
    (gradient,) = jax.linear_transpose(lambda x: _lax_convolve(x, kernel, geometry), x)(u)
    return gradient


def _lax_filter_gradient(x, u, geometry):
    kernel = jax.ShapeDtypeStruct((*geometry.size, x.shape[-1], u.shape[-1]), u.dtype)
    (gradient,) = jax.linear_transpose(lambda kernel: _lax_convolve(x, kernel, geometry), kernel)(u)
    return gradient


# --- as matrix products ---------------------------------------------------------------------------


def _pointwise(x, kernel, strides):
    """A convolution with one element: a product over the channels, at every stride-th position."""
    x = x[(slice(None), *(slice(None, None, step) for step in strides))]
    # A matrix: of the gradient of a product with more axes XLA would transpose an operand.
    product = x.reshape(math.prod(x.shape[:-1]), x.shape[-1]) @ kernel.reshape(kernel.shape[-2:])
    return product.reshape(*x.shape[:-1], kernel.shape[-1])


def _blocked_filter_gradient(x, u, geometry):
    """sum over positions q of u[q] (outer) column[q], block by block.

    column[q] has what the kernel sees at position q: (offsets * channels) numbers. The columns of all
    positions would be as many times larger than x as the kernel has elements, so a block of them at a time
    is gathered, small enough to stay in the cache, and multiplied.
    """
    (samples, rows, *rest), filters, channels = u.shape[:-1], u.shape[-1], x.shape[-1]
    depth = math.prod(geometry.size) * channels
    block_samples, block_rows = _block(samples, rows, math.prod(rest), depth * x.dtype.itemsize)
    sample_blocks, row_blocks = -(-samples // block_samples), -(-rows // block_rows)
    reach = (block_rows - 1) * geometry.strides[0] + _spans(geometry.size, geometry.dilation)[0]
    more = sample_blocks * block_samples - samples
    u = _pad(u, [(0, more), (0, row_blocks * block_rows - rows)])
    (low, _), *margins = geometry.margins
    needed = (row_blocks - 1) * block_rows * geometry.strides[0] + reach
    x = _pad(x, [(0, more), (low, needed - low - geometry.space[0]), *margins])
    # bfloat16 keeps 8 bits: too few to add up many blocks in.
    precise = jnp.promote_types(x.dtype, "float32")

    def add_block(total, number):
        sample = number // row_blocks * block_samples
        row = number % row_blocks * block_rows
        seen = _slab(x, sample, block_samples, row * geometry.strides[0], reach)
        part = _slab(u, sample, block_samples, row, block_rows)
        columns = _columns(seen, part.shape[1:-1], geometry).reshape(-1, depth)
        product = lax.dot_general(
            part.reshape(-1, filters), columns, (((0,), (0,)), ((), ())), preferred_element_type=precise
        )
        return total + product, None

    total = jnp.zeros((filters, depth), precise)
    numbers = jnp.arange(sample_blocks * row_blocks)
    total = add_block(total, 0)[0] if len(numbers) == 1 else lax.scan(add_block, total, numbers)[0]
    return total.T.reshape(*geometry.size, channels, filters).astype(u.dtype)


def _block(samples, rows, row_positions, position_bytes):
    """How many samples and rows to take at a time: whole samples if several fit, else rows of one."""
    positions = max(BLOCK_BYTES // position_bytes, LEAST_POSITIONS)
    fitting = positions // (rows * row_positions)
    if fitting >= 1:
        return _even(samples, fitting), rows
    return 1, _even(rows, max(1, positions // row_positions))


def _even(count, largest):
    """The size of equal parts of `count` with at most `largest` each."""
    return max(1, -(-count // -(-count // largest)))


def _slab(x, sample, samples, row, rows):
    starts = (sample, row, *(0,) * (x.ndim - 2))
    return lax.dynamic_slice(x, starts, (samples, rows, *x.shape[2:]))


def _columns(x, positions, geometry):
    """What the kernel sees at each position: (samples, *positions, offsets * channels)."""
    parts = []
    for offset in itertools.product(*map(range, geometry.size)):
        starts = [o * d for o, d in zip(offset, geometry.dilation, strict=True)]
        ends = [
            start + (count - 1) * step + 1
            for start, count, step in zip(starts, positions, geometry.strides, strict=True)
        ]
        limits = (x.shape[0], *ends, x.shape[-1])
        parts.append(lax.slice(x, (0, *starts, 0), limits, (1, *geometry.strides, 1)))
    return jnp.concatenate(parts, axis=-1)


def _pad(x, margins):
    """Zeros around the first axes of x; a negative number cuts."""
    margins = [*margins, *[(0, 0)] * (x.ndim - len(margins))]
    if not any(map(any, margins)):
        return x
    return lax.pad(x, jnp.zeros((), x.dtype), [(low, high, 0) for low, high in margins])
