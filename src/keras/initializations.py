"""First values of weights. Each function gives a new `K.variable` of the shape asked for.

All numbers come from `numpy.random`: after `numpy.random.seed(n)` they are the same every time.
"""

import math

import numpy as np

from . import backend as K
from ._base.names import get_from_module
from .initializers import CLASSES
from .initializers import get_fans as get_fans


def uniform(shape, scale=0.05, name=None, dim_ordering="th"):
    """Drawn evenly from -scale .. scale.

    Args:
        shape: tuple of int.
        scale: float > 0.
        name: str, name of the variable.
        dim_ordering: taken for the sake of one signature for all; not used.
    """
    return K.random_uniform_variable(shape, -scale, scale, name=name)


def normal(shape, scale=0.05, name=None, dim_ordering="th"):
    """Drawn from the normal distribution with mean 0 and standard deviation `scale`.

    Args:
        shape: tuple of int.
        scale: float > 0.
        name: str, name of the variable.
        dim_ordering: taken for the sake of one signature for all; not used.
    """
    return K.random_normal_variable(shape, 0.0, scale, name=name)


def lecun_uniform(shape, name=None, dim_ordering="th"):
    """Drawn evenly, with variance 1 / fan_in. Arguments as `get_fans`.

    Reference:
        LeCun, Bottou, Orr and Müller 1998, "Efficient BackProp", eq. 16.
    """
    fan_in, _ = get_fans(shape, dim_ordering)
    return uniform(shape, math.sqrt(3 / fan_in), name)


def glorot_normal(shape, name=None, dim_ordering="th"):
    """Drawn from the normal distribution with variance 2 / (fan_in + fan_out). Arguments as `get_fans`.

    Reference:
        Glorot and Bengio 2010, "Understanding the difficulty of training deep feedforward neural
        networks", eq. 12.
    """
    return normal(shape, math.sqrt(2 / sum(get_fans(shape, dim_ordering))), name)


def glorot_uniform(shape, name=None, dim_ordering="th"):
    """Drawn evenly, with variance 2 / (fan_in + fan_out). Arguments as `get_fans`.

    Reference:
        Glorot and Bengio 2010, "Understanding the difficulty of training deep feedforward neural
        networks", eq. 16.
    """
    return uniform(shape, math.sqrt(6 / sum(get_fans(shape, dim_ordering))), name)


def he_normal(shape, name=None, dim_ordering="th"):
    """Drawn from the normal distribution with variance 2 / fan_in. Arguments as `get_fans`.

    Reference:
        He, Zhang, Ren and Sun 2015, arXiv:1502.01852, eq. 10.
    """
    fan_in, _ = get_fans(shape, dim_ordering)
    return normal(shape, math.sqrt(2 / fan_in), name)


def he_uniform(shape, name=None, dim_ordering="th"):
    """Drawn evenly, with variance 2 / fan_in. Arguments as `get_fans`.

    Reference:
        He, Zhang, Ren and Sun 2015, arXiv:1502.01852, eq. 10.
    """
    fan_in, _ = get_fans(shape, dim_ordering)
    return uniform(shape, math.sqrt(6 / fan_in), name)


def orthogonal(shape, scale=1.1, name=None, dim_ordering="th"):
    """A random matrix with orthogonal rows (or columns, if there are more rows than columns).

    Args:
        shape: tuple of int, rank 2 or more; the axes after the first count as one.
        scale: float, length of each row (column).
        name: str, name of the variable.
        dim_ordering: taken for the sake of one signature for all; not used.

    Raises:
        ValueError: the rank is below 2.

    Reference:
        Saxe, McClelland and Ganguli 2013, arXiv:1312.6120.
    """
    if len(shape) < 2:
        raise ValueError(f"orthogonal: wanted a shape of rank 2 or more; got {shape}.")
    flat = shape[0], math.prod(shape[1:])
    left, _, right = np.linalg.svd(np.random.normal(0.0, 1.0, flat), full_matrices=False)
    matrix = left if left.shape == flat else right
    return K.variable(scale * matrix.reshape(shape), name=name)


def identity(shape, scale=1, name=None, dim_ordering="th"):
    """`scale` on the diagonal, zeros elsewhere.

    Args:
        shape: (n, n).
        scale: float.
        name: str, name of the variable.
        dim_ordering: taken for the sake of one signature for all; not used.

    Raises:
        ValueError: `shape` is not that of a square matrix.

    Reference:
        Le, Jaitly and Hinton 2015, arXiv:1504.00941, for recurrent weights.
    """
    if len(shape) != 2 or shape[0] != shape[1]:
        raise ValueError(f"identity: wanted the shape (n, n) of a square matrix; got {shape}.")
    return K.variable(scale * np.identity(shape[0]), name=name)


def zero(shape, name=None, dim_ordering="th"):
    """Zeros."""
    return K.zeros(shape, name=name)


def one(shape, name=None, dim_ordering="th"):
    """Ones."""
    return K.ones(shape, name=name)


_INITIALIZATIONS = {
    function.__name__: function
    for function in (
        *(uniform, lecun_uniform, normal, identity, orthogonal, zero, one),
        *(glorot_normal, glorot_uniform, he_normal, he_uniform),
    )
}
# Objects of Keras 2 are in configs by their classes.
_KNOWN = {**_INITIALIZATIONS, **CLASSES}


def get(identifier, **kwargs):
    """Finds an initialization function.

    Args:
        identifier: its name, or a function `(shape, name=None, dim_ordering='th')` giving a variable.
        **kwargs: not used by names and functions; old programs pass `dim_ordering`.

    Raises:
        ValueError: no initialization has that name.
    """
    return get_from_module(identifier, _KNOWN, "initialization", kwargs=kwargs)
