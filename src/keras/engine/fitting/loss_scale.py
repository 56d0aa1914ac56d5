"""Loss scaling, which keeps float16 gradients from underflowing."""

from typing import Any

import jax.numpy as jnp

from ... import backend as K
from ..._base.types import TensorLike
from ..._graph import Tensor

#: The first scale, and the number of steps with finite gradients after which it is doubled.
START, STEPS_TO_DOUBLE = 2.0**15, 2000
#: The bounds of the scale. Below 1 it would be of no use; twice the largest is still finite in float32.
LEAST, LARGEST = 1.0, 2.0**100


class LossScale:
    """A factor for the loss of a model. Its gradients are divided by the factor, in float32.

    Many gradients are below 6e-8, the smallest positive number of float16; the scale lifts them above it. The
    scale is kept as large as possible: it is doubled after 2000 steps with finite gradients, and halved when
    a gradient is not finite. Such a step changes nothing but the scale.

    Attributes:
        scale: variable, float32 scalar, a power of two, so that nothing is rounded.
        good_steps: variable, int32 scalar, steps since the scale was last changed.

    Reference:
        Micikevicius et al. 2018, arXiv:1710.03740, section 3.2.
    """

    def __init__(self) -> None:
        self.scale = K.variable(START, name="loss_scale")
        self.good_steps = K.variable(0, dtype="int32", name="good_steps")

    def gradients(self, loss: TensorLike, params: list[Any]) -> list[Tensor | None]:
        """Returns the gradients of the loss times the scale; None for parameters without an effect on it."""
        return K.gradients(loss * self.scale, params)

    def unscaled(self, gradients: list[Any]) -> tuple[list[Any], Tensor | None]:
        """Divides gradients by the scale.

        Args:
            gradients: list of tensors and None.
        Returns:
            (gradients, bool scalar: whether all of them are finite; None if there are none).
        """
        unscaled = [g if g is None else g / self.scale for g in gradients]
        are_finite = [_all_finite(g) for g in unscaled if g is not None]
        return unscaled, K.all(K.stack(are_finite)) if are_finite else None

    def guarded(self, updates: list[tuple[Any, Any]], good: Tensor) -> list[tuple[Any, Any]]:
        """Returns the updates of a step, without effect unless its gradients are finite, and the scale's own.

        Args:
            updates: list of pairs (variable, new value).
            good: bool scalar, from `unscaled`.
        """
        scale, good_steps = _next(self.scale, self.good_steps, good)
        return [
            *((variable, _choose(good, new, variable)) for variable, new in updates),
            (self.scale, scale),
            (self.good_steps, good_steps),
        ]


@K.op
def _all_finite(gradient: TensorLike) -> Any:
    return jnp.all(jnp.isfinite(gradient))


@K.op
def _choose(good: TensorLike, new: TensorLike, old: TensorLike) -> Any:
    return jnp.where(good != 0, new, old)


@K.op
def _next(scale: TensorLike, good_steps: TensorLike, good: TensorLike) -> Any:
    """Returns the scale and the count of good steps after a step."""
    good_steps = jnp.where(good != 0, good_steps + 1, 0)
    doubled = good_steps == STEPS_TO_DOUBLE
    larger = jnp.where(doubled, scale * 2, scale)
    scale = jnp.clip(jnp.where(good != 0, larger, scale / 2), LEAST, LARGEST)
    return scale, jnp.where(doubled, 0, good_steps)
