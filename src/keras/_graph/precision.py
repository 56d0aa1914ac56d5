"""Mixed precision: inside a `computing_in` block, products compute in a narrow float type.

The fact `precision` divides the ops. Products, which take most of the time, compute in the type of the block.
Wide ops, which add up many numbers or have a large range, compute in float32. All others compute in the type
of their arguments.
"""

import contextvars
import functools
from typing import Any, Literal, Self

import jax
import jax.numpy as jnp
import numpy as np

from .facts import Rule
from .sparse import SparseMatrix
from .tensor import Tensor

_block: "contextvars.ContextVar[computing_in | None]" = contextvars.ContextVar("precision", default=None)


class computing_in:
    """A `with` block in which products compute in a float type, and wide ops in float32.

    Args:
        dtype: str, such as "bfloat16"; None: ops compute in the type of their arguments, as outside of any
            block.

    Attributes:
        has_products: whether a product was recorded in the block, or in a block inside it.
    """

    def __init__(self, dtype: str | None) -> None:
        self.dtype = None if dtype is None else np.dtype(jnp.dtype(dtype))
        self.has_products = False

    def __enter__(self) -> Self:
        self._outer = _block.get()
        self._token = _block.set(self)
        return self

    def __exit__(self, *_: object) -> None:
        _block.reset(self._token)
        if self._outer is not None:
            self._outer.has_products |= self.has_products


def block_dtype(precision: Literal["product", "wide"] | None) -> "np.dtype[Any] | None":
    """The float type in which an op computes in the current block; None means that of its arguments.

    Args:
        precision: the fact of the op, not None.
    """
    block = _block.get()
    if block is None:
        return None
    block.has_products |= precision == "product"
    if block.dtype is None:
        return None
    return block.dtype if precision == "product" else np.dtype("float32")


def casting(rule: Rule, dtype: "np.dtype[Any]") -> Rule:
    """The rule with its float arguments cast to a type first; unchanged where an argument is sparse."""

    def cast(x: Any) -> Any:
        is_array = isinstance(x, jax.Array | np.ndarray | np.generic)
        return x.astype(dtype) if is_array and jnp.issubdtype(x.dtype, jnp.floating) else x

    @functools.wraps(rule)
    def in_type(*args: Any, **kwargs: Any) -> Any:
        leaves = jax.tree.leaves((args, kwargs), is_leaf=lambda x: isinstance(x, SparseMatrix))
        if any(isinstance(leaf, SparseMatrix) for leaf in leaves):
            return rule(*args, **kwargs)
        args, kwargs = jax.tree.map(cast, (args, kwargs))
        return rule(*args, **kwargs)

    return in_type


def is_float(tensor: Tensor) -> bool:
    """Whether a tensor is dense and of a float type."""
    return not tensor.sparse and bool(jnp.issubdtype(tensor.dtype, jnp.floating))


def is_narrow(tensor: Tensor) -> bool:
    """Whether a tensor is dense and of a float type narrower than float32."""
    return is_float(tensor) and tensor.dtype.itemsize < 4
