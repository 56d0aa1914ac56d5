"""What the convolution layers share, and Convolution2D."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from .. import backend as K
from .._base.lengths import conv_output_length
from .._base.types import ArrayLike, Shape
from .._graph import Tensor, Variable, apply
from ..engine import InputSpec, image_order
from ._options import (
    Activation,
    BorderMode,
    DimOrdering,
    NameOrFunction,
    PositiveInt,
    PositivePair,
    inputs_of,
)
from ._weights import KernelLayer, in_layout


class ConvLayer(KernelLayer):
    """Base of the layers that slide `nb_filter` filters over their input."""

    nb_filter: PositiveInt
    activation: Activation
    border_mode: BorderMode
    W_shape: Shape

    def _add_weights(self, shape: Shape, ordering: str) -> None:
        """Adds W and b.

        Args:
            shape: the shape of W.
            ordering: "th" or "tf", the layout of `shape`, for initial weights that depend on it.
        """
        self.W_shape = shape
        self._add_W(shape, in_layout(self.init, ordering))
        self._add_b((self.nb_filter,))


class Convolution2D(ConvLayer):
    """Slides `nb_filter` filters over images.

    Args:
        nb_filter: int > 0, the number of filters, which is the number of channels of the output.
        nb_row, nb_col: int > 0, the size of a filter.
        init, activation, weights, W_regularizer, b_regularizer, activity_regularizer, W_constraint,
            b_constraint, bias: as in `Dense`.
        border_mode: "valid" (filters stay inside the image) or "same" (zero padding; with steps of 1 the
            output has the size of the input).
        subsample: pair of int > 0, the step of the filters along rows and columns.
        dim_ordering: "th" (channels first), "tf" (channels last) or "default" (the setting of K).

    Input shape: (samples, channels, rows, cols), or channels last for "tf". The output has the same order.
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
        sizes = (self.nb_row, self.nb_col)
        self.get_output_shape_for(input_shape)  # raises if a filter does not fit
        channels = channels_of(self, input_shape)
        if self.dim_ordering == "th":
            self.input_spec = [InputSpec(shape=(None, channels, None, None))]
            shape = (self.nb_filter, channels, *sizes)
        else:
            self.input_spec = [InputSpec(shape=(None, None, None, channels))]
            shape = (*sizes, channels, self.nb_filter)
        self._add_weights(shape, self.dim_ordering)
        self.built = True

    def call(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        output = K.conv2d(x, self.W, self.subsample, self.border_mode, self.dim_ordering)
        return finish(output, self.b, self.activation, self.dim_ordering)

    def get_output_shape_for(self, input_shape: Shape) -> Shape:
        sizes = (self.nb_row, self.nb_col)
        return conv_shape(self, input_shape, sizes, self.subsample, self.dim_ordering, self.nb_filter)


def finish(
    output: Tensor, b: Variable | None, activation: Callable[..., Any], ordering: str = "tf"
) -> Tensor:
    """Adds the bias, if there is one, along the axis of the channels, and applies the activation."""
    if b is not None:
        output = output + (K.reshape(b, (1, -1, *[1] * (K.ndim(output) - 2))) if ordering == "th" else b)
    return apply(activation, output)


def channels_of(layer: Any, input_shape: Shape) -> int:
    """Returns the number of channels of a layer's input.

    Raises:
        ValueError: if it is not known.
    """
    channels = input_shape[1 if layer.dim_ordering == "th" else -1]
    if channels is None:
        raise ValueError(
            f"{type(layer).__name__} {layer.name!r}: the number of channels must be known; the input shape "
            f"is {tuple(input_shape)}.{image_order.reading(layer, input_shape[1:])}"
        )
    return channels


class _Named(Protocol):
    name: str
    border_mode: str


def conv_shape(
    layer: _Named,
    input_shape: Shape,
    sizes: Sequence[int],
    strides: Sequence[int],
    ordering: str,
    filters: int | None,
    dilation: Sequence[int] | None = None,
    border_mode: str | None = None,
) -> Shape:
    """Returns the output shape of a convolution or pooling, by default with the layer's border_mode.

    Raises:
        ValueError: if a filter is larger than the input, so that the output would be empty.
    """
    first = 2 if ordering == "th" else 1
    dilation = dilation or (1,) * len(sizes)
    border_mode = border_mode or layer.border_mode
    lengths = []
    for axis, (size, stride, rate) in enumerate(zip(sizes, strides, dilation, strict=True), first):
        length = conv_output_length(input_shape[axis], size, border_mode, stride, dilation=rate)
        if length is not None and length < 1:
            raise ValueError(
                f"{type(layer).__name__} {layer.name!r}: the output would be empty: the input shape is "
                f"{tuple(input_shape)}, axis {axis} has {input_shape[axis]}, and the filter spans "
                f"{size + (size - 1) * (rate - 1)}. Use a smaller filter, a larger input, or "
                f"border_mode='same'.{image_order.reading(layer, input_shape[1:])}"
            )
        lengths.append(length)
    if ordering == "th":
        return (input_shape[0], filters, *lengths)
    return (input_shape[0], *lengths, filters)
