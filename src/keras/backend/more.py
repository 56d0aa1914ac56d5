"""Functions that Keras 2 added to the backend."""

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from .._base.types import TensorLike
from .._graph import Tensor, Variable, op, product_op, wide_op
from .._graph import identity as _identity
from .common import check_dim_ordering, floatx
from .conv import _conv, _depthwise, _spread_depthwise, padding_of
from .math import Axis
from .random import random_normal
from .shapes import permute_dimensions

_slice = slice  # the function `slice` below hides it
_KNOWN_FORMATS = {"channels_first": "th", "channels_last": "tf", None: "default"}


def normalize_data_format(value: str | None) -> str:
    """Returns "channels_first" or "channels_last"; None is the setting of K.

    Raises:
        ValueError: for another value.
    """
    if value not in _KNOWN_FORMATS:
        raise ValueError(f'data_format: got {value!r}; wanted "channels_first", "channels_last" or None.')
    return "channels_first" if _ordering(value) == "th" else "channels_last"


def _ordering(data_format: Any) -> str:
    return check_dim_ordering(_KNOWN_FORMATS.get(data_format) or data_format)


@op
def less(x: TensorLike, y: TensorLike) -> jax.Array:
    """Whether x < y, element by element; bool."""
    return jnp.less(x, y)


@op
def less_equal(x: TensorLike, y: TensorLike) -> jax.Array:
    """Whether x <= y, element by element; bool."""
    return jnp.less_equal(x, y)


