"""Python operators and indexing on tensors, as ops. Importing this module adds them to `Tensor`."""

import operator
from collections.abc import Callable
from typing import Any, cast

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from .facts import Op
from .op import OpDecorator, op, product_op, wide_op
from .tensor import Tensor


@op
def getitem(x: Any, index: tuple[Any, ...]) -> jax.Array:
    """`x[index]`, with slices as ("slice", start, stop, step), which can be hashed and saved."""
    return x[tuple(_as_index(part) for part in index)]


def _as_index(part: Any) -> Any:
    if isinstance(part, tuple) and part and part[0] == "slice":
        return slice(*(int(v) if isinstance(v, np.ndarray) else v for v in part[1:]))
    return {"ellipsis": Ellipsis, "newaxis": None}.get(part, part) if isinstance(part, str) else part


def _as_setting(part: Any) -> Any:
    if isinstance(part, slice):
        return ("slice", part.start, part.stop, part.step)
    if part is Ellipsis or part is None:
        return "newaxis" if part is None else "ellipsis"
    return part


def _getitem(self: Tensor, index: Any) -> Tensor:
    # As in TensorFlow, a list of indices is a tuple of them.
    parts = tuple(index) if isinstance(index, tuple | list) else (index,)
    return getitem(self, tuple(_as_setting(part) for part in parts))


def as_arrays(*operands: Any) -> tuple[Any, ...]:
    """The operands of a rule, with an array for each list or tuple of numbers.

    As in TensorFlow, the numbers take the dtype of the other operand, except for fractions beside integers.
    """
    lists = [isinstance(operand, list | tuple) for operand in operands]
    if not any(lists):
        return operands
    dtypes = [operand.dtype for operand in operands if hasattr(operand, "dtype")]
    return tuple(
        _as_array(operand, dtypes) if is_list else operand
        for operand, is_list in zip(operands, lists, strict=True)
    )


def _as_array(numbers: Any, dtypes: list[Any]) -> Any:
    # NumPy stays NumPy: sizes are computed with while a program is compiled.
    traced = any(isinstance(leaf, jax.Array) for leaf in jax.tree.leaves(numbers))
    array = jnp.asarray(numbers) if traced else np.asarray(numbers)
    fits = dtypes and (jnp.issubdtype(dtypes[0], jnp.inexact) or array.dtype.kind in "iub")
    return array.astype(dtypes[0]) if fits else array


@op
def abs(x: Any) -> jax.Array:
    """Absolute value. Its gradient at 0 is 0, as in the original; JAX's is 1 there."""
    x = jnp.asarray(x)
    return x * lax.stop_gradient(jnp.sign(x))


@wide_op
def pow(x: Any, a: Any) -> jax.Array:
    """x to the power `a`."""
    return jnp.power(*as_arrays(x, a))


def _binary(name: str, decorator: OpDecorator = op) -> Op:
    function: Callable[[Any, Any], Any] = getattr(operator, name)

    def rule(x: Any, y: Any) -> Any:
        return function(*as_arrays(x, y))

    rule.__name__ = rule.__qualname__ = name
    return cast(Op, decorator(rule))


def _unary(name: str) -> Op:
    function: Callable[[Any], Any] = getattr(operator, name)

    def rule(x: Any) -> Any:
        return function(x)

    rule.__name__ = rule.__qualname__ = name
    return cast(Op, op(rule))


_REFLECTED: dict[str, Op] = {
    **{name: _binary(name) for name in "add sub mul truediv floordiv mod and_ or_ xor".split()},
    "matmul": _binary("matmul", product_op),
    "pow": cast(Op, pow),
}

#: Name -> op for each Python operator. Names are those of the methods without underscores; those that are
#: Python keywords end in one.
OPERATORS: dict[str, Op] = {
    **_REFLECTED,
    **{name: _binary(name) for name in "lt le gt ge".split()},
    **{name: _unary(name) for name in "neg invert pos".split()},
    "abs": cast(Op, abs),
    "getitem": cast(Op, getitem),
}


def _install() -> None:
    for name, function in OPERATORS.items():
        plain = name.rstrip("_")
        setattr(Tensor, f"__{plain}__", lambda self, *other, _f=function: _f(self, *other))
        if name in _REFLECTED:
            setattr(Tensor, f"__r{plain}__", lambda self, other, _f=function: _f(other, self))
    Tensor.__getitem__ = _getitem


_install()
