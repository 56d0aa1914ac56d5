"""Convolutions with weights of their own at every place."""

import jax.numpy as jnp

from .. import backend as K
from ..backend.common import check_dim_ordering
from ..engine import InputSpec, Layer
from ._conv import _OPTIONS, check_border_mode, conv_shape
from ._options import activate, config_of, keep, positive_int


@K.op
def _windows(x, size, stride, axis):
    """The windows along an axis: x with the axis replaced by (places, size)."""
    places = (x.shape[axis] - size) // stride + 1
    index = stride * jnp.arange(places)[:, None] + jnp.arange(size)
    return jnp.take(x, index, axis=axis)


@K.op
def _local_product(windows, W):
    """(samples, places, elements) by (places, elements, filters) to (samples, places, filters)."""
    return jnp.einsum("spe,pef->spf", windows, W)


class LocallyConnected1D(Layer):
    """`Convolution1D` with filters of their own at every place.

    Args: as in `Convolution1D`; border_mode must be "valid".

    Input shape: (samples, steps, input_dim), steps known. Output shape: (samples, new steps, nb_filter).
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
        self.subsample_length = positive_int(self, "subsample_length", subsample_length)
        self.border_mode = _only_valid(self, border_mode)
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
        _, places, _ = self.get_output_shape_for(input_shape)
        _check_known(self, input_shape)
        self.input_spec = [InputSpec(shape=(None, *input_shape[1:]))]
        shape = (places, self.filter_length * self.input_dim, self.nb_filter)
        _add_weights(self, shape, (places, self.nb_filter))
        self.built = True

    def call(self, x, mask=None):
        places, elements, _ = K.int_shape(self.W)
        windows = _windows(x, self.filter_length, self.subsample_length, 1)
        output = _local_product(K.reshape(windows, (-1, places, elements)), self.W)
        return activate(self, output + self.b if self.bias else output)

    def get_output_shape_for(self, input_shape):
        sizes, strides = (self.filter_length,), (self.subsample_length,)
        return conv_shape(self, input_shape, sizes, strides, "tf", self.nb_filter)

    def get_config(self):
        names = ("nb_filter", "filter_length", "border_mode", "subsample_length")
        names += ("input_dim", "input_length")
        return {**super().get_config(), **config_of(self, *names, *_OPTIONS)}


class LocallyConnected2D(Layer):
    """`Convolution2D` with filters of their own at every place.

    Args: as in `Convolution2D`; border_mode must be "valid".

    Input shape: (samples, channels, rows, cols), or channels last for "tf"; all known. Output alike.
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
        self.border_mode = _only_valid(self, border_mode)
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
        self.input_spec = [InputSpec(ndim=4)]
        super().__init__(**kwargs)

    def build(self, input_shape):
        shape = self.get_output_shape_for(input_shape)
        _check_known(self, input_shape)
        self.input_spec = [InputSpec(shape=(None, *input_shape[1:]))]
        self.output_row, self.output_col = shape[2:] if self.dim_ordering == "th" else shape[1:3]
        channels = input_shape[1 if self.dim_ordering == "th" else 3]
        elements = self.nb_row * self.nb_col * channels
        W_shape = (self.output_row * self.output_col, elements, self.nb_filter)
        _add_weights(self, W_shape, (self.output_row, self.output_col, self.nb_filter))
        self.built = True

    def call(self, x, mask=None):
        first = self.dim_ordering == "th"
        rows = 2 if first else 1
        x = _windows(x, self.nb_row, self.subsample[0], rows)
        x = _windows(x, self.nb_col, self.subsample[1], rows + 2)
        # The places first, then the elements of a window in the order of the input's axes.
        x = K.permute_dimensions(x, (0, 2, 4, 1, 3, 5) if first else (0, 1, 3, 2, 4, 5))
        places, elements, filters = K.int_shape(self.W)
        output = _local_product(K.reshape(x, (-1, places, elements)), self.W)
        output = K.reshape(output, (-1, self.output_row, self.output_col, filters))
        shape = (1, self.output_row, self.output_col, filters)
        if first:
            output = K.permute_dimensions(output, (0, 3, 1, 2))
            # The original reshapes b here, which mixes places and filters; its files depend on it.
            shape = (1, filters, self.output_row, self.output_col)
        return activate(self, output + K.reshape(self.b, shape) if self.bias else output)

    def get_output_shape_for(self, input_shape):
        sizes, ordering = (self.nb_row, self.nb_col), self.dim_ordering
        return conv_shape(self, input_shape, sizes, self.subsample, ordering, self.nb_filter)

    def get_config(self):
        names = ("nb_filter", "nb_row", "nb_col", "border_mode", "subsample", "dim_ordering")
        return {**super().get_config(), **config_of(self, *names, *_OPTIONS)}


def _add_weights(layer, W_shape, b_shape):
    layer.W = layer.add_weight(
        W_shape,
        layer.init,
        name=f"{layer.name}_W",
        regularizer=layer.W_regularizer,
        constraint=layer.W_constraint,
    )
    layer.b = None
    if layer.bias:
        layer.b = layer.add_weight(
            b_shape,
            "zero",
            name=f"{layer.name}_b",
            regularizer=layer.b_regularizer,
            constraint=layer.b_constraint,
        )


def _only_valid(layer, border_mode):
    if check_border_mode(layer, border_mode) != "valid":
        raise ValueError(f'{type(layer).__name__}: border_mode must be "valid"; got {border_mode!r}.')
    return border_mode


def _check_known(layer, input_shape):
    if None in input_shape[1:]:
        raise ValueError(
            f"{type(layer).__name__} {layer.name!r} has weights for every place, so all sizes must be known; "
            f"the input shape is {tuple(input_shape)}."
        )
