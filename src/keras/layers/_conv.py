"""What the convolution layers share, and Convolution2D."""

import functools

from .. import backend as K
from .._base.lengths import conv_output_length
from ..backend.common import check_dim_ordering
from ..engine import InputSpec, Layer
from ._options import activate, config_of, keep, positive_int, positive_ints

CONV_OPTIONS = (
    *("init", "activation", "W_regularizer", "b_regularizer", "activity_regularizer"),
    *("W_constraint", "b_constraint", "bias"),
)


class Convolution2D(Layer):
    """Slides `nb_filter` filters over images.

    Args:
        nb_filter: int > 0, the number of filters, channels of the output.
        nb_row, nb_col: int > 0, size of a filter.
        init, activation, weights, W_regularizer, b_regularizer, activity_regularizer, W_constraint,
            b_constraint, bias: as in `Dense`.
        border_mode: "valid" (filters stay inside) or "same" (zeros around, output as large as the input).
        subsample: pair of int > 0, the step of the filters along rows and columns.
        dim_ordering: "th" (channels first), "tf" (channels last) or "default" (what K is set to).

    Input shape: (samples, channels, rows, cols), or channels last for "tf". Output alike.
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
        self.nb_row = positive_int(self, "nb_row", nb_row)
        self.nb_col = positive_int(self, "nb_col", nb_col)
        self.border_mode = check_border_mode(self, border_mode)
        self.subsample = positive_ints(self, "subsample", subsample, 2)
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
        self.input_spec = [InputSpec(ndim=4)]
        super().__init__(**kwargs)

    def build(self, input_shape):
        channels = input_shape[1 if self.dim_ordering == "th" else 3]
        spatial = (None, None)
        known = (channels, *spatial) if self.dim_ordering == "th" else (*spatial, channels)
        self.input_spec = [InputSpec(shape=(None, *known))]
        if self.dim_ordering == "th":
            self.W_shape = (self.nb_filter, channels, self.nb_row, self.nb_col)
        else:
            self.W_shape = (self.nb_row, self.nb_col, channels, self.nb_filter)
        self.get_output_shape_for(input_shape)
        add_kernel(self, self.W_shape)
        self.built = True

    def call(self, x, mask=None):
        output = K.conv2d(x, self.W, self.subsample, self.border_mode, self.dim_ordering)
        return finish(self, output)

    def get_output_shape_for(self, input_shape):
        sizes = (self.nb_row, self.nb_col)
        return conv_shape(self, input_shape, sizes, self.subsample, self.dim_ordering, self.nb_filter)

    def get_config(self):
        names = ("nb_filter", "nb_row", "nb_col", "border_mode", "subsample", "dim_ordering")
        return {**super().get_config(), **config_of(self, *names, *CONV_OPTIONS)}


def add_kernel(layer, shape, ordering=None):
    """Makes W and, if the layer has one, b.

    Args:
        shape: tuple of int, the shape of W.
        ordering: "th" or "tf", how `shape` is laid out, for initial weights that depend on it; the layer's
            own if None.
    """
    layer.W = layer.add_weight(
        shape,
        functools.partial(layer.init, dim_ordering=ordering or layer.dim_ordering),
        name=f"{layer.name}_W",
        regularizer=layer.W_regularizer,
        constraint=layer.W_constraint,
    )
    add_bias(layer, (layer.nb_filter,))


def add_bias(layer, shape):
    """Makes b, if the layer has one."""
    layer.b = None
    if layer.bias:
        layer.b = layer.add_weight(
            shape,
            "zero",
            name=f"{layer.name}_b",
            regularizer=layer.b_regularizer,
            constraint=layer.b_constraint,
        )


def finish(layer, output):
    """Adds the bias along the channels axis, and applies the activation."""
    if layer.bias:
        bias = layer.b
        if getattr(layer, "dim_ordering", "tf") == "th":
            bias = K.reshape(bias, (1, -1, *[1] * (K.ndim(output) - 2)))
        output = output + bias
    return activate(layer, output)


def conv_shape(layer, input_shape, sizes, strides, ordering, filters, dilation=None):
    """The output shape of a convolution.

    Raises:
        ValueError: if a filter is larger than the input, so that the output would be empty.
    """
    first = 2 if ordering == "th" else 1
    dilation = dilation or (1,) * len(sizes)
    lengths = []
    for axis, (size, stride, rate) in enumerate(zip(sizes, strides, dilation, strict=True), first):
        length = conv_output_length(input_shape[axis], size, layer.border_mode, stride, dilation=rate)
        if length is not None and length < 1:
            raise ValueError(
                f"{type(layer).__name__} {layer.name!r}: the output would be empty: the input shape is "
                f"{tuple(input_shape)}, axis {axis} has {input_shape[axis]}, and the filter spans "
                f"{size + (size - 1) * (rate - 1)}. Use a smaller filter, a larger input, or "
                "border_mode='same'."
            )
        lengths.append(length)
    if ordering == "th":
        return (input_shape[0], filters, *lengths)
    return (input_shape[0], *lengths, filters)


def check_border_mode(layer, border_mode):
    """Checks a border mode.

    Raises:
        ValueError: if it is neither "valid" nor "same".
    """
    if border_mode not in ("valid", "same"):
        raise ValueError(
            f'{type(layer).__name__}: border_mode must be "valid" or "same"; got {border_mode!r}.'
        )
    return border_mode
