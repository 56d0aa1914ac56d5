"""Rules of ops that compute each element on its own: arithmetic, comparisons, activations."""

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import numpy as np

from .graph import Graph, Value

Rule = Callable[..., Any]


def unary(op_type: str, **attributes: Any) -> Rule:
    """The rule of an op that is one operator of ONNX."""
    return lambda g, x: g.elementwise(op_type, x, **attributes)


def same(g: Graph, x: Value, *_: Any) -> Value:
    """The rule of an op that returns its first argument."""
    return x


def together(g: Graph, *operands: Any) -> list[Value]:
    """The operands as values of one type, that of NumPy's arithmetic with JAX's promotion."""
    types = [value.dtype if isinstance(value, Value) else value for value in operands]
    dtype = jnp.result_type(*(np.asarray(t) if isinstance(t, list | tuple) else t for t in types))
    return [g.as_value(value, dtype=dtype) for value in operands]


def binary(op_type: str) -> Rule:
    """The rule of an operator with two operands."""
    return lambda g, x, y: g.elementwise(op_type, *together(g, x, y))


def comparison(op_type: str, negated: bool = False) -> Rule:
    """The rule of a comparison, whose result is bool."""

    def rule(g: Graph, x: Any, y: Any) -> Value:
        result = g.elementwise(op_type, *together(g, x, y), dtype=bool)
        return g.elementwise("Not", result) if negated else result

    return rule


def add(g: Graph, x: Any, y: Any) -> Value:
    """x + y; a bias becomes an input of the convolution or product before it."""
    x, y = together(g, x, y)
    if y.array is None and x.array is not None:
        x, y = y, x
    return _with_bias(g, x, y) or g.elementwise("Add", x, y)


def bias_add(g: Graph, x: Value, bias: Any, ordering: str) -> Value:
    bias = g.as_value(bias)
    if ordering == "th":
        bias = g.node("Reshape", bias, g.vector([1, -1, *[1] * (x.rank - 2)]), rank=x.rank)
    return add(g, x, bias)


def gelu(g: Graph, x: Value, approximate: bool = False) -> Value:
    if approximate:
        cube = g.elementwise("Mul", g.elementwise("Mul", x, x), x)
        inner = g.elementwise("Add", x, g.elementwise("Mul", cube, g.as_value(0.044715, x)))
        inner = g.elementwise("Tanh", g.elementwise("Mul", inner, g.as_value((2 / np.pi) ** 0.5, x)))
    else:
        inner = g.elementwise("Erf", g.elementwise("Mul", x, g.as_value(0.5**0.5, x)))
    half = g.elementwise("Mul", x, g.as_value(0.5, x))
    return g.elementwise("Mul", half, g.elementwise("Add", inner, g.as_value(1.0, x)))


def _with_bias(g: Graph, x: Value, bias: Value) -> Value | None:
    """The step that made x with a bias for its channels, if it takes one."""
    made = x if x.base is None else x.base
    if bias.array is None or made.step is None or max(x.uses, made.uses) > 1:
        return None
    step, axis = made.step, 1 if x.base is None else x.order.index(1)
    is_product = step.op_type == "MatMul" and made.rank == made.inputs[0].rank == 2 == made.inputs[1].rank
    if not (is_product or step.op_type in ("Conv", "ConvTranspose")) or len(step.inputs) > 2:
        return None
    shape = (1,) * (x.rank - bias.rank) + bias.array.shape
    if len(shape) > x.rank or any(size > 1 for i, size in enumerate(shape) if i != axis):
        return None
    filters = made.inputs[1].shape
    count = None if filters is None else filters[1 if step.op_type != "Conv" else 0]
    if count is None or shape[axis] != count:
        return None
    flat = g.known(bias.array.reshape(-1), bias.label)
    step.inputs.append(g.name_of(flat))
    made.inputs += (flat,)
    if is_product:
        step.op_type, step.name = "Gemm", g.unique("Gemm")
        step.outputs, made.name = [step.name], step.name
    return x


def sub(g: Graph, x: Any, y: Any) -> Value:
    return g.elementwise("Sub", *together(g, x, y))


def truediv(g: Graph, x: Any, y: Any) -> Value:
    x, y = together(g, x, y)
    floats = [value if value.dtype.kind == "f" else g.cast(value, "float32") for value in (x, y)]
    return g.elementwise("Div", *floats)


def floordiv(g: Graph, x: Any, y: Any) -> Value:
    x, y = together(g, x, y)
    if x.dtype.kind == "f":
        return g.elementwise("Floor", g.elementwise("Div", x, y))
    # Division of ints truncates; this is the remainder with the sign of y, as in Python.
    return g.elementwise("Div", g.elementwise("Sub", x, g.elementwise("Mod", x, y)), y)


def mod(g: Graph, x: Any, y: Any) -> Value:
    x, y = together(g, x, y)
    if x.dtype.kind != "f":
        return g.elementwise("Mod", x, y)
    return g.elementwise(
        "Sub", x, g.elementwise("Mul", y, g.elementwise("Floor", g.elementwise("Div", x, y)))
    )


def square(g: Graph, x: Value) -> Value:
    return g.elementwise("Mul", x, x)


def sqrt(g: Graph, x: Value) -> Value:
    return g.elementwise("Sqrt", g.elementwise("Max", x, g.as_value(0, x)))


def logical(op_type: str) -> Rule:
    """The rule of & or |, of bools or of ints."""

    def rule(g: Graph, x: Any, y: Any) -> Value:
        x, y = together(g, x, y)
        return g.elementwise(op_type if x.dtype == bool else f"Bitwise{op_type}", x, y)

    return rule


