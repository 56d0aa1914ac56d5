"""Gradients as graph values."""

import itertools
from collections.abc import Sequence

import jax.numpy as jnp

from .tensor import GradientNode, Key, Tensor
from .walk import ancestors, depends_on


def gradients(loss: Tensor, wrt: Sequence[Tensor]) -> list[Tensor | None]:
    """Symbolic derivatives of the sum of `loss` with respect to tensors.

    Args:
        loss: float Tensor of any shape.
        wrt: list of float Tensors: variables, placeholders, or any tensor inside the graph (then the
            derivative is the total one, through everything computed from it).
    Returns:
        List of Tensors with the shapes of `wrt`; None where the loss does not depend on the tensor.
    Raises:
        TypeError: if a tensor is not of a float type.
    """
    for tensor in [loss, *wrt]:
        if not isinstance(tensor, Tensor) or not jnp.issubdtype(tensor.dtype, jnp.floating):
            raise TypeError(f"gradients need symbolic tensors of a float type; got {tensor!r}.")
        if tensor.sparse:
            raise TypeError(f"There are no gradients of, or with respect to, a sparse tensor: {tensor!r}.")
    connected = list(itertools.compress(wrt, depends_on(loss, wrt)))
    level = 1 + max((inner.level for inner in ancestors([loss])), default=0)
    node = GradientNode(loss, connected, level)
    made: dict[Key, Tensor] = {
        tensor.key: Tensor(tensor.sizes, tensor.dtype, node, index, equations=tensor.equations)
        for index, tensor in enumerate(connected)
    }
    return [made.get(tensor.key) for tensor in wrt]
