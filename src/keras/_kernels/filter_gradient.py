"""The gradient of a convolution's filters as matrix products, block by block.

    gradient = sum over positions q of u[q] (outer) column[q]

column[q] has what the kernel sees at position q: (offsets * channels) numbers. The columns of all positions
would be as many times larger than x as the kernel has elements, so a block of them at a time is gathered
and multiplied.
"""

import math

import jax.numpy as jnp
from jax import lax

from .geometry import elements, pad

#: Size (bytes) of the columns that one step gathers.
BLOCK_BYTES = 8 * 2**20
#: Least number of positions of a step: every step reads and writes the whole gradient.
LEAST_POSITIONS = 512


def filter_gradient(x, u, geometry):
    """The gradient of sum(u * convolve(x, kernel)) with respect to kernel.

    Args:
        x: float tensor (samples, *space, channels).
        u: tensor of the result's shape and the same dtype.
    Returns:
        Tensor (*size, channels, filters).
    """
    filters, channels = u.shape[-1], x.shape[-1]
    depth = math.prod(geometry.size) * channels

    def factors(seen, part):
        return part.reshape(1, -1, filters), columns(seen, part.shape[1:-1], geometry).reshape(1, -1, depth)

    (total,) = sum_over_blocks(x, u, geometry, factors, (1, filters, depth))
    return total.T.reshape(*geometry.size, channels, filters).astype(u.dtype)


def sum_over_blocks(x, u, geometry, factors, shape, tile=1):
    """The sum of matrix products left.T @ right, over blocks of rows (of the first axis of space).

    Args:
        factors: takes the elements of x that a block sees and the block of u; returns
            left (matrices, positions, filters) and right (matrices, positions, depth).
        shape: (matrices, filters, depth), that of the sum.
        tile: int, blocks have a multiple of so many rows of u; zeros fill the last one up.
    Returns:
        Tensor, float32 at least.
    """
    (samples, rows, *rest), (matrices, _, depth) = u.shape[:-1], shape
    tiles = -(-rows // tile)
    block_samples, block_tiles = _block(samples, tiles, math.prod(rest), matrices * depth * x.dtype.itemsize)
    sample_blocks, row_blocks = -(-samples // block_samples), -(-tiles // block_tiles)
    block_rows, stride = block_tiles * tile, geometry.strides[0]
    reach = (block_rows - 1) * stride + geometry.spans[0]
    more = sample_blocks * block_samples - samples
    u = pad(u, [(0, more), (0, row_blocks * block_rows - rows)])
    (low, _), *margins = geometry.margins
    needed = (row_blocks - 1) * block_rows * stride + reach
    x = pad(x, [(0, more), (low, needed - low - geometry.space[0]), *margins])
    # bfloat16 keeps 8 bits: too few to add up many blocks in.
    precise = jnp.promote_types(x.dtype, "float32")

    def add_block(total, number):
        sample = number // row_blocks * block_samples
        row = number % row_blocks * block_rows
        seen = _slab(x, sample, block_samples, row * stride, reach)
        left, right = factors(seen, _slab(u, sample, block_samples, row, block_rows))
        over_positions = (((1,), (1,)), ((0,), (0,)))
        return total + lax.dot_general(left, right, over_positions, preferred_element_type=precise), None

    total = jnp.zeros(shape, precise)
    numbers = jnp.arange(sample_blocks * row_blocks)
    return add_block(total, 0)[0] if len(numbers) == 1 else lax.scan(add_block, total, numbers)[0]


def columns(x, positions, geometry):
    """What the kernel sees at each position: (samples, *positions, offsets * channels).

    Args:
        x: tensor (samples, *space, channels), with the zeros around it.
    """
    # Not a concatenation of channels, which takes XLA half as long again.
    seen = jnp.stack(elements(x, positions, geometry), axis=-2)
    return seen.reshape(*seen.shape[:-2], -1)


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
