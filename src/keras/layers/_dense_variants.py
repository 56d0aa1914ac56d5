"""Relatives of Dense: MaxoutDense, Highway, TimeDistributedDense.

They take these arguments as `Dense` does: init, activation, weights, W_regularizer, b_regularizer,
activity_regularizer, W_constraint, b_constraint, bias, input_dim.
"""

import warnings
from collections.abc import Sequence
from typing import Any

from .. import backend as K
from .._base.types import ArrayLike, Shape
from .._graph import Tensor, Variable, apply
from ..engine import InputSpec
from ._options import Activation, NameOrFunction, Option, PositiveInt, inputs_of
from ._weights import KernelLayer


class MaxoutDense(KernelLayer):
    """max over k of (x W_k + b_k): a learned activation, piecewise linear and convex.

    Args:
        output_dim: int > 0.
        nb_feature: int > 0, the number of pieces k.
        weights: list of arrays [W, b], the initial weights: W of shape (nb_feature, input_dim, output_dim),
            b of shape (nb_feature, output_dim).

    The other arguments are those of `Dense`.

    Input shape: (samples, input_dim). Output shape: (samples, output_dim).

    Reference:
        Goodfellow et al. 2013, arXiv:1302.4389.
    """

    output_dim: PositiveInt
    nb_feature: PositiveInt
    input_dim: Option[int | None]
    input_spec = inputs_of(ndim=2)

    def __init__(
        self,
        output_dim: int,
        nb_feature: int = 4,
        init: NameOrFunction = "glorot_uniform",
        weights: Sequence[ArrayLike] | None = None,
        W_regularizer: NameOrFunction | None = None,
        b_regularizer: NameOrFunction | None = None,
        activity_regularizer: NameOrFunction | None = None,
        W_constraint: NameOrFunction | None = None,
        b_constraint: NameOrFunction | None = None,
        bias: bool = True,
        input_dim: int | None = None,
        **kwargs: Any,
    ) -> None:
        self._store_options(locals())
        if input_dim:
            kwargs["input_shape"] = (input_dim,)
        super().__init__(**kwargs)

    def build(self, input_shape: Shape) -> None:
        self.input_spec = [InputSpec(shape=(None, input_shape[1]))]
        self._add_W((self.nb_feature, input_shape[1], self.output_dim))
        self._add_b((self.nb_feature, self.output_dim))
        self.built = True

    def call(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        pieces = K.dot(x, self.W)
        if self.b is not None:
            pieces = pieces + self.b
        return K.max(pieces, axis=1)

    def get_output_shape_for(self, input_shape: Shape) -> Shape:
        return input_shape[0], self.output_dim


class Highway(KernelLayer):
    """t activation(x W + b) + (1 - t) x, with the gate t = sigmoid(x W_carry + b_carry).

    Regularizers and constraints apply to W and b, not to the gate. The initial b_carry is all ones.

    Args:
        weights: list of arrays [W, W_carry, b, b_carry], the initial weights.

    The other arguments are those of `Dense`.

    Input and output shape: (samples, input_dim).

    Reference:
        Srivastava, Greff and Schmidhuber 2015, arXiv:1505.00387.
    """

    activation: Activation
    input_dim: Option[int | None]
    W_carry: Variable
    b_carry: Variable | None = None
    input_spec = inputs_of(ndim=2)

    def __init__(
        self,
        init: NameOrFunction = "glorot_uniform",
        activation: NameOrFunction | None = None,
        weights: Sequence[ArrayLike] | None = None,
        W_regularizer: NameOrFunction | None = None,
        b_regularizer: NameOrFunction | None = None,
        activity_regularizer: NameOrFunction | None = None,
        W_constraint: NameOrFunction | None = None,
        b_constraint: NameOrFunction | None = None,
        bias: bool = True,
        input_dim: int | None = None,
        **kwargs: Any,
    ) -> None:
        self._store_options(locals())
        if "transform_bias" in kwargs:
            kwargs.pop("transform_bias")
            warnings.warn("Highway: transform_bias is from Keras 1.0 and has no effect.", stacklevel=2)
        if input_dim:
            kwargs["input_shape"] = (input_dim,)
        super().__init__(**kwargs)

    def build(self, input_shape: Shape) -> None:
        features: Any = input_shape[1]  # `add_weight` raises if it is not known
        self.input_spec = [InputSpec(shape=(None, features))]
        self._add_W((features, features))
        self.W_carry = self.add_weight((features, features), self.init, name=f"{self.name}_W_carry")
        self._add_b((features,))
        if vars(self)["bias"]:
            self.b_carry = self.add_weight((features,), "one", name=f"{self.name}_b_carry")
        self.built = True

    def call(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        gate, output = K.dot(x, self.W_carry), K.dot(x, self.W)
        if self.b is not None and self.b_carry is not None:
            gate, output = gate + self.b_carry, output + self.b
        gate = K.sigmoid(gate)
        return gate * apply(self.activation, output) + (1 - gate) * x


class TimeDistributedDense(KernelLayer):
    """Applies a Dense layer to each step of a sequence.

    New programs use `Dense`, or `TimeDistributed(Dense(...))`.

    Args:
        output_dim: int > 0.
        input_length: int, the number of steps, for the first layer of a Sequential; None if it varies.

    The other arguments are those of `Dense`.

    Input shape: (samples, steps, input_dim). Output shape: (samples, steps, output_dim).
    """

    output_dim: PositiveInt
    activation: Activation
    input_dim: Option[int | None]
    input_length: Option[int | None]
    input_spec = inputs_of(ndim=3)
    supports_masking = True

    def __init__(
        self,
        output_dim: int,
        init: NameOrFunction = "glorot_uniform",
        activation: NameOrFunction | None = None,
        weights: Sequence[ArrayLike] | None = None,
        W_regularizer: NameOrFunction | None = None,
        b_regularizer: NameOrFunction | None = None,
        activity_regularizer: NameOrFunction | None = None,
        W_constraint: NameOrFunction | None = None,
        b_constraint: NameOrFunction | None = None,
        bias: bool = True,
        input_dim: int | None = None,
        input_length: int | None = None,
        **kwargs: Any,
    ) -> None:
        self._store_options(locals())
        if input_dim:
            kwargs["input_shape"] = (input_length, input_dim)
        super().__init__(**kwargs)

    def build(self, input_shape: Shape) -> None:
        self.input_spec = [InputSpec(shape=(None, None, input_shape[2]))]
        self._add_W((input_shape[2], self.output_dim))
        self._add_b((self.output_dim,))
        self.built = True

    def call(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        output = K.dot(x, self.W)
        if self.b is not None:
            output = output + self.b
        return apply(self.activation, output)

    def get_output_shape_for(self, input_shape: Shape) -> Shape:
        return (*input_shape[:2], self.output_dim)
