"""Relatives of Convolution2D: dilated, transposed, separable."""

from collections.abc import Sequence
from typing import Any

from .. import backend as K
from .._base.lengths import conv_output_length
from .._base.types import ArrayLike, Config, Shape
from .._graph import Tensor
from ..engine import InputSpec
from ._conv import Convolution2D, channels_of, conv_shape, finish
from ._options import (
    Activation,
    BorderMode,
    Constraint,
    DimOrdering,
    NameOrFunction,
    PositiveInt,
    PositivePair,
    Regularizer,
    UnlessDefault,
    for_base,
    inputs_of,
    positive_int,
)
from ._weights import BiasLayer, in_layout


class AtrousConvolution2D(Convolution2D):
    """A dilated convolution: the elements of a filter are `atrous_rate` pixels apart.

    Args:
        atrous_rate: pair of int > 0, the distance along rows and columns.

    The other arguments and the shapes are those of `Convolution2D`.

    Reference:
        Yu and Koltun 2015, arXiv:1511.07122.
    """

    atrous_rate: PositivePair

    def __init__(
        self,
        nb_filter: int,
        nb_row: int,
        nb_col: int,
        init: NameOrFunction = "glorot_uniform",
        activation: NameOrFunction | None = None,
        weights: Sequence[ArrayLike] | None = None,
        border_mode: str = "valid",
        subsample: Sequence[int] = (1, 1),
        atrous_rate: Sequence[int] = (1, 1),
        dim_ordering: str = "default",
        W_regularizer: NameOrFunction | None = None,
        b_regularizer: NameOrFunction | None = None,
        activity_regularizer: NameOrFunction | None = None,
        W_constraint: NameOrFunction | None = None,
        b_constraint: NameOrFunction | None = None,
        bias: bool = True,
        **kwargs: Any,
    ) -> None:
        self._store_options(locals())
        super().__init__(**for_base(locals(), "atrous_rate"))

    def call(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        options = (self.subsample, self.border_mode, self.dim_ordering)
        output = K.conv2d(x, self.W, *options, filter_dilation=self.atrous_rate)
        return finish(output, self.b, self.activation, self.dim_ordering)

    def get_output_shape_for(self, input_shape: Shape) -> Shape:
        sizes, rates = (self.nb_row, self.nb_col), self.atrous_rate
        return conv_shape(self, input_shape, sizes, self.subsample, self.dim_ordering, self.nb_filter, rates)


class Deconvolution2D(Convolution2D):
    """A transposed convolution: the gradient of a convolution with respect to its input.

    It maps small images to large ones, the reverse of `Convolution2D`. With steps above 1, a convolution
    maps images of several sizes to one size, so the size of the output must be given.

    Args:
        output_shape: tuple of 4, the shape of the output with the samples first (their number is not used
            and may be None). A convolution with the options of this layer must map its rows and columns to
            those of the input.
        subsample: pair of int > 0, the steps of the convolution, by which the output is larger.

    The other arguments are those of `Convolution2D`; W has the shape that a `Convolution2D` on this input
    would have.

    Input shape: (samples, channels, rows, cols), or channels last for "tf". Output: `output_shape`.

    Reference:
        Zeiler, Krishnan, Taylor and Fergus 2010, "Deconvolutional networks", CVPR. Dumoulin and Visin
        2016, arXiv:1603.07285, for the arithmetic.
    """

    def __init__(
        self,
        nb_filter: int,
        nb_row: int,
        nb_col: int,
        output_shape: Sequence[int | None],
        init: NameOrFunction = "glorot_uniform",
        activation: NameOrFunction | None = None,
        weights: Sequence[ArrayLike] | None = None,
        border_mode: str = "valid",
        subsample: Sequence[int] = (1, 1),
        dim_ordering: str = "default",
        W_regularizer: NameOrFunction | None = None,
        b_regularizer: NameOrFunction | None = None,
        activity_regularizer: NameOrFunction | None = None,
        W_constraint: NameOrFunction | None = None,
        b_constraint: NameOrFunction | None = None,
        bias: bool = True,
        **kwargs: Any,
    ) -> None:
        # The attribute `output_shape` is the shape of the layer's output, as in every layer.
        self.output_shape_ = _checked_output_shape(self, output_shape)
        super().__init__(**for_base(locals(), "output_shape"))

    def call(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        options = (self.subsample, self.border_mode, self.dim_ordering)
        output = K.deconv2d(x, self.W, self.output_shape_, *options)
        return finish(output, self.b, self.activation, self.dim_ordering)

    def get_output_shape_for(self, input_shape: Shape) -> Shape:
        channels, space = (1, (2, 3)) if self.dim_ordering == "th" else (3, (1, 2))
        if self.output_shape_[channels] != self.nb_filter:
            raise ValueError(
                f"Deconvolution2D {self.name!r}: output_shape {self.output_shape_} must have nb_filter = "
                f"{self.nb_filter} at axis {channels}, that of the channels."
            )
        for axis, size, step in zip(space, (self.nb_row, self.nb_col), self.subsample, strict=True):
            length = conv_output_length(self.output_shape_[axis], size, self.border_mode, step)
            if input_shape[axis] not in (None, length):
                raise ValueError(
                    f"Deconvolution2D {self.name!r}: a convolution of {self.output_shape_[axis]} with filter "
                    f"size {size}, step {step} and border_mode {self.border_mode!r} gives {length}, but axis "
                    f"{axis} of the input shape {tuple(input_shape)} has {input_shape[axis]}. Pass another "
                    "output_shape."
                )
        return (input_shape[0], *self.output_shape_[1:])

    def get_config(self) -> Config:
        return {**super().get_config(), "output_shape": self.output_shape_}


def _checked_output_shape(layer: Convolution2D, shape: Any) -> Shape:
    if not isinstance(shape, tuple | list) or len(shape) != 4:
        raise ValueError(
            f"{type(layer).__name__}: output_shape must have 4 sizes, that of the samples (or None) first; "
            f"got {shape!r}."
        )
    return (shape[0], *(positive_int(layer, "output_shape", size) for size in shape[1:]))


class SeparableConvolution2D(BiasLayer):
    """A depthwise convolution, of each channel by itself, and a pointwise one, which mixes the channels.

    Args:
        nb_filter: int > 0, the number of channels of the output.
        nb_row, nb_col: int > 0, the size of a depthwise filter.
        init, activation, b_regularizer, activity_regularizer, b_constraint, bias: as in `Dense`.
        weights: list of arrays [depthwise kernel, pointwise kernel, b], the initial weights.
        border_mode: "valid" (filters stay inside the image) or "same" (zero padding; with steps of 1 the
            output has the size of the input).
        subsample: pair of int > 0, the step of the filters along rows and columns.
        depth_multiplier: int > 0, the number of depthwise filters for each channel.
        dim_ordering: "th" (channels first), "tf" (channels last) or "default" (the setting of K).
        depthwise_regularizer, pointwise_regularizer: penalties on the kernels.
        depthwise_constraint, pointwise_constraint: functions applied to the kernels after each update.
        atrous_rate: pair of int > 0, the distance between the elements of a depthwise filter.

    Input shape: (samples, channels, rows, cols), or channels last for "tf". The output has the same order.
    Kernels: (rows, cols, channels, multiplier) and (1, 1, channels * multiplier, nb_filter), or (multiplier,
    channels, rows, cols) and (nb_filter, channels * multiplier, 1, 1) for "th".

    Reference:
        Chollet 2016, arXiv:1610.02357.
    """

    nb_filter: PositiveInt
    nb_row: PositiveInt
    nb_col: PositiveInt
    activation: Activation
    border_mode: BorderMode
    subsample: PositivePair
    depth_multiplier: PositiveInt
    dim_ordering: DimOrdering
    depthwise_regularizer: Regularizer
    pointwise_regularizer: Regularizer
    depthwise_constraint: Constraint
    atrous_rate: UnlessDefault[PositivePair]
    pointwise_constraint: Constraint
    input_spec = inputs_of(ndim=4)

    def __init__(
        self,
        nb_filter: int,
        nb_row: int,
        nb_col: int,
        init: NameOrFunction = "glorot_uniform",
        activation: NameOrFunction | None = None,
        weights: Sequence[ArrayLike] | None = None,
        border_mode: str = "valid",
        subsample: Sequence[int] = (1, 1),
        depth_multiplier: int = 1,
        dim_ordering: str = "default",
        depthwise_regularizer: NameOrFunction | None = None,
        pointwise_regularizer: NameOrFunction | None = None,
        b_regularizer: NameOrFunction | None = None,
        activity_regularizer: NameOrFunction | None = None,
        depthwise_constraint: NameOrFunction | None = None,
        pointwise_constraint: NameOrFunction | None = None,
        b_constraint: NameOrFunction | None = None,
        bias: bool = True,
        atrous_rate: Sequence[int] = (1, 1),
        **kwargs: Any,
    ) -> None:
        self._store_options(locals())
        super().__init__(**kwargs)

    def build(self, input_shape: Shape) -> None:
        self.get_output_shape_for(input_shape)
        space, multiplier = (self.nb_row, self.nb_col), self.depth_multiplier
        channels = channels_of(self, input_shape)
        if self.dim_ordering == "th":
            self.input_spec = [InputSpec(shape=(None, channels, None, None))]
            shapes = (multiplier, channels, *space), (self.nb_filter, channels * multiplier, 1, 1)
        else:
            self.input_spec = [InputSpec(shape=(None, None, None, channels))]
            shapes = (*space, channels, multiplier), (1, 1, channels * multiplier, self.nb_filter)
        self.depthwise_kernel, self.pointwise_kernel = (
            self.add_weight(
                shape,
                in_layout(self.init, self.dim_ordering),
                name=f"{self.name}_{step}_kernel",
                regularizer=getattr(self, f"{step}_regularizer"),
                constraint=getattr(self, f"{step}_constraint"),
            )
            for step, shape in zip(("depthwise", "pointwise"), shapes, strict=True)
        )
        self._add_b((self.nb_filter,))
        self.built = True

    def call(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        options = (self.subsample, self.border_mode, self.dim_ordering, self.atrous_rate)
        output = K.separable_conv2d(x, self.depthwise_kernel, self.pointwise_kernel, *options)
        return finish(output, self.b, self.activation, self.dim_ordering)

    def get_output_shape_for(self, input_shape: Shape) -> Shape:
        sizes = (self.nb_row, self.nb_col)
        return conv_shape(
            self, input_shape, sizes, self.subsample, self.dim_ordering, self.nb_filter, self.atrous_rate
        )
