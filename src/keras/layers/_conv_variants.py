"""Convolutions over steps and volumes, dilated, transposed and separable ones."""

import functools

from .. import backend as K
from ..backend.common import check_dim_ordering
from ..engine import InputSpec, Layer
from ._conv import _OPTIONS, Convolution2D, add_kernel, check_border_mode, conv_shape, finish
from ._options import config_of, keep, positive_int


class Convolution1D(Layer):
    """Slides `nb_filter` filters over sequences.

    Args:
        nb_filter: int > 0, the number of filters, features of the output.
        filter_length: int > 0, steps that a filter spans.
        border_mode: "valid" (filters stay inside) or "same" (zeros around).
        subsample_length: int > 0, the step of the filters.
        input_dim, input_length: int, features and steps, for the first layer of a Sequential.
        Further arguments: as in `Dense`.

    Input shape: (samples, steps, input_dim). Output shape: (samples, new steps, nb_filter).
    W has the shape (filter_length, 1, input_dim, nb_filter), as the original's.
    """

    atrous_rate = 1

    def __init__(
        self,
        nb_filter,
        filter_length,
        init="glorot_uniform",
        activation=None,
        weights=None,
        border_mode="valid",
        subsample_length=1,
        W_regularizer=None,
        b_regularizer=None,
        activity_regularizer=None,
        W_constraint=None,
        b_constraint=None,
        bias=True,
        input_dim=None,
        input_length=None,
        **kwargs,
    ):
        self.nb_filter = positive_int(self, "nb_filter", nb_filter)
        self.filter_length = positive_int(self, "filter_length", filter_length)
        self.border_mode = check_border_mode(self, border_mode)
        self.subsample_length = positive_int(self, "subsample_length", subsample_length)
        self.subsample = (self.subsample_length, 1)
        keep(
            self,
            init=init,
            activation=activation,
            W_regularizer=W_regularizer,
            b_regularizer=b_regularizer,
            activity_regularizer=activity_regularizer,
            W_constraint=W_constraint,
            b_constraint=b_constraint,
            bias=bias,
            input_dim=input_dim,
            input_length=input_length,
        )
        self.initial_weights = weights
        self.input_spec = [InputSpec(ndim=3)]
        if input_dim:
            kwargs["input_shape"] = (input_length, input_dim)
        super().__init__(**kwargs)

    def build(self, input_shape):
        self.input_dim = input_shape[2]
        self.input_spec = [InputSpec(shape=(None, None, self.input_dim))]
        self.get_output_shape_for(input_shape)
        # The fans are counted in "th" order, whatever the setting.
        add_kernel(self, (self.filter_length, 1, self.input_dim, self.nb_filter), ordering="th")
        self.built = True

    def call(self, x, mask=None):
        x = K.expand_dims(x, 2)
        dilation = (self.atrous_rate, 1)
        x = K.conv2d(x, self.W, self.subsample, self.border_mode, "tf", filter_dilation=dilation)
        return finish(self, K.squeeze(x, 2))

    def get_output_shape_for(self, input_shape):
        strides, rates = (self.subsample_length,), (self.atrous_rate,)
        sizes = (self.filter_length,)
        return conv_shape(self, input_shape, sizes, strides, "tf", self.nb_filter, rates)

    def get_config(self):
        names = ("nb_filter", "filter_length", "border_mode", "subsample_length")
        names += ("input_dim", "input_length")
        return {**super().get_config(), **config_of(self, *names, *_OPTIONS)}


class AtrousConvolution1D(Convolution1D):
    """`Convolution1D` with filters whose elements lie `atrous_rate` steps apart.

    Args:
        atrous_rate: int > 0.
        Further arguments: as in `Convolution1D`.

    Reference:
        Yu and Koltun 2015, arXiv:1511.07122.
    """

    def __init__(
        self,
        nb_filter,
        filter_length,
        init="glorot_uniform",
        activation=None,
        weights=None,
        border_mode="valid",
        subsample_length=1,
        atrous_rate=1,
        W_regularizer=None,
        b_regularizer=None,
        activity_regularizer=None,
        W_constraint=None,
        b_constraint=None,
        bias=True,
        **kwargs,
    ):
        self.atrous_rate = positive_int(self, "atrous_rate", atrous_rate)
        options = (W_regularizer, b_regularizer, activity_regularizer, W_constraint, b_constraint, bias)
        first = (nb_filter, filter_length, init, activation, weights, border_mode, subsample_length)
        super().__init__(*first, *options, **kwargs)

    def get_config(self):
        return {**super().get_config(), "atrous_rate": self.atrous_rate}


