"""Convolutions. As on TensorFlow these are cross-correlations: the kernel is not flipped.

Kernels: (filters, channels, rows, cols) for "th", (rows, cols, channels, filters) for "tf", and alike
in three dimensions.
"""

import jax.numpy as jnp
from jax import lax

from .._graph import product_op
from .._kernels.convolution import convolve, transposed
from .common import check_dim_ordering

_SPACE = {1: "W", 2: "HW", 3: "DHW"}


def conv1d(x, kernel, stride=1, border_mode="valid", image_shape=None, filter_shape=None):
    """Convolution over steps.

    Args:
        x: (samples, steps, channels).
        kernel: (length, channels, filters).
        stride: int.
        border_mode: "valid" or "same".
        image_shape, filter_shape: hints of another engine; not used.
    Returns:
        Tensor (samples, new steps, filters).
    """
    return _conv(x, kernel, (stride,), _padding(border_mode), "tf", (1,))


def conv2d(
    x,
    kernel,
    strides=(1, 1),
    border_mode="valid",
    dim_ordering="default",
    image_shape=None,
    filter_shape=None,
    filter_dilation=(1, 1),
):
    """Convolution over images.

    Args:
        x: (samples, channels, rows, cols), or channels last for "tf".
        kernel: see the module.
        strides: pair of int.
        border_mode: "valid" or "same".
        dim_ordering: "th", "tf" or "default".
        image_shape, filter_shape: hints of another engine; not used.
        filter_dilation: pair of int, distance between the kernel's elements.
    """
    ordering = check_dim_ordering(dim_ordering)
    return _conv(x, kernel, tuple(strides), _padding(border_mode), ordering, tuple(filter_dilation))


def conv3d(
    x,
    kernel,
    strides=(1, 1, 1),
    border_mode="valid",
    dim_ordering="default",
    volume_shape=None,
    filter_shape=None,
):
    """Convolution over volumes; arguments as `conv2d`, with one axis more."""
    ordering = check_dim_ordering(dim_ordering)
    return _conv(x, kernel, tuple(strides), _padding(border_mode), ordering, (1, 1, 1))


def atrous_conv2d(
    x,
    kernel,
    rate=1,
    border_mode="valid",
    dim_ordering="default",
    image_shape=None,
    filter_shape=None,
):
    """Convolution over images with a dilated kernel: its elements lie `rate` pixels apart."""
    return conv2d(x, kernel, (1, 1), border_mode, dim_ordering, filter_dilation=(rate, rate))


def deconv2d(
    x,
    kernel,
    output_shape,
    strides=(1, 1),
    border_mode="valid",
    dim_ordering="default",
    image_shape=None,
    filter_shape=None,
):
    """Transposed convolution: the gradient of `conv2d` with respect to its input.

    Args:
        x: (samples, channels, rows, cols), or channels last for "tf".
        kernel: laid out as `conv2d` has it: (channels of the result, channels of x, rows, cols) for
            "th", (rows, cols, channels of x, channels of the result) for "tf".
        output_shape: shape of the result, with the samples first; its number of samples is not used.
        strides: pair of int.
    """
    ordering = check_dim_ordering(dim_ordering)
    sizes = tuple(output_shape)[2:4] if ordering == "th" else tuple(output_shape)[1:3]
    return _deconv(x, kernel, sizes, tuple(strides), _padding(border_mode), ordering)


def separable_conv2d(
    x,
    depthwise_kernel,
    pointwise_kernel,
    strides=(1, 1),
    border_mode="valid",
    dim_ordering="default",
):
    """A convolution of each channel by itself, then a 1x1 convolution across the channels.

    Args:
        depthwise_kernel: (rows, cols, channels, multiplier), or (multiplier, channels, rows, cols) for
            "th".
        pointwise_kernel: (1, 1, channels * multiplier, filters), or (filters, channels * multiplier, 1,
            1) for "th".
    """
    ordering = check_dim_ordering(dim_ordering)
    x = _depthwise(x, depthwise_kernel, tuple(strides), _padding(border_mode), ordering)
    return _conv(x, pointwise_kernel, (1, 1), "VALID", ordering, (1, 1))


@product_op
def _conv(x, kernel, strides, padding, ordering, dilation):
    x, kernel = _of_one_type(x, kernel)
    if ordering == "th":
        kernel = jnp.swapaxes(jnp.moveaxis(kernel, (0, 1), (-2, -1)), -2, -1)
    return ordered(convolve(channels_last(x, ordering), kernel, strides, padding, dilation), ordering)


@product_op
def _deconv(x, kernel, sizes, strides, padding, ordering):
    x, kernel = _of_one_type(x, kernel)
    # Channels of the result first: they are the input of the convolution that this transposes.
    kernel = jnp.moveaxis(kernel, (0, 1), (2, 3)) if ordering == "th" else jnp.swapaxes(kernel, 2, 3)
    sizes = tuple(int(size) for size in sizes)
    return ordered(transposed(channels_last(x, ordering), kernel, sizes, strides, padding), ordering)


@product_op
def _depthwise(x, kernel, strides, padding, ordering):
    x, kernel = _of_one_type(x, kernel)
    # XLA wants one group for each channel, and the multiplier within the group.
    if ordering == "th":
        multiplier, channels, rows, cols = kernel.shape
        kernel = jnp.swapaxes(kernel, 0, 1).reshape(channels * multiplier, 1, rows, cols)
    else:
        rows, cols, channels, multiplier = kernel.shape
        kernel = kernel.reshape(rows, cols, 1, channels * multiplier)
    return lax.conv_general_dilated(
        x,
        kernel,
        strides,
        padding,
        dimension_numbers=_layout(2, ordering),
        feature_group_count=channels,
    )


def _of_one_type(x, kernel):
    # Sums and products promote by themselves; convolutions of XLA do not.
    dtype = jnp.promote_types(x.dtype, kernel.dtype)
    return x.astype(dtype), kernel.astype(dtype)


def _layout(rank, ordering):
    space = _SPACE[rank]
    if ordering == "th":
        return f"NC{space}", f"OI{space}", f"NC{space}"
    return f"N{space}C", f"{space}IO", f"N{space}C"


def channels_last(x, ordering):
    """x, laid out as `ordering` says, with its channels last.

    XLA fuses these transpositions with the steps between two convolutions, and there they cancel.
    """
    return jnp.moveaxis(x, 1, -1) if ordering == "th" else x


def ordered(x, ordering):
    """x, with its channels last, as `ordering` says."""
    return jnp.moveaxis(x, -1, 1) if ordering == "th" else x


def _padding(border_mode):
    if border_mode not in ("valid", "same"):
        raise ValueError(f'border_mode: got {border_mode!r}; wanted "valid" or "same".')
    return border_mode.upper()
