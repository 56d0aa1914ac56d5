"""Rules of random ops, for models that draw numbers in prediction. Each run of the file draws new ones."""

from collections.abc import Callable
from typing import Any

import numpy as np

from .graph import Graph, Value


def _blank(g: Graph, shape: Any, dtype: Any) -> Value:
    """Zeros of a shape, which may be a tensor or have tensors in it."""
    sizes = g.cast(shape, "int64") if isinstance(shape, Value) else g.vector(shape)
    rank = sizes.size(0) if isinstance(shape, Value) else len(shape)
    return g.node("ConstantOfShape", sizes, dtype=dtype, rank=rank, value=np.zeros(1, dtype))


def uniform(g: Graph, shape: Any, low: Any, high: Any, dtype: Any) -> Value:
    return g.node("RandomUniformLike", _blank(g, shape, dtype), low=float(low), high=float(high))


def normal(g: Graph, shape: Any, mean: Any, std: Any, dtype: Any) -> Value:
    standard = g.node("RandomNormalLike", _blank(g, shape, dtype), mean=0.0, scale=1.0)
    scaled = g.elementwise("Mul", standard, g.as_value(std, standard))
    return g.elementwise("Add", scaled, g.as_value(mean, standard))


def binomial(g: Graph, shape: Any, p: Any, dtype: Any) -> Value:
    drawn = g.node("RandomUniformLike", _blank(g, shape, "float32"), low=0.0, high=1.0)
    return g.cast(g.elementwise("Less", drawn, g.as_value(p, drawn), dtype=bool), dtype)


def dropout(g: Graph, x: Value, level: float, noise_shape: Any) -> Value:
    sizes = g.node("Shape", x, dtype="int64", rank=1)
    if noise_shape is not None:
        known = [0 if size is None else size for size in noise_shape]
        own = g.known(np.array([size == 0 for size in known]))
        sizes = g.node("Where", own, sizes, g.vector(known), dtype="int64")
    blank = g.node("ConstantOfShape", sizes, dtype="float32", rank=x.rank, value=np.zeros(1, "float32"))
    drawn = g.node("RandomUniformLike", blank, low=0.0, high=1.0)
    kept = g.cast(g.elementwise("Less", drawn, g.as_value(1 - level, drawn), dtype=bool), x.dtype)
    return g.elementwise("Mul", x, g.elementwise("Div", kept, g.as_value(1 - level, kept)))


RANDOM: dict[str, Callable[..., Any]] = {
    "backend.random.uniform": uniform,
    "backend.random.normal": normal,
    "backend.random.binomial": binomial,
    "backend.random.dropout": dropout,
}
