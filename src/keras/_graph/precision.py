"""A block of code whose ops compute in a narrow float type, though the variables they read are float32."""

import contextlib
import contextvars

import jax.numpy as jnp

from .tensor import Tensor

_block = contextvars.ContextVar("precision", default=None)


@contextlib.contextmanager
def computing_in(dtype, variables=()):
    """A `with` block in which ops read some variables in a narrow float type.

    Ops that need the range of float32 (`wide_op`) read all they get in float32 there.

    Args:
        dtype: numpy dtype, float16 or bfloat16; None: ops read what they get, as outside of a block.
        variables: list of `Variable`. Others are read as they are: a running mean that is read, updated
            and written in 8 bits would stand still.
    """
    token = _block.set(None if dtype is None else _Block(dtype, variables))
    try:
        yield
    finally:
        _block.reset(token)


def as_read(leaves, wide, cast):
    """The arguments of an op as the block around it wants them; as they are where there is none.

    Args:
        leaves: list of tensors and of constants.
        wide: whether the op needs float32.
        cast: function (tensor, dtype) -> tensor, an op.
    """
    block = _block.get()
    if block is None:
        return leaves
    with computing_in(None):  # the casts are ops, too
        return [block.read(leaf, wide, cast) if isinstance(leaf, Tensor) else leaf for leaf in leaves]


class _Block:
    def __init__(self, dtype, variables):
        self.dtype = dtype
        self.variables = {variable.key for variable in variables}
        self.narrow = {}

    def read(self, tensor, wide, cast):
        if wide:
            return cast(tensor, jnp.dtype("float32")) if is_narrow(tensor) else tensor
        if tensor.key not in self.variables or not is_float(tensor) or tensor.dtype == self.dtype:
            return tensor
        if tensor.key not in self.narrow:
            self.narrow[tensor.key] = cast(tensor, self.dtype)
        return self.narrow[tensor.key]


def is_float(tensor):
    """Whether a tensor is dense and of a float type."""
    return not tensor.sparse and jnp.issubdtype(tensor.dtype, jnp.floating)


def is_narrow(tensor):
    """Whether a tensor is dense and of a float type narrower than float32."""
    return is_float(tensor) and tensor.dtype.itemsize < 4
