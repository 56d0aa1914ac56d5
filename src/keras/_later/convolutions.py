"""Convolutions that Keras 2 and 3 have beside those of Keras 1, in Keras 2's names."""

from collections.abc import Sequence
from typing import Annotated, Any

from .. import backend as K
from .._base.lengths import conv_output_length
from .._base.types import Shape
from .._graph import Tensor, apply
from ..engine import InputSpec
from ..layers._options import Activation, LayerWithOptions, NameOrFunction, Option, PositiveInt, inputs_of
from ._fields import DataFormat, Init, Limit, Padding, Penalty, of_kernel, sizes


class _Convolution(LayerWithOptions):
    """Base: shapes, bias and activation. A derived class has `rank`, the number of sizes of a filter."""

    rank = 2
    kernel_size: tuple[int, ...]
    strides: tuple[int, ...]
    padding: Padding
    data_format: DataFormat
    dilation_rate: tuple[int, ...]
    activation: Activation
    use_bias: Option[bool]
    bias_initializer: Init
    bias_regularizer: Penalty
    bias_constraint: Limit
    activity_regularizer: Penalty
    bias: Any = None

    def _channels(self, input_shape: Shape) -> int:
        channels: Any = input_shape[1 if self.data_format == "channels_first" else -1]
        if channels is None:
            raise ValueError(
                f"{type(self).__name__} {self.name!r}: the number of channels must be known; the input "
                f"shape is "
                f"{tuple(input_shape)}."
            )
        rest = [None] * self.rank
        shape = [None, channels, *rest] if self.data_format == "channels_first" else [None, *rest, channels]
        self.input_spec = [InputSpec(shape=tuple(shape))]
        return channels

    def _space(self, input_shape: Shape) -> tuple[Any, ...]:
        return tuple(input_shape[2:] if self.data_format == "channels_first" else input_shape[1:-1])

    def _shape(self, input_shape: Shape, space: Sequence[Any], channels: int) -> Shape:
        if self.data_format == "channels_first":
            return (input_shape[0], channels, *space)
        return (input_shape[0], *space, channels)

    def _convolved(self, input_shape: Shape) -> list[Any]:
        """Returns the sizes after a convolution."""
        each = zip(self._space(input_shape), self.kernel_size, self.strides, self.dilation_rate, strict=True)
        return [
            conv_output_length(n, size, self.padding, step, dilation=rate) for n, size, step, rate in each
        ]

    def _add(self, name: str, shape: Shape) -> Any:
        return self.add_weight(
            shape,
            of_kernel(getattr(self, f"{name}_initializer")) if name != "bias" else self.bias_initializer,
            name=f"{self.name}_{name}",
            regularizer=getattr(self, f"{name}_regularizer"),
            constraint=getattr(self, f"{name}_constraint"),
        )

    def _add_bias(self, channels: int) -> None:
        if self.use_bias:
            self.bias = self._add("bias", (channels,))

    def _finish(self, y: Tensor) -> Tensor:
        return apply(self.activation, y if self.bias is None else K.bias_add(y, self.bias, self.data_format))


