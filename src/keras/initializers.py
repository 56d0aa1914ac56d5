"""Initializers of Keras 2: objects that hold the parameters of an initialization.

An initializer is called like a function of `keras.initializations` and is accepted wherever such a function
is, as `init=` and as `kernel_initializer=`. Without a seed, all random numbers come from `numpy.random`.

Example:
    >>> from keras.layers import Dense
    >>> Dense(3, init=RandomNormal(stddev=0.1)).get_config()["init"]
    {'name': 'RandomNormal', 'mean': 0.0, 'stddev': 0.1}
"""

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from . import backend as K
from ._base.names import get_from_module
from ._base.types import Config
from ._graph import Variable
from .backend.common import check_dim_ordering

#: Standard deviation of the standard normal distribution truncated to [-2, 2].
_TRUNCATED_STD = 0.87962566103423978


def get_fans(shape: Sequence[int], dim_ordering: str = "th") -> tuple[float, float]:
    """Returns the numbers of inputs and outputs of one unit of a layer, given the shape of its weights.

    Args:
        shape: sequence of int: (inputs, outputs) of a matrix; (outputs, inputs, *kernel sizes) of a
            convolution with "th", or (*kernel sizes, inputs, outputs) with "tf". For other ranks, both
            results are the square root of the number of weights.
        dim_ordering: "th" or "tf"; used for 4-D and 5-D shapes only.

    Returns:
        (fan_in, fan_out), two numbers.

    Raises:
        ValueError: `dim_ordering` is neither "th" nor "tf".

    Example:
        >>> get_fans((8, 3, 5, 5)), get_fans((5, 5, 3, 8), dim_ordering='tf')
        ((75, 200), (75, 200))
    """
    if len(shape) == 2:
        inputs, outputs = shape
        return inputs, outputs
    if len(shape) in (4, 5):
        if check_dim_ordering(dim_ordering) == "th":
            outputs, inputs, *kernel = shape
        else:
            # A 5-D "tf" kernel has three sizes. Keras 1.2.2 leaves out the third, so that its Convolution3D
            # starts with larger weights than the formulas give. Kept, because results depend on it.
            *kernel, inputs, outputs = (*shape[:2], *shape[-2:])
        area = math.prod(kernel)
        return inputs * area, outputs * area
    root = math.sqrt(math.prod(shape))
    return root, root


class Initializer:
    """Base class of initializers. A subclass defines `values`."""

    def __call__(self, shape: tuple[int, ...], name: str | None = None, dim_ordering: str = "th") -> Variable:
        """Creates a variable with initial values.

        Args:
            shape: tuple of int.
            name: str, name of the variable.
            dim_ordering: "th" or "tf", the layout of a convolution kernel.

        Returns:
            Variable of the given shape and of the type `K.floatx()`.
        """
        return K.variable(self.values(tuple(shape), dim_ordering), name=name)

    def values(self, shape: tuple[int, ...], dim_ordering: str) -> np.ndarray:
        """Returns the initial values as an array.

        Args:
            shape: tuple of int, the shape of the array.
            dim_ordering: "th" or "tf", the layout of a convolution kernel.
        """
        raise NotImplementedError(f"{type(self).__name__} must define values(shape, dim_ordering).")

    def get_config(self) -> Config:
        """Returns the class name and the parameters as a dict that `get` accepts."""
        parameters = {key: value for key, value in vars(self).items() if (key, value) != ("seed", None)}
        return {"name": type(self).__name__, **parameters}


class Zeros(Initializer):
    """Zeros."""

    def values(self, shape: tuple[int, ...], dim_ordering: str) -> np.ndarray:
        return np.zeros(shape)


class Ones(Initializer):
    """Ones."""

    def values(self, shape: tuple[int, ...], dim_ordering: str) -> np.ndarray:
        return np.ones(shape)


class Constant(Initializer):
    """One value for all weights.

    Args:
        value: number.
    """

    def __init__(self, value: float = 0) -> None:
        self.value = value

    def values(self, shape: tuple[int, ...], dim_ordering: str) -> np.ndarray:
        return np.full(shape, self.value)


