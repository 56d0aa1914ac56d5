"""Pooling over the windows of a channels-last tensor, with gradients by comparison instead of scattering.

XLA's CPU back end runs the gradient of a windowed maximum (select-and-scatter) element by element. Here the
forward pass records for each window which of its elements is the maximum, in a tie the first one in row-major
order. The gradient of an input element sums over the windows in which it is the maximum:

    dx[p] = sum over windows q and offsets k with p = stride q + k of (g[q] if winner[q] == k else 0)

Input positions are split into p = stride * quotient + phase. A position of some phase has the offsets
k = phase + stride * term in its windows. So each term is one shifted slice of g that all phases share, and
windows that do not overlap have a single term. The gradient of a mean is the same without a winner.
"""

import functools
import itertools
import math
from collections.abc import Iterator, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from .._host.platform import on_cpu
from .apart import apart
from .geometry import pad

#: Larger windows (elements) are left to XLA: each element is an operation of the program.
LARGEST_WINDOW = 64


def max_pool(x: jax.Array, size: tuple[int, ...], strides: tuple[int, ...], padding: str) -> jax.Array:
    """The maximum of each window; in a tie the first element gets the gradient.

    Args:
        x: float tensor (samples, *space, channels).
        size, strides: tuples of int, one for each axis of space.
        padding: "VALID" or "SAME".
    Returns:
        Tensor (samples, *smaller space, channels).
    """
    if _leave_to_xla(x, size, padding):
        return lax.reduce_window(x, -jnp.inf, lax.max, (1, *size, 1), (1, *strides, 1), padding)
    margins = lax.padtype_to_pads(x.shape[1:-1], size, strides, padding)
    return _max_pool(pad(x, [(0, 0), *margins], -jnp.inf), size, strides)


def mean_pool(x: jax.Array, size: tuple[int, ...], strides: tuple[int, ...], padding: str) -> jax.Array:
    """The mean of each window; elements outside the tensor do not count. Arguments as for `max_pool`."""
    margins = lax.padtype_to_pads(x.shape[1:-1], size, strides, padding)
    counts = _counts(x.shape[1:-1], size, strides, margins).astype(x.dtype)
    total: jax.Array
    if _leave_to_xla(x, size, padding):
        total = lax.reduce_window(x, 0.0, lax.add, (1, *size, 1), (1, *strides, 1), padding)
    else:
        total = _sum_pool(pad(x, [(0, 0), *margins]), size, strides)
    return total / counts


def _leave_to_xla(x: jax.Array, size: tuple[int, ...], padding: str) -> bool:
    if not on_cpu() or math.prod(size) > LARGEST_WINDOW:
        return True
    # Without a whole window the result is empty; layers reject that by its shape.
    return padding == "VALID" and any(k > n for k, n in zip(size, x.shape[1:-1], strict=True))


def _counts(
    space: Sequence[int], size: Sequence[int], strides: Sequence[int], margins: Sequence[Sequence[int]]
) -> jax.Array:
    """The number of elements of the tensor in each window: an array that broadcasts to the windows."""
    if not all(isinstance(length, int) for length in space):  # a symbol, in a program for any size
        ones = jnp.ones((*space, 1))
        return lax.reduce_window(
            ones, 0.0, lax.add, (*size, 1), (*strides, 1), [*((low, high) for low, high in margins), (0, 0)]
        )
    counts = jnp.ones(())
    for length, k, step, margin in zip(space, size, strides, margins, strict=True):
        inside = np.pad(np.ones(length), margin)
        starts = range(0, len(inside) - k + 1, step)
        along = np.array([inside[start : start + k].sum() for start in starts], np.float32)
        # Not in NumPy, which would allocate all windows of a tensor of which only the shape is inferred.
        counts = counts[..., None] * along
    return counts[..., None]


# --- with gradients -------------------------------------------------------------------------------


@functools.partial(jax.custom_vjp, nondiff_argnums=(1, 2))
def _max_pool(x: jax.Array, size: tuple[int, ...], strides: tuple[int, ...]) -> jax.Array:
    return functools.reduce(jnp.maximum, (part for _, part in _elements(x, size, strides)))


def _max_pool_forward(
    x: jax.Array, size: tuple[int, ...], strides: tuple[int, ...]
) -> tuple[jax.Array, tuple[jax.Array, "_Space"]]:
    codes = np.min_scalar_type(-math.prod(_code_counts(size, strides)))
    parts = _elements(x, size, strides)
    _, largest = next(parts)
    winner = jnp.zeros(largest.shape, codes)
    for offset, part in parts:
        winner = jnp.where(part > largest, codes.type(_code(offset, size, strides)), winner)
        largest = jnp.maximum(largest, part)
    return largest, (winner, _Space(x.shape[1:-1]))


