"""In which float type ops compute: a block of code may ask for products in a narrow one.

Three kinds of ops differ in it. Products (`product_op`) are where the time goes; they compute in the type of
the block. What adds up many numbers, or has a large range (`wide_op`), computes in float32. All others
compute in what they get, as everywhere.
"""

import contextvars
import functools

import jax
import jax.numpy as jnp
import numpy as np

from .sparse import SparseMatrix

_block = contextvars.ContextVar("precision", default=None)


class computing_in:
    """A `with` block in which products compute in a float type, and wide ops in float32.

    Args:
        dtype: str, such as "bfloat16"; None: ops compute in what they get, as outside of any block.

    Attributes:
        has_products: whether an op in the block, or in one inside it, was a product.
    """

    def __init__(self, dtype):
        self.dtype = None if dtype is None else np.dtype(jnp.dtype(dtype))
        self.has_products = False

    def __enter__(self):
        self._outer = _block.get()
        self._token = _block.set(self)
        return self

    def __exit__(self, *_):
        _block.reset(self._token)
        if self._outer is not None:
            self._outer.has_products |= self.has_products


def as_asked(owner, rule, make_op):
    """An op and its rule as the block around wants them; themselves outside of a block.

    Args:
        owner: the op, or None for a rule made on the spot.
        rule: its function of arrays.
        make_op: function from a rule to an op.
    """
    block, kind = _block.get(), getattr(owner, "kind", None)
    if block is None or kind is None:
        return owner, rule
    block.has_products |= kind == "product"
    if block.dtype is None:
        return owner, rule
    dtype = block.dtype if kind == "product" else np.dtype("float32")
    if dtype not in owner.variants:
        # The cast is part of the op. In a loop a gradient then adds up in float32 what each step gives.
        owner.variants[dtype] = make_op(_casting(rule, dtype))
    chosen = owner.variants[dtype]
    return chosen, chosen.rule


def _casting(rule, dtype):
    """The rule on its floats in another type; on all as it is where one of them is sparse."""

    def cast(x):
        is_array = isinstance(x, jax.Array | np.ndarray | np.generic)
        return x.astype(dtype) if is_array and jnp.issubdtype(x.dtype, jnp.floating) else x

    @functools.wraps(rule)
    def in_type(*args, **kwargs):
        leaves = jax.tree.leaves((args, kwargs), is_leaf=lambda x: isinstance(x, SparseMatrix))
        if any(isinstance(leaf, SparseMatrix) for leaf in leaves):
            return rule(*args, **kwargs)
        args, kwargs = jax.tree.map(cast, (args, kwargs))
        return rule(*args, **kwargs)

    return in_type


def is_float(tensor):
    """Whether a tensor is dense and of a float type."""
    return not tensor.sparse and jnp.issubdtype(tensor.dtype, jnp.floating)


def is_narrow(tensor):
    """Whether a tensor is dense and of a float type narrower than float32."""
    return is_float(tensor) and tensor.dtype.itemsize < 4
