"""Initialization functions of Keras 1. Each returns a new `K.variable` of a given shape.

All random numbers come from `numpy.random`, so that `numpy.random.seed(n)` makes them repeatable.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from . import backend as K
from ._base.names import get_from_module
from ._base.types import Config
from ._graph import Variable
from .initializers import CLASSES
from .initializers import get_fans as get_fans


def uniform(
    shape: tuple[int, ...], scale: float = 0.05, name: str | None = None, dim_ordering: str = "th"
) -> Variable:
    """Uniform distribution over [-scale, scale).

    Args:
        shape: tuple of int.
        scale: float > 0.
        name: str, name of the variable.
        dim_ordering: not used; all initialization functions accept it.

    Returns:
        Variable of the given shape and of the type `K.floatx()`.
    """
    return K.random_uniform_variable(shape, -scale, scale, name=name)


def normal(
    shape: tuple[int, ...], scale: float = 0.05, name: str | None = None, dim_ordering: str = "th"
) -> Variable:
    """Normal distribution with mean 0 and standard deviation `scale`.

    Args:
        shape: tuple of int.
        scale: float > 0.
        name: str, name of the variable.
        dim_ordering: not used; all initialization functions accept it.

    Returns:
        Variable of the given shape and of the type `K.floatx()`.
    """
    return K.random_normal_variable(shape, 0.0, scale, name=name)


def lecun_uniform(shape: tuple[int, ...], name: str | None = None, dim_ordering: str = "th") -> Variable:
    """Uniform distribution with mean 0 and variance 1 / fan_in; see `get_fans`.

    Args:
        shape: tuple of int.
        name: str, name of the variable.
        dim_ordering: "th" or "tf", the layout of a convolution kernel.

    Returns:
        Variable of the given shape and of the type `K.floatx()`.

    Reference:
        LeCun, Bottou, Orr and Müller 1998, "Efficient BackProp", eq. 16.
    """
    fan_in, _ = get_fans(shape, dim_ordering)
    return uniform(shape, math.sqrt(3 / fan_in), name)


def glorot_normal(shape: tuple[int, ...], name: str | None = None, dim_ordering: str = "th") -> Variable:
    """Normal distribution with mean 0 and variance 2 / (fan_in + fan_out); see `get_fans`.

    Args:
        shape: tuple of int.
        name: str, name of the variable.
        dim_ordering: "th" or "tf", the layout of a convolution kernel.

    Returns:
        Variable of the given shape and of the type `K.floatx()`.

    Reference:
        Glorot and Bengio 2010, "Understanding the difficulty of training deep feedforward neural
        networks", eq. 12.
    """
    return normal(shape, math.sqrt(2 / sum(get_fans(shape, dim_ordering))), name)


def glorot_uniform(shape: tuple[int, ...], name: str | None = None, dim_ordering: str = "th") -> Variable:
    """Uniform distribution with mean 0 and variance 2 / (fan_in + fan_out); see `get_fans`.

    Args:
        shape: tuple of int.
        name: str, name of the variable.
        dim_ordering: "th" or "tf", the layout of a convolution kernel.

    Returns:
        Variable of the given shape and of the type `K.floatx()`.

    Reference:
        Glorot and Bengio 2010, "Understanding the difficulty of training deep feedforward neural
        networks", eq. 16.
    """
    return uniform(shape, math.sqrt(6 / sum(get_fans(shape, dim_ordering))), name)


def he_normal(shape: tuple[int, ...], name: str | None = None, dim_ordering: str = "th") -> Variable:
    """Normal distribution with mean 0 and variance 2 / fan_in; see `get_fans`.

    Args:
        shape: tuple of int.
        name: str, name of the variable.
        dim_ordering: "th" or "tf", the layout of a convolution kernel.

    Returns:
        Variable of the given shape and of the type `K.floatx()`.

    Reference:
        He, Zhang, Ren and Sun 2015, arXiv:1502.01852, eq. 10.
    """
    fan_in, _ = get_fans(shape, dim_ordering)
    return normal(shape, math.sqrt(2 / fan_in), name)


def he_uniform(shape: tuple[int, ...], name: str | None = None, dim_ordering: str = "th") -> Variable:
    """Uniform distribution with mean 0 and variance 2 / fan_in; see `get_fans`.

    Args:
        shape: tuple of int.
        name: str, name of the variable.
        dim_ordering: "th" or "tf", the layout of a convolution kernel.

    Returns:
        Variable of the given shape and of the type `K.floatx()`.

    Reference:
        He, Zhang, Ren and Sun 2015, arXiv:1502.01852, eq. 10.
    """
    fan_in, _ = get_fans(shape, dim_ordering)
    return uniform(shape, math.sqrt(6 / fan_in), name)


def orthogonal(
    shape: tuple[int, ...], scale: float = 1.1, name: str | None = None, dim_ordering: str = "th"
) -> Variable:
    """Random matrix with orthogonal rows, or orthogonal columns if it has more rows than columns.

    Args:
        shape: tuple of int of rank 2 or more; all axes after the first are flattened into columns.
        scale: float, Euclidean length of each row (or column).
        name: str, name of the variable.
        dim_ordering: not used; all initialization functions accept it.

    Returns:
        Variable of the given shape and of the type `K.floatx()`.

    Raises:
        ValueError: the rank is less than 2.

    Reference:
        Saxe, McClelland and Ganguli 2013, arXiv:1312.6120.
    """
    if len(shape) < 2:
        raise ValueError(f"orthogonal: expected a shape of rank 2 or more; got {shape}.")
    flat = shape[0], math.prod(shape[1:])
    left, _, right = np.linalg.svd(np.random.normal(0.0, 1.0, flat), full_matrices=False)
    matrix = left if left.shape == flat else right
    return K.variable(scale * matrix.reshape(shape), name=name)


def identity(
    shape: tuple[int, ...], scale: float = 1, name: str | None = None, dim_ordering: str = "th"
) -> Variable:
    """Identity matrix times `scale`.

    Args:
        shape: (n, n).
        scale: float, the value on the diagonal.
        name: str, name of the variable.
        dim_ordering: not used; all initialization functions accept it.

    Returns:
        Variable of the given shape and of the type `K.floatx()`.

    Raises:
        ValueError: `shape` is not the shape of a square matrix.

    Example:
        >>> K.eval(identity((2, 2), scale=3)).tolist()
        [[3.0, 0.0], [0.0, 3.0]]

    Reference:
        Le, Jaitly and Hinton 2015, arXiv:1504.00941, for recurrent weights.
    """
    if len(shape) != 2 or shape[0] != shape[1]:
        raise ValueError(f"identity: expected the shape (n, n) of a square matrix; got {shape}.")
    return K.variable(scale * np.identity(shape[0]), name=name)


def zero(shape: tuple[int, ...], name: str | None = None, dim_ordering: str = "th") -> Variable:
    """Zeros.

    Args:
        shape: tuple of int.
        name: str, name of the variable.
        dim_ordering: not used; all initialization functions accept it.

    Returns:
        Variable of the given shape and of the type `K.floatx()`.
    """
    return K.zeros(shape, name=name)


def one(shape: tuple[int, ...], name: str | None = None, dim_ordering: str = "th") -> Variable:
    """Ones.

    Args:
        shape: tuple of int.
        name: str, name of the variable.
        dim_ordering: not used; all initialization functions accept it.

    Returns:
        Variable of the given shape and of the type `K.floatx()`.
    """
    return K.ones(shape, name=name)


_INITIALIZATIONS = {
    function.__name__: function
    for function in (
        *(uniform, lecun_uniform, normal, identity, orthogonal, zero, one),
        *(glorot_normal, glorot_uniform, he_normal, he_uniform),
    )
}
# A config names an initializer of Keras 2 by its class.
_KNOWN = {**_INITIALIZATIONS, **CLASSES}


def get(identifier: str | Callable[..., Any] | Config, **kwargs: Any) -> Callable[..., Variable]:
    """Looks up an initialization function.

    Args:
        identifier: name of a function, as a string; a function
            `(shape, name=None, dim_ordering='th')` that returns a variable, which is returned unchanged; or a
            dict with the 'name' and the arguments of an initializer (see `keras.initializers`).
        **kwargs: ignored; old programs pass `dim_ordering`.

    Returns:
        A function `(shape, name=None, dim_ordering='th')` that returns a variable.

    Raises:
        ValueError: there is no initialization of that name.
        TypeError: `identifier` is a number, bytes or a list.

    Example:
        >>> get('he_normal') is he_normal
        True
    """
    return get_from_module(identifier, _KNOWN, "initialization", kwargs=kwargs)
