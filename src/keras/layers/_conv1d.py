"""Convolutions over the steps of sequences."""

from .. import backend as K
from ..engine import InputSpec, Layer
from ._conv import CONV_OPTIONS, add_kernel, check_border_mode, conv_shape, finish
from ._options import config_of, keep, positive_int


class Convolution1D(Layer):
    """Slides `nb_filter` filters over the steps of a sequence.

    Args:
        nb_filter: int > 0, the number of filters, features of the output.
        filter_length: int > 0, the steps that a filter sees.
        init, activation, weights, W_regularizer, b_regularizer, activity_regularizer, W_constraint,
            b_constraint, bias: as in `Dense`. W has the shape (filter_length, 1, input_dim, nb_filter).
        border_mode: "valid" (filters stay inside) or "same" (zeros around, output as long as the input).
        subsample_length: int > 0, the step of the filters.
        input_dim: int, features of the input, for the first layer of a Sequential.
        input_length: int, steps of the input, where they are always the same.

    Input shape: (samples, steps, input_dim). Output shape: (samples, new steps, nb_filter).
    """

    atrous_rate = 1
    #: Keras 1.0 laid W out as (nb_filter, input_dim, filter_length, 1).
    _former_axes = {0: (2, 3, 1, 0)}

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
        self.input_spec = [InputSpec(shape=(None, None, input_shape[2]))]
        self.W_shape = (self.filter_length, 1, input_shape[2], self.nb_filter)
        self.get_output_shape_for(input_shape)
        # Keras 1.2.2 counts the inputs and outputs of this W as if it were laid out channels first; how
        # large the initial weights are depends on it.
        add_kernel(self, self.W_shape, ordering="th")
        self.built = True

    def call(self, x, mask=None):
        images = K.expand_dims(x, 2)
        dilation = (self.atrous_rate, 1)
        output = K.conv2d(images, self.W, self.subsample, self.border_mode, "tf", filter_dilation=dilation)
        return finish(self, K.squeeze(output, 2))

    def get_output_shape_for(self, input_shape):
        sizes, strides, rates = (self.filter_length,), (self.subsample_length,), (self.atrous_rate,)
        return conv_shape(self, input_shape, sizes, strides, "tf", self.nb_filter, rates)

    def get_config(self):
        names = ("nb_filter", "filter_length", "border_mode", "subsample_length", "input_dim", "input_length")
        return {**super().get_config(), **config_of(self, *names, *CONV_OPTIONS)}


class AtrousConvolution1D(Convolution1D):
    """A convolution over steps whose filters have holes: their elements lie `atrous_rate` steps apart.

    Args:
        atrous_rate: int > 0.

    The other arguments and the shapes are those of `Convolution1D`.

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
        super().__init__(
            nb_filter,
            filter_length,
            init=init,
            activation=activation,
            weights=weights,
            border_mode=border_mode,
            subsample_length=subsample_length,
            W_regularizer=W_regularizer,
            b_regularizer=b_regularizer,
            activity_regularizer=activity_regularizer,
            W_constraint=W_constraint,
            b_constraint=b_constraint,
            bias=bias,
            **kwargs,
        )

    def get_config(self):
        return {**super().get_config(), "atrous_rate": self.atrous_rate}