def clip(g: Graph, x: Value, low: Any, high: Any) -> Value:
    if isinstance(low, int | float) and (high is None or isinstance(high, int | float)):
        bounds = g.as_value(low, x), None if high is None else g.as_value(max(low, high), x)
        return _clipped(g, x, *bounds)
    result = x if high is None else g.elementwise("Min", *together(g, x, high))
    return g.elementwise("Max", *together(g, result, low))


def _clipped(g: Graph, x: Value, low: Value, high: Value | None) -> Value:
    if x.base is None:
        return g.node("Clip", x, low, high)
    return g.transpose(g.node("Clip", x.base, low, high), x.order)


def relu(g: Graph, x: Value, alpha: Any = 0.0, max_value: Any = None) -> Value:
    """ONNX has this as Relu, Clip and LeakyRelu; other combinations are written out."""
    is_plain = isinstance(alpha, int | float)
    if is_plain and alpha == 0 and isinstance(max_value, int | float) and max_value >= 0:
        return clip(g, x, 0, max_value)
    if is_plain and alpha != 0 and max_value is None:
        return g.elementwise("LeakyRelu", x, alpha=float(alpha))
    result = g.elementwise("Relu", x)
    if max_value is not None:
        result = g.elementwise("Min", *together(g, result, max_value))
    if not is_plain or alpha != 0:
        below = g.elementwise("Relu", g.elementwise("Neg", x))
        result = sub(g, result, g.elementwise("Mul", *together(g, below, alpha)))
    return result


def elu(g: Graph, x: Value, alpha: Any = 1.0) -> Value:
    if isinstance(alpha, int | float):
        return g.elementwise("Elu", x, alpha=float(alpha))
    below = g.elementwise("Elu", g.elementwise("Min", x, g.as_value(0, x)), alpha=1.0)
    return add(g, g.elementwise("Relu", x), g.elementwise("Mul", *together(g, below, alpha)))


def softmax(g: Graph, x: Value) -> Value:
    return g.node("Softmax", x, axis=-1)


def cast(g: Graph, x: Any, dtype: Any) -> Value:
    x = g.as_value(x)
    if x.dtype.kind == "f" and np.dtype(dtype).name in ("uint8", "uint16"):
        x = g.cast(x, "int32")
    return g.cast(x, dtype)


def full_like(g: Graph, x: Value, value: float, dtype: Any = None) -> Value:
    shape = g.node("Shape", x, dtype="int64", rank=1)
    dtype = np.dtype(dtype or x.dtype)
    result = g.node("ConstantOfShape", shape, dtype=dtype, rank=x.rank, value=np.array([value], dtype))
    result.fill = float(value)
    return result


def switch(g: Graph, condition: Any, then_value: Any, else_value: Any) -> Value:
    condition = g.cast(g.as_value(condition), bool)
    return g.elementwise(
        "Where",
        condition,
        *together(g, then_value, else_value),
        dtype=together(g, then_value, else_value)[0].dtype,
    )


ELEMENTWISE: dict[str, Rule] = {
    "_graph.op.identity": same,
    "_graph.operators.add": add,
    "_graph.operators.sub": sub,
    "_graph.operators.mul": binary("Mul"),
    "_graph.operators.truediv": truediv,
    "_graph.operators.floordiv": floordiv,
    "_graph.operators.mod": mod,
    "_graph.operators.pow": binary("Pow"),
    "_graph.operators.and_": logical("And"),
    "_graph.operators.or_": logical("Or"),
    "_graph.operators.xor": logical("Xor"),
    "_graph.operators.lt": comparison("Less"),
    "_graph.operators.le": comparison("LessOrEqual"),
    "_graph.operators.gt": comparison("Greater"),
    "_graph.operators.ge": comparison("GreaterOrEqual"),
    "_graph.operators.neg": unary("Neg"),
    "_graph.operators.pos": same,
    "_graph.operators.invert": unary("Not"),
    "_graph.operators.abs": unary("Abs"),
    "backend.math.square": square,
    "backend.math.sqrt": sqrt,
    "backend.math.exp": unary("Exp"),
    "backend.math.log": unary("Log"),
    "backend.math.sin": unary("Sin"),
    "backend.math.cos": unary("Cos"),
    "backend.math.round": unary("Round"),
    "backend.math.sign": unary("Sign"),
    "backend.math.clip": clip,
    "backend.math.maximum": binary("Max"),
    "backend.math.minimum": binary("Min"),
    "backend.math.equal": comparison("Equal"),
    "backend.math.not_equal": comparison("Equal", negated=True),
    "backend.math.greater": comparison("Greater"),
    "backend.math.greater_equal": comparison("GreaterOrEqual"),
    "backend.math.lesser": comparison("Less"),
    "backend.math.lesser_equal": comparison("LessOrEqual"),
    "backend.math.stop_gradient": same,
    "backend.nn.relu": relu,
    "backend.nn.elu": elu,
    "backend.nn.softmax": softmax,
    "backend.nn.softplus": unary("Softplus"),
    "backend.nn.softsign": unary("Softsign"),
    "backend.nn.sigmoid": unary("Sigmoid"),
    "backend.nn.hard_sigmoid": unary("HardSigmoid", alpha=0.2, beta=0.5),
    "backend.nn.tanh": unary("Tanh"),
    "backend.control.switch": switch,
    "backend.variables.cast": cast,
    "backend.variables.full_like": full_like,
    "backend.variables.to_dense": same,
    "layers._recurrent._add_bias": add,
    "layers._time_distributed._with_steps_of": same,
    "backend.more._bias_add": bias_add,
    "backend.more.gelu": gelu,
}
