"""Constraints: functions that map a weight into its allowed range after each update."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from . import backend as K
from ._base.constructed import Constructed
from ._base.names import get_from_module
from ._base.types import Config, TensorLike
from ._graph import Tensor
from ._spelling import value_as_1x


class Constraint(Constructed):
    """Base class of constraints. It leaves the weight unchanged."""

    def __call__(self, p: TensorLike) -> Tensor:
        """Computes the constrained weight.

        Args:
            p: float tensor, the weight after an update.

        Returns:
            Tensor of the shape and the dtype of `p`.
        """
        return p

    def get_config(self) -> Config:
        """Returns the class name and the arguments as a dict that `get` accepts."""
        return {"name": type(self).__name__}


class MaxNorm(Constraint):
    """Scales weight vectors longer than `m` down to the length `m`.

    Args:
        m: float > 0, the largest Euclidean norm.
        axis: int or list of int, the axes over which a norm is taken. Use 0 for the weights (inputs,
            outputs) of a Dense layer, which limits the input weights of each unit; [1, 2, 3] for the weights
            (outputs, inputs, rows, cols) of a convolution, [0, 1, 2] for (rows, cols, inputs, outputs).

    Reference:
        Srivastava et al. 2014, JMLR 15, "Dropout: a simple way to prevent neural networks from
        overfitting", section 5.1.
    """

    def __init__(self, m: float = 2, axis: int | Sequence[int] = 0) -> None:
        self.m = m
        self.axis = axis

    def __call__(self, p: TensorLike) -> Tensor:
        norms = _norms(p, self.axis)
        return p * (K.clip(norms, 0, self.m) / (K.epsilon() + norms))

    def get_config(self) -> Config:
        return {**super().get_config(), "m": self.m, "axis": self.axis}


class NonNeg(Constraint):
    """Sets negative weights to 0."""

    def __call__(self, p: TensorLike) -> Tensor:
        return p * K.cast(K.greater_equal(p, 0.0), K.dtype(p))


class UnitNorm(Constraint):
    """Scales weight vectors to length 1.

    Args:
        axis: int or list of int, the axes over which a norm is taken; see `MaxNorm`.
    """

    def __init__(self, axis: int | Sequence[int] = 0) -> None:
        self.axis = axis

    def __call__(self, p: TensorLike) -> Tensor:
        return p / (K.epsilon() + _norms(p, self.axis))

    def get_config(self) -> Config:
        return {**super().get_config(), "axis": self.axis}


class MinMaxNorm(Constraint):
    """Scales weight vectors towards lengths in [low, high].

    The new length is rate * clip(length, low, high) + (1 - rate) * length.

    Args:
        low: float >= 0, the smallest Euclidean norm.
        high: float > 0, the largest Euclidean norm.
        rate: float in [0, 1], the fraction of the correction that one update applies.
        axis: int or list of int, the axes over which a norm is taken; see `MaxNorm`.
    """

    def __init__(
        self, low: float = 0.0, high: float = 1.0, rate: float = 1.0, axis: int | Sequence[int] = 0
    ) -> None:
        self.low = low
        self.high = high
        self.rate = rate
        self.axis = axis

    def __call__(self, p: TensorLike) -> Tensor:
        norms = _norms(p, self.axis)
        target = self.rate * K.clip(norms, self.low, self.high) + (1 - self.rate) * norms
        return p * (target / (K.epsilon() + norms))

    def get_config(self) -> Config:
        arguments = {"low": self.low, "high": self.high, "rate": self.rate, "axis": self.axis}
        return {**super().get_config(), **arguments}


def _norms(p: TensorLike, axis: int | Sequence[int]) -> TensorLike:
    return K.sqrt(K.sum(K.square(p), axis=axis, keepdims=True))


maxnorm = MaxNorm
nonneg = NonNeg
unitnorm = UnitNorm

_CONSTRAINTS = {
    **{constraint.__name__: constraint for constraint in (Constraint, MaxNorm, NonNeg, UnitNorm, MinMaxNorm)},
    **{"maxnorm": maxnorm, "nonneg": nonneg, "unitnorm": unitnorm},
}


def get(
    identifier: str | Callable[..., Any] | Config | None, kwargs: Mapping[str, Any] | None = None
) -> Callable[[TensorLike], Tensor] | None:
    """Creates or looks up a constraint.

    Args:
        identifier: name of a constraint, as a string; a dict with 'name' and the arguments, as returned by
            `get_config`, or Keras 2's {"class_name": ..., "config": ...}; a constraint, which is returned
            unchanged; or None.
        kwargs: dict of arguments for a constraint that is given by its name.

    Returns:
        A function of a weight that returns the constrained weight, or None for None.

    Raises:
        ValueError: there is no constraint of that name.
        TypeError: `identifier` is a number, bytes or a list.

    Example:
        >>> get('maxnorm').get_config()
        {'name': 'MaxNorm', 'm': 2, 'axis': 0}
    """
    if isinstance(identifier, str | dict):  # which may be in the words of Keras 2
        identifier = value_as_1x("kernel_constraint", identifier)
    return get_from_module(identifier, _CONSTRAINTS, "constraint", instantiate=True, kwargs=kwargs)
