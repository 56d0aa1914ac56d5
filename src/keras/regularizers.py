"""Penalties on weights or on a layer's output, to be added to the loss."""

import warnings

from . import backend as K
from ._base.names import get_from_module


class Regularizer:
    """Base class: a function of a tensor that gives a scalar penalty, here 0."""

    def __call__(self, x):
        return 0

    def get_config(self):
        """The class's name and its arguments, a dict from which `get` makes it again."""
        return {"name": type(self).__name__}

    def set_param(self, _):
        """Does nothing; kept for programs written for Keras 1.0."""
        _warn_of("set_param")

    def set_layer(self, _):
        """Does nothing; kept for programs written for Keras 1.0."""
        _warn_of("set_layer")


def _warn_of(method):
    warnings.warn(f"{method} of a regularizer does nothing; leave the call out.", stacklevel=3)


class EigenvalueRegularizer(Regularizer):
    """k * sqrt(largest eigenvalue of x^T x), found by nine steps of the power method.

    Args:
        k: float >= 0, weight of the penalty.

    Reference:
        Ludwig 2016, arXiv:1604.06985, "Eigenvalue decay: a new method for neural network
        regularization".
    """

    _STEPS = 9

    def __init__(self, k):
        self.k = k

    def __call__(self, x):
        if K.ndim(x) != 2 or None in K.int_shape(x):
            raise ValueError(f"EigenvalueRegularizer: wanted a weight of rank 2; got shape {K.int_shape(x)}.")
        covariance = K.dot(K.transpose(x), x)
        vector = K.ones_like(covariance[:, :1])
        for _ in range(self._STEPS):
            # The quotient below does not depend on the length; without this, float32 overflows.
            vector = K.l2_normalize(K.dot(covariance, vector), axis=0)
        eigenvalue = K.sum(vector * K.dot(covariance, vector)) / K.sum(K.square(vector))
        return self.k * K.sqrt(eigenvalue)

    def get_config(self):
        # Keras 1.2.2 leaves k out, so that what it saves cannot be loaded.
        return {**super().get_config(), "k": float(self.k)}


class L1L2Regularizer(Regularizer):
    """sum(l1 * |x|) + sum(l2 * x ** 2) over all elements (of activities: over the batch as well).

    Args:
        l1: float >= 0, weight of the absolute values.
        l2: float >= 0, weight of the squares.
    """

    def __init__(self, l1=0.0, l2=0.0):
        # Rounded to the default float type: this is what Keras 1.2.2 computes with and saves.
        self.l1 = float(K.cast_to_floatx(l1))
        self.l2 = float(K.cast_to_floatx(l2))

    def __call__(self, x):
        penalty = 0
        if self.l1:
            penalty += K.sum(self.l1 * K.abs(x))
        if self.l2:
            penalty += K.sum(self.l2 * K.square(x))
        return penalty

    def get_config(self):
        return {**super().get_config(), "l1": self.l1, "l2": self.l2}


WeightRegularizer = L1L2Regularizer
ActivityRegularizer = L1L2Regularizer


def l1(l=0.01):
    """sum(l * |x|) of a weight."""
    return L1L2Regularizer(l1=l)


def l2(l=0.01):
    """sum(l * x ** 2) of a weight."""
    return L1L2Regularizer(l2=l)


def l1l2(l1=0.01, l2=0.01):
    """sum(l1 * |x|) + sum(l2 * x ** 2) of a weight."""
    return L1L2Regularizer(l1=l1, l2=l2)


def activity_l1(l=0.01):
    """sum(l * |x|) of a layer's output."""
    return L1L2Regularizer(l1=l)


def activity_l2(l=0.01):
    """sum(l * x ** 2) of a layer's output."""
    return L1L2Regularizer(l2=l)


def activity_l1l2(l1=0.01, l2=0.01):
    """sum(l1 * |x|) + sum(l2 * x ** 2) of a layer's output."""
    return L1L2Regularizer(l1=l1, l2=l2)


_REGULARIZERS = {
    "Regularizer": Regularizer,
    "L1L2Regularizer": L1L2Regularizer,
    "WeightRegularizer": WeightRegularizer,
    "ActivityRegularizer": ActivityRegularizer,
    "EigenvalueRegularizer": EigenvalueRegularizer,
    **{make.__name__: make for make in (l1, l2, l1l2, activity_l1, activity_l2, activity_l1l2)},
}


def get(identifier, kwargs=None):
    """Finds or makes a regularizer.

    Args:
        identifier: a name; a dict with 'name' and arguments, as `get_config` gives; a regularizer; None.
        kwargs: dict of arguments to make a named one with.

    Returns:
        A function of a tensor giving a scalar, or None for None.

    Raises:
        ValueError: no regularizer has that name.

    Example:
        >>> get({'name': 'L1L2Regularizer', 'l1': 0.0, 'l2': 0.5}).l2
        0.5
    """
    return get_from_module(identifier, _REGULARIZERS, "regularizer", instantiate=True, kwargs=kwargs)
