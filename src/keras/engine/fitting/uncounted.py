"""What does not count in a loss: masked samples and steps, and those of weight 0.

A product with 0 does not remove a value. 0 times infinity or NaN is NaN, in the loss and in its gradient, and
the mean over no samples is 0 / 0. Here what does not count contributes 0 to the loss, and exactly 0 to each
gradient, whatever its value is. If nothing counts, the loss is 0. All other numbers are those of the
products.
"""

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ... import backend as K
from ..._graph import op
from .stored_rows import StoredRows


@op
def product(score, weights):
    """score * weights, and 0 where the weight is 0. The weights belong to the first axes of the score."""
    weights = _aligned(weights, score)
    return jnp.where(weights != 0, score * weights, 0)


@op
def share(weights):
    """The fraction of the weights that they leave: their mean, or 1 in place of 0. A divisor."""
    mean = jnp.mean(weights)
    return jnp.where(mean == 0, 1, mean)


def guarded(y_pred: Any, weights: Sequence[Any]) -> Any:
    """Returns predictions whose gradient is finite where one of the weights is 0.

    Args:
        y_pred: tensor (samples, ...).
        weights: list of tensors for the first axes of `y_pred`, or None.
    """
    for given in weights:
        if given is not None and K.ndim(given) <= K.ndim(y_pred):
            y_pred = _guarded(y_pred, given)
    return y_pred


@op
def _guarded(y_pred, weights):
    return _finite_gradient(y_pred, (_aligned(weights, y_pred) != 0).astype(y_pred.dtype))


@jax.custom_vjp
def _finite_gradient(x: jax.Array, counts: jax.Array) -> jax.Array:
    return x


def _forward(x: jax.Array, counts: jax.Array) -> tuple[jax.Array, jax.Array]:
    return x, counts


def _backward(counts: jax.Array, gradient: jax.Array) -> tuple[jax.Array, jax.Array]:
    # A finite gradient stays: a loss of the user's may combine samples, also those of weight 0.
    return jnp.where((counts != 0) | jnp.isfinite(gradient), gradient, 0), jnp.zeros_like(counts)


_finite_gradient.defvjp(_forward, _backward)


def _aligned(weights: jax.Array, x: jax.Array) -> jax.Array:
    return weights.reshape(weights.shape + (1,) * (x.ndim - weights.ndim))


def without_bad_values(xs: list[Any], ys: list[Any], weights: Sequence[Any]) -> tuple[list[Any], list[Any]]:
    """Returns inputs and targets with 0 in place of NaN and infinity wherever the sample weights are 0.

    An input is changed in the samples that count in no output; a target where its own weight is 0. Arrays
    without such values are returned as they are, and the caller's arrays are never changed.

    Args:
        xs, ys: lists of arrays.
        weights: list with the sample weights of each output, or None.
    """
    given = [None if w is None or isinstance(w, StoredRows) else np.asarray(w) for w in weights]
    dropped = [None if w is None or w.dtype.kind not in "biuf" else w == 0 for w in given]
    ys = [y if zero is None else _cleaned(y, zero) for y, zero in zip(ys, dropped, strict=True)]
    samples = [zero.reshape(len(zero), -1).all(axis=1) for zero in dropped if zero is not None and zero.ndim]
    if len(samples) == len(dropped) and len({len(zero) for zero in samples}) == 1:
        everywhere = np.logical_and.reduce(samples)
        xs = [_cleaned(x, everywhere) for x in xs]
    return xs, ys


def _cleaned(array: Any, zero: np.ndarray) -> Any:
    """Returns an array with 0 in place of NaN and infinity where `zero`, of its first axes, is True."""
    fits = (
        isinstance(array, np.ndarray) and array.dtype.kind == "f" and array.shape[: zero.ndim] == zero.shape
    )
    if not fits or not zero.any() or np.isfinite(array[zero]).all():
        return array
    array = array.copy()
    kept = array[zero]
    array[zero] = np.where(np.isfinite(kept), kept, 0)
    return array
