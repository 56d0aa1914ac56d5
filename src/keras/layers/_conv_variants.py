"""Relatives of Convolution2D: with holes, transposed, separable."""

import functools

from .. import backend as K
from .._base.lengths import conv_output_length
from ..backend.common import check_dim_ordering
from ..engine import InputSpec, Layer
from ._conv import Convolution2D, add_bias, check_border_mode, conv_shape, finish
from ._options import config_of, keep, positive_int, positive_ints


class AtrousConvolution2D(Convolution2D):
    """A convolution whose filters have holes: their elements lie `atrous_rate` pixels apart.

    Args:
        atrous_rate: pair of int > 0, the distance along rows and columns.

    The other arguments and the shapes are those of `Convolution2D`.

    Reference:
        Yu and Koltun 2015, arXiv:1511.07122.
    """

    def __init__(
        self,
        nb_filter,
        nb_row,
        nb_col,
        init="glorot_uniform",
        activation=None,
        weights=None,
        border_mode="valid",
        subsample=(1, 1),
        atrous_rate=(1, 1),
        dim_ordering="default",
        W_regularizer=None,
        b_regularizer=None,
        activity_regularizer=None,
        W_constraint=None,
        b_constraint=None,
        bias=True,
        **kwargs,
    ):
        self.atrous_rate = positive_ints(self, "atrous_rate", atrous_rate, 2)
        super().__init__(
            nb_filter,
            nb_row,
            nb_col,
            init=init,
            activation=activation,
            weights=weights,
            border_mode=border_mode,
            subsample=subsample,
            dim_ordering=dim_ordering,
            W_regularizer=W_regularizer,
            b_regularizer=b_regularizer,
            activity_regularizer=activity_regularizer,
            W_constraint=W_constraint,
            b_constraint=b_constraint,
            bias=bias,
            **kwargs,
        )

    def call(self, x, mask=None):
        options = (self.subsample, self.border_mode, self.dim_ordering)
        return finish(self, K.conv2d(x, self.W, *options, filter_dilation=self.atrous_rate))

    def get_output_shape_for(self, input_shape):
        sizes, rates = (self.nb_row, self.nb_col), self.atrous_rate
        return conv_shape(self, input_shape, sizes, self.subsample, self.dim_ordering, self.nb_filter, rates)

    def get_config(self):
        return {**super().get_config(), "atrous_rate": self.atrous_rate}


