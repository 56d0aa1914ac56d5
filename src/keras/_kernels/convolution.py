"""Convolution over a channels-last tensor, and its two gradients, in the forms that run fastest.

Convolution is bilinear. For a tensor u of the result's shape, three maps belong together:

    convolve(x, kernel)         result[q] = sum over offsets k of x[stride q + dilation k - margin] kernel[k]
    input_gradient(u, kernel)   the gradient of sum(u * convolve(x, kernel)) with respect to x
    filter_gradient(x, u)       the same with respect to kernel

Each is linear in both arguments, and the derivative of each consists of the other two: they are closed under
differentiation, so gradients of gradients stay in these forms.

On the CPU the first two use XLA's form, or Winograd's where that is faster; the first has one more form for
windows with few numbers. Volumes are convolved as images (`volumes`). XLA computes the third as a convolution
with a kernel as large as the image, which is several times slower than matrix products, and sixty times
slower in a loop.
"""

import functools
import math

import jax
import jax.numpy as jnp

from .._host.platform import on_cpu
from . import few_terms, filter_gradient, volumes, winograd
from .bilinear import differentiate
from .geometry import Geometry, lax_convolve, lax_filter_gradient, lax_input_gradient, pointwise

#: Larger kernels (elements) are left to XLA: each element is an operation of the program.
LARGEST_KERNEL = 128


def convolve(
    x: jax.Array,
    kernel: jax.Array,
    strides: tuple[int, ...],
    padding: str,
    dilation: tuple[int, ...],
) -> jax.Array:
    """Cross-correlation: the kernel is not flipped.

    Args:
        x: float tensor (samples, *space, channels).
        kernel: tensor (*size, channels, filters) of the same dtype.
        strides, dilation: tuples of int, one for each axis of space.
        padding: "VALID" or "SAME".
    Returns:
        Tensor (samples, *smaller space, filters).
    """
    geometry = Geometry.of(x.shape[1:-1], kernel.shape[:-2], strides, padding, dilation)
    if not on_cpu():
        return lax_convolve(x, kernel, geometry)
    if len(geometry.size) == 3 and math.prod(geometry.size) > 1:
        return volumes.convolve(x, kernel, geometry, _flat_convolve)
    return _flat_convolve(x, kernel, geometry)


def transposed(
    u: jax.Array, kernel: jax.Array, space: tuple[int, ...], strides: tuple[int, ...], padding: str
) -> jax.Array:
    """The input gradient of `convolve`.

    Args:
        u: float tensor (samples, *smaller space, filters).
        kernel: tensor (*size, channels, filters) of the same dtype.
        space: tuple of int, the spatial shape of the result.
        strides: tuple of int.
        padding: "VALID" or "SAME".
    Returns:
        Tensor (samples, *space, channels).
    """
    geometry = Geometry.of(space, kernel.shape[:-2], strides, padding, (1,) * len(strides))
    if not on_cpu():
        return lax_input_gradient(u, kernel, geometry)
    if len(geometry.size) == 3:
        x = jnp.zeros((u.shape[0], *space, kernel.shape[-2]), u.dtype)  # linear in x: any x will do
        (gradient,) = jax.vjp(lambda x: volumes.convolve(x, kernel, geometry, _flat_convolve), x)[1](u)
        return gradient
    return _input_gradient(u, kernel, geometry)


def _flat_convolve(x: jax.Array, kernel: jax.Array, geometry: Geometry) -> jax.Array:
    if math.prod(geometry.size) == 1:  # then "SAME" adds no margin either
        return pointwise(x, kernel, geometry.strides)
    return _convolve(x, kernel, geometry)


# --- the three maps, each the derivative of the others --------------------------------------------


@functools.partial(jax.custom_vjp, nondiff_argnums=(2,))
def _convolve(x: jax.Array, kernel: jax.Array, geometry: Geometry) -> jax.Array:
    if few_terms.pays(x, kernel):
        return few_terms.convolve(x, kernel, geometry)
    form = winograd.convolve if winograd.pays(x, kernel, geometry) else lax_convolve
    return form(x, kernel, geometry=geometry)


@functools.partial(jax.custom_vjp, nondiff_argnums=(2,))
def _input_gradient(u: jax.Array, kernel: jax.Array, geometry: Geometry) -> jax.Array:
    form = winograd.input_gradient if winograd.pays(u, kernel, geometry) else lax_input_gradient
    return form(u, kernel, geometry)


@functools.partial(jax.custom_vjp, nondiff_argnums=(2,))
def _filter_gradient(x: jax.Array, u: jax.Array, geometry: Geometry) -> jax.Array:
    kernel = jax.ShapeDtypeStruct((*geometry.size, x.shape[-1], u.shape[-1]), u.dtype)
    if winograd.pays(x, kernel, geometry):
        return winograd.filter_gradient(x, u, geometry=geometry)
    is_large = math.prod(geometry.size) > LARGEST_KERNEL
    return (lax_filter_gradient if is_large else filter_gradient.filter_gradient)(x, u, geometry)


differentiate(_convolve, _input_gradient, _filter_gradient)
