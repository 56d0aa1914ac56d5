"""Initial weights as Keras 2 has them: objects that hold their parameters.

Each is called as the functions of `initializations` are, and may stand wherever those may: `init=` takes
them, and so does `kernel_initializer=`. Without a seed, all numbers come from `numpy.random`, as there.

Example:
    >>> from keras.layers import Dense
    >>> Dense(3, init=RandomNormal(stddev=0.1)).get_config()["init"]
    {'name': 'RandomNormal', 'mean': 0.0, 'stddev': 0.1}
"""

import math

import numpy as np

from . import backend as K
from ._base.names import get_from_module
from .backend.common import check_dim_ordering

#: Standard deviation of the normal distribution between -2 and 2.
_TRUNCATED_STD = 0.87962566103423978


def get_fans(shape, dim_ordering="th"):
    """Counts the inputs and outputs of one unit of a layer with weights of this shape.

    Args:
        shape: tuple of int. (inputs, outputs); or, for a convolution, (outputs, inputs, sizes of the
            kernel...) with "th" and (sizes of the kernel..., inputs, outputs) with "tf"; any other
            rank gives the square root of its size, twice.
        dim_ordering: "th" or "tf"; matters for 4-D and 5-D shapes.

    Returns:
        (fan_in, fan_out), numbers.

    Raises:
        ValueError: `dim_ordering` is neither "th" nor "tf".

    Example:
        >>> get_fans((8, 3, 5, 5)), get_fans((5, 5, 3, 8), dim_ordering='tf')
        ((75, 200), (75, 200))
    """
    if len(shape) == 2:
        return tuple(shape)
    if len(shape) in (4, 5):
        if check_dim_ordering(dim_ordering) == "th":
            outputs, inputs, *kernel = shape
        else:
            # A 5-D "tf" kernel has three sizes: Keras 1.2.2 leaves the third one out, and so the weights
            # of its Convolution3D begin larger than the formulas say. Kept: results depend on it.
            *kernel, inputs, outputs = (*shape[:2], *shape[-2:])
        area = math.prod(kernel)
        return inputs * area, outputs * area
    return (math.sqrt(math.prod(shape)),) * 2


class Initializer:
    """Base class: `values` gives the array for a shape."""

    def __call__(self, shape, name=None, dim_ordering="th"):
        return K.variable(self.values(tuple(shape), dim_ordering), name=name)

    def values(self, shape, dim_ordering):
        """The first values, an array.

        Args:
            shape: tuple of int.
            dim_ordering: "th" or "tf", how the shape of a convolution's kernel is laid out.
        """
        raise NotImplementedError(f"{type(self).__name__} must define values(shape, dim_ordering).")

    def get_config(self):
        """The class's name and its parameters, a dict from which `get` makes it again."""
        own = {key: value for key, value in vars(self).items() if (key, value) != ("seed", None)}
        return {"name": type(self).__name__, **own}


class Zeros(Initializer):
    """Zeros."""

    def values(self, shape, dim_ordering):
        return np.zeros(shape)


class Ones(Initializer):
    """Ones."""

    def values(self, shape, dim_ordering):
        return np.ones(shape)


class Constant(Initializer):
    """`value` everywhere; a number."""

    def __init__(self, value=0):
        self.value = value

    def values(self, shape, dim_ordering):
        return np.full(shape, self.value)


class RandomNormal(Initializer):
    """Drawn from the normal distribution.

    Args:
        mean, stddev: floats, its mean and standard deviation.
        seed: int for the same numbers at each call, or None.
    """

    def __init__(self, mean=0.0, stddev=0.05, seed=None):
        self.mean = mean
        self.stddev = stddev
        self.seed = seed

    def values(self, shape, dim_ordering):
        return _random(self.seed).normal(self.mean, self.stddev, shape)


class RandomUniform(Initializer):
    """Drawn evenly from minval .. maxval.

    Args:
        minval, maxval: floats.
        seed: int for the same numbers at each call, or None.
    """

    def __init__(self, minval=-0.05, maxval=0.05, seed=None):
        self.minval = minval
        self.maxval = maxval
        self.seed = seed

    def values(self, shape, dim_ordering):
        return _random(self.seed).uniform(self.minval, self.maxval, shape)


class TruncatedNormal(RandomNormal):
    """Drawn from the normal distribution, and drawn again what is more than two `stddev` from `mean`.

    Args:
        mean, stddev: floats, those of the normal distribution before the cut.
        seed: int for the same numbers at each call, or None.
    """

    def values(self, shape, dim_ordering):
        return self.mean + self.stddev * _truncated(_random(self.seed), shape)