@wide_op
def logsumexp(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> jax.Array:
    """log(sum(exp(x))) over axes, without overflow."""
    axis = tuple(axis) if isinstance(axis, list) else axis
    return jax.scipy.special.logsumexp(x, axis=axis, keepdims=keepdims)


@wide_op
def cumsum(x: TensorLike, axis: int = 0) -> jax.Array:
    """Sums of the elements up to each place along an axis."""
    return jnp.cumsum(x, axis=axis)


@wide_op
def cumprod(x: TensorLike, axis: int = 0) -> jax.Array:
    """Products of the elements up to each place along an axis."""
    return jnp.cumprod(x, axis=axis)


@op
def top_k_values(x: TensorLike, k: int) -> jax.Array:
    """The `k` largest elements along the last axis, in falling order."""
    return jax.lax.top_k(x, k)[0]


def slice(x: Tensor, start: Sequence[int], size: Sequence[int]) -> Tensor:
    """A part of a tensor.

    Args:
        x: tensor.
        start: the first index along each axis.
        size: the number of elements along each axis; -1 for all that follow.
    """
    parts = zip(start, size, strict=True)
    return x[tuple(_slice(first, None if n == -1 else first + n) for first, n in parts)]


@op
def size(x: TensorLike, name: str | None = None) -> jax.Array:
    """The number of elements, an int."""
    return jnp.asarray(np.prod(x.shape, dtype=np.int64), "int32")


def constant(
    value: Any, dtype: str | None = None, shape: Sequence[int] | None = None, name: str | None = None
) -> Variable:
    """A tensor with a fixed value.

    Args:
        value: number or array.
        dtype: str; None is `K.floatx()`.
        shape: the shape to which a number is broadcast.
        name: str.
    """
    array = np.asarray(value, dtype or floatx())
    return Variable(np.array(array if shape is None else np.broadcast_to(array, tuple(shape))), name=name)


def identity(x: TensorLike, name: str | None = None) -> Tensor:
    """A copy of a tensor."""
    return _identity(x)


def is_tensor(x: Any) -> bool:
    """Whether x is a symbolic tensor."""
    return isinstance(x, Tensor)


def is_variable(x: Any) -> bool:
    """Whether x is a variable."""
    return isinstance(x, Variable)


def is_placeholder(x: Any) -> bool:
    """Whether x is a placeholder, whose value is passed to each call of a program."""
    return isinstance(x, Tensor) and not isinstance(x, Variable) and x.node.name == "placeholder"


def truncated_normal(
    shape: Sequence[Any], mean: float = 0.0, stddev: float = 1.0, dtype: str | None = None, seed: Any = None
) -> Tensor:
    """Normally distributed numbers, of which those beyond two standard deviations are drawn again.

    Args:
        shape: sizes.
        mean, stddev: floats, of the distribution before truncation.
        dtype: str; None is `K.floatx()`.
        seed: int, or None.
    """
    return _truncated(random_normal(shape, 0.0, 1.0, dtype, seed)) * stddev + mean


@op
def _truncated(normal: Any) -> jax.Array:
    # The same quantile among those between -2 and 2.
    low, high = (jax.scipy.stats.norm.cdf(x) for x in (-2.0, 2.0))
    return jax.scipy.stats.norm.ppf(low + jax.scipy.stats.norm.cdf(normal) * (high - low))


def bias_add(x: Tensor, bias: Tensor, data_format: str | None = None) -> Tensor:
    """Adds a bias along the axis of the channels.

    Args:
        x: tensor of rank 2 or more.
        bias: tensor (channels,), or of the shape of x without the samples.
        data_format: "channels_first", "channels_last", or None for the setting of K.
    """
    if len(bias.shape) > 1:
        return x + bias
    return _bias_add(x, bias, "th" if len(x.shape) > 2 and _ordering(data_format) == "th" else "tf")


@op
def _bias_add(x: Any, bias: Any, ordering: str) -> jax.Array:
    return x + (bias.reshape(1, -1, *[1] * (x.ndim - 2)) if ordering == "th" else bias)


def depthwise_conv2d(
    x: TensorLike,
    depthwise_kernel: TensorLike,
    strides: Sequence[int] = (1, 1),
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: Sequence[int] = (1, 1),
) -> Tensor:
    """Convolution of each channel on its own.

    Args:
        x: (samples, rows, cols, channels), or channels first.
        depthwise_kernel: (rows, cols, channels, multiplier).
        strides, dilation_rate: pairs of int.
        padding: "valid" or "same".
        data_format: "channels_first", "channels_last", or None for the setting of K.
    """
    ordering = _ordering(data_format)
    options = (tuple(strides), padding_of(padding), ordering)
    if tuple(dilation_rate) != (1, 1):
        return _spread_depthwise(x, depthwise_kernel, *options, tuple(dilation_rate), kernel_last=True)
    if ordering == "th":  # `_depthwise`, which has kernels of its own, takes Keras 1's layout
        depthwise_kernel = permute_dimensions(depthwise_kernel, (3, 2, 0, 1))
    return _depthwise(x, depthwise_kernel, *options)


def depthwise_conv1d(
    x: TensorLike,
    depthwise_kernel: TensorLike,
    strides: int = 1,
    padding: str = "valid",
    dilation_rate: int = 1,
) -> Tensor:
    """Convolution of each channel of a sequence on its own.

    Args:
        x: (samples, steps, channels).
        depthwise_kernel: (length, channels, multiplier).
        strides, dilation_rate: ints.
        padding: "valid" or "same".
    """
    return _spread_depthwise(x, depthwise_kernel, (strides,), padding_of(padding), "tf", (dilation_rate,))


def separable_conv1d(
    x: TensorLike,
    depthwise_kernel: TensorLike,
    pointwise_kernel: TensorLike,
    strides: Any = 1,
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: Any = 1,
) -> Tensor:
    """Convolution of each channel of a sequence on its own, then across the channels of each step.

    Args:
        x: (samples, steps, channels).
        depthwise_kernel: (length, channels, multiplier).
        pointwise_kernel: (1, channels * multiplier, filters).
        strides, dilation_rate: ints.
        padding: "valid" or "same".
        data_format: ignored; the channels are last.
    """
    step, rate = (
        value[0] if isinstance(value, tuple | list) else value for value in (strides, dilation_rate)
    )
    x = depthwise_conv1d(x, depthwise_kernel, step, padding, rate)
    return _conv(x, pointwise_kernel, (1,), "VALID", "tf", (1,))


def conv2d_transpose(
    x: TensorLike,
    kernel: TensorLike,
    output_shape: Sequence[Any],
    strides: Sequence[int] = (1, 1),
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: Sequence[int] = (1, 1),
) -> Tensor:
    """Transposed convolution; see `conv_transpose`. The kernel is (rows, cols, filters, channels)."""
    return conv_transpose(x, kernel, output_shape, strides, padding, data_format, dilation_rate)


def conv3d_transpose(
    x: TensorLike,
    kernel: TensorLike,
    output_shape: Sequence[Any],
    strides: Sequence[int] = (1, 1, 1),
    padding: str = "valid",
    data_format: str | None = None,
) -> Tensor:
    """Transposed convolution over volumes; see `conv_transpose`."""
    return conv_transpose(x, kernel, output_shape, strides, padding, data_format)


def conv_transpose(
    x: TensorLike,
    kernel: TensorLike,
    output_shape: Sequence[Any],
    strides: Sequence[int],
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: Sequence[int] | None = None,
) -> Tensor:
    """Transposed convolution in 1, 2 or 3 dimensions: the gradient of a convolution for its input.

    Args:
        x: (samples, sizes..., channels), or channels first.
        kernel: (sizes..., filters, channels).
        output_shape: the shape of the result, with the samples first, which are not used.
        strides, dilation_rate: ints, one for each dimension.
        padding: "valid" or "same".
        data_format: "channels_first", "channels_last", or None for the setting of K.
    """
    ordering = _ordering(data_format)
    sizes = output_shape[2:] if ordering == "th" else output_shape[1:-1]
    rates = tuple(dilation_rate) if dilation_rate else (1,) * len(sizes)
    return _conv_transpose(
        x, kernel, tuple(int(n) for n in sizes), tuple(strides), padding_of(padding), ordering, rates
    )


@product_op(channels_last=True, slow_in_loops=True)
def _conv_transpose(
    x: Any,
    kernel: Any,
    sizes: tuple[int, ...],
    strides: tuple[int, ...],
    padding: str,
    ordering: str,
    dilation: tuple[int, ...],
) -> jax.Array:
    x = jnp.moveaxis(x, 1, -1) if ordering == "th" else x
    names = "DHW"[3 - len(sizes) :]
    layout = (f"N{names}C", f"{names}IO", f"N{names}C")

    def forward(image: jax.Array) -> jax.Array:
        return jax.lax.conv_general_dilated(
            image, kernel, strides, padding, rhs_dilation=dilation, dimension_numbers=layout
        )

    image = jax.ShapeDtypeStruct((x.shape[0], *sizes, kernel.shape[-2]), x.dtype)
    (y,) = jax.linear_transpose(forward, image)(x)
    return jnp.moveaxis(y, -1, 1) if ordering == "th" else y


def local_conv1d(
    inputs: Tensor, kernel: Tensor, kernel_size: Any, strides: Any, data_format: str | None = None
) -> Tensor:
    """Convolution over steps with a kernel of its own at each place.

    Args:
        inputs: (samples, steps, channels).
        kernel: (new steps, length * channels, filters).
        kernel_size, strides: tuples of one int.
        data_format: ignored; the channels are last.
    """
    return _local_conv1d(inputs, kernel, kernel_size[0], strides[0])


@product_op
def _local_conv1d(x: Any, kernel: Any, length: int, step: int) -> jax.Array:
    starts = range(0, kernel.shape[0] * step, step)
    windows = jnp.stack([x[:, i : i + length].reshape(x.shape[0], -1) for i in starts])
    return jnp.einsum("psk,pkf->spf", windows, kernel)


def local_conv2d(
    inputs: Tensor,
    kernel: Tensor,
    kernel_size: Sequence[int],
    strides: Sequence[int],
    output_shape: Sequence[int],
    data_format: str | None = None,
) -> Tensor:
    """Convolution over images with a kernel of its own at each place.

    Args:
        inputs: (samples, rows, cols, channels), or channels first.
        kernel: (new rows * new cols, rows * cols * channels, filters).
        kernel_size, strides, output_shape: pairs of int, of rows and columns.
        data_format: "channels_first", "channels_last", or None for the setting of K.
    """
    options = (tuple(kernel_size), tuple(strides), tuple(output_shape), _ordering(data_format))
    return _local_conv2d(inputs, kernel, *options)


@product_op
def _local_conv2d(x: Any, kernel: Any, sizes: Any, steps: Any, places: Any, ordering: str) -> jax.Array:
    space = (2, 3) if ordering == "th" else (1, 2)
    windows = []
    for i in range(places[0]):
        for j in range(places[1]):
            starts = (i * steps[0], j * steps[1])
            part = x
            for axis, start, size_ in zip(space, starts, sizes, strict=True):
                part = jax.lax.slice_in_dim(part, start, start + size_, axis=axis)
            windows.append(part.reshape(x.shape[0], -1))
    y = jnp.einsum("psk,pkf->spf", jnp.stack(windows), kernel)
    y = y.reshape(x.shape[0], *places, kernel.shape[-1])
    return jnp.moveaxis(y, -1, 1) if ordering == "th" else y


@op
def gelu(x: TensorLike, approximate: bool = False) -> jax.Array:
    """x times the normal distribution function of x.

    Args:
        x: tensor.
        approximate: whether to use the approximation with tanh.

    Reference:
        Hendrycks and Gimpel 2016, arXiv:1606.08415.
    """
    return jax.nn.gelu(x, approximate=approximate)


@op(channels_last=True)
def enlarge_linearly(x: TensorLike, factors: Sequence[int], ordering: str) -> jax.Array:
    """Enlarges images, with straight lines between the pixels.

    As in TensorFlow 1, pixel i of the result reads the place i / factor.

    Args:
        x: (samples, channels, rows, cols), or channels last for "tf".
        factors: pair of int.
        ordering: "th" or "tf".
    """
    for axis, factor in enumerate(factors, 2 if ordering == "th" else 1):
        size = x.shape[axis]
        places = np.arange(size * factor, dtype=np.float32) / factor
        below = np.floor(places).astype(int)
        weight = (places - below).reshape((-1,) + (1,) * (x.ndim - axis - 1))
        low, high = (jnp.take(x, at, axis=axis) for at in (below, np.minimum(below + 1, size - 1)))
        x = low + (high - low) * weight
    return x


def symbolic(func: Any) -> Any:
    """Returns the function: all tensors are symbolic here. Keras 2.3 uses it as a decorator."""
    return func


def eager(func: Any) -> Any:
    """Returns the function. Keras 2.3 uses it as a decorator."""
    return func


def manual_variable_initialization(value: Any) -> None:
    """Does nothing: variables have their values when they are made."""
