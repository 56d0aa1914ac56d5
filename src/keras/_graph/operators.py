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
    parts = index if isinstance(index, tuple) else (index,)
    return getitem(self, tuple(_as_setting(part) for part in parts))


@op
def abs(x: Any) -> jax.Array:
    """Absolute value. Its gradient at 0 is 0, as in the original; JAX's is 1 there."""
    x = jnp.asarray(x)
    return x * lax.stop_gradient(jnp.sign(x))


@wide_op
def pow(x: Any, a: Any) -> jax.Array:
    """x to the power `a`."""
    return jnp.power(x, a)


def _binary(name: str, decorator: OpDecorator = op) -> Op:
    function: Callable[[Any, Any], Any] = getattr(operator, name)

    def rule(x: Any, y: Any) -> Any:
        return function(x, y)

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
