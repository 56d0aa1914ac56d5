"""The spatial parameters of a convolution, XLA's own forms of its maps, and other parts they share."""

import functools
import itertools
import math
from collections.abc import Sequence
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax


class Geometry(NamedTuple):
    """The spatial parameters of a convolution, one number (or pair) for each axis of space.

    Attributes:
        space: the shape of x.
        size: the shape of the kernel.
        strides: the distances between neighbouring windows.
        margins: the numbers of zeros (before, after) x.
        dilation: the distances between neighbouring elements of a window.
    """

    space: tuple[int, ...]
    size: tuple[int, ...]
    strides: tuple[int, ...]
    margins: tuple[tuple[int, int], ...]
    dilation: tuple[int, ...]

    @classmethod
    def of(
        cls,
        space: Sequence[int],
        size: Sequence[int],
        strides: Sequence[int],
        padding: str,
        dilation: Sequence[int],
    ) -> "Geometry":
        """The geometry for padding "VALID" or "SAME"."""
        margins = lax.padtype_to_pads(space, _spans(size, dilation), strides, padding)
        pairs = tuple((low, high) for low, high in margins)
        return cls(tuple(space), tuple(size), tuple(strides), pairs, tuple(dilation))

    @property
    def spans(self) -> list[int]:
        """The length of the dilated kernel along each axis."""
        return _spans(self.size, self.dilation)

    @property
    def positions(self) -> list[int]:
        """The spatial shape of the result."""
        axes = zip(self.space, self.margins, self.spans, self.strides, strict=True)
        return [(space + low + high - span) // step + 1 for space, (low, high), span, step in axes]


def _spans(size: Sequence[int], dilation: Sequence[int]) -> list[int]:
    return [(k - 1) * d + 1 for k, d in zip(size, dilation, strict=True)]


def lax_convolve(x: jax.Array, kernel: jax.Array, geometry: Geometry) -> jax.Array:
    """`convolution.convolve` in XLA's form."""
    space = "DHW"[-len(geometry.size) :]
    return lax.conv_general_dilated(
        x,
        kernel,
        geometry.strides,
        geometry.margins,
        rhs_dilation=geometry.dilation,
        dimension_numbers=(f"N{space}C", f"{space}IO", f"N{space}C"),
    )


def lax_input_gradient(u: jax.Array, kernel: jax.Array, geometry: Geometry) -> jax.Array:
    """The gradient of sum(u * convolve(x, kernel)) with respect to x, in XLA's form."""
    x = jax.ShapeDtypeStruct((u.shape[0], *geometry.space, kernel.shape[-2]), u.dtype)
    (gradient,) = jax.linear_transpose(lambda x: lax_convolve(x, kernel, geometry), x)(u)
    return gradient


def lax_filter_gradient(x: jax.Array, u: jax.Array, geometry: Geometry) -> jax.Array:
    """The gradient of sum(u * convolve(x, kernel)) with respect to kernel, in XLA's form."""
    kernel = jax.ShapeDtypeStruct((*geometry.size, x.shape[-1], u.shape[-1]), u.dtype)
    (gradient,) = jax.linear_transpose(lambda kernel: lax_convolve(x, kernel, geometry), kernel)(u)
    return gradient


#: Largest number of channels that a 1x1 convolution sums in one pass.
FEW_CHANNELS = 8


def pointwise(x: jax.Array, kernel: jax.Array, strides: Sequence[int]) -> jax.Array:
    """A convolution whose kernel has one element: a product over the channels, at the strided positions."""
    x = x[(slice(None), *(slice(None, None, step) for step in strides))]
    kernel = kernel.reshape(kernel.shape[-2:])
    # Types narrower than float32 would be rounded after each channel.
    few = len(kernel) <= FEW_CHANNELS and np.dtype(x.dtype).itemsize >= 4
    return (_sum_of_few if few else _product)(x, kernel)


def _product(x: jax.Array, kernel: jax.Array) -> jax.Array:
    # As matrices: for the gradient of a product with more axes XLA would transpose an operand.
    product = x.reshape(math.prod(x.shape[:-1]), x.shape[-1]) @ kernel
    return product.reshape(*x.shape[:-1], kernel.shape[-1])


@jax.custom_vjp
def _sum_of_few(x: jax.Array, kernel: jax.Array) -> jax.Array:
    """The product as a sum that XLA fuses with the next operations: for few channels a library is slow.

    (4, 256, 256, 3) by 64 filters, with bias and rectifier: 1.4 ms; as a product 8.1 ms.
    """
    return sum_of_terms([x], kernel[None])


_sum_of_few.defvjp(
    lambda x, kernel: (_sum_of_few(x, kernel), (x, kernel)),
    lambda kept, u: jax.vjp(_product, *kept)[1](u),
)


def sum_of_terms(parts: Sequence[jax.Array], kernel: jax.Array) -> jax.Array:
    """The sum over elements and channels of part * kernel, which XLA fuses with the next operations.

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


def elements(x: jax.Array, positions: Sequence[int], geometry: Geometry) -> list[jax.Array]:
    """For each element of the kernel, its factor at each position: (samples, *positions, channels).

    Args:
        x: padded tensor (samples, *space, channels).
        positions: spatial shape of the result.
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


def pad(x: jax.Array, margins: Sequence[tuple[int, int]], value: float = 0) -> jax.Array:
    """Pads the first axes of x with `value`; a negative margin removes elements."""
    margins = [*margins, *[(0, 0)] * (x.ndim - len(margins))]
    if not any(map(any, margins)):
        return x
    return lax.pad(x, jnp.asarray(value, x.dtype), [(low, high, 0) for low, high in margins])