class RandomNormal(Initializer):
    """Normal distribution.

    Args:
        mean: float.
        stddev: float >= 0, standard deviation.
        seed: int, for the same numbers at each call; or None.
    """

    def __init__(self, mean: float = 0.0, stddev: float = 0.05, seed: int | None = None) -> None:
        self.mean = mean
        self.stddev = stddev
        self.seed = seed

    def values(self, shape: tuple[int, ...], dim_ordering: str) -> np.ndarray:
        return _generator(self.seed).normal(self.mean, self.stddev, shape)


class RandomUniform(Initializer):
    """Uniform distribution over [minval, maxval).

    Args:
        minval: float, lower bound.
        maxval: float, upper bound.
        seed: int, for the same numbers at each call; or None.
    """

    def __init__(self, minval: float = -0.05, maxval: float = 0.05, seed: int | None = None) -> None:
        self.minval = minval
        self.maxval = maxval
        self.seed = seed

    def values(self, shape: tuple[int, ...], dim_ordering: str) -> np.ndarray:
        return _generator(self.seed).uniform(self.minval, self.maxval, shape)


class TruncatedNormal(RandomNormal):
    """Normal distribution truncated at two standard deviations from the mean.

    Values outside are drawn again.

    Args:
        mean: float, mean of the normal distribution.
        stddev: float >= 0, standard deviation of the normal distribution before truncation.
        seed: int, for the same numbers at each call; or None.
    """

    def values(self, shape: tuple[int, ...], dim_ordering: str) -> np.ndarray:
        return self.mean + self.stddev * _truncated_normal(_generator(self.seed), shape)


class VarianceScaling(Initializer):
    """Distribution with mean 0 and variance scale / max(1, n), n the number of inputs or outputs of a unit.

    Args:
        scale: float > 0.
        mode: "fan_in" (n inputs), "fan_out" (n outputs) or "fan_avg" (the mean of both); see `get_fans`.
        distribution: "normal" (truncated at two standard deviations) or "uniform".
        seed: int, for the same numbers at each call; or None.

    Raises:
        ValueError: `scale` is not positive, or `mode` or `distribution` is unknown.

    Reference:
        Glorot and Bengio 2010, eq. 12 and 16 (scale 1, "fan_avg"); He et al. 2015, arXiv:1502.01852,
        eq. 10 (scale 2, "fan_in").
    """

    _MODES = ("fan_in", "fan_out", "fan_avg")
    _DISTRIBUTIONS = ("normal", "uniform")

    def __init__(
        self,
        scale: float = 1.0,
        mode: str = "fan_in",
        distribution: str = "normal",
        seed: int | None = None,
    ) -> None:
        if not scale > 0:
            raise ValueError(f"VarianceScaling: scale must be positive; got {scale!r}.")
        if mode not in self._MODES or distribution not in self._DISTRIBUTIONS:
            raise ValueError(
                f"VarianceScaling: got mode {mode!r} and distribution {distribution!r}; expected a mode in "
                f"{self._MODES} and a distribution in {self._DISTRIBUTIONS}."
            )
        self.scale = scale
        self.mode = mode
        self.distribution = distribution
        self.seed = seed

    def values(self, shape: tuple[int, ...], dim_ordering: str) -> np.ndarray:
        fan_in, fan_out = get_fans(shape, dim_ordering)
        fans = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}
        variance = self.scale / max(1.0, fans[self.mode])
        generator = _generator(self.seed)
        if self.distribution == "uniform":
            limit = math.sqrt(3 * variance)
            return generator.uniform(-limit, limit, shape)
        return math.sqrt(variance) / _TRUNCATED_STD * _truncated_normal(generator, shape)


class Orthogonal(Initializer):
    """Random matrix with orthogonal rows, or orthogonal columns if it has more rows than columns.

    All axes before the last are flattened into rows. `keras.initializations.orthogonal` differs: it
    flattens the axes after the first, and scales by 1.1 by default.

    Args:
        gain: float, Euclidean length of each row (or column).
        seed: int, for the same numbers at each call; or None.

    Raises:
        ValueError: when called, the rank of the shape is less than 2.

    Reference:
        Saxe, McClelland and Ganguli 2013, arXiv:1312.6120.
    """

    def __init__(self, gain: float = 1.0, seed: int | None = None) -> None:
        self.gain = gain
        self.seed = seed

    def values(self, shape: tuple[int, ...], dim_ordering: str) -> np.ndarray:
        if len(shape) < 2:
            raise ValueError(f"Orthogonal: expected a shape of rank 2 or more; got {shape}.")
        flat = math.prod(shape[:-1]), shape[-1]
        left, _, right = np.linalg.svd(_generator(self.seed).normal(0.0, 1.0, flat), full_matrices=False)
        return self.gain * (left if left.shape == flat else right).reshape(shape)


