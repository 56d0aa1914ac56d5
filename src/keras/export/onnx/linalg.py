"""Rules of products of matrices."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .elementwise import together
from .graph import CannotExport, Graph, Value
from .reductions import reduced


def matmul(g: Graph, x: Any, y: Any) -> Value:
    x, y = together(g, x, y)
    rank = max(x.rank, y.rank) if min(x.rank, y.rank) > 1 else max(x.rank, y.rank) - 1
    return g.node("MatMul", x, y, rank=rank)


def dot(g: Graph, x: Any, y: Any) -> Value:
    x, y = together(g, x, y)
    if y.rank <= 2:
        return matmul(g, x, y)
    # NumPy's dot: the leading axes of x, then those of y. All matrices of y side by side make one.
    sizes = y.shape
    if sizes is None or None in sizes:
        raise CannotExport(f"the second operand of a product has rank {y.rank} and unknown sizes")
    wide = g.transpose(y, [y.rank - 2, *range(y.rank - 2), y.rank - 1])
    columns = int(np.prod([size for axis, size in enumerate(sizes) if axis != y.rank - 2]))
    product = matmul(g, x, g.node("Reshape", wide, g.vector([sizes[-2], columns]), rank=2))
    kept = [0] * (x.rank - 1)
    target = g.vector([*kept, *sizes[:-2], sizes[-1]])
    return g.node("Reshape", product, target, rank=x.rank + y.rank - 2)


def batch_dot(g: Graph, x: Any, y: Any, axes: int | Sequence[int] | None = None) -> Value:
    """As the op: a product of matrices, after operands of lower rank got axes of size 1."""
    x, y = together(g, x, y)
    axes = (axes, axes) if isinstance(axes, int) else axes
    x_rank, y_rank = x.rank, y.rank
    if x_rank == y_rank == 2:
        first, second = axes or (1, 0)
        if first % 2 != second % 2:
            x = g.transpose(x, (1, 0))
        return _column(g, reduced(g, "ReduceSum", g.elementwise("Mul", x, y), second, False))
    missing = x_rank - y_rank
    x, y = _longer(g, x, max(0, -missing)), _longer(g, y, max(0, missing))
    if axes is not None:
        x = x if axes[0] % x_rank == x.rank - 1 else _turned(g, x)
        y = _turned(g, y) if axes[1] % y_rank == y.rank - 1 else y
    result = matmul(g, x, y)
    if missing:
        first = x_rank + y_rank - 3 if missing > 0 else x_rank - 1
        gone = list(range(first, first + abs(missing)))
        result = g.node("Squeeze", result, g.vector(gone), rank=result.rank - len(gone))
    return result if result.rank > 1 else _column(g, result)


def _column(g: Graph, x: Value) -> Value:
    return g.node("Unsqueeze", x, g.vector([1]), rank=2)


def _longer(g: Graph, x: Value, count: int) -> Value:
    axes = list(range(x.rank, x.rank + count))
    return g.node("Unsqueeze", x, g.vector(axes), rank=x.rank + count) if count else x


def _turned(g: Graph, x: Value) -> Value:
    return g.transpose(x, [*range(x.rank - 2), x.rank - 1, x.rank - 2])


LINALG: dict[str, Callable[..., Any]] = {
    "backend.linalg.dot": dot,
    "backend.linalg.batch_dot": batch_dot,
    "_graph.operators.matmul": matmul,
}
