"""`Dense`, the fully connected layer."""

from collections.abc import Sequence
from typing import Any

from .. import backend as K
from .._base.types import ArrayLike, Shape
from .._graph import Tensor, apply
from ..engine import InputSpec
from ._options import Activation, NameOrFunction, Option, PositiveInt, inputs_of
from ._weights import KernelLayer


class Dense(KernelLayer):
    """activation(x W + b), with W of shape (input_dim, output_dim) and b of shape (output_dim,).

    Args:
        output_dim: int > 0.
        init: name or function, the initial values of W.
        activation: name or function; None for no activation.
        weights: list of arrays [W, b], the initial weights.
        W_regularizer, b_regularizer: penalties on the weights.
        activity_regularizer: penalty on the output.
        W_constraint, b_constraint: functions applied to the weights after each update.
        bias: bool, whether to add b.
        input_dim: int, the size of the last axis of the input, for the first layer of a Sequential.

    Input shape: (samples, ..., input_dim). Output shape: (samples, ..., output_dim). A mask is passed on, as
    in Keras 2; Keras 1.2.2 refuses it.
    """

    output_dim: PositiveInt
    activation: Activation
    input_dim: Option[int | None]
    input_spec = inputs_of(ndim="2+")
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
        **kwargs: Any,
    ) -> None:
        self._store_options(locals())
        if input_dim:
            kwargs["input_shape"] = (input_dim,)
        super().__init__(**kwargs)

    def build(self, input_shape: Shape) -> None:
        self.input_dim = input_shape[-1]
        self.input_spec = [InputSpec(ndim="2+", shape=(None, self.input_dim))]
        self._add_W((self.input_dim, self.output_dim))
        self._add_b((self.output_dim,))
        self.built = True

    def call(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        output = K.dot(x, self.W)
        if self.b is not None:
            output = output + self.b
        return apply(self.activation, output)

    def get_output_shape_for(self, input_shape: Shape) -> Shape:
        return (*input_shape[:-1], self.output_dim)