class AtrousConvolution2D(Convolution2D):
    """`Convolution2D` with filters whose elements lie `atrous_rate` pixels apart.

    Args:
        atrous_rate: pair of int > 0.
        Further arguments: as in `Convolution2D`.

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
        self.atrous_rate = tuple(positive_int(self, "atrous_rate", rate) for rate in atrous_rate)
        options = (W_regularizer, b_regularizer, activity_regularizer, W_constraint, b_constraint, bias)
        first = (nb_filter, nb_row, nb_col, init, activation, weights, border_mode, subsample)
        super().__init__(*first, dim_ordering, *options, **kwargs)

    def call(self, x, mask=None):
        output = K.conv2d(
            x,
            self.W,
            self.subsample,
            self.border_mode,
            self.dim_ordering,
            filter_dilation=self.atrous_rate,
        )
        return finish(self, output)

    def get_output_shape_for(self, input_shape):
        sizes, rates = (self.nb_row, self.nb_col), self.atrous_rate
        ordering, filters = self.dim_ordering, self.nb_filter
        return conv_shape(self, input_shape, sizes, self.subsample, ordering, filters, rates)

    def get_config(self):
        return {**super().get_config(), "atrous_rate": self.atrous_rate}


class Convolution3D(Layer):
    """Slides `nb_filter` filters over volumes.

    Args:
        nb_filter: int > 0, the number of filters.
        kernel_dim1, kernel_dim2, kernel_dim3: int > 0, size of a filter.
        subsample: three ints > 0, the step of the filters.
        Further arguments: as in `Convolution2D`.

    Input shape: (samples, channels, dim1, dim2, dim3), or channels last for "tf". Output alike.
    """

    def __init__(
        self,
        nb_filter,
        kernel_dim1,
        kernel_dim2,
        kernel_dim3,
        init="glorot_uniform",
        activation=None,
        weights=None,
        border_mode="valid",
        subsample=(1, 1, 1),
        dim_ordering="default",
        W_regularizer=None,
        b_regularizer=None,
        activity_regularizer=None,
        W_constraint=None,
        b_constraint=None,
        bias=True,
        **kwargs,
    ):
        self.nb_filter = positive_int(self, "nb_filter", nb_filter)
        self.kernel_dim1 = positive_int(self, "kernel_dim1", kernel_dim1)
        self.kernel_dim2 = positive_int(self, "kernel_dim2", kernel_dim2)
        self.kernel_dim3 = positive_int(self, "kernel_dim3", kernel_dim3)
        self.border_mode = check_border_mode(self, border_mode)
        self.subsample = tuple(positive_int(self, "subsample", step) for step in subsample)
        self.dim_ordering = check_dim_ordering(dim_ordering)
        keep(
            self,
            init=init,
            activation=activation,
            W_regularizer=W_regularizer,
            b_regularizer=b_regularizer,
            activity_regularizer=activity_regularizer,
            W_constraint=W_constraint,
            b_constraint=b_constraint,
            bias=bias,
        )
        self.initial_weights = weights
        self.input_spec = [InputSpec(ndim=5)]
        super().__init__(**kwargs)

    @property
    def _sizes(self):
        return self.kernel_dim1, self.kernel_dim2, self.kernel_dim3

    def build(self, input_shape):
        first = self.dim_ordering == "th"
        channels = input_shape[1 if first else 4]
        self.W_shape = (self.nb_filter, channels, *self._sizes) if first else (*self._sizes, channels)
        if not first:
            self.W_shape += (self.nb_filter,)
        self.get_output_shape_for(input_shape)
        add_kernel(self, self.W_shape)
        self.built = True

    def call(self, x, mask=None):
        return finish(self, K.conv3d(x, self.W, self.subsample, self.border_mode, self.dim_ordering))

    def get_output_shape_for(self, input_shape):
        ordering, filters = self.dim_ordering, self.nb_filter
        return conv_shape(self, input_shape, self._sizes, self.subsample, ordering, filters)

    def get_config(self):
        names = ("nb_filter", "kernel_dim1", "kernel_dim2", "kernel_dim3", "dim_ordering")
        names += ("border_mode", "subsample")
        return {**super().get_config(), **config_of(self, *names, *_OPTIONS)}


class Deconvolution2D(Convolution2D):
    """Transposed convolution: goes the way of a `Convolution2D` backwards, to larger images.

    Args:
        output_shape: tuple, the shape of the output, samples first (or None): a convolution of that shape
            with these filters must give the shape of the input.
        Further arguments: as in `Convolution2D`.

    Reference:
        Zeiler et al. 2010, "Deconvolutional networks", CVPR; Dumoulin and Visin 2016, arXiv:1603.07285.
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
        self.output_shape_ = tuple(output_shape)
        options = (W_regularizer, b_regularizer, activity_regularizer, W_constraint, b_constraint, bias)
        first = (nb_filter, nb_row, nb_col, init, activation, weights, border_mode, subsample)
        super().__init__(*first, dim_ordering, *options, **kwargs)

    def call(self, x, mask=None):
        output = K.deconv2d(
            x, self.W, self.output_shape_, self.subsample, self.border_mode, self.dim_ordering
        )
        return finish(self, output)

    def get_output_shape_for(self, input_shape):
        if self.dim_ordering == "th":
            return (input_shape[0], self.nb_filter, *self.output_shape_[2:4])
        return (input_shape[0], *self.output_shape_[1:3], self.nb_filter)

    def get_config(self):
        return {**super().get_config(), "output_shape": self.output_shape_}


