"""Convolutions. As on TensorFlow these are cross-correlations: the kernel is not flipped.

Kernels: (filters, channels, rows, cols) for "th", (rows, cols, channels, filters) for "tf", and
correspondingly in three dimensions.
"""

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp

from .._base.types import TensorLike
from .._graph import Tensor, product_op
from .._graph.sizes import as_size
from .._kernels.convolution import convolve, transposed
from .._kernels.depthwise import depthwise
from .common import check_dim_ordering
from .control import as_tensor


def conv1d(
    x: TensorLike,
    kernel: TensorLike,
    stride: int = 1,
    border_mode: str = "valid",
    image_shape: Any = None,
    filter_shape: Any = None,
) -> Tensor:
    """Convolution over steps.

    Args:
        x: (samples, steps, channels).
        kernel: (length, channels, filters).
        stride: int.
        border_mode: "valid" or "same".
        image_shape, filter_shape: hints for Theano; ignored.
    Returns:
        Tensor (samples, new steps, filters).
    """
    return _conv(x, kernel, (stride,), padding_of(border_mode), "tf", (1,))


def conv2d(
    x: TensorLike,
    kernel: TensorLike,
    strides: Sequence[int] = (1, 1),
    border_mode: str = "valid",
    dim_ordering: str = "default",
    image_shape: Any = None,
    filter_shape: Any = None,
    filter_dilation: Sequence[int] = (1, 1),
) -> Tensor:
    """Convolution over images.

    Args:
        x: (samples, channels, rows, cols), or channels last for "tf".
        kernel: (filters, channels, rows, cols), or (rows, cols, channels, filters) for "tf".
        strides: pair of int.
        border_mode: "valid" or "same".
        dim_ordering: "th", "tf" or "default".
        image_shape, filter_shape: hints for Theano; ignored.
        filter_dilation: pair of int, the distance between neighbouring elements of the kernel, in pixels.
    Returns:
        Tensor (samples, filters, new rows, new cols), or filters last for "tf".
    """
    ordering = check_dim_ordering(dim_ordering)
    return _conv(x, kernel, tuple(strides), padding_of(border_mode), ordering, tuple(filter_dilation))


def conv3d(
    x: TensorLike,
    kernel: TensorLike,
    strides: Sequence[int] = (1, 1, 1),
    border_mode: str = "valid",
    dim_ordering: str = "default",
    volume_shape: Any = None,
    filter_shape: Any = None,
    filter_dilation: Sequence[int] = (1, 1, 1),
) -> Tensor:
    """Convolution over volumes; arguments as for `conv2d`, with one more axis."""
    ordering = check_dim_ordering(dim_ordering)
    return _conv(x, kernel, tuple(strides), padding_of(border_mode), ordering, tuple(filter_dilation))


def atrous_conv2d(
    x: TensorLike,
    kernel: TensorLike,
    rate: int = 1,
    border_mode: str = "valid",
    dim_ordering: str = "default",
    image_shape: Any = None,
    filter_shape: Any = None,
) -> Tensor:
    """Convolution over images with a dilated kernel, whose elements are `rate` pixels apart."""
    return conv2d(x, kernel, (1, 1), border_mode, dim_ordering, filter_dilation=(rate, rate))


def deconv2d(
    x: TensorLike,
    kernel: TensorLike,
    output_shape: Sequence[Any],
    strides: Sequence[int] = (1, 1),
    border_mode: str = "valid",
    dim_ordering: str = "default",
    image_shape: Any = None,
    filter_shape: Any = None,
) -> Tensor:
    """Transposed convolution: the gradient of `conv2d` with respect to its input.

    Args:
        x: (samples, channels, rows, cols), or channels last for "tf".
        kernel: in the layout of `conv2d`: (channels of the result, channels of x, rows, cols) for
            "th", (rows, cols, channels of x, channels of the result) for "tf".
        output_shape: shape of the result, with the samples first; the number of samples is ignored.
        strides: pair of int.
        border_mode: "valid" or "same".
        dim_ordering: "th", "tf" or "default".
        image_shape, filter_shape: hints for Theano; ignored.
    Raises:
        ValueError: no convolution of a result of that shape has the shape of x.
    """
    ordering = check_dim_ordering(dim_ordering)
    space = slice(2, 4) if ordering == "th" else slice(1, 3)
    sizes = tuple(output_shape)[space]
    x, kernel = as_tensor(x), as_tensor(kernel)
    lengths = kernel.shape[2:] if ordering == "th" else kernel.shape[:2]
    for axis in zip(sizes, x.shape[space], lengths, strides, strict=True):
        if all(isinstance(number, int) for number in axis):
            _check_transposed(*axis, border_mode)
    return _deconv(x, kernel, sizes, tuple(strides), padding_of(border_mode), ordering)


