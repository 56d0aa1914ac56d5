"""Python operators and indexing on tensors, as ops. Importing this module gives them to `Tensor`."""

import operator

import jax.numpy as jnp
import numpy as np
from jax import lax

from .op import op, product_op, wide_op
from .tensor import Tensor


@op
def getitem(x, index):
    """`x[index]`; slices come as ("slice", start, stop, step) so that settings can be compared."""
    return x[tuple(_as_index(part) for part in index)]


def _as_index(part):
    if isinstance(part, tuple) and part and part[0] == "slice":
        return slice(*(int(v) if isinstance(v, np.ndarray) else v for v in part[1:]))
    return {"ellipsis": Ellipsis, "newaxis": None}.get(part, part) if isinstance(part, str) else part


def _as_setting(part):
    if isinstance(part, slice):
        return ("slice", part.start, part.stop, part.step)
    if part is Ellipsis or part is None:
        return "newaxis" if part is None else "ellipsis"
    return part


def _getitem(self, index):
    parts = index if isinstance(index, tuple) else (index,)
    return getitem(self, tuple(_as_setting(part) for part in parts))


def _binary(name, function):
    def rule(x, y):
        return function(x, y)

    rule.__name__ = rule.__qualname__ = name
    return {"matmul": product_op, "pow": wide_op}.get(name, op)(rule)


def _unary(name, function):
    def rule(x):
        return function(x)

    rule.__name__ = rule.__qualname__ = name
    return op(rule)


def absolute(x):
    """|x|, with the gradient 0 at 0, as the original has it (JAX's is 1 there)."""
    return x * lax.stop_gradient(jnp.sign(x))


#: Name -> op. Models save an operator by this name.
OPERATORS = {
    "getitem": getitem,
    **{
        name: _binary(name, getattr(operator, name))
        for name in (
            *("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul"),
            *("lt", "le", "gt", "ge", "and_", "or_", "xor"),
        )
    },
    **{name: _unary(name, getattr(operator, name)) for name in ("neg", "invert", "pos")},
    "abs": _unary("abs", absolute),
}

_REFLECTED = (
    "add",
    "sub",
    "mul",
    "truediv",
    "floordiv",
    "mod",
    "pow",
    "matmul",
    "and_",
    "or_",
    "xor",
)


def _install():
    Tensor.__getitem__ = _getitem
    for name, function in OPERATORS.items():
        if name == "getitem":
            continue
        plain = name.rstrip("_")
        setattr(Tensor, f"__{plain}__", lambda self, *other, _f=function: _f(self, *other))
        if name in _REFLECTED:
            setattr(Tensor, f"__r{plain}__", lambda self, other, _f=function: _f(other, self))


_install()
