"""Convolution with fewer multiplications: Winograd's minimal filtering, along the first axis of space.

Directly, four results of a filter with r elements need 4 r products. From n = r + 3 sums of the signal and n
sums of the filter they need n products (S. Winograd, Arithmetic Complexity of Computations, 1980; A. Lavin
and S. Gray, arXiv:1509.09308, equation 5):

    y = A.T [(G g) * (B.T d)]        d: n elements of the signal, g: the filter, y: 4 results

Here an element is a whole row of an image with its channels, and a product is a convolution along the other
axes of space. The products are half the work for 3 elements, two fifths for 5. The sums take 1.5 or 2 times
the memory of the image; two results along both axes at once would need four ninths of the work and four times
the memory.

The sums add rounding errors: the error of the result is some 3e-6 of its largest number, that of a direct sum
4e-7.
"""

import functools
import math
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from .apart import apart
from .filter_gradient import columns, sum_over_blocks
from .geometry import Geometry, lax_convolve, pad, pointwise

#: Rows of the result in a tile.
TILE = 4
#: Interpolation points; infinity is one more. Small numbers and their inverses keep the sums small (B.
#: Barabasz et al., arXiv:1803.10986, section 5).
POINTS = (0, 1, -1, 2, -2, 0.5, -0.5)
#: Lengths of the kernel along the first axis for which this form is used.
LENGTHS = (3, 5)
#: Smallest number of channels and of filters: with fewer, the sums take as long as the products.
LEAST_CHANNELS = 32
#: Smallest work of the direct form (floating-point operations): this form has a dozen more operations, which
#: take some 0.4 s to compile.
LEAST_WORK = 2e8
#: Largest number of elements of the signal to work on at once; larger batches are computed sample by sample,
#: which saves memory, not time.
MOST_AT_ONCE = 2**23


