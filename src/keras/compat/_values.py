"""What the stand-ins share: values of arguments, old names of arguments, refusals."""

import functools
import inspect
from collections.abc import Callable
from typing import Any, Never

import jax
import jax.numpy as jnp
import numpy as np

from .. import backend as K
from .._graph import Tensor, constant


def value(x: Any) -> Any:
    """Returns a list as an array, or as a tensor if it contains one; anything else as it is."""
    if not isinstance(x, list | tuple):
        return x
    if any(isinstance(leaf, Tensor) for leaf in jax.tree.leaves(x)):
        return K.stack([value(item) for item in x])
    return jnp.asarray(np.asarray(x))


def sizes(shape: Any) -> Any:
    """Returns a shape for an op: a tensor such as `K.shape(x)`, or a list of ints and tensors."""
    if isinstance(shape, Tensor):
        return shape
    items = list(shape) if isinstance(shape, list | tuple | np.ndarray) else [shape]
    return [item if isinstance(item, Tensor) else int(item) for item in items]


def symbolic(result: Any) -> Any:
    """Returns a result, or a list or tuple of them, with tensors in place of arrays."""
    return jax.tree.map(_as_tensor, result)


def _as_tensor(x: Any) -> Any:
    return constant(np.asarray(x)) if isinstance(x, jax.Array | np.ndarray) else x


def accepts(*ignored: str, **renamed: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Makes a function accept arguments that have no effect here, and earlier names of its arguments.

    Args:
        *ignored: names of arguments without effect; `name` is always one. A str after the last argument is
            taken for a name, too.
        **renamed: earlier name -> name.
    """
    dropped = {"name", *ignored}

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        count = len(inspect.signature(function).parameters)

        @functools.wraps(function)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            kwargs = {renamed.get(key, key): item for key, item in kwargs.items() if key not in dropped}
            if len(args) > count and isinstance(args[-1], str):
                args = args[:-1]
            return symbolic(function(*args, **kwargs))

        return wrapper

    return decorate


def of_values(function: Callable[..., Any]) -> Callable[..., Any]:
    """Returns a function of K as one that takes lists for tensors, and a `name`."""

    @functools.wraps(function)
    def wrapper(*args: Any, name: str | None = None, **kwargs: Any) -> Any:
        kwargs = {key: value(item) for key, item in kwargs.items()}
        return symbolic(function(*(value(item) for item in args), **kwargs))

    return wrapper


def refuse(who: str, why: str) -> Never:
    """Raises NotImplementedError for a function that cannot be had, with what to write in its place."""
    raise NotImplementedError(f"{who}: {why}")


def known_size(who: str, x: Any, axis: int) -> int:
    """Returns the size of an axis of a tensor.

    Raises:
        ValueError: if it is not known before a program runs.
    """
    size = K.int_shape(x)[axis]
    if size is None:
        raise ValueError(f"{who}: axis {axis} of the tensor of shape {K.int_shape(x)} has no known size.")
    return size
