"""Regularizers: penalties on weights or on the outputs of a layer, which are added to the loss."""

import math
import warnings
from collections.abc import Callable, Mapping
from typing import Any

from . import backend as K
from ._base.constructed import Constructed
from ._base.names import get_from_module
from ._base.types import Config, TensorLike
from ._graph import Tensor
from ._spelling import value_as_1x


class Regularizer(Constructed):
    """Base class of regularizers. Its own penalty is 0."""

    def __call__(self, x: TensorLike) -> Tensor | float:
        """Computes the penalty of a tensor.

        Args:
            x: float tensor, the weight or the output of a layer.

        Returns:
            Scalar tensor, or the number 0.
        """
        return 0

    def get_config(self) -> Config:
        """Returns the class name and the arguments as a dict that `get` accepts."""
        return {"name": type(self).__name__}

    def set_param(self, _: Any) -> None:
        """Does nothing; kept for programs written for Keras 1.0."""
        _warn_unused("set_param")

    def set_layer(self, _: Any) -> None:
        """Does nothing; kept for programs written for Keras 1.0."""
        _warn_unused("set_layer")


def _warn_unused(method: str) -> None:
    warnings.warn(f"{method} of a regularizer does nothing; remove the call.", stacklevel=3)


class EigenvalueRegularizer(Regularizer):
    """Eigenvalue decay: k * sqrt(largest eigenvalue of x^T x), from nine steps of power iteration.

    Args:
        k: float >= 0, weight of the penalty.

    Raises:
        ValueError: when called, the weight is not a matrix of known shape.

    Reference:
        Ludwig 2016, arXiv:1604.06985, "Eigenvalue decay: a new method for neural network
        regularization".
    """

    _STEPS = 9

    def __init__(self, k: float) -> None:
        self.k = k

    def __call__(self, x: TensorLike) -> Tensor:
        if K.ndim(x) != 2 or None in K.int_shape(x):
            raise ValueError(
                f"EigenvalueRegularizer: expected a weight of rank 2; got shape {K.int_shape(x)}."
            )
        covariance = K.dot(K.transpose(x), x)
        vector = K.ones_like(covariance[:, :1])
        for _ in range(self._STEPS):
            # The quotient below does not depend on the vector's length; without scaling, float32 overflows.
            vector = K.l2_normalize(K.dot(covariance, vector), axis=0)
        eigenvalue = K.sum(vector * K.dot(covariance, vector)) / K.sum(K.square(vector))
        return self.k * K.sqrt(eigenvalue)

    def get_config(self) -> Config:
        # Keras 1.2.2 omits k, and cannot load what it saves.
        return {**super().get_config(), "k": float(self.k)}


class L1L2Regularizer(Regularizer):
    """L1 and L2 penalty: sum(l1 * |x|) + sum(l2 * x ** 2) over all elements.

    For the output of a layer, the sums also run over the batch.

    Args:
        l1: float >= 0, weight of the absolute values.
        l2: float >= 0, weight of the squares.

    Raises:
        ValueError: one of them is not a finite number.
    """

    def __init__(self, l1: float = 0.0, l2: float = 0.0) -> None:
        # Keras 1.2.2 rounds to the default float type, and computes with and saves the rounded values.
        self.l1 = self._rounded("l1", l1)
        self.l2 = self._rounded("l2", l2)

    def _rounded(self, name: str, value: float) -> float:
        try:
            number = float(K.cast_to_floatx(value))
        except (TypeError, ValueError):
            number = math.nan
        if not math.isfinite(number):
            raise ValueError(f"{type(self).__name__}: {name} must be a finite number; got {value!r:.100}.")
        return number

    def __call__(self, x: TensorLike) -> Tensor | float:
        penalty: Any = 0
        if self.l1:
            penalty += K.sum(self.l1 * K.abs(x))
        if self.l2:
            penalty += K.sum(self.l2 * K.square(x))
        return penalty

    def get_config(self) -> Config:
        return {**super().get_config(), "l1": self.l1, "l2": self.l2}


WeightRegularizer = L1L2Regularizer
ActivityRegularizer = L1L2Regularizer


def l1(l: float = 0.01) -> L1L2Regularizer:
    """Returns the penalty sum(l * |x|) of a weight."""
    return L1L2Regularizer(l1=l)


def l2(l: float = 0.01) -> L1L2Regularizer:
    """Returns the penalty sum(l * x ** 2) of a weight."""
    return L1L2Regularizer(l2=l)


def l1l2(l1: float = 0.01, l2: float = 0.01) -> L1L2Regularizer:
    """Returns the penalty sum(l1 * |x|) + sum(l2 * x ** 2) of a weight."""
    return L1L2Regularizer(l1=l1, l2=l2)


def activity_l1(l: float = 0.01) -> L1L2Regularizer:
    """Returns the penalty sum(l * |x|) of the output of a layer."""
    return L1L2Regularizer(l1=l)


def activity_l2(l: float = 0.01) -> L1L2Regularizer:
    """Returns the penalty sum(l * x ** 2) of the output of a layer."""
    return L1L2Regularizer(l2=l)


def activity_l1l2(l1: float = 0.01, l2: float = 0.01) -> L1L2Regularizer:
    """Returns the penalty sum(l1 * |x|) + sum(l2 * x ** 2) of the output of a layer."""
    return L1L2Regularizer(l1=l1, l2=l2)


_REGULARIZERS = {
    "Regularizer": Regularizer,
    "L1L2Regularizer": L1L2Regularizer,
    "WeightRegularizer": WeightRegularizer,
    "ActivityRegularizer": ActivityRegularizer,
    "EigenvalueRegularizer": EigenvalueRegularizer,
    **{make.__name__: make for make in (l1, l2, l1l2, activity_l1, activity_l2, activity_l1l2)},
}


def get(
    identifier: str | Callable[..., Any] | Config | None, kwargs: Mapping[str, Any] | None = None
) -> Callable[[TensorLike], Tensor | float] | None:
    """Creates or looks up a regularizer.

    Args:
        identifier: name of a regularizer, as a string; a dict with 'name' and the arguments, as returned by
            `get_config`, or Keras 2's {"class_name": ..., "config": ...}; a regularizer, which is returned
            unchanged; or None.
        kwargs: dict of arguments for a regularizer that is given by its name.

    Returns:
        A function of a tensor that returns a scalar, or None for None.

    Raises:
        ValueError: there is no regularizer of that name.
        TypeError: `identifier` is a number, bytes or a list.

    Example:
        >>> get({'name': 'L1L2Regularizer', 'l1': 0.0, 'l2': 0.5}).l2
        0.5
    """
    if isinstance(identifier, str | dict):  # which may be in the words of Keras 2
        identifier = value_as_1x("kernel_regularizer", identifier)
    return get_from_module(identifier, _REGULARIZERS, "regularizer", instantiate=True, kwargs=kwargs)