class DepthwiseConv2D(_Convolution):
    """Convolution of each channel on its own, with `depth_multiplier` filters for each.

    Args:
        kernel_size: int or pair of int, the rows and columns of a filter.
        strides: int or pair of int, its step.
        padding: "valid" or "same".
        depth_multiplier: int, the number of filters for each channel.
        data_format: "channels_first", "channels_last", or None for the setting of K.
        dilation_rate: int or pair of int, the distance between the elements of a filter.
        activation, use_bias, depthwise_initializer, bias_initializer, depthwise_regularizer,
        bias_regularizer,
            activity_regularizer, depthwise_constraint, bias_constraint: as those of `Conv2D`.

    Input shape: (samples, rows, cols, channels), or channels first. Output: channels * depth_multiplier.
    """

    kernel_size: Annotated[tuple[int, int], sizes(2)]
    strides: Annotated[tuple[int, int], sizes(2)]
    dilation_rate: Annotated[tuple[int, int], sizes(2)]
    depth_multiplier: PositiveInt
    depthwise_initializer: Init
    depthwise_regularizer: Penalty
    depthwise_constraint: Limit
    input_spec = inputs_of(ndim=4)

    def __init__(
        self,
        kernel_size: int | Sequence[int],
        strides: int | Sequence[int] = (1, 1),
        padding: str = "valid",
        depth_multiplier: int = 1,
        data_format: str | None = None,
        activation: NameOrFunction | None = None,
        use_bias: bool = True,
        depthwise_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        depthwise_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        depthwise_constraint: Any = None,
        bias_constraint: Any = None,
        dilation_rate: int | Sequence[int] = (1, 1),
        **kwargs: Any,
    ) -> None:
        self._store_options(locals())
        super().__init__(**kwargs)

    def build(self, input_shape: Shape) -> None:
        channels = self._channels(input_shape)
        self.depthwise_kernel = self._add("depthwise", (*self.kernel_size, channels, self.depth_multiplier))
        self._add_bias(channels * self.depth_multiplier)
        self.built = True

    def call(self, x: Tensor, mask: Any = None) -> Tensor:
        options = (self.strides, self.padding, self.data_format, self.dilation_rate)
        return self._finish(K.depthwise_conv2d(x, self.depthwise_kernel, *options))

    def get_output_shape_for(self, input_shape: Shape) -> Shape:
        channels: Any = input_shape[1 if self.data_format == "channels_first" else -1]
        return self._shape(input_shape, self._convolved(input_shape), channels * self.depth_multiplier)


