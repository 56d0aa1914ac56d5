"""Random tensors. Each op has a seed; a program's key is folded from (seed, how often it ran)."""

import jax
import jax.numpy as jnp
import numpy as np

from .._graph import random_op
from .common import floatx


def set_random_seed(seed):
    """Makes what follows repeatable: initial weights, shuffling, dropout and noise.

    The same as `numpy.random.seed(seed)`, from which every seed is drawn.

    Args:
        seed: int in 0 .. 2**32 - 1.
    """
    np.random.seed(seed)


def draw_seed():
    """A seed for a new random op or variable, from NumPy's global generator."""
    return np.random.randint(10_000_000)


def random_uniform(shape, low=0.0, high=1.0, dtype=None, seed=None):
    """A tensor drawn evenly from [low, high) at each run.

    Args:
        shape: tuple of int (or of `K.shape(x)[i]`).
        low, high: floats.
        dtype: str, `K.floatx()` if None.
        seed: int; drawn from `numpy.random` if None.
    """
    return _uniform(shape, low, high, _dtype(dtype), seed=seed_or_drawn(seed))


def random_normal(shape, mean=0.0, std=1.0, dtype=None, seed=None):
    """A tensor drawn from the normal distribution at each run; arguments as `random_uniform`."""
    return _normal(shape, mean, std, _dtype(dtype), seed=seed_or_drawn(seed))


def random_binomial(shape, p=0.0, dtype=None, seed=None):
    """A tensor of ones with probability `p` and zeros otherwise; arguments as `random_uniform`."""
    return _binomial(shape, p, _dtype(dtype), seed=seed_or_drawn(seed))


def dropout(x, level, noise_shape=None, seed=None):
    """Sets a random part of `x` to zero and scales the rest, so that the expected sum stays.

    Args:
        x: float tensor.
        level: float in [0, 1), the part to drop.
        noise_shape: tuple that broadcasts to the shape of `x`: where it has a 1, the elements along
            that axis are kept or dropped together. None in it stands for the size of `x`.
        seed: int; drawn from `numpy.random` if None.
    Reference:
        Srivastava et al. 2014, JMLR 15, "Dropout: a simple way to prevent neural networks from
        overfitting".
    """
    return _dropout(x, level, noise_shape, seed=seed_or_drawn(seed))


@random_op
def _uniform(key, shape, low, high, dtype):
    return jax.random.uniform(key, _sizes(shape), dtype, low, high)


@random_op
def _normal(key, shape, mean, std, dtype):
    return mean + std * jax.random.normal(key, _sizes(shape), dtype)


@random_op
def _binomial(key, shape, p, dtype):
    return jax.random.bernoulli(key, p, _sizes(shape)).astype(dtype)


@random_op
def _dropout(key, x, level, noise_shape):
    sizes = x.shape if noise_shape is None else noise_shape
    sizes = tuple(own if size is None else int(size) for size, own in zip(sizes, x.shape, strict=True))
    keep = jax.random.bernoulli(key, 1.0 - level, sizes)
    return jnp.where(keep, x / (1.0 - level), 0).astype(x.dtype)


def _sizes(shape):
    return tuple(int(size) for size in shape)


def _dtype(dtype):
    return np.dtype(jnp.dtype(dtype or floatx()))


def seed_or_drawn(seed):
    """The seed that the user gave, or a new one."""
    return draw_seed() if seed is None else seed
