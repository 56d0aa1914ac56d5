"""What the maps of `convolution` share: shapes and margins, and the forms that XLA has for them."""

import functools
import itertools
import math
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax


class Geometry(NamedTuple):
    """All of space: shapes of x and kernel, and the (low, high) zeros around x."""

    space: tuple[int, ...]
    size: tuple[int, ...]
    strides: tuple[int, ...]
    margins: tuple[tuple[int, int], ...]
    dilation: tuple[int, ...]

    @classmethod
    def of(cls, space, size, strides, padding, dilation):
        """From padding "VALID" or "SAME"."""
        margins = lax.padtype_to_pads(space, _spans(size, dilation), strides, padding)
        return cls(tuple(space), tuple(size), tuple(strides), tuple(map(tuple, margins)), tuple(dilation))

    @property
    def spans(self):
        """How far the kernel reaches along each axis, a list of int."""
        return _spans(self.size, self.dilation)

    @property
    def positions(self):
        """The spatial shape of the result, a list of int."""
        axes = zip(self.space, self.margins, self.spans, self.strides, strict=True)
        return [(space + low + high - span) // step + 1 for space, (low, high), span, step in axes]


def _spans(size, dilation):
    return [(k - 1) * d + 1 for k, d in zip(size, dilation, strict=True)]


def lax_convolve(x, kernel, geometry):
    space = "DHW"[-len(geometry.size) :]
    return lax.conv_general_dilated(
        x,
        kernel,
        geometry.strides,
        geometry.margins,
        rhs_dilation=geometry.dilation,
        dimension_numbers=(f"N{space}C", f"{space}IO", f"N{space}C"),
    )


def lax_input_gradient(u, kernel, geometry):
    x = jax.ShapeDtypeStruct((u.shape[0], *geometry.space, kernel.shape[-2]), u.dtype)
    (gradient,) = jax.linear_transpose(lambda x: lax_convolve(x, kernel, geometry), x)(u)
    return gradient


def lax_filter_gradient(x, u, geometry):
    kernel = jax.ShapeDtypeStruct((*geometry.size, x.shape[-1], u.shape[-1]), u.dtype)
    (gradient,) = jax.linear_transpose(lambda kernel: lax_convolve(x, kernel, geometry), kernel)(u)
    return gradient


#: Most channels that a convolution with one element adds up in one pass.
FEW_CHANNELS = 8


def pointwise(x, kernel, strides):
    """A convolution with one element: a product over the channels, at every stride-th position."""
    x = x[(slice(None), *(slice(None, None, step) for step in strides))]
    kernel = kernel.reshape(kernel.shape[-2:])
    # What is narrower than float32 would be rounded after each channel.
    few = len(kernel) <= FEW_CHANNELS and np.dtype(x.dtype).itemsize >= 4
    return (_sum_of_few if few else _product)(x, kernel)


def _product(x, kernel):
    # A matrix: of the gradient of a product with more axes XLA would transpose an operand.
    product = x.reshape(math.prod(x.shape[:-1]), x.shape[-1]) @ kernel
    return product.reshape(*x.shape[:-1], kernel.shape[-1])


@jax.custom_vjp
def _sum_of_few(x, kernel):
    """The same, to be fused with what follows: a library's product of so few channels is slow.

    (4, 256, 256, 3) by 64 filters, with bias and rectifier: 1.4 ms, as a product 8.1.
    """
    return sum_of_terms([x], kernel[None])


_sum_of_few.defvjp(
    lambda x, kernel: (_sum_of_few(x, kernel), (x, kernel)),
    lambda kept, u: jax.vjp(_product, *kept)[1](u),
)


def sum_of_terms(parts, kernel):
    """The sum over elements and channels of part * kernel, as operations that are fused with what follows.

    Args:
        parts: list of tensors (samples, *positions, channels), one for each element.
        kernel: tensor (elements, channels, filters).
    """
    terms = [
        part[..., channel, None] * row
        for part, rows in zip(parts, kernel, strict=True)
        for channel, row in enumerate(rows)
    ]
    return functools.reduce(jnp.add, terms)


def elements(x, positions, geometry):
    """What each element of the kernel sees: a list of tensors (samples, *positions, channels).

    Args:
        x: tensor (samples, *space, channels), with the zeros around it.
    """
    parts = []
    for offset in itertools.product(*map(range, geometry.size)):
        starts = [o * d for o, d in zip(offset, geometry.dilation, strict=True)]
        ends = [
            start + (count - 1) * step + 1
            for start, count, step in zip(starts, positions, geometry.strides, strict=True)
        ]
        limits = (x.shape[0], *ends, x.shape[-1])
        parts.append(lax.slice(x, (0, *starts, 0), limits, (1, *geometry.strides, 1)))
    return parts


def pad(x, margins, value=0):
    """`value` around the first axes of x; a negative number cuts."""
    margins = [*margins, *[(0, 0)] * (x.ndim - len(margins))]
    if not any(map(any, margins)):
        return x
    return lax.pad(x, jnp.asarray(value, x.dtype), [(low, high, 0) for low, high in margins])
