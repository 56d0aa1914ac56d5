"""The ops that a model file may name in `Operation` layers: Python operators and functions of K."""

from typing import Any, TypeGuard

from .._graph import Node, Op, OpFacts
from .._graph.operators import OPERATORS
from . import control, conv, execution, linalg, math, nn, pool, random, shapes, variables

_MODULES = (conv, control, execution, linalg, math, nn, pool, random, shapes, variables)


def is_op(value: Any) -> TypeGuard[Op]:
    """Whether a value is an op that declares its facts, not a class or a plain function."""
    return isinstance(getattr(value, "facts", None), OpFacts)


#: Name in files -> op, including the private ops that functions of K call.
OPS: dict[str, Op] = OPERATORS | {
    str(op.facts.saved_as): op for module in _MODULES for op in vars(module).values() if is_op(op)
}
#: Name in files of keras-classic 0.1.0 -> op, for names that have changed.
FORMER: dict[str, Op] = {op.facts.formerly: op for op in OPS.values() if op.facts.formerly}


def find_op(name: str) -> Op:
    """The op of this name in files.

    Raises:
        ValueError: if there is none.
    """
    op = (OPS.get(name) or FORMER.get(name)) if isinstance(name, str) else None
    if op is None:
        raise ValueError(f"Operation: unknown op {name!r}; a file may name only operators and K functions.")
    return op


def saved_name(node: Node) -> str | None:
    """The name of a node's op in files; None if it has none."""
    name = node.facts.saved_as
    # A user's op may have the name of one of these.
    known = None if name is None else OPS.get(name)
    return name if known is not None and known.facts is node.facts else None
