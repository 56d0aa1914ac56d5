"""Rules of ops that reduce axes, and of normalizations by their results."""

from collections.abc import Callable
from typing import Any

import numpy as np

from .elementwise import together
from .graph import Graph, Value


def reduction(op_type: str, of_bools: str | None = None) -> Callable[..., Any]:
    """The rule of a reduction.

    Args:
        op_type: the operator of ONNX.
        of_bools: the type to convert bools to.
    """

    def rule(g: Graph, x: Value, axis: Any = None, keepdims: bool = False) -> Value:
        if x.dtype == bool:
            x = g.cast(x, of_bools or "int32")
        return reduced(g, op_type, x, axis, keepdims)

    return rule


def reduced(g: Graph, op_type: str, x: Value, axis: Any, keepdims: bool) -> Value:
    """The reduction of some axes (all, if None); of those before it, if x is a transposition."""
    axes = list(range(x.rank)) if axis is None else np.atleast_1d(np.array(axis, int)).tolist()
    axes = sorted({axis % x.rank for axis in axes}) if x.rank else []
    if not axes:
        return x
    rank = x.rank if keepdims else x.rank - len(axes)
    if x.base is None:
        return g.node(op_type, x, g.vector(axes), rank=rank, keepdims=int(keepdims))
    inner = sorted(x.order[axis] for axis in axes)
    result = g.node(op_type, x.base, g.vector(inner), rank=rank, keepdims=int(keepdims))
    if keepdims:
        return g.transpose(result, x.order)
    left = [x.order[axis] for axis in range(x.rank) if axis not in axes]
    return g.transpose(result, np.argsort(np.argsort(left)))


def truth(op_type: str) -> Callable[..., Any]:
    """The rule of `any` or `all`, whose result is uint8."""

    def rule(g: Graph, x: Value, axis: Any = None, keepdims: bool = False) -> Value:
        number = g.cast(g.cast(x, bool), "int32")
        return g.cast(reduced(g, op_type, number, axis, keepdims), "uint8")

    return rule


def var(g: Graph, x: Value, axis: Any = None, keepdims: bool = False) -> Value:
    centered = g.elementwise("Sub", x, reduced(g, "ReduceMean", x, axis, True))
    return reduced(g, "ReduceMean", g.elementwise("Mul", centered, centered), axis, keepdims)


def position(op_type: str) -> Callable[..., Any]:
    """The rule of `argmax` or `argmin`."""
    return lambda g, x, axis=-1: g.node(op_type, x, dtype="int64", rank=x.rank - 1, axis=axis, keepdims=0)


def l2_normalize(g: Graph, x: Value, axis: int) -> Value:
    squares = reduced(g, "ReduceSumSquare", x, axis, True)
    norm = g.elementwise("Sqrt", g.elementwise("Max", squares, g.as_value(1e-12, x)))
    return g.elementwise("Div", x, norm)


def in_top_k(g: Graph, predictions: Value, targets: Value, k: Any) -> Value:
    places = g.node("Unsqueeze", g.cast(targets, "int64"), g.vector([1]), rank=2)
    picked = g.node("GatherElements", predictions, places, axis=1)
    larger = g.cast(g.elementwise("Greater", predictions, picked, dtype=bool), "int32")
    return g.elementwise("Less", *together(g, reduced(g, "ReduceSum", larger, -1, False), k), dtype=bool)


def batch_normalization(
    g: Graph, x: Any, mean: Any, var: Any, beta: Any, gamma: Any, epsilon: float = 0.001
) -> Value:
    """ONNX's BatchNormalization where the statistics are weights of the axis of the channels."""
    weights = [g.as_value(value, x) for value in (gamma, beta, mean, var)]
    x = g.as_value(x)
    axis = _channels(x, weights)
    if axis is None or x.rank < 2:
        scale = g.elementwise("Add", weights[3], g.as_value(epsilon, weights[3]))
        scale = g.elementwise("Div", weights[0], g.elementwise("Sqrt", scale))
        return g.elementwise(
            "Add", g.elementwise("Mul", g.elementwise("Sub", x, weights[2]), scale), weights[1]
        )
    order = [0, axis, *(i for i in range(1, x.rank) if i != axis)]
    flat = [g.known(value.array.reshape(-1), value.label) for value in weights if value.array is not None]
    normal = g.node("BatchNormalization", g.transpose(x, order), *flat, epsilon=float(epsilon))
    return g.transpose(normal, np.argsort(order))


def _channels(x: Value, weights: list[Value]) -> int | None:
    """The only axis along which the weights, which are known, differ; None if there is no such axis."""
    axes = set()
    for value in weights:
        if value.array is None or value.rank > x.rank:
            return None
        shape = (1,) * (x.rank - value.rank) + value.array.shape
        long = [axis for axis, size in enumerate(shape) if size > 1]
        if not long:  # one channel
            long = [axis for axis in range(1, x.rank) if x.size(axis) == 1][:1]
        axes.add(long[0] if len(long) == 1 else None)
    axis = axes.pop()
    return None if axes or axis == 0 else axis


def normalize_batch_in_training(
    g: Graph, x: Value, gamma: Any, beta: Any, reduction_axes: Any, epsilon: float = 0.001
) -> tuple[Value, Value, Value]:
    axes = [axis % x.rank for axis in reduction_axes]
    shape = g.vector([1 if axis in axes else -1 for axis in range(x.rank)])
    scale, shift = (g.node("Reshape", g.as_value(w, x), shape, rank=x.rank) for w in (gamma, beta))
    mean, variance = reduced(g, "ReduceMean", x, axes, True), var(g, x, axes, True)
    root = g.elementwise("Sqrt", g.elementwise("Add", variance, g.as_value(epsilon, x)))
    normal = g.elementwise("Div", g.elementwise("Sub", x, mean), root)
    result = g.elementwise("Add", g.elementwise("Mul", normal, scale), shift)
    flat = [g.node("Squeeze", value, g.vector(axes), rank=x.rank - len(axes)) for value in (mean, variance)]
    return result, flat[0], flat[1]


REDUCTIONS: dict[str, Callable[..., Any]] = {
    "backend.math.sum": reduction("ReduceSum"),
    "backend.math.prod": reduction("ReduceProd"),
    "backend.math.mean": reduction("ReduceMean", "float32"),
    "backend.math.var": var,
    "backend.math.max": reduction("ReduceMax"),
    "backend.math.min": reduction("ReduceMin"),
    "backend.math.any": truth("ReduceMax"),
    "backend.math.all": truth("ReduceMin"),
    "backend.math.argmax": position("ArgMax"),
    "backend.math.argmin": position("ArgMin"),
    "backend.nn.l2_normalize": l2_normalize,
    "backend.nn.in_top_k": in_top_k,
    "backend.nn.batch_normalization": batch_normalization,
    "backend.nn.normalize_batch_in_training": normalize_batch_in_training,
}