class VarianceScaling(Initializer):
    """Drawn with the variance scale / n, n the number of inputs or outputs of a unit.

    Args:
        scale: float > 0.
        mode: "fan_in" (n inputs), "fan_out" (n outputs) or "fan_avg" (the mean of the two).
        distribution: "normal" (cut at two standard deviations) or "uniform".
        seed: int for the same numbers at each call, or None.

    Reference:
        Glorot and Bengio 2010, eq. 12 and 16 (scale 1, "fan_avg"); He et al. 2015, arXiv:1502.01852,
        eq. 10 (scale 2, "fan_in").
    """

    _MODES = ("fan_in", "fan_out", "fan_avg")
    _DISTRIBUTIONS = ("normal", "uniform")

    def __init__(self, scale=1.0, mode="fan_in", distribution="normal", seed=None):
        if not scale > 0:
            raise ValueError(f"VarianceScaling: scale must be above 0; got {scale!r}.")
        if mode not in self._MODES or distribution not in self._DISTRIBUTIONS:
            raise ValueError(
                f"VarianceScaling: got mode {mode!r}, distribution {distribution!r}; wanted one of "
                f"{self._MODES}, and one of {self._DISTRIBUTIONS}."
            )
        self.scale = scale
        self.mode = mode
        self.distribution = distribution
        self.seed = seed

    def values(self, shape, dim_ordering):
        fan_in, fan_out = get_fans(shape, dim_ordering)
        fans = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}
        variance = self.scale / max(1.0, fans[self.mode])
        random = _random(self.seed)
        if self.distribution == "uniform":
            limit = math.sqrt(3 * variance)
            return random.uniform(-limit, limit, shape)
        return math.sqrt(variance) / _TRUNCATED_STD * _truncated(random, shape)


class Orthogonal(Initializer):
    """A random matrix with orthogonal rows (or columns, if there are more rows than columns).

    `initializations.orthogonal` is 1.1 times that, unless told otherwise. The axes before the last count
    as one.

    Args:
        gain: float, length of each row (column).
        seed: int for the same numbers at each call, or None.

    Reference:
        Saxe, McClelland and Ganguli 2013, arXiv:1312.6120.
    """

    def __init__(self, gain=1.0, seed=None):
        self.gain = gain
        self.seed = seed

    def values(self, shape, dim_ordering):
        if len(shape) < 2:
            raise ValueError(f"Orthogonal: wanted a shape of rank 2 or more; got {shape}.")
        flat = math.prod(shape[:-1]), shape[-1]
        left, _, right = np.linalg.svd(_random(self.seed).normal(0.0, 1.0, flat), full_matrices=False)
        return self.gain * (left if left.shape == flat else right).reshape(shape)


class Identity(Initializer):
    """`gain` on the diagonal, zeros elsewhere; for square matrices."""

    def __init__(self, gain=1.0):
        self.gain = gain

    def values(self, shape, dim_ordering):
        if len(shape) != 2 or shape[0] != shape[1]:
            raise ValueError(f"Identity: wanted the shape (n, n) of a square matrix; got {shape}.")
        return self.gain * np.identity(shape[0])


zero = zeros = Zeros
one = ones = Ones
constant = Constant
uniform = random_uniform = RandomUniform
normal = random_normal = RandomNormal
truncated_normal = TruncatedNormal
identity = Identity
orthogonal = Orthogonal


def glorot_normal(seed=None):
    """`VarianceScaling(1, "fan_avg", "normal")`."""
    return VarianceScaling(1.0, "fan_avg", "normal", seed)


def glorot_uniform(seed=None):
    """`VarianceScaling(1, "fan_avg", "uniform")`."""
    return VarianceScaling(1.0, "fan_avg", "uniform", seed)


def he_normal(seed=None):
    """`VarianceScaling(2, "fan_in", "normal")`."""
    return VarianceScaling(2.0, "fan_in", "normal", seed)


def he_uniform(seed=None):
    """`VarianceScaling(2, "fan_in", "uniform")`."""
    return VarianceScaling(2.0, "fan_in", "uniform", seed)


def lecun_normal(seed=None):
    """`VarianceScaling(1, "fan_in", "normal")`."""
    return VarianceScaling(1.0, "fan_in", "normal", seed)


def lecun_uniform(seed=None):
    """`VarianceScaling(1, "fan_in", "uniform")`."""
    return VarianceScaling(1.0, "fan_in", "uniform", seed)


#: The classes, which configs may name.
CLASSES = {
    cls.__name__: cls
    for cls in (
        *(Zeros, Ones, Constant, RandomNormal, RandomUniform, TruncatedNormal),
        *(VarianceScaling, Orthogonal, Identity),
    )
}
_INITIALIZERS = {
    **CLASSES,
    **{"zero": Zeros, "zeros": Zeros, "one": Ones, "ones": Ones, "constant": Constant},
    **{"uniform": RandomUniform, "random_uniform": RandomUniform},
    **{"normal": RandomNormal, "random_normal": RandomNormal, "truncated_normal": TruncatedNormal},
    **{"identity": Identity, "orthogonal": Orthogonal},
    **{
        function.__name__: function
        for function in (glorot_normal, glorot_uniform, he_normal, he_uniform, lecun_normal, lecun_uniform)
    },
}


def get(identifier):
    """Makes an initializer of Keras 2.

    Args:
        identifier: its name; a dict {"class_name": ..., "config": ...} or {"name": ..., parameters}; or an
            object or function, which comes back.

    Raises:
        ValueError: no initializer has that name.

    Example:
        >>> get("he_normal").scale, get({"class_name": "Constant", "config": {"value": 3}}).value
        (2.0, 3)
    """
    if isinstance(identifier, dict) and "class_name" in identifier:
        identifier = {"name": identifier["class_name"], **identifier.get("config", {})}
    return get_from_module(identifier, _INITIALIZERS, "initializer", instantiate=True)


def _random(seed):
    return np.random if seed is None else np.random.RandomState(seed)


def _truncated(random, shape):
    """Draws of the standard normal distribution between -2 and 2."""
    draws = random.normal(0.0, 1.0, shape)
    while (far := np.abs(draws) > 2).any():
        draws[far] = random.normal(0.0, 1.0, far.sum())
    return draws