def _max_pool_backward(
    size: tuple[int, ...], strides: tuple[int, ...], kept: tuple[jax.Array, "_Space"], g: jax.Array
) -> tuple[jax.Array]:
    winner, space = kept
    return (_spread(g, winner, size=size, strides=strides, space=space.shape),)


_max_pool.defvjp(_max_pool_forward, _max_pool_backward)


@functools.partial(jax.custom_vjp, nondiff_argnums=(1, 2))
def _sum_pool(x: jax.Array, size: tuple[int, ...], strides: tuple[int, ...]) -> jax.Array:
    return functools.reduce(jnp.add, (part for _, part in _elements(x, size, strides)))


_sum_pool.defvjp(
    lambda x, size, strides: (_sum_pool(x, size, strides), _Space(x.shape[1:-1])),
    lambda size, strides, space, g: (_spread(g, None, size=size, strides=strides, space=space.shape),),
)


@jax.tree_util.register_static
class _Space:
    """The spatial shape of x, kept for its gradient."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.shape = shape

    def __eq__(self, other: object) -> bool:
        return type(other) is _Space and self.shape == other.shape

    def __hash__(self) -> int:
        return hash(self.shape)


# --- windows --------------------------------------------------------------------------------------


def _elements(
    x: jax.Array, size: tuple[int, ...], strides: tuple[int, ...]
) -> Iterator[tuple[tuple[int, ...], jax.Array]]:
    """Yields (offset, the element at that offset of every window), in row-major order."""
    windows = [(n - k) // step + 1 for n, k, step in zip(x.shape[1:-1], size, strides, strict=True)]
    for offset in itertools.product(*map(range, size)):
        ends = [o + (n - 1) * step + 1 for o, n, step in zip(offset, windows, strides, strict=True)]
        yield offset, lax.slice(x, (0, *offset, 0), (len(x), *ends, x.shape[-1]), (1, *strides, 1))


@functools.partial(apart, static=("size", "strides", "space"))
def _spread(
    g: jax.Array,
    winner: jax.Array | None,
    size: tuple[int, ...],
    strides: tuple[int, ...],
    space: tuple[int, ...],
) -> jax.Array:
    """The gradient of each input element, from the windows that contain it.

    Args:
        g: (samples, *windows, channels), the gradient of each window.
        winner: int tensor of the shape of g, the code of the one offset that gets the gradient; if None, all
            offsets do.
        size, strides: as in `max_pool`.
        space: tuple of int, the spatial shape of the input.
    Returns:
        Tensor (samples, *space, channels).
    """
    quotients = [-(-n // step) for n, step in zip(space, strides, strict=True)]
    terms = [-(-k // step) for k, step in zip(size, strides, strict=True)]
    margins = [(t - 1, q - n) for t, q, n in zip(terms, quotients, g.shape[1:-1], strict=True)]
    g = pad(g, [(0, 0), *margins])
    winner = None if winner is None else pad(winner, [(0, 0), *margins], -1)
    phases = [np.arange(step) for step in strides]
    # One axis of phases after the axis of each quotient.
    behind = [2 * axis + 2 for axis in range(len(size))]
    total: Any = 0
    for term in itertools.product(*map(range, terms)):
        starts = (0, *(t - 1 - i for t, i in zip(terms, term, strict=True)), 0)
        ends = (len(g), *(s + q for s, q in zip(starts[1:-1], quotients, strict=True)), g.shape[-1])
        offsets = [p + step * i for p, step, i in zip(phases, strides, term, strict=True)]
        offsets = [np.expand_dims(o, axis=_others(behind, axis)) for axis, o in enumerate(offsets)]
        value = jnp.expand_dims(lax.slice(g, starts, ends), behind)
        if winner is None:
            counts = functools.reduce(np.logical_and, [o < k for o, k in zip(offsets, size, strict=True)])
        else:
            code = _code(offsets, size, strides).astype(winner.dtype)
            counts = jnp.expand_dims(lax.slice(winner, starts, ends), behind) == code
        total = total + jnp.where(counts, value, 0)
    whole = total.reshape(
        len(g), *(q * step for q, step in zip(quotients, strides, strict=True)), g.shape[-1]
    )
    return lax.slice(whole, (0,) * whole.ndim, (len(g), *space, g.shape[-1]))


def _others(behind: Sequence[int], axis: int) -> list[int]:
    """All axes of the spread tensor except that of the phases of one axis."""
    return [i for i in range(2 * len(behind) + 2) if i != behind[axis]]


def _code(offset: Sequence[Any], size: Sequence[int], strides: Sequence[int]) -> Any:
    """A number for an offset (ints or arrays), different for all offsets phase + stride * term."""
    code = 0
    for o, count in zip(offset, _code_counts(size, strides), strict=True):
        code = code * count + o
    return code


def _code_counts(size: Sequence[int], strides: Sequence[int]) -> list[int]:
    return [-(-k // step) * step for k, step in zip(size, strides, strict=True)]
