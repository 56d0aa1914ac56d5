"""Random tensors. Each op has a seed; its key is folded from the seed and the program's earlier runs."""

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import DTypeLike

from .._base.types import TensorLike
from .._graph import Tensor, random_op
from .common import floatx


def set_random_seed(seed: int) -> None:
    """Makes random numbers from here on repeatable: initial weights, shuffling, dropout and noise.

    The same as `numpy.random.seed(seed)`, from which every seed is drawn.

    Args:
        seed: int in 0 .. 2**32 - 1.
    """
    np.random.seed(seed)


def draw_seed() -> int:
    """A seed for a new random op or variable, from NumPy's global generator."""
    return np.random.randint(10_000_000)


def random_uniform(
    shape: Sequence[Any] | Tensor,
    low: float = 0.0,
    high: float = 1.0,
    dtype: DTypeLike | None = None,
    seed: int | None = None,
) -> Tensor:
    """A tensor that is drawn at each run, uniformly from [low, high).

    Args:
        shape: tuple of int, or of sizes such as `K.shape(x)[0]`; or `K.shape(x)`.
        low, high: floats.
        dtype: str, `K.floatx()` if None.
        seed: int; drawn from `numpy.random` if None.
    """
    return _uniform(shape, low, high, _dtype(dtype), seed=seed_or_drawn(seed))


def random_normal(
    shape: Sequence[Any] | Tensor,
    mean: float = 0.0,
    std: float = 1.0,
    dtype: DTypeLike | None = None,
    seed: int | None = None,
) -> Tensor:
    """A tensor that is drawn at each run, from a normal distribution.

    Args:
        shape, dtype, seed: as in `random_uniform`.
        mean, std: floats, mean and standard deviation.
    """
    return _normal(shape, mean, std, _dtype(dtype), seed=seed_or_drawn(seed))


def random_binomial(
    shape: Sequence[Any] | Tensor, p: float = 0.0, dtype: DTypeLike | None = None, seed: int | None = None
) -> Tensor:
    """A tensor that is drawn at each run: ones with probability `p`, zeros otherwise.

    Args:
        shape, dtype, seed: as in `random_uniform`.
        p: float in [0, 1].
    """
    return _binomial(shape, p, _dtype(dtype), seed=seed_or_drawn(seed))


def dropout(
    x: TensorLike, level: float, noise_shape: Sequence[Any] | None = None, seed: int | None = None
) -> Tensor:
    """Sets a random part of `x` to zero and scales the rest, so that the expected sum is unchanged.

    Args:
        x: float tensor.
        level: float in [0, 1), the fraction to drop.
        noise_shape: tuple that broadcasts to the shape of `x`: where it has a 1, the elements along
            that axis are kept or dropped together. None in it means the size of `x`.
        seed: int; drawn from `numpy.random` if None.
    Reference:
        Srivastava et al. 2014, JMLR 15, "Dropout: a simple way to prevent neural networks from
        overfitting".
    """
    return _dropout(x, level, noise_shape, seed=seed_or_drawn(seed))


@random_op(saved_as="uniform", formerly="_uniform")
def _uniform(
    key: jax.Array, shape: Sequence[Any], low: float, high: float, dtype: "np.dtype[Any]"
) -> jax.Array:
    return jax.random.uniform(key, _sizes(shape), dtype, low, high)


@random_op(saved_as="normal", formerly="_normal")
def _normal(
    key: jax.Array, shape: Sequence[Any], mean: float, std: float, dtype: "np.dtype[Any]"
) -> jax.Array:
    return mean + std * jax.random.normal(key, _sizes(shape), dtype)


@random_op(saved_as="binomial", formerly="_binomial")
def _binomial(key: jax.Array, shape: Sequence[Any], p: float, dtype: "np.dtype[Any]") -> jax.Array:
    return jax.random.bernoulli(key, p, _sizes(shape)).astype(dtype)


@random_op(saved_as="dropout", formerly="_dropout")
def _dropout(key: jax.Array, x: Any, level: float, noise_shape: Sequence[Any] | None) -> jax.Array:
    sizes = x.shape if noise_shape is None else noise_shape
    sizes = tuple(own if size is None else int(size) for size, own in zip(sizes, x.shape, strict=True))
    keep = jax.random.bernoulli(key, 1.0 - level, sizes)
    return jnp.where(keep, x / (1.0 - level), 0).astype(x.dtype)


def _sizes(shape: Sequence[Any]) -> tuple[int, ...]:
    return tuple(int(size) for size in shape)


def _dtype(dtype: DTypeLike | None) -> "np.dtype[Any]":
    return np.dtype(jnp.dtype(dtype or floatx()))


def seed_or_drawn(seed: int | None) -> int:
    """The seed that the user gave, or a new one."""
    return draw_seed() if seed is None else seed
