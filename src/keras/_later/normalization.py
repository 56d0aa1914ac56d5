"""Normalization of each sample: LayerNormalization and RMSNormalization, in Keras 3's names."""

from collections.abc import Sequence
from typing import Any

from .. import backend as K
from .._base.types import Shape
from .._graph import Tensor
from ..layers._options import LayerWithOptions, Option
from ._fields import Init, Limit, Penalty


class _OfSample(LayerWithOptions):
    supports_masking = True
    computes_in_float32 = True
    axis: Option[Any]
    epsilon: Option[float]

    def _axes(self, rank: int) -> list[int]:
        axes = self.axis if isinstance(self.axis, list | tuple) else [self.axis]
        wrong = [axis for axis in axes if not -rank <= axis < rank or axis % rank == 0]
        if wrong:
            raise ValueError(
                f"{type(self).__name__} {self.name!r}: no axis {wrong[0]} of a sample of {rank}-D input; "
                "0 is the axis of the samples."
            )
        return sorted(axis % rank for axis in axes)

    def _sizes(self, input_shape: Shape) -> tuple[int, ...]:
        sizes: Any = tuple(input_shape[axis] for axis in self._axes(len(input_shape)))
        if None in sizes:
            raise ValueError(
                f"{type(self).__name__} {self.name!r}: the sizes of the axes {self.axis} must be known; "
                f"the input shape is {tuple(input_shape)}."
            )
        return sizes

    def _along(self, weight: Any, x: Tensor) -> Tensor:
        """Returns a weight in a shape that broadcasts to x."""
        axes = self._axes(K.ndim(x))
        shape = [K.int_shape(x)[axis] if axis in axes else 1 for axis in range(K.ndim(x))]
        return K.reshape(weight, shape)


class LayerNormalization(_OfSample):
    """Normalizes each sample to mean 0 and variance 1 along axes, then scales and shifts it.

    Args:
        axis: int or list of int, the axes that are normalized; -1 for the features of each step.
        epsilon: float > 0, added to the variance.
        center, scale: whether there is a beta, and a gamma.
        beta_initializer, gamma_initializer, beta_regularizer, gamma_regularizer, beta_constraint,
            gamma_constraint: as those of `BatchNormalization`.

    Input and output shape: any.

    Reference:
        Ba, Kiros and Hinton 2016, arXiv:1607.06450.
    """

    center: Option[bool]
    scale: Option[bool]
    beta_initializer: Init
    gamma_initializer: Init
    beta_regularizer: Penalty
    gamma_regularizer: Penalty
    beta_constraint: Limit
    gamma_constraint: Limit
    beta: Any = None
    gamma: Any = None

    def __init__(
        self,
        axis: int | Sequence[int] = -1,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        beta_regularizer: Any = None,
        gamma_regularizer: Any = None,
        beta_constraint: Any = None,
        gamma_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        self._store_options(locals())
        super().__init__(**kwargs)

    def build(self, input_shape: Shape) -> None:
        shape = self._sizes(input_shape)
        for name, wanted in (("gamma", self.scale), ("beta", self.center)):
            if wanted:
                weight = self.add_weight(
                    shape,
                    getattr(self, f"{name}_initializer"),
                    name=f"{self.name}_{name}",
                    regularizer=getattr(self, f"{name}_regularizer"),
                    constraint=getattr(self, f"{name}_constraint"),
                )
                setattr(self, name, weight)
        self.built = True

    def call(self, x: Tensor, mask: Any = None) -> Tensor:
        axes = self._axes(K.ndim(x))
        mean, variance = K.mean(x, axis=axes, keepdims=True), K.var(x, axis=axes, keepdims=True)
        y = (x - mean) / K.sqrt(variance + self.epsilon)
        y = y if self.gamma is None else y * self._along(self.gamma, x)
        return y if self.beta is None else y + self._along(self.beta, x)


class RMSNormalization(_OfSample):
    """Divides each sample by the root of its mean square along axes, then scales it.

    Args:
        axis: int or list of int, the axes that are normalized.
        epsilon: float > 0, added to the mean square.

    Input and output shape: any.

    Reference:
        Zhang and Sennrich 2019, arXiv:1910.07467.
    """

    def __init__(self, axis: int | Sequence[int] = -1, epsilon: float = 1e-6, **kwargs: Any) -> None:
        self._store_options(locals())
        super().__init__(**kwargs)

    def build(self, input_shape: Shape) -> None:
        self.scale = self.add_weight(self._sizes(input_shape), "one", name=f"{self.name}_scale")
        self.built = True

    def call(self, x: Tensor, mask: Any = None) -> Tensor:
        square = K.mean(K.square(x), axis=self._axes(K.ndim(x)), keepdims=True)
        return x / K.sqrt(square + self.epsilon) * self._along(self.scale, x)
