"""Locally connected layers: convolutions with weights of their own at each place."""

import itertools

import jax.numpy as jnp

from .. import activations as activations
from .. import backend as K
from .. import constraints as constraints
from .. import initializations as initializations
from .. import regularizers as regularizers
from .._base.lengths import conv_output_length as conv_output_length
from .._graph import product_op
from ..backend.common import check_dim_ordering
from ..engine import InputSpec, Layer
from ._conv import CONV_OPTIONS, add_bias, conv_shape
from ._options import activate, config_of, keep, positive_int, positive_ints


class LocallyConnected1D(Layer):
    """Slides along the steps of a sequence as `Convolution1D` does, with other filters at each place.

    Args:
        nb_filter: int > 0, the number of filters at each place, features of the output.
        filter_length: int > 0, the steps that a filter sees.
        init, activation, weights, W_regularizer, b_regularizer, activity_regularizer, W_constraint,
            b_constraint, bias: as in `Dense`. W has the shape (new steps, filter_length * input_dim,
            nb_filter), b the shape (new steps, nb_filter).
        border_mode: "valid".
        subsample_length: int > 0, the step of the filters.
        input_dim: int, features of the input, for the first layer of a Sequential.
        input_length: int, steps of the input.

    Input shape: (samples, steps, input_dim), the steps known. Output shape: (samples, new steps,
    nb_filter).
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
        self.border_mode = _only_valid(self, border_mode)
        self.subsample_length = positive_int(self, "subsample_length", subsample_length)
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
        _all_known(self, input_shape)
        steps = self.get_output_shape_for(input_shape)[1]
        self.W_shape = (steps, self.filter_length * input_shape[2], self.nb_filter)
        _add_weights(self, self.W_shape, (steps, self.nb_filter))
        self.input_spec = [InputSpec(shape=(None, *input_shape[1:]))]
        self.built = True

    def call(self, x, mask=None):
        output = _connect(x, self.W, (self.filter_length,), (self.subsample_length,), "tf")
        return activate(self, output + self.b if self.bias else output)

    def get_output_shape_for(self, input_shape):
        sizes, strides = (self.filter_length,), (self.subsample_length,)
        return conv_shape(self, input_shape, sizes, strides, "tf", self.nb_filter)

    def get_config(self):
        names = ("nb_filter", "filter_length", "border_mode", "subsample_length", "input_dim", "input_length")
        return {**super().get_config(), **config_of(self, *names, *CONV_OPTIONS)}


class LocallyConnected2D(Layer):
    """Slides over images as `Convolution2D` does, with other filters at each place.

    Args:
        nb_filter: int > 0, the number of filters at each place, channels of the output.
        nb_row, nb_col: int > 0, size of a filter.
        init, activation, weights, W_regularizer, b_regularizer, activity_regularizer, W_constraint,
            b_constraint, bias: as in `Dense`. W has the shape (new rows * new cols, nb_row * nb_col *
            channels, nb_filter), b the shape (new rows, new cols, nb_filter).
        border_mode: "valid".
        subsample: pair of int > 0, the step of the filters along rows and columns.
        dim_ordering: "th" (channels first), "tf" (channels last) or "default" (what K is set to).

    Input shape: (samples, channels, rows, cols), or channels last for "tf"; all but the samples known.
    Output alike.
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
        _all_known(self, input_shape)
        output, first = self.get_output_shape_for(input_shape), self.dim_ordering == "th"
        self.output_row, self.output_col = output[2:] if first else output[1:3]
        channels = input_shape[1 if first else 3]
        places = self.output_row * self.output_col
        self.W_shape = (places, self.nb_row * self.nb_col * channels, self.nb_filter)
        _add_weights(self, self.W_shape, (self.output_row, self.output_col, self.nb_filter))
        self.input_spec = [InputSpec(shape=(None, *input_shape[1:]))]
        self.built = True

    def call(self, x, mask=None):
        sizes = (self.nb_row, self.nb_col)
        output = _connect(x, self.W, sizes, self.subsample, self.dim_ordering)
        if self.bias:
            # With "th" the original reshapes b here, which mixes places and filters; files depend on it.
            output = output + K.reshape(self.b, (1, *K.int_shape(output)[1:]))
        return activate(self, output)

    def get_output_shape_for(self, input_shape):
        sizes = (self.nb_row, self.nb_col)
        return conv_shape(self, input_shape, sizes, self.subsample, self.dim_ordering, self.nb_filter)

    def get_config(self):
        names = ("nb_filter", "nb_row", "nb_col", "border_mode", "subsample", "dim_ordering")
        return {**super().get_config(), **config_of(self, *names, *CONV_OPTIONS)}


@product_op
def _connect(x, W, sizes, strides, ordering):
    """Each window of `x` times the matrix of its place.

    Args:
        x: (samples, *space, channels), or (samples, channels, *space) for "th".
        W: (places, elements of a window, filters); the elements of a window lie in it in the order of the
            axes of `x`, so with "th" the channels come first.
        sizes, strides: tuples of int, of windows, one for each axis of space.
    Returns:
        Array (samples, *places along each axis, filters), or filters first for "th".
    """
    if ordering == "th":
        x = jnp.moveaxis(x, 1, -1)
    space, channels = x.shape[1:-1], x.shape[-1]
    places = [(n - size) // step + 1 for n, size, step in zip(space, sizes, strides, strict=True)]
    offsets = itertools.product(*map(range, sizes))
    windows = jnp.stack([_every(x, start, places, strides) for start in offsets], axis=-2)
    taps, filters = windows.shape[-2], W.shape[-1]
    if ordering == "th":
        kernel = jnp.swapaxes(W.reshape(*places, channels, taps, filters), -3, -2)
    else:
        kernel = W.reshape(*places, taps, channels, filters)
    result = jnp.einsum("n...tc,...tcf->n...f", windows, kernel)
    return jnp.moveaxis(result, -1, 1) if ordering == "th" else result


def _every(x, start, places, strides):
    """The elements of `x` that windows have at one offset: (samples, *places, channels)."""
    picks = (
        slice(first, first + (count - 1) * step + 1, step)
        for first, count, step in zip(start, places, strides, strict=True)
    )
    return x[(slice(None), *picks)]


def _add_weights(layer, W_shape, b_shape):
    layer.W = layer.add_weight(
        W_shape,
        layer.init,
        name=f"{layer.name}_W",
        regularizer=layer.W_regularizer,
        constraint=layer.W_constraint,
    )
    add_bias(layer, b_shape)


def _only_valid(layer, border_mode):
    if border_mode != "valid":
        raise ValueError(f'{type(layer).__name__}: border_mode must be "valid"; got {border_mode!r}.')
    return border_mode


def _all_known(layer, input_shape):
    if None in input_shape[1:]:
        raise ValueError(
            f"{type(layer).__name__} {layer.name!r} has weights for each place, so all sizes must be known; "
            f"the input shape is {tuple(input_shape)}. Pass a complete input_shape to the first layer."
        )