def separable_conv2d(
    x: TensorLike,
    depthwise_kernel: TensorLike,
    pointwise_kernel: TensorLike,
    strides: Sequence[int] = (1, 1),
    border_mode: str = "valid",
    dim_ordering: str = "default",
    dilation_rate: Sequence[int] = (1, 1),
) -> Tensor:
    """Convolution of each channel on its own, then a 1x1 convolution across the channels.

    Args:
        x: (samples, channels, rows, cols), or channels last for "tf".
        depthwise_kernel: (rows, cols, channels, multiplier), or (multiplier, channels, rows, cols) for
            "th".
        pointwise_kernel: (1, 1, channels * multiplier, filters), or (filters, channels * multiplier, 1,
            1) for "th".
        strides: pair of int, of the first convolution.
        border_mode: "valid" or "same".
        dim_ordering: "th", "tf" or "default".
        dilation_rate: pair of int, the distance between the elements of a filter of the first convolution.
    """
    ordering = check_dim_ordering(dim_ordering)
    options = (tuple(strides), padding_of(border_mode), ordering)
    if tuple(dilation_rate) == (1, 1):
        x = _depthwise(x, depthwise_kernel, *options)
    else:
        x = _spread_depthwise(x, depthwise_kernel, *options, tuple(dilation_rate))
    return _conv(x, pointwise_kernel, (1, 1), "VALID", ordering, (1, 1))


@product_op(saved_as="conv", formerly="_conv", channels_last=True, slow_in_loops=True)
def _conv(
    x: Any,
    kernel: Any,
    strides: tuple[int, ...],
    padding: str,
    ordering: str,
    dilation: tuple[int, ...],
) -> jax.Array:
    x, kernel = _of_one_type(x, kernel)
    if ordering == "th":
        kernel = jnp.swapaxes(jnp.moveaxis(kernel, (0, 1), (-2, -1)), -2, -1)
    return ordered(convolve(channels_last(x, ordering), kernel, strides, padding, dilation), ordering)


def _check_transposed(size: int, count: int, length: int, step: int, border_mode: str) -> None:
    """Checks that a convolution turns `size` positions into `count`."""
    smallest = (count - 1) * step + (1 if border_mode == "same" else length)
    if not smallest <= size < smallest + step:
        wanted = f"{smallest}" if step == 1 else f"{smallest} to {smallest + step - 1}"
        raise ValueError(
            f"A transposed convolution with border_mode={border_mode!r}, a kernel of {length} and a step of "
            f"{step} cannot make {size} positions of {count}; wanted {wanted} in its output shape."
        )


@product_op(saved_as="deconv", formerly="_deconv", channels_last=True, slow_in_loops=True)
def _deconv(
    x: Any, kernel: Any, sizes: Sequence[Any], strides: tuple[int, ...], padding: str, ordering: str
) -> jax.Array:
    x, kernel = _of_one_type(x, kernel)
    # Channels of the result first, because they are the input channels of the convolution being transposed.
    kernel = jnp.moveaxis(kernel, (0, 1), (2, 3)) if ordering == "th" else jnp.swapaxes(kernel, 2, 3)
    sizes = tuple(map(as_size, sizes))
    return ordered(transposed(channels_last(x, ordering), kernel, sizes, strides, padding), ordering)


@product_op(saved_as="depthwise", formerly="_depthwise", channels_last=True, slow_in_loops=True)
def _depthwise(x: Any, kernel: Any, strides: tuple[int, ...], padding: str, ordering: str) -> jax.Array:
    x, kernel = _of_one_type(x, kernel)
    if ordering == "th":
        kernel = jnp.transpose(kernel, (2, 3, 1, 0))
    return ordered(depthwise(channels_last(x, ordering), kernel, strides, padding), ordering)


@product_op(saved_as="spread_depthwise", channels_last=True, slow_in_loops=True)
def _spread_depthwise(
    x: Any,
    kernel: Any,
    strides: tuple[int, ...],
    padding: str,
    ordering: str,
    dilation: tuple[int, ...],
    kernel_last: bool = False,
) -> jax.Array:
    """A dilated depthwise convolution in any number of dimensions.

    With `kernel_last`, the kernel is (sizes..., channels, multiplier) in either ordering.
    """
    x, kernel = _of_one_type(x, kernel)
    if ordering == "th" and not kernel_last:
        kernel = jnp.transpose(kernel, (2, 3, 1, 0))
    x = channels_last(x, ordering)
    channels, space = x.shape[-1], x.ndim - 2
    names = "DHW"[3 - space :]
    kernel = kernel.reshape(*kernel.shape[:space], 1, channels * kernel.shape[-1])
    y = jax.lax.conv_general_dilated(
        x,
        kernel,
        strides,
        padding,
        rhs_dilation=dilation,
        dimension_numbers=(f"N{names}C", f"{names}IO", f"N{names}C"),
        feature_group_count=channels,
    )
    return ordered(y, ordering)


def _of_one_type(x: Any, kernel: Any) -> tuple[jax.Array, jax.Array]:
    # JAX's sums and products promote types; its convolutions do not.
    dtype = jnp.promote_types(x.dtype, kernel.dtype)
    return x.astype(dtype), kernel.astype(dtype)


def channels_last(x: jax.Array, ordering: str) -> jax.Array:
    """Moves the channels of x from where `ordering` has them to the end.

    XLA fuses these transpositions with the steps between two convolutions, where they cancel.
    """
    return jnp.moveaxis(x, 1, -1) if ordering == "th" else x


def ordered(x: jax.Array, ordering: str) -> jax.Array:
    """Moves the channels of x from the end to where `ordering` has them."""
    return jnp.moveaxis(x, -1, 1) if ordering == "th" else x


def padding_of(border_mode: str) -> str:
    """XLA's name of a border mode.

    Raises:
        ValueError: if it is not "valid" or "same".
    """
    if border_mode not in ("valid", "same"):
        raise ValueError(f'border_mode: got {border_mode!r}; wanted "valid" or "same".')
    return border_mode.upper()