class Identity(Initializer):
    """Identity matrix times `gain`.

    Args:
        gain: float, the value on the diagonal.

    Raises:
        ValueError: when called, the shape is not that of a square matrix.
    """

    def __init__(self, gain: float = 1.0) -> None:
        self.gain = gain

    def values(self, shape: tuple[int, ...], dim_ordering: str) -> np.ndarray:
        if len(shape) != 2 or shape[0] != shape[1]:
            raise ValueError(f"Identity: expected the shape (n, n) of a square matrix; got {shape}.")
        return self.gain * np.identity(shape[0])


zero = zeros = Zeros
one = ones = Ones
constant = Constant
uniform = random_uniform = RandomUniform
normal = random_normal = RandomNormal
truncated_normal = TruncatedNormal
identity = Identity
orthogonal = Orthogonal


def glorot_normal(seed: int | None = None) -> VarianceScaling:
    """Returns `VarianceScaling(1.0, "fan_avg", "normal", seed)`."""
    return VarianceScaling(1.0, "fan_avg", "normal", seed)


def glorot_uniform(seed: int | None = None) -> VarianceScaling:
    """Returns `VarianceScaling(1.0, "fan_avg", "uniform", seed)`."""
    return VarianceScaling(1.0, "fan_avg", "uniform", seed)


def he_normal(seed: int | None = None) -> VarianceScaling:
    """Returns `VarianceScaling(2.0, "fan_in", "normal", seed)`."""
    return VarianceScaling(2.0, "fan_in", "normal", seed)


def he_uniform(seed: int | None = None) -> VarianceScaling:
    """Returns `VarianceScaling(2.0, "fan_in", "uniform", seed)`."""
    return VarianceScaling(2.0, "fan_in", "uniform", seed)


def lecun_normal(seed: int | None = None) -> VarianceScaling:
    """Returns `VarianceScaling(1.0, "fan_in", "normal", seed)`."""
    return VarianceScaling(1.0, "fan_in", "normal", seed)


def lecun_uniform(seed: int | None = None) -> VarianceScaling:
    """Returns `VarianceScaling(1.0, "fan_in", "uniform", seed)`."""
    return VarianceScaling(1.0, "fan_in", "uniform", seed)


#: The classes by the names that configs have for them.
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


def get(identifier: str | Callable[..., Any] | Config) -> Callable[..., Variable]:
    """Creates an initializer of Keras 2.

    Args:
        identifier: name of an initializer, as a string; a dict {"class_name": ..., "config": {...}} or
            {"name": ..., **parameters}; or an initializer or function, which is returned unchanged.

    Returns:
        An `Initializer`, or the function that was passed.

    Raises:
        ValueError: there is no initializer of that name.
        TypeError: `identifier` is a number, bytes or a list.

    Example:
        >>> get("he_normal").scale, get({"class_name": "Constant", "config": {"value": 3}}).value
        (2.0, 3)
    """
    if isinstance(identifier, dict) and "class_name" in identifier:
        identifier = {"name": identifier["class_name"], **identifier.get("config", {})}
    return get_from_module(identifier, _INITIALIZERS, "initializer", instantiate=True)


def _generator(seed: int | None) -> Any:
    # The module `numpy.random` has the methods of a `RandomState`, applied to the global generator.
    return np.random if seed is None else np.random.RandomState(seed)


def _truncated_normal(generator: Any, shape: tuple[int, ...]) -> np.ndarray:
    """Draws from the standard normal distribution truncated to [-2, 2]."""
    draws = generator.normal(0.0, 1.0, shape)
    while (outside := np.abs(draws) > 2).any():
        draws[outside] = generator.normal(0.0, 1.0, outside.sum())
    return draws
