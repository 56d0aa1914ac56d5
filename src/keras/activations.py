"""Activation functions. Each takes a tensor and returns a tensor of the same shape."""

from collections.abc import Callable
from typing import Any

from . import backend as K
from ._base.names import get_from_module
from ._base.types import Config, TensorLike
from ._graph import Tensor


def softmax(x: TensorLike) -> Tensor:
    """Softmax over the last axis: exp(x) / sum(exp(x)), so that the axis sums to 1.

    Args:
        x: float tensor of shape (samples, classes) or (samples, steps, classes).

    Returns:
        Tensor of the shape of `x`, with values in (0, 1).

    Raises:
        ValueError: `x` is neither 2-D nor 3-D.

    Example:
        >>> K.eval(softmax(K.variable([[0.0, 0.0]]))).tolist()
        [[0.5, 0.5]]

    Reference:
        Bridle 1990, "Probabilistic interpretation of feedforward classification network outputs".
    """
    if K.ndim(x) not in (2, 3):
        raise ValueError(
            "softmax: expected a tensor of shape (samples, classes) or (samples, steps, classes); "
            f"got shape {K.int_shape(x)}. Flatten it first, or use a Lambda layer with K.softmax, "
            "which takes the last axis of a tensor of any rank."
        )
    return K.softmax(x)


def elu(x: TensorLike, alpha: float = 1.0) -> Tensor:
    """Exponential linear unit: x where x > 0, alpha * (exp(x) - 1) elsewhere.

    Args:
        x: float tensor of any shape.
        alpha: float, scale of the negative part.

    Returns:
        Tensor of the shape of `x`, with values above -`alpha`.

    Reference:
        Clevert, Unterthiner and Hochreiter 2015, arXiv:1511.07289, eq. 15.
    """
    return K.elu(x, alpha)


def softplus(x: TensorLike) -> Tensor:
    """Softplus, a smooth approximation of `relu`: log(1 + exp(x)).

    Args:
        x: float tensor of any shape.

    Returns:
        Tensor of the shape of `x`, with positive values.

    Reference:
        Dugas et al. 2001, "Incorporating second-order functional knowledge", eq. 3.
    """
    return K.softplus(x)


def softsign(x: TensorLike) -> Tensor:
    """Softsign: x / (1 + |x|).

    Args:
        x: float tensor of any shape.

    Returns:
        Tensor of the shape of `x`, with values in (-1, 1).

    Reference:
        Bergstra et al. 2009, "Quadratic polynomials learn better image features".
    """
    return K.softsign(x)


def relu(x: TensorLike, alpha: float = 0.0, max_value: float | None = None) -> Tensor:
    """Rectified linear unit: x where x > 0, alpha * x elsewhere, clipped at `max_value`.

    Args:
        x: float tensor of any shape.
        alpha: float, slope of the negative part.
        max_value: float, the largest output; None for no limit.

    Returns:
        Tensor of the shape of `x`.

    Reference:
        Nair and Hinton 2010, "Rectified linear units improve restricted Boltzmann machines".
    """
    return K.relu(x, alpha=alpha, max_value=max_value)


def tanh(x: TensorLike) -> Tensor:
    """Hyperbolic tangent.

    Args:
        x: float tensor of any shape.

    Returns:
        Tensor of the shape of `x`, with values in (-1, 1).
    """
    return K.tanh(x)


def sigmoid(x: TensorLike) -> Tensor:
    """Logistic sigmoid: 1 / (1 + exp(-x)).

    Args:
        x: float tensor of any shape.

    Returns:
        Tensor of the shape of `x`, with values in (0, 1).
    """
    return K.sigmoid(x)


def hard_sigmoid(x: TensorLike) -> Tensor:
    """Piecewise linear approximation of `sigmoid`: 0.2 * x + 0.5, clipped to [0, 1].

    Args:
        x: float tensor of any shape.

    Returns:
        Tensor of the shape of `x`, with values in [0, 1].
    """
    return K.hard_sigmoid(x)


def selu(x: TensorLike) -> Tensor:
    """Scaled exponential linear unit: 1.0507 * elu(x, 1.67326).

    Args:
        x: float tensor of any shape.

    Returns:
        Tensor of the same shape.

    Reference:
        Klambauer, Unterthiner, Mayr and Hochreiter 2017, arXiv:1706.02515.
    """
    return 1.0507009873554804934193349852946 * K.elu(x, 1.6732632423543772848170429916717)


def exponential(x: TensorLike) -> Tensor:
    """exp(x).

    Args:
        x: float tensor of any shape.

    Returns:
        Tensor of the same shape.
    """
    return K.exp(x)


def gelu(x: TensorLike, approximate: bool = False) -> Tensor:
    """Gaussian error linear unit: x times the normal distribution function of x.

    Args:
        x: float tensor of any shape.
        approximate: bool, whether to use the approximation with tanh.

    Returns:
        Tensor of the same shape.

    Reference:
        Hendrycks and Gimpel 2016, arXiv:1606.08415.
    """
    return K.gelu(x, approximate)


def silu(x: TensorLike) -> Tensor:
    """x * sigmoid(x), also called swish.

    Args:
        x: float tensor of any shape.

    Returns:
        Tensor of the same shape.

    Reference:
        Elfwing, Uchibe and Doya 2017, arXiv:1702.03118.
    """
    return x * K.sigmoid(x)


def mish(x: TensorLike) -> Tensor:
    """x * tanh(softplus(x)).

    Args:
        x: float tensor of any shape.

    Returns:
        Tensor of the same shape.

    Reference:
        Misra 2019, arXiv:1908.08681.
    """
    return x * K.tanh(K.softplus(x))


def linear(x: TensorLike) -> Tensor:
    """Identity: returns `x` itself."""
    return x


_ACTIVATIONS = {
    function.__name__: function
    for function in (
        *(softmax, elu, softplus, softsign, relu, tanh, sigmoid, hard_sigmoid, linear),
        *(selu, exponential, gelu, silu, mish),
    )
} | {"swish": silu}


def get(identifier: str | Callable[..., Any] | Config | None) -> Callable[..., Tensor]:
    """Looks up an activation function.

    Args:
        identifier: name of a function, as a string; a function of one tensor, which is returned unchanged;
            a dict with the 'name' and the arguments of a custom object; or None for `linear`.

    Returns:
        A function of one tensor.

    Raises:
        ValueError: there is no activation function of that name.
        TypeError: `identifier` is a number, bytes or a list.

    Example:
        >>> get('relu') is relu, get(None) is linear
        (True, True)
    """
    if identifier is None:
        return linear
    return get_from_module(identifier, _ACTIVATIONS, "activation function")
