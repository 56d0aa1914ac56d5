"""Convolution over volumes."""

from collections.abc import Sequence
from typing import Any

from .. import backend as K
from .._base.types import ArrayLike, Shape
from .._graph import Tensor
from ..engine import InputSpec
from ._conv import ConvLayer, channels_of, conv_shape, finish
from ._options import DimOrdering, NameOrFunction, PositiveInt, PositiveTriple, UnlessDefault, inputs_of


class Convolution3D(ConvLayer):
    """Slides `nb_filter` filters over volumes, such as videos or scans.

    Args:
        nb_filter: int > 0, the number of filters, which is the number of channels of the output.
        kernel_dim1, kernel_dim2, kernel_dim3: int > 0, the size of a filter along each spatial axis.
        init, activation, weights, W_regularizer, b_regularizer, activity_regularizer, W_constraint,
            b_constraint, bias: as in `Dense`. W has the shape (*sizes, channels, nb_filter) for "tf" and
            (nb_filter, channels, *sizes) for "th".
        border_mode: "valid" (filters stay inside the volume) or "same" (zero padding; with steps of 1 the
            output has the size of the input).
        subsample: three int > 0, the step of the filters along each spatial axis.
        dim_ordering: "th" (channels first), "tf" (channels last) or "default" (the setting of K).
        atrous_rate: three int > 0, how far the elements of a filter are apart along each axis.

    Input shape: (samples, channels, dim1, dim2, dim3), or channels last for "tf". The output has the same
    order.
    """

    kernel_dim1: PositiveInt
    kernel_dim2: PositiveInt
    kernel_dim3: PositiveInt
    subsample: PositiveTriple
    dim_ordering: DimOrdering
    atrous_rate: UnlessDefault[PositiveTriple]
    _config_order = ("nb_filter", "kernel_dim1", "kernel_dim2", "kernel_dim3", "dim_ordering")
    input_spec = inputs_of(ndim=5)

    def __init__(
        self,
        nb_filter: int,
        kernel_dim1: int,
        kernel_dim2: int,
        kernel_dim3: int,
        init: NameOrFunction = "glorot_uniform",
        activation: NameOrFunction | None = None,
        weights: Sequence[ArrayLike] | None = None,
        border_mode: str = "valid",
        subsample: Sequence[int] = (1, 1, 1),
        dim_ordering: str = "default",
        W_regularizer: NameOrFunction | None = None,
        b_regularizer: NameOrFunction | None = None,
        activity_regularizer: NameOrFunction | None = None,
        W_constraint: NameOrFunction | None = None,
        b_constraint: NameOrFunction | None = None,
        bias: bool = True,
        atrous_rate: Sequence[int] = (1, 1, 1),
        **kwargs: Any,
    ) -> None:
        self._store_options(locals())
        super().__init__(**kwargs)

    def _sizes(self) -> tuple[int, int, int]:
        return self.kernel_dim1, self.kernel_dim2, self.kernel_dim3

    def build(self, input_shape: Shape) -> None:
        self.get_output_shape_for(input_shape)  # raises if a filter does not fit
        channels = channels_of(self, input_shape)
        if self.dim_ordering == "th":
            self.input_spec = [InputSpec(shape=(None, channels, None, None, None))]
            shape = (self.nb_filter, channels, *self._sizes())
        else:
            self.input_spec = [InputSpec(shape=(None, None, None, None, channels))]
            shape = (*self._sizes(), channels, self.nb_filter)
        self._add_weights(shape, self.dim_ordering)
        self.built = True

    def call(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        options = (self.subsample, self.border_mode, self.dim_ordering)
        output = K.conv3d(x, self.W, *options, filter_dilation=self.atrous_rate)
        return finish(output, self.b, self.activation, self.dim_ordering)

    def get_output_shape_for(self, input_shape: Shape) -> Shape:
        options = (self._sizes(), self.subsample, self.dim_ordering, self.nb_filter, self.atrous_rate)
        return conv_shape(self, input_shape, *options)
