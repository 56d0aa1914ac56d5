"""The gradient of a convolution's filters as matrix products, block by block.

    gradient = sum over positions q of u[q] (outer) column[q]

where column[q] is the window of x at position q: (offsets * channels) numbers. The columns of all positions
together take as many times the memory of x as the kernel has elements, so they are gathered and multiplied in
blocks.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from .geometry import Geometry, elements, pad

#: Size (bytes) of the columns that one step gathers.
BLOCK_BYTES = 8 * 2**20
#: Smallest number of positions of a step: every step reads and writes the whole gradient.
LEAST_POSITIONS = 512


def filter_gradient(x: jax.Array, u: jax.Array, geometry: Geometry) -> jax.Array:
    """The gradient of sum(u * convolve(x, kernel)) with respect to kernel.

    Args:
        x: float tensor (samples, *space, channels).
        u: tensor of the same dtype and of the shape of the convolution.
    Returns:
        Tensor (*size, channels, filters).
    """
    filters, channels = u.shape[-1], x.shape[-1]
    depth = math.prod(geometry.size) * channels

    def factors(seen: jax.Array, part: jax.Array) -> tuple[jax.Array, jax.Array]:
        return part.reshape(1, -1, filters), columns(seen, part.shape[1:-1], geometry).reshape(1, -1, depth)

    (total,) = sum_over_blocks(x, u, geometry, factors, (1, filters, depth))
    return total.T.reshape(*geometry.size, channels, filters).astype(u.dtype)


def sum_over_blocks(
    x: jax.Array,
    u: jax.Array,
    geometry: Geometry,
    factors: Callable[[jax.Array, jax.Array], tuple[jax.Array, jax.Array]],
    shape: tuple[int, int, int],
    tile: int = 1,
) -> jax.Array:
    """The sum of matrix products left.T @ right, over blocks of rows (of the first axis of space).

    Args:
        x, u, geometry: as in `filter_gradient`.
        factors: function of the elements of x in the windows of a block, and the block of u; returns
            left (matrices, positions, filters) and right (matrices, positions, depth).
        shape: (matrices, filters, depth), that of the sum.
        tile: int, the number of rows of u in a block is a multiple of it; the last block is padded with
            zeros.
    Returns:
        Tensor, float32 at least.
    """
    (samples, rows, *rest), (matrices, _, depth) = u.shape[:-1], shape
    tiles = -(-rows // tile)
    block_samples, block_tiles = _block(samples, tiles, math.prod(rest), matrices * depth * x.dtype.itemsize)
    # bfloat16 has 8 bits of precision: too few for sums over many blocks.
    precise = jnp.promote_types(x.dtype, "float32")

    def product(seen: jax.Array, part: jax.Array) -> jax.Array:
        left, right = factors(seen, part)
        over_positions = (((1,), (1,)), ((0,), (0,)))
        return lax.dot_general(left, right, over_positions, preferred_element_type=precise)

    return add_blocks(x, u, geometry, (block_samples, block_tiles * tile), product, jnp.zeros(shape, precise))


def add_blocks(
    x: jax.Array,
    u: jax.Array,
    geometry: Geometry,
    block: tuple[int, int],
    summand: Callable[[jax.Array, jax.Array], Any],
    total: Any,
) -> Any:
    """The sum of `summand` over blocks of samples and of rows (of the first axis of space).

    Args:
        x, u, geometry: as in `filter_gradient`.
        block: (samples, rows) of u in a block; the last blocks are padded with zeros.
        summand: function of the elements of x in the windows of a block, and the block of u; it returns a
            tree of tensors.
        total: tree of zeros of the same shapes.
    """
    (samples, rows), (block_samples, block_rows) = u.shape[:2], block
    sample_blocks, row_blocks = -(-samples // block_samples), -(-rows // block_rows)
    stride = geometry.strides[0]
    reach = (block_rows - 1) * stride + geometry.spans[0]
    more = sample_blocks * block_samples - samples
    u = pad(u, [(0, more), (0, row_blocks * block_rows - rows)])
    (low, _), *margins = geometry.margins
    needed = (row_blocks - 1) * block_rows * stride + reach
    x = pad(x, [(0, more), (low, needed - low - geometry.space[0]), *margins])

    def add_block(total: Any, number: int | jax.Array) -> tuple[Any, None]:
        sample = number // row_blocks * block_samples
        row = number % row_blocks * block_rows
        seen = _slab(x, sample, block_samples, row * stride, reach)
        part = _slab(u, sample, block_samples, row, block_rows)
        return jax.tree.map(jnp.add, total, summand(seen, part)), None

    numbers = jnp.arange(sample_blocks * row_blocks)
    return add_block(total, 0)[0] if len(numbers) == 1 else lax.scan(add_block, total, numbers)[0]


def columns(x: jax.Array, positions: Sequence[int], geometry: Geometry) -> jax.Array:
    """The window at each position: (samples, *positions, offsets * channels).

    Args:
        x: padded tensor (samples, *space, channels).
        positions: spatial shape of the result.
    """
    # Not a concatenation of channels, which takes XLA one and a half times as long.
    seen = jnp.stack(elements(x, positions, geometry), axis=-2)
    return seen.reshape(*seen.shape[:-2], -1)


def _block(samples: int, rows: int, row_positions: int, position_bytes: int) -> tuple[int, int]:
    """The numbers of samples and of rows in a block: whole samples if they fit, else rows of one sample."""
    positions = max(BLOCK_BYTES // position_bytes, LEAST_POSITIONS)
    fitting = positions // (rows * row_positions)
    if fitting >= 1:
        return even_part(samples, fitting), rows
    return 1, even_part(rows, max(1, positions // row_positions))


def even_part(count: int, largest: int) -> int:
    """The size of parts of `count` that are as equal as possible, at most `largest` each."""
    return max(1, -(-count // -(-count // largest)))


def _slab(x: jax.Array, sample: int | jax.Array, samples: int, row: int | jax.Array, rows: int) -> jax.Array:
    starts = (sample, row, *(0,) * (x.ndim - 2))
    return lax.dynamic_slice(x, starts, (samples, rows, *x.shape[2:]))