class SeparableConv1D(_Convolution):
    """Convolution of each channel of a sequence on its own, then of all channels of each step.

    Args:
        filters: int, the number of channels of the output.
        kernel_size, strides, dilation_rate: ints.
        depth_multiplier: int, the number of filters for each channel in the first step.
        The others are those of `SeparableConv2D`.

    Input shape: (samples, steps, channels). Output shape: (samples, new steps, filters).
    """

    rank = 1
    filters: PositiveInt
    kernel_size: Annotated[tuple[int], sizes(1)]
    strides: Annotated[tuple[int], sizes(1)]
    dilation_rate: Annotated[tuple[int], sizes(1)]
    depth_multiplier: PositiveInt
    depthwise_initializer: Init
    pointwise_initializer: Init
    depthwise_regularizer: Penalty
    pointwise_regularizer: Penalty
    depthwise_constraint: Limit
    pointwise_constraint: Limit
    input_spec = inputs_of(ndim=3)

    def __init__(
        self,
        filters: int,
        kernel_size: int | Sequence[int],
        strides: int | Sequence[int] = 1,
        padding: str = "valid",
        data_format: str = "channels_last",
        dilation_rate: int | Sequence[int] = 1,
        depth_multiplier: int = 1,
        activation: NameOrFunction | None = None,
        use_bias: bool = True,
        depthwise_initializer: Any = "glorot_uniform",
        pointwise_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        depthwise_regularizer: Any = None,
        pointwise_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        depthwise_constraint: Any = None,
        pointwise_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        if data_format not in (None, "channels_last"):
            raise ValueError(f"SeparableConv1D: data_format must be 'channels_last'; got {data_format!r}.")
        data_format = "channels_last"
        self._store_options(locals())
        super().__init__(**kwargs)

    def build(self, input_shape: Shape) -> None:
        channels = self._channels(input_shape)
        self.depthwise_kernel = self._add("depthwise", (*self.kernel_size, channels, self.depth_multiplier))
        self.pointwise_kernel = self._add("pointwise", (1, channels * self.depth_multiplier, self.filters))
        self._add_bias(self.filters)
        self.built = True

    def call(self, x: Tensor, mask: Any = None) -> Tensor:
        options = (self.strides, self.padding, None, self.dilation_rate)
        return self._finish(K.separable_conv1d(x, self.depthwise_kernel, self.pointwise_kernel, *options))

    def get_output_shape_for(self, input_shape: Shape) -> Shape:
        return self._shape(input_shape, self._convolved(input_shape), self.filters)


class _Transposed(_Convolution):
    """A transposed convolution: the gradient of a convolution for its input, from small sizes to large ones.

    Args:
        filters: int, the number of channels of the output.
        kernel_size, strides, dilation_rate: int, or one int for each axis.
        padding: "valid" or "same".
        output_padding: int, or one for each axis, how much larger the output is than its smallest size; None
            for steps times the size of the input ("same"), plus the rest of a filter ("valid").
        The others are those of `Conv2D`.

    Input shape: (samples, sizes..., channels), or channels first; sizes known.
    """

    filters: PositiveInt
    output_padding: Option[Any]
    kernel_initializer: Init
    kernel_regularizer: Penalty
    kernel_constraint: Limit

    def build(self, input_shape: Shape) -> None:
        channels = self._channels(input_shape)
        self.kernel = self._add("kernel", (*self.kernel_size, self.filters, channels))
        self._add_bias(self.filters)
        self.built = True

    def call(self, x: Tensor, mask: Any = None) -> Tensor:
        shape = self.get_output_shape_for(K.int_shape(x))
        if None in shape[1:]:
            raise ValueError(
                f"{type(self).__name__} {self.name!r}: the sizes of the input must be known; its shape is "
                f"{K.int_shape(x)}."
            )
        options = (self.strides, self.padding, self.data_format, self.dilation_rate)
        return self._finish(K.conv_transpose(x, self.kernel, shape, *options))

    def get_output_shape_for(self, input_shape: Shape) -> Shape:
        more = self.output_padding
        more = more if isinstance(more, tuple | list) else (more,) * self.rank
        each = zip(
            *(self._space(input_shape), self.kernel_size, self.strides, self.dilation_rate, more), strict=True
        )
        return self._shape(input_shape, [self._length(*axis) for axis in each], self.filters)

    def _length(self, n: int | None, size: int, step: int, rate: int, more: int | None) -> int | None:
        if n is None:
            return None
        size = size + (size - 1) * (rate - 1)
        if more is None:
            return n * step + (max(size - step, 0) if self.padding == "valid" else 0)
        return (n - 1) * step + size - (2 * (size // 2) if self.padding == "same" else 0) + more


class Conv1DTranspose(_Transposed):
    __doc__ = _Transposed.__doc__
    rank = 1
    kernel_size: Annotated[tuple[int], sizes(1)]
    strides: Annotated[tuple[int], sizes(1)]
    dilation_rate: Annotated[tuple[int], sizes(1)]
    input_spec = inputs_of(ndim=3)

    def __init__(
        self,
        filters: int,
        kernel_size: int | Sequence[int],
        strides: int | Sequence[int] = 1,
        padding: str = "valid",
        output_padding: Any = None,
        data_format: str | None = "channels_last",
        dilation_rate: int | Sequence[int] = 1,
        activation: NameOrFunction | None = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        self._store_options(locals())
        super().__init__(**kwargs)


class Conv3DTranspose(_Transposed):
    __doc__ = _Transposed.__doc__
    rank = 3
    kernel_size: Annotated[tuple[int, int, int], sizes(3)]
    strides: Annotated[tuple[int, int, int], sizes(3)]
    dilation_rate: Annotated[tuple[int, int, int], sizes(3)]
    input_spec = inputs_of(ndim=5)

    def __init__(
        self,
        filters: int,
        kernel_size: int | Sequence[int],
        strides: int | Sequence[int] = (1, 1, 1),
        padding: str = "valid",
        output_padding: Any = None,
        data_format: str | None = None,
        activation: NameOrFunction | None = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        dilation_rate: int | Sequence[int] = (1, 1, 1),
        **kwargs: Any,
    ) -> None:
        self._store_options(locals())
        super().__init__(**kwargs)
