"""Keras 2's layers and functions that combine several tensors into one.

Those that Keras 1 has as modes of `Merge` become a `Merge` on construction, and are saved as one.
"""

from typing import Any, Self

from .. import backend as K
from .._base.types import Config
from .._graph import Tensor
from ..engine import Merge

_Merge = Merge  # Keras 2's name of the base


class Add(Merge):
    """The sum of tensors of one shape: `Merge(mode="sum")`."""


class Multiply(Merge):
    """The elementwise product of tensors of one shape: `Merge(mode="mul")`."""


class Average(Merge):
    """The mean of tensors of one shape: `Merge(mode="ave")`."""


class Maximum(Merge):
    """The elementwise maximum of tensors of one shape: `Merge(mode="max")`."""


class Concatenate(Merge):
    """Tensors joined along `axis`, by default the last: `Merge(mode="concat")`."""


class Dot(Merge):
    """The product of two tensors, summed over `axes` (int or pair of int): `Merge(mode="dot")`.

    With `normalize`, which Keras 1 lacks, each is first divided by its norm along its axis.
    """

    normalize = False

    def __init__(
        self, axes: Any = -1, normalize: bool = False, name: str | None = None, policy: str | None = None
    ) -> None:
        super().__init__(mode="dot", dot_axes=axes, name=name, policy=policy)
        self.normalize = normalize

    def call(self, inputs: Any, mask: Any = None) -> Any:
        if self.normalize:
            pairs = zip(inputs, self.dot_axes, strict=True)
            inputs = [K.l2_normalize(x, axis=axis) for x, axis in pairs]
        return super().call(inputs, mask)

    def get_config(self) -> Config:
        config = {"name": self.name, "axes": list(self.dot_axes), "normalize": self.normalize}
        return config if self.policy is None else {**config, "policy": self.policy}

    @classmethod
    def from_config(cls, config: Config, custom_objects: Any = None) -> Self:
        return cls(**config)


class _Elementwise(Merge):
    """Base of the operations without a mode in Keras 1, saved by their class names.

    Keras 1.2.2 cannot read them.
    """

    def __init__(self, name: str | None = None, policy: str | None = None) -> None:
        super().__init__(name=name, policy=policy)

    def get_config(self) -> Config:
        return {"name": self.name} if self.policy is None else {"name": self.name, "policy": self.policy}

    @classmethod
    def from_config(cls, config: Config) -> Self:
        return cls(**config)


class Subtract(_Elementwise):
    """The difference of two tensors of one shape, the first minus the second."""

    def call(self, inputs: list[Tensor], mask: Any = None) -> Tensor:
        if len(inputs) != 2:
            raise ValueError(f"Subtract {self.name!r} takes exactly 2 inputs; got {len(inputs)}.")
        return inputs[0] - inputs[1]


class Minimum(_Elementwise):
    """The elementwise minimum of tensors of one shape."""

    def call(self, inputs: list[Tensor], mask: Any = None) -> Tensor:
        result = inputs[0]
        for x in inputs[1:]:
            result = K.minimum(result, x)
        return result


def add(inputs: list[Tensor], **kwargs: Any) -> Tensor:
    """Returns the sum of a list of tensors of one shape.

    Example:
        >>> from keras.layers import Input, add
        >>> add([Input(shape=(4,)), Input(shape=(4,))]).shape
        (None, 4)
    """
    return Add(**kwargs)(inputs)


def multiply(inputs: list[Tensor], **kwargs: Any) -> Tensor:
    """Returns the elementwise product of a list of tensors of one shape."""
    return Multiply(**kwargs)(inputs)


def average(inputs: list[Tensor], **kwargs: Any) -> Tensor:
    """Returns the elementwise mean of a list of tensors of one shape."""
    return Average(**kwargs)(inputs)


def maximum(inputs: list[Tensor], **kwargs: Any) -> Tensor:
    """Returns the elementwise maximum of a list of tensors of one shape."""
    return Maximum(**kwargs)(inputs)


def minimum(inputs: list[Tensor], **kwargs: Any) -> Tensor:
    """Returns the elementwise minimum of a list of tensors of one shape."""
    return Minimum(**kwargs)(inputs)


def subtract(inputs: list[Tensor], **kwargs: Any) -> Tensor:
    """Returns the difference of two tensors of one shape, the first minus the second."""
    return Subtract(**kwargs)(inputs)


def concatenate(inputs: list[Tensor], axis: int = -1, **kwargs: Any) -> Tensor:
    """Returns the tensors of a list joined along `axis`."""
    return Concatenate(**{"axis": axis, **kwargs})(inputs)


def dot(inputs: list[Tensor], axes: int | tuple[int, int], normalize: bool = False, **kwargs: Any) -> Tensor:
    """Returns the product of two tensors, summed over `axes`.

    Args:
        inputs: list of two tensors.
        axes: int, the axis of both, or pair of int, one of each; 0 is the axis of the samples.
        normalize: bool, whether to divide each tensor by its norm along its axis, for a cosine.
    """
    return Dot(**{"axes": axes, "normalize": normalize, **kwargs})(inputs)
