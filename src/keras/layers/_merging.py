"""Keras 2's layers and functions that make one tensor of several.

Those that Keras 1 has as modes of `Merge` become a `Merge` when they are made, and are saved as one.
"""

from .. import backend as K
from ..engine import Merge


class Add(Merge):
    """The sum of tensors of one shape: `Merge(mode="sum")`."""


class Multiply(Merge):
    """The product of tensors of one shape, element by element: `Merge(mode="mul")`."""


class Average(Merge):
    """The mean of tensors of one shape: `Merge(mode="ave")`."""


class Maximum(Merge):
    """The largest of each element of tensors of one shape: `Merge(mode="max")`."""


class Concatenate(Merge):
    """Tensors one behind the other along `axis`, the last if not given: `Merge(mode="concat")`."""


class Dot(Merge):
    """Products of two tensors, summed over `axes` (an int or a pair of ints): `Merge(mode="dot")`."""


class _Elementwise(Merge):
    """What Keras 1 has no mode for: saved by the name of its class, which Keras 1.2.2 cannot read."""

    def __init__(self, name=None, policy=None):
        super().__init__(name=name, policy=policy)

    def get_config(self):
        return {"name": self.name} if self.policy is None else {"name": self.name, "policy": self.policy}

    @classmethod
    def from_config(cls, config):
        return cls(**config)


class Subtract(_Elementwise):
    """The first of two tensors of one shape, less the second."""

    def call(self, inputs, mask=None):
        if len(inputs) != 2:
            raise ValueError(f"Subtract {self.name!r} takes exactly 2 inputs; got {len(inputs)}.")
        return inputs[0] - inputs[1]


class Minimum(_Elementwise):
    """The smallest of each element of tensors of one shape."""

    def call(self, inputs, mask=None):
        result = inputs[0]
        for x in inputs[1:]:
            result = K.minimum(result, x)
        return result


def add(inputs, **kwargs):
    """The sum of a list of tensors of one shape.

    Example:
        >>> from keras.layers import Input, add
        >>> add([Input(shape=(4,)), Input(shape=(4,))]).shape
        (None, 4)
    """
    return Add(**kwargs)(inputs)


def multiply(inputs, **kwargs):
    """The product of a list of tensors of one shape, element by element."""
    return Multiply(**kwargs)(inputs)


def average(inputs, **kwargs):
    """The mean of a list of tensors of one shape."""
    return Average(**kwargs)(inputs)


def maximum(inputs, **kwargs):
    """The largest of each element of a list of tensors of one shape."""
    return Maximum(**kwargs)(inputs)


def minimum(inputs, **kwargs):
    """The smallest of each element of a list of tensors of one shape."""
    return Minimum(**kwargs)(inputs)


def subtract(inputs, **kwargs):
    """The first of two tensors of one shape, less the second."""
    return Subtract(**kwargs)(inputs)


def concatenate(inputs, axis=-1, **kwargs):
    """The tensors of a list one behind the other along `axis`."""
    return Concatenate(**{"axis": axis, **kwargs})(inputs)


def dot(inputs, axes, normalize=False, **kwargs):
    """Products of two tensors, summed over `axes`."""
    return Dot(**{"axes": axes, "normalize": normalize, **kwargs})(inputs)
