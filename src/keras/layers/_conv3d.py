"""Convolution over volumes."""

from .. import backend as K
from ..backend.common import check_dim_ordering
from ..engine import InputSpec, Layer
from ._conv import CONV_OPTIONS, add_kernel, check_border_mode, conv_shape, finish
from ._options import config_of, keep, positive_int, positive_ints


class Convolution3D(Layer):
    """Slides `nb_filter` filters over volumes, such as videos or scans.

    Args:
        nb_filter: int > 0, the number of filters, channels of the output.
        kernel_dim1, kernel_dim2, kernel_dim3: int > 0, size of a filter along each axis of space.
        init, activation, weights, W_regularizer, b_regularizer, activity_regularizer, W_constraint,
            b_constraint, bias: as in `Dense`. W has the shape (*sizes, channels, nb_filter) for "tf" and
            (nb_filter, channels, *sizes) for "th".
        border_mode: "valid" (filters stay inside) or "same" (zeros around, output as large as the input).
        subsample: three int > 0, the step of the filters along each axis.
        dim_ordering: "th" (channels first), "tf" (channels last) or "default" (what K is set to).

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
        self.subsample = positive_ints(self, "subsample", subsample, 3)
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

    def _sizes(self):
        return self.kernel_dim1, self.kernel_dim2, self.kernel_dim3

    def build(self, input_shape):
        first = self.dim_ordering == "th"
        channels = input_shape[1 if first else 4]
        space = (None, None, None)
        known = (channels, *space) if first else (*space, channels)
        self.input_spec = [InputSpec(shape=(None, *known))]
        ends = (self.nb_filter, channels) if first else (channels, self.nb_filter)
        self.W_shape = (*ends, *self._sizes()) if first else (*self._sizes(), *ends)
        self.get_output_shape_for(input_shape)
        add_kernel(self, self.W_shape)
        self.built = True

    def call(self, x, mask=None):
        return finish(self, K.conv3d(x, self.W, self.subsample, self.border_mode, self.dim_ordering))

    def get_output_shape_for(self, input_shape):
        sizes = self._sizes()
        return conv_shape(self, input_shape, sizes, self.subsample, self.dim_ordering, self.nb_filter)

    def get_config(self):
        names = ("nb_filter", "kernel_dim1", "kernel_dim2", "kernel_dim3")
        names += ("border_mode", "subsample", "dim_ordering")
        return {**super().get_config(), **config_of(self, *names, *CONV_OPTIONS)}