class Deconvolution2D(Convolution2D):
    """A transposed convolution: the gradient of a convolution with respect to its input.

    It goes the other way than `Convolution2D`, from small images to large ones. Several sizes give the
    same size when convolved with steps above 1, so the size of the output has to be said.

    Args:
        output_shape: tuple of 4, shape of the output with the samples first (their number is not used and
            may be None); its space must be what the convolution takes to the input.
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
        nb_filter,
        nb_row,
        nb_col,
        output_shape,
        init="glorot_uniform",
        activation=None,
        weights=None,
        border_mode="valid",
        subsample=(1, 1),
        dim_ordering="default",
        W_regularizer=None,
        b_regularizer=None,
        activity_regularizer=None,
        W_constraint=None,
        b_constraint=None,
        bias=True,
        **kwargs,
    ):
        if not isinstance(output_shape, tuple | list) or len(output_shape) != 4:
            raise ValueError(
                "Deconvolution2D: output_shape must have 4 sizes, that of the samples (or None) first; got "
                f"{output_shape!r}."
            )
        sizes = (positive_int(self, "output_shape", size) for size in output_shape[1:])
        # `output_shape` itself is what the layer gave, as in every layer.
        self.output_shape_ = (output_shape[0], *sizes)
        super().__init__(
            nb_filter,
            nb_row,
            nb_col,
            init=init,
            activation=activation,
            weights=weights,
            border_mode=border_mode,
            subsample=subsample,
            dim_ordering=dim_ordering,
            W_regularizer=W_regularizer,
            b_regularizer=b_regularizer,
            activity_regularizer=activity_regularizer,
            W_constraint=W_constraint,
            b_constraint=b_constraint,
            bias=bias,
            **kwargs,
        )

    def call(self, x, mask=None):
        options = (self.subsample, self.border_mode, self.dim_ordering)
        return finish(self, K.deconv2d(x, self.W, self.output_shape_, *options))

    def get_output_shape_for(self, input_shape):
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
                    f"{axis} of the input shape {tuple(input_shape)} has {input_shape[axis]}. Give another "
                    "output_shape."
                )
        return (input_shape[0], *self.output_shape_[1:])

    def get_config(self):
        return {**super().get_config(), "output_shape": self.output_shape_}


class SeparableConvolution2D(Layer):
    """A convolution of each channel by itself, then a mixing of the channels pixel by pixel.

    Args:
        nb_filter: int > 0, channels of the output.
        nb_row, nb_col: int > 0, size of a filter of the first step.
        init, activation, b_regularizer, activity_regularizer, b_constraint, bias: as in `Dense`.
        weights: list of arrays [depthwise kernel, pointwise kernel, b] to start with.
        border_mode: "valid" (filters stay inside) or "same" (zeros around, output as large as the input).
        subsample: pair of int > 0, the step of the filters along rows and columns.
        depth_multiplier: int > 0, how many filters each channel has in the first step.
        dim_ordering: "th" (channels first), "tf" (channels last) or "default" (what K is set to).
        depthwise_regularizer, pointwise_regularizer: penalties on the kernels of the two steps.
        depthwise_constraint, pointwise_constraint: functions that they go through after each update.

    Input shape: (samples, channels, rows, cols), or channels last for "tf". Output alike. Kernels: (rows,
    cols, channels, multiplier) and (1, 1, channels * multiplier, nb_filter), or (multiplier, channels,
    rows, cols) and (nb_filter, channels * multiplier, 1, 1) for "th".

    Reference:
        Chollet 2016, arXiv:1610.02357.
    """

    def __init__(
        self,
        nb_filter,
        nb_row,
        nb_col,
        init="glorot_uniform",
        activation=None,
        weights=None,
        border_mode="valid",
        subsample=(1, 1),
        depth_multiplier=1,
        dim_ordering="default",
        depthwise_regularizer=None,
        pointwise_regularizer=None,
        b_regularizer=None,
        activity_regularizer=None,
        depthwise_constraint=None,
        pointwise_constraint=None,
        b_constraint=None,
        bias=True,
        **kwargs,
    ):
        self.nb_filter = positive_int(self, "nb_filter", nb_filter)
        self.nb_row = positive_int(self, "nb_row", nb_row)
        self.nb_col = positive_int(self, "nb_col", nb_col)
        self.border_mode = check_border_mode(self, border_mode)
        self.subsample = positive_ints(self, "subsample", subsample, 2)
        self.depth_multiplier = positive_int(self, "depth_multiplier", depth_multiplier)
        self.dim_ordering = check_dim_ordering(dim_ordering)
        keep(
            self,
            init=init,
            activation=activation,
            depthwise_regularizer=depthwise_regularizer,
            pointwise_regularizer=pointwise_regularizer,
            b_regularizer=b_regularizer,
            activity_regularizer=activity_regularizer,
            depthwise_constraint=depthwise_constraint,
            pointwise_constraint=pointwise_constraint,
            b_constraint=b_constraint,
            bias=bias,
        )
        self.initial_weights = weights
        self.input_spec = [InputSpec(ndim=4)]
        super().__init__(**kwargs)

    def build(self, input_shape):
        self.get_output_shape_for(input_shape)
        space, multiplier = (self.nb_row, self.nb_col), self.depth_multiplier
        channels = input_shape[1 if self.dim_ordering == "th" else 3]
        if channels is None:
            raise ValueError(
                f"SeparableConvolution2D {self.name!r}: the number of channels must be known; the input "
                f"shape is {tuple(input_shape)}, dim_ordering is {self.dim_ordering!r}."
            )
        if self.dim_ordering == "th":
            self.input_spec = [InputSpec(shape=(None, channels, None, None))]
            shapes = (multiplier, channels, *space), (self.nb_filter, channels * multiplier, 1, 1)
        else:
            self.input_spec = [InputSpec(shape=(None, None, None, channels))]
            shapes = (*space, channels, multiplier), (1, 1, channels * multiplier, self.nb_filter)
        self.depthwise_kernel, self.pointwise_kernel = (
            self.add_weight(
                shape,
                functools.partial(self.init, dim_ordering=self.dim_ordering),
                name=f"{self.name}_{step}_kernel",
                regularizer=getattr(self, f"{step}_regularizer"),
                constraint=getattr(self, f"{step}_constraint"),
            )
            for step, shape in zip(("depthwise", "pointwise"), shapes, strict=True)
        )
        add_bias(self, (self.nb_filter,))
        self.built = True

    def call(self, x, mask=None):
        options = (self.subsample, self.border_mode, self.dim_ordering)
        return finish(self, K.separable_conv2d(x, self.depthwise_kernel, self.pointwise_kernel, *options))

    def get_output_shape_for(self, input_shape):
        sizes = (self.nb_row, self.nb_col)
        return conv_shape(self, input_shape, sizes, self.subsample, self.dim_ordering, self.nb_filter)

    def get_config(self):
        names = ("nb_filter", "nb_row", "nb_col", "init", "activation", "border_mode", "subsample")
        names += ("depth_multiplier", "dim_ordering", "depthwise_regularizer", "pointwise_regularizer")
        names += ("b_regularizer", "activity_regularizer", "depthwise_constraint", "pointwise_constraint")
        return {**super().get_config(), **config_of(self, *names, "b_constraint", "bias")}