class SeparableConvolution2D(Layer):
    """A convolution of each channel by itself, then a 1x1 convolution across the channels.

    Args:
        nb_filter: int > 0, channels of the output.
        nb_row, nb_col: int > 0, size of a filter.
        depth_multiplier: int > 0, filters for each channel in the first step.
        depthwise_regularizer, pointwise_regularizer, depthwise_constraint, pointwise_constraint: those of
            the first and of the second step's weights.
        Further arguments: as in `Convolution2D`.

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
        self.depth_multiplier = positive_int(self, "depth_multiplier", depth_multiplier)
        self.border_mode = check_border_mode(self, border_mode)
        self.subsample = tuple(positive_int(self, "subsample", step) for step in subsample)
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
        first = self.dim_ordering == "th"
        channels = input_shape[1 if first else 3]
        between = channels * self.depth_multiplier
        sizes = (self.nb_row, self.nb_col)
        depthwise = (self.depth_multiplier, channels, *sizes)
        pointwise = (self.nb_filter, between, 1, 1)
        if not first:
            depthwise = (*sizes, channels, self.depth_multiplier)
            pointwise = (1, 1, between, self.nb_filter)
        self.get_output_shape_for(input_shape)
        for kind, shape in (("depthwise", depthwise), ("pointwise", pointwise)):
            weight = self.add_weight(
                shape,
                functools.partial(self.init, dim_ordering=self.dim_ordering),
                name=f"{self.name}_{kind}_kernel",
                regularizer=getattr(self, f"{kind}_regularizer"),
                constraint=getattr(self, f"{kind}_constraint"),
            )
            setattr(self, f"{kind}_kernel", weight)
        self.b = None
        if self.bias:
            self.b = self.add_weight(
                (self.nb_filter,),
                "zero",
                name=f"{self.name}_b",
                regularizer=self.b_regularizer,
                constraint=self.b_constraint,
            )
        self.built = True

    def call(self, x, mask=None):
        kernels = (self.depthwise_kernel, self.pointwise_kernel)
        options = (self.subsample, self.border_mode, self.dim_ordering)
        return finish(self, K.separable_conv2d(x, *kernels, *options))

    def get_output_shape_for(self, input_shape):
        sizes, ordering = (self.nb_row, self.nb_col), self.dim_ordering
        return conv_shape(self, input_shape, sizes, self.subsample, ordering, self.nb_filter)

    def get_config(self):
        names = ("nb_filter", "nb_row", "nb_col", "init", "activation", "border_mode", "subsample")
        names += ("depth_multiplier", "dim_ordering", "depthwise_regularizer", "pointwise_regularizer")
        names += ("b_regularizer", "activity_regularizer", "depthwise_constraint")
        names += ("pointwise_constraint", "b_constraint", "bias")
        return {**super().get_config(), **config_of(self, *names)}
