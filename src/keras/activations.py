"""Activation functions: tensor in, tensor of the same shape out."""

from . import backend as K
from ._base.names import get_from_module


def softmax(x):
    """exp(x) / sum(exp(x)) over the last axis, so that it sums to 1.

    Args:
        x: float tensor (samples, classes) or (samples, steps, classes).

    Raises:
        ValueError: `x` is neither 2-D nor 3-D.

    Reference:
        Bridle 1990, "Probabilistic interpretation of feedforward classification network outputs".
    """
    if K.ndim(x) not in (2, 3):
        raise ValueError(
            "softmax: wanted a tensor (samples, classes) or (samples, steps, classes); "
            f"got shape {K.int_shape(x)}. Flatten it first, or use a Lambda layer with K.softmax, "
            "which takes the last axis of any tensor."
        )
    return K.softmax(x)


def elu(x, alpha=1.0):
    """Exponential linear unit: x where x > 0, alpha * (exp(x) - 1) elsewhere.

    Args:
        x: float tensor, any shape.
        alpha: float, scale of the negative part.

    Reference:
        Clevert, Unterthiner and Hochreiter 2015, arXiv:1511.07289, eq. 15.
    """
    return K.elu(x, alpha)


def softplus(x):
    """log(1 + exp(x)), a smooth `relu`.

    Reference:
        Dugas et al. 2001, "Incorporating second-order functional knowledge", eq. 3.
    """
    return K.softplus(x)


def softsign(x):
    """x / (1 + |x|), in -1 .. 1.

    Reference:
        Bergstra et al. 2009, "Quadratic polynomials learn better image features".
    """
    return K.softsign(x)


def relu(x, alpha=0.0, max_value=None):
    """Rectifier: x where x > 0, alpha * x elsewhere, at most `max_value`.

    Args:
        x: float tensor, any shape.
        alpha: float, slope of the negative part.
        max_value: float, or None for no bound.

    Reference:
        Nair and Hinton 2010, "Rectified linear units improve restricted Boltzmann machines".
    """
    return K.relu(x, alpha=alpha, max_value=max_value)


def tanh(x):
    """Hyperbolic tangent, in -1 .. 1."""
    return K.tanh(x)


def sigmoid(x):
    """1 / (1 + exp(-x)), in 0 .. 1."""
    return K.sigmoid(x)


def hard_sigmoid(x):
    """0.2 * x + 0.5, cut off below 0 and above 1: a `sigmoid` in straight lines."""
    return K.hard_sigmoid(x)


def linear(x):
    """x itself."""
    return x


_ACTIVATIONS = {
    function.__name__: function
    for function in (softmax, elu, softplus, softsign, relu, tanh, sigmoid, hard_sigmoid, linear)
}


def get(identifier):
    """Finds an activation function.

    Args:
        identifier: its name, a function of one tensor (which comes back), or None for `linear`.

    Raises:
        ValueError: no activation function has that name.

    Example:
        >>> get('relu') is relu, get(None) is linear
        (True, True)
    """
    if identifier is None:
        return linear
    return get_from_module(identifier, _ACTIVATIONS, "activation function")
