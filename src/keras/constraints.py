"""Constraints: what a weight is replaced by after each update, to keep it within bounds."""

from . import backend as K
from ._base.names import get_from_module


class Constraint:
    """Base class: a function of a weight that gives the weight to have, here the same."""

    def __call__(self, p):
        return p

    def get_config(self):
        """The class's name and its arguments, a dict from which `get` makes it again."""
        return {"name": type(self).__name__}


class MaxNorm(Constraint):
    """Shrinks vectors of weights that are longer than `m` to the length `m`.

    Args:
        m: float > 0, the largest Euclidean norm.
        axis: int or list of int, the axes along which a norm is taken: 0 for the weights (inputs,
            outputs) of a Dense layer, so that each output's inputs are bounded; [1, 2, 3] for a
            convolution's (outputs, inputs, rows, cols), [0, 1, 2] for (rows, cols, inputs, outputs).

    Reference:
        Srivastava et al. 2014, JMLR 15, "Dropout: a simple way to prevent neural networks from
        overfitting", section 5.1.
    """

    def __init__(self, m=2, axis=0):
        self.m = m
        self.axis = axis

    def __call__(self, p):
        norms = _norms(p, self.axis)
        return p * (K.clip(norms, 0, self.m) / (K.epsilon() + norms))

    def get_config(self):
        return {**super().get_config(), "m": self.m, "axis": self.axis}


class NonNeg(Constraint):
    """Sets negative weights to 0."""

    def __call__(self, p):
        return p * K.cast(K.greater_equal(p, 0.0), K.dtype(p))


class UnitNorm(Constraint):
    """Scales vectors of weights to length 1.

    Args:
        axis: int or list of int, the axes along which a norm is taken; see `MaxNorm`.
    """

    def __init__(self, axis=0):
        self.axis = axis

    def __call__(self, p):
        return p / (K.epsilon() + _norms(p, self.axis))

    def get_config(self):
        return {**super().get_config(), "axis": self.axis}


class MinMaxNorm(Constraint):
    """Moves the lengths of vectors of weights into low .. high.

    Args:
        low: float >= 0, the smallest norm.
        high: float > 0, the largest norm.
        rate: float in 0 .. 1, how much of the way to go at each update; 1 means all of it.
        axis: int or list of int, the axes along which a norm is taken; see `MaxNorm`.
    """

    def __init__(self, low=0.0, high=1.0, rate=1.0, axis=0):
        self.low = low
        self.high = high
        self.rate = rate
        self.axis = axis

    def __call__(self, p):
        norms = _norms(p, self.axis)
        wanted = self.rate * K.clip(norms, self.low, self.high) + (1 - self.rate) * norms
        return p * (wanted / (K.epsilon() + norms))

    def get_config(self):
        own = {"low": self.low, "high": self.high, "rate": self.rate, "axis": self.axis}
        return {**super().get_config(), **own}


def _norms(p, axis):
    return K.sqrt(K.sum(K.square(p), axis=axis, keepdims=True))


maxnorm = MaxNorm
nonneg = NonNeg
unitnorm = UnitNorm

_CONSTRAINTS = {
    **{constraint.__name__: constraint for constraint in (Constraint, MaxNorm, NonNeg, UnitNorm, MinMaxNorm)},
    **{"maxnorm": maxnorm, "nonneg": nonneg, "unitnorm": unitnorm},
}


def get(identifier, kwargs=None):
    """Finds or makes a constraint.

    Args:
        identifier: a name; a dict with 'name' and arguments, as `get_config` gives; a constraint; None.
        kwargs: dict of arguments to make a named one with.

    Returns:
        A function of a weight giving the weight to have, or None for None.

    Raises:
        ValueError: no constraint has that name.

    Example:
        >>> get('maxnorm').get_config()
        {'name': 'MaxNorm', 'm': 2, 'axis': 0}
    """
    return get_from_module(identifier, _CONSTRAINTS, "constraint", instantiate=True, kwargs=kwargs)