def pays(x: jax.Array, kernel: jax.Array | jax.ShapeDtypeStruct, geometry: Geometry) -> bool:
    """Whether this form is faster for a convolution of x, and for its gradients.

    Args:
        x: the input, or an array with its dtype and number of samples.
        kernel: the kernel, or anything of its shape.
    """
    rows = geometry.positions[0]
    length = geometry.size[0]
    plain = set(geometry.strides) == set(geometry.dilation) == {1}
    if x.dtype != "float32" or not plain or length not in LENGTHS or min(kernel.shape[-2:]) < LEAST_CHANNELS:
        return False
    products = -(-rows // TILE) * (TILE + length - 1) / (rows * length)
    work = 2 * x.shape[0] * math.prod(geometry.positions) * math.prod(kernel.shape)
    return products < 0.7 and work >= LEAST_WORK


@functools.partial(apart, static=("geometry",))
def convolve(x: jax.Array, kernel: jax.Array, geometry: Geometry) -> jax.Array:
    """`convolution.convolve` in this form."""
    _, filters, _ = matrices(geometry.size[0])
    parts = _sums(filters, [kernel[k : k + 1] for k in range(geometry.size[0])])
    if x.size > MOST_AT_ONCE:
        return lax.map(lambda sample: _convolve(sample[None], parts, geometry)[0], x)
    return _convolve(x, parts, geometry)


def input_gradient(u: jax.Array, kernel: jax.Array, geometry: Geometry) -> jax.Array:
    """The input gradient of `convolution`: the convolution of u with the flipped kernel."""
    size, margins = geometry.size, geometry.margins
    around = tuple((k - 1 - before, k - 1 - after) for k, (before, after) in zip(size, margins, strict=True))
    flipped = jnp.flip(kernel, range(len(size))).swapaxes(-1, -2)
    flipped_geometry = geometry._replace(space=tuple(geometry.positions), margins=around)
    return convolve(u, flipped, geometry=flipped_geometry)


@functools.partial(apart, static=("geometry",))
def filter_gradient(x: jax.Array, u: jax.Array, geometry: Geometry) -> jax.Array:
    """The filter gradient of `convolution`: the gradient of g in y = A.T [(G g) * (B.T d)]."""
    _, filters, _ = matrices(geometry.size[0])
    (count, length), channels = filters.shape, x.shape[-1]
    along = _along_the_rest(geometry)
    depth = math.prod(along.size) * channels

    def factors(seen: jax.Array, part: jax.Array) -> tuple[jax.Array, jax.Array]:
        left, right = _result_sums(part, size=length), _signal_sums(seen, size=length)
        tiles = right.shape[2]
        seen = columns(right.reshape(-1, *right.shape[2:]), (tiles, *part.shape[2:-1]), along)
        return left.reshape(count, -1, u.shape[-1]), seen.reshape(count, -1, depth)

    total = sum_over_blocks(x, u, geometry, factors, (count, u.shape[-1], depth), tile=TILE)
    gradient = jnp.tensordot(jnp.asarray(filters, u.dtype), total, [[0], [0]])
    return gradient.swapaxes(1, 2).reshape(length, *geometry.size[1:], channels, u.shape[-1])


# Apart: XLA would compute the sums again for each element of a column.
@functools.partial(apart, static=("size",))
def _signal_sums(x: jax.Array, size: int) -> jax.Array:
    """The sums B.T d of the rows in each tile's windows: (n, samples, tiles, *rest, channels)."""
    signal, _, _ = matrices(size)
    count = len(signal)
    tiles = (x.shape[1] - count) // TILE + 1
    return jnp.stack(_sums(signal, [_rows(x, start, tiles) for start in range(count)]))


@functools.partial(apart, static=("size",))
def _result_sums(u: jax.Array, size: int) -> jax.Array:
    """The sums A y of the rows of each tile: (n, samples, tiles, *rest, filters)."""
    _, _, result = matrices(size)
    return jnp.stack(_sums(result.T, [u[:, start::TILE] for start in range(TILE)]))


@functools.cache
def matrices(length: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """B.T, G and A.T for `TILE` results of a filter with `length` elements.

    They follow from interpolation: row j of G and column j of A.T hold the powers of point j, row j of B.T
    the coefficients of the polynomial that is 0 at all other points.

    Returns:
        Three float64 arrays: (n, n), (n, length), (TILE, n).
    """
    points = np.array(POINTS[: TILE + length - 2])
    signal, filters, result = [], [], []
    for j, point in enumerate(points):
        others = np.delete(points, j)
        signal.append([*np.poly(others)[::-1], 0])
        filters.append(point ** np.arange(length) / np.prod(point - others))
        result.append(point ** np.arange(TILE))
    signal.append(np.poly(points)[::-1])
    filters.append(np.eye(length)[-1])
    result.append(np.eye(TILE)[-1])
    return np.array(signal), np.array(filters), np.array(result).T


def _convolve(x: jax.Array, kernels: Sequence[jax.Array], geometry: Geometry) -> jax.Array:
    low, _ = geometry.margins[0]
    rows = geometry.positions[0]
    tiles = -(-rows // TILE)
    signal, _, result = matrices(geometry.size[0])
    sums = _sums(signal, [_rows(x, start - low, tiles) for start in range(len(signal))])
    along = _along_the_rest(geometry)
    products = [_inner(part, kernel, along) for part, kernel in zip(sums, kernels, strict=True)]
    y = jnp.stack(_sums(result, products), axis=2)
    return y.reshape(x.shape[0], tiles * TILE, *y.shape[3:])[:, :rows]


def _inner(x: jax.Array, kernel: jax.Array, geometry: Geometry) -> jax.Array:
    if math.prod(geometry.size) == 1:
        return pointwise(x, kernel, geometry.strides)
    return lax_convolve(x, kernel, geometry)


def _along_the_rest(geometry: Geometry) -> Geometry:
    """The geometry of each product: one element and no padding along the first axis."""
    size, margins = (1, *geometry.size[1:]), ((0, 0), *geometry.margins[1:])
    return geometry._replace(size=size, margins=margins)


def _rows(x: jax.Array, first: int, count: int) -> jax.Array:
    """Rows first, first + TILE, ... along axis 1; zeros outside x."""
    before = max(0, -(first // TILE))
    last = min(count - 1, (x.shape[1] - 1 - first) // TILE)
    if last < before:
        return jnp.zeros((x.shape[0], count, *x.shape[2:]), x.dtype)
    part = lax.slice_in_dim(x, first + TILE * before, first + TILE * last + 1, TILE, axis=1)
    return pad(part, [(0, 0), (before, count - 1 - last)])


def _sums(matrix: np.ndarray, parts: Sequence[jax.Array]) -> list[jax.Array]:
    """matrix @ parts, element by element; the matrix is small and has many zeros."""
    sums = []
    for row in matrix:
        terms = [_times(number, part) for number, part in zip(row, parts, strict=True) if number]
        sums.append(functools.reduce(lax.add, terms))
    return sums


# With `lax`, because each Python operator would be one more call to trace, and there are hundreds.
def _times(number: Any, part: jax.Array) -> jax.Array:
    if number == 1:
        return part
    return lax.neg(part) if number == -1 else lax.mul(part, lax.full_like(part, number))
