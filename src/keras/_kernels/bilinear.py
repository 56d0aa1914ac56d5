"""Gradients of a convolution and of its own two gradients, each of which consists of the other two."""

from collections.abc import Callable
from typing import Any, TypeAlias

#: A `jax.custom_vjp` of two arrays and a `Geometry`, linear in both arrays; the third argument is static.
#: (JAX's stubs have several types for it.)
Map: TypeAlias = Any


def differentiate(convolve: Map, input_gradient: Map, kernel_gradient: Map) -> None:
    """Defines the gradients of three maps that belong together.

    For a tensor u of the shape of convolve(x, kernel), input_gradient(u, kernel) and kernel_gradient(x, u)
    are the gradients of sum(u * convolve(x, kernel)). So the maps are closed under differentiation.
    """
    convolve.defvjp(
        _keep_both(convolve),
        lambda geometry, kept, u: (
            input_gradient(u, kept[1], geometry),
            kernel_gradient(kept[0], u, geometry),
        ),
    )
    input_gradient.defvjp(
        _keep_both(input_gradient),
        lambda geometry, kept, x: (convolve(x, kept[1], geometry), kernel_gradient(x, kept[0], geometry)),
    )
    kernel_gradient.defvjp(
        _keep_both(kernel_gradient),
        lambda geometry, kept, kernel: (
            input_gradient(kept[1], kernel, geometry),
            convolve(kept[0], kernel, geometry),
        ),
    )


def _keep_both(map_: Map) -> Callable[..., Any]:
    """The forward pass of a map, which keeps both arguments for the backward pass."""
    return lambda a, b, geometry: (map_(a, b, geometry), (a, b))
