"""Locally connected layers: convolutions with separate filters at each position."""

import itertools
from collections.abc import Sequence
from typing import Annotated, Any

import jax
import jax.numpy as jnp

from .. import activations as activations
from .. import backend as K
from .. import constraints as constraints
from .. import initializations as initializations
from .. import regularizers as regularizers
from .._base.lengths import conv_output_length as conv_output_length
from .._base.types import ArrayLike, Shape, TensorLike
from .._graph import Tensor, apply, product_op
from ..engine import InputSpec
from ..engine import Layer as Layer
from ._conv import ConvLayer, conv_shape
from ._options import (
    DimOrdering,
    NameOrFunction,
    Option,
    PositiveInt,
    PositivePair,
    inputs_of,
    one_of,
)


class _LocallyConnected(ConvLayer):
    border_mode: Annotated[str, one_of("valid")]

    def _known(self, shape: Shape) -> tuple[int, ...]:
        """Returns the sizes after that of the samples.

        Raises:
            ValueError: if one is not known.
        """
        known = tuple(size for size in shape[1:] if size is not None)
        if len(known) < len(shape) - 1:
            raise ValueError(
                f"{type(self).__name__} {self.name!r} has weights for each position, so all sizes must be "
                f"known; the input shape is {tuple(shape)}. Pass a complete input_shape to the first layer."
            )
        return known


class LocallyConnected1D(_LocallyConnected):
    """Slides over the steps of a sequence as `Convolution1D` does, with separate filters at each position.

    Args:
        nb_filter: int > 0, the number of filters at each position, which is the number of features of the
            output.
        filter_length: int > 0, the number of steps that a filter spans.
        init, activation, weights, W_regularizer, b_regularizer, activity_regularizer, W_constraint,
            b_constraint, bias: as in `Dense`. W has the shape (new steps, filter_length * input_dim,
            nb_filter), b the shape (new steps, nb_filter).
        border_mode: "valid".
        subsample_length: int > 0, the step of the filters.
        input_dim: int, the number of features of the input, for the first layer of a Sequential.
        input_length: int, the number of steps of the input.

    Input shape: (samples, steps, input_dim), the steps known. Output shape: (samples, new steps,
    nb_filter).
    """

    filter_length: PositiveInt
    subsample_length: PositiveInt
    input_dim: Option[int | None]
    input_length: Option[int | None]
    input_spec = inputs_of(ndim=3)

    def __init__(
        self,
        nb_filter: int,
        filter_length: int,
        init: NameOrFunction = "glorot_uniform",
        activation: NameOrFunction | None = None,
        weights: Sequence[ArrayLike] | None = None,
        border_mode: str = "valid",
        subsample_length: int = 1,
        W_regularizer: NameOrFunction | None = None,
        b_regularizer: NameOrFunction | None = None,
        activity_regularizer: NameOrFunction | None = None,
        W_constraint: NameOrFunction | None = None,
        b_constraint: NameOrFunction | None = None,
        bias: bool = True,
        input_dim: int | None = None,
        input_length: int | None = None,
        **kwargs: Any,
    ) -> None:
        self._store_options(locals())
        if input_dim:
            kwargs["input_shape"] = (input_length, input_dim)
        super().__init__(**kwargs)

    def build(self, input_shape: Shape) -> None:
        _, features = self._known(input_shape)
        steps, _ = self._known(self.get_output_shape_for(input_shape))
        self.W_shape = (steps, self.filter_length * features, self.nb_filter)
        self._add_W(self.W_shape)
        self._add_b((steps, self.nb_filter))
        self.input_spec = [InputSpec(shape=(None, *input_shape[1:]))]
        self.built = True

    def call(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        output = _connect(x, self.W, (self.filter_length,), (self.subsample_length,), "tf")
        return apply(self.activation, output if self.b is None else output + self.b)

    def get_output_shape_for(self, input_shape: Shape) -> Shape:
        sizes, strides = (self.filter_length,), (self.subsample_length,)
        return conv_shape(self, input_shape, sizes, strides, "tf", self.nb_filter)


class LocallyConnected2D(_LocallyConnected):
    """Slides over images as `Convolution2D` does, with separate filters at each position.

    Args:
        nb_filter: int > 0, the number of filters at each position, which is the number of channels of the
            output.
        nb_row, nb_col: int > 0, the size of a filter.
        init, activation, weights, W_regularizer, b_regularizer, activity_regularizer, W_constraint,
            b_constraint, bias: as in `Dense`. W has the shape (new rows * new cols, nb_row * nb_col *
            channels, nb_filter), b the shape (new rows, new cols, nb_filter).
        border_mode: "valid".
        subsample: pair of int > 0, the step of the filters along rows and columns.
        dim_ordering: "th" (channels first), "tf" (channels last) or "default" (the setting of K).

    Input shape: (samples, channels, rows, cols), or channels last for "tf"; all but the samples known.
    The output has the same order.
    """

    nb_row: PositiveInt
    nb_col: PositiveInt
    subsample: PositivePair
    dim_ordering: DimOrdering
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
        super().__init__(**kwargs)

    def build(self, input_shape: Shape) -> None:
        known, first = self._known(input_shape), self.dim_ordering == "th"
        output = self._known(self.get_output_shape_for(input_shape))
        self.output_row, self.output_col = rows, cols = output[1:] if first else output[:2]
        channels = known[0 if first else -1]
        self.W_shape = (rows * cols, self.nb_row * self.nb_col * channels, self.nb_filter)
        self._add_W(self.W_shape)
        self._add_b((rows, cols, self.nb_filter))
        self.input_spec = [InputSpec(shape=(None, *input_shape[1:]))]
        self.built = True

    def call(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        sizes = (self.nb_row, self.nb_col)
        output = _connect(x, self.W, sizes, self.subsample, self.dim_ordering)
        if self.b is not None:
            # With "th" the original reshapes b here, which mixes positions and filters; files depend on it.
            output = output + K.reshape(self.b, (1, *K.int_shape(output)[1:]))
        return apply(self.activation, output)

    def get_output_shape_for(self, input_shape: Shape) -> Shape:
        sizes = (self.nb_row, self.nb_col)
        return conv_shape(self, input_shape, sizes, self.subsample, self.dim_ordering, self.nb_filter)


@product_op
def _connect(
    x: TensorLike, W: TensorLike, sizes: Sequence[int], strides: Sequence[int], ordering: str
) -> jax.Array:
    """Multiplies each window of `x` by the matrix of its position.

    Args:
        x: (samples, *space, channels), or (samples, channels, *space) for "th".
        W: (positions, elements of a window, filters). The elements of a window are in the order of the
            axes of `x`, so with "th" the channels come first.
        sizes, strides: tuples of int, the size and the step of windows along each spatial axis.

    Returns:
        Array (samples, *positions along each axis, filters), or filters first for "th".
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


def _every(x: jax.Array, start: Sequence[int], places: Sequence[int], strides: Sequence[int]) -> jax.Array:
    """Returns the elements of `x` at one offset in each window: (samples, *positions, channels)."""
    picks = (
        slice(first, first + (count - 1) * step + 1, step)
        for first, count, step in zip(start, places, strides, strict=True)
    )
    return x[(slice(None), *picks)]
