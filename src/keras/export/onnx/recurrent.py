"""Rules of SimpleRNN, GRU and LSTM: ONNX's own operators, where they mean the same."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ... import activations
from ...layers.recurrent import GRU, LSTM, SimpleRNN
from .elementwise import binary, relu, unary
from .graph import Graph, Value

#: Our name of an activation -> (ONNX's name, alpha, beta); None where it has no such number.
ACTIVATIONS: dict[str, tuple[str, float | None, float | None]] = {
    "tanh": ("Tanh", None, None),
    "sigmoid": ("Sigmoid", None, None),
    "hard_sigmoid": ("HardSigmoid", 0.2, 0.5),
    "relu": ("Relu", None, None),
    "linear": ("Affine", 1.0, 0.0),
    "elu": ("Elu", 1.0, None),
    "softplus": ("Softplus", None, None),
    "softsign": ("Softsign", None, None),
}
#: Class -> (operator of ONNX, its gates in the order of ours, as numbers).
_OPERATORS: dict[type, tuple[str, tuple[int, ...]]] = {
    SimpleRNN: ("RNN", (0,)),
    GRU: ("GRU", (0, 1, 2)),  # z, r, h in both
    LSTM: ("LSTM", (0, 3, 1, 2)),  # ours are i, f, c, o; ONNX's i, o, f, c
}


def lstm_sequence(
    g: Graph, z: Value, U: Value, b: Value, h: Value, c: Value, activation: str, inner: str, backwards: bool
) -> tuple[Value, Value, Value]:
    """All steps of an LSTM, steps first: the result is as that of the op."""
    x, W, _ = _inputs_and_weights(g, z, steps_first=True)
    names = [inner, activation, activation]
    return _operator(g, LSTM, x, W, U, b, [h, c], names, backwards)  # type: ignore[return-value]


def as_operator(
    g: Graph, step: Any, sums: Value, states: Sequence[Value], backwards: bool
) -> tuple[Value, ...] | None:
    """The steps of a SimpleRNN, GRU or LSTM of this library as one operator; None for other steps.

    Args:
        step: the step function of the loop.
        sums: W x + b of all gates, (samples, steps, gates * units).
        states: the initial states.
        backwards: whether to start with the last step.
    Returns:
        (last output, outputs (samples, steps, units), *last states).
    """
    layer, method = getattr(step, "__self__", None), getattr(step, "__func__", None)
    cls = next((cls for cls in _OPERATORS if method is cls.step_of_sums), None)
    if cls is None or layer is None:
        return None
    functions = [layer.activation] if cls is SimpleRNN else [layer.inner_activation, layer.activation]
    names = [_known_name(function) for function in functions]
    if None in names:
        return None
    U = layer.gate_weights("U") if len(cls.gates) == 1 or layer.consume_less == "gpu" else None
    parts = [getattr(layer, f"U_{gate}") for gate in layer._fused_gates()] if U is None else [U]
    array = np.concatenate([part.get_value() for part in parts], axis=-1)
    x, W, b = _inputs_and_weights(g, sums, steps_first=False)
    bias = b or g.known(np.zeros(array.shape[1], array.dtype), f"{layer.name}_b")
    names += names[1:] if cls is LSTM else []
    U_value = g.known(array, f"{layer.name}_U")
    outputs, last, *more = _operator(g, cls, x, W, U_value, bias, states, names, backwards)
    if backwards:  # the loop's outputs are in the order in which it computes them
        far = 2**31 - 1
        outputs = g.node("Slice", outputs, g.vector([far]), g.vector([-far]), g.vector([0]), g.vector([-1]))
    return last, g.transpose(outputs, (1, 0, 2)), last, *more


def _known_name(function: Any) -> Any:
    name = getattr(function, "__name__", "")
    return name if name in ACTIVATIONS and function is getattr(activations, name, None) else None


def _inputs_and_weights(g: Graph, sums: Value, steps_first: bool) -> tuple[Value, Value, Value | None]:
    """(x with the steps first, W, b) for which x W + b are the sums.

    If the sums are no such product, they are x themselves, and W is the identity.
    """
    bias, product = None, sums
    made = sums.made_by("Add")
    if made is not None and made[1].array is not None and made[1].rank == 1:
        product, bias = made
    inner = product.base if product.base is not None else product
    factors = inner.made_by("MatMul") if product.uses < 2 else None
    if factors is not None and factors[1].array is not None and factors[1].rank == 2:
        x, W = factors
        order = product.order or (0, 1, 2)
        x = g.transpose(x, order)
        for replaced in (sums, inner):
            g.discard(replaced)
    else:
        x, bias = sums, None
        width = sums.size(-1)
        assert width is not None, "the sums of the gates have a known size"
        W = g.known(np.eye(width, dtype=sums.dtype))
    return (x if steps_first else g.transpose(x, (1, 0, 2))), W, bias


def _operator(
    g: Graph,
    cls: type,
    x: Value,
    W: Value,
    U: Value,
    b: Value,
    states: Sequence[Value],
    names: Sequence[str],
    backwards: bool,
) -> tuple[Value, ...]:
    """(outputs with the steps first, last output, *other last states) of an operator of ONNX."""
    op_type, order = _OPERATORS[cls]
    assert W.array is not None and U.array is not None and b.array is not None, "weights are known"
    units = U.array.shape[0]
    W, U, b = (_in_order(g, value, units, order) for value in (W, U, b))
    initial = [
        None if state.fill == 0 else g.node("Unsqueeze", state, g.vector([0]), rank=3) for state in states
    ]
    used = [ACTIVATIONS[name] for name in names]
    alphas, betas = ([a[i] for a in used if a[i] is not None] for i in (1, 2))
    results = g.nodes(
        op_type,
        x,
        W,
        U,
        b,
        None,
        *initial,
        count=1 + len(states),
        dtype=x.dtype,
        rank=3,
        hidden_size=units,
        activations=[name for name, _, _ in used],
        direction="reverse" if backwards else None,
        activation_alpha=alphas or None,
        activation_beta=betas or None,
    )
    outputs = g.node("Squeeze", _of_rank(results[0], 4), g.vector([1]), rank=3)
    last = [g.node("Squeeze", state, g.vector([0]), rank=2) for state in results[1:]]
    return outputs, *last


def _of_rank(value: Value, rank: int) -> Value:
    value.rank = rank
    return value


def _in_order(g: Graph, weight: Value, units: int, order: Sequence[int]) -> Value:
    """W, U or b in ONNX's layout: (1, gates * units, inputs), or (1, 2 * gates * units) for b."""
    array = weight.array
    assert array is not None
    gates = [array[..., gate * units : (gate + 1) * units] for gate in order]
    joined = np.concatenate(gates, axis=-1).T
    if array.ndim == 1:  # b, and a second one for the states
        joined = np.concatenate([joined, np.zeros_like(joined)])
    return g.known(joined[None], weight.label)


def lstm(g: Graph, z: Value, c: Value, activation: str, inner: str) -> tuple[Value, Value]:
    """One step, from the sums of its gates i, f, c and o."""
    parts = g.nodes("Split", z, count=4, dtype=z.dtype, rank=2, axis=1, num_outputs=4)
    i, f, candidate, o = parts
    gate, squash, mul = _activation(inner), _activation(activation), binary("Mul")
    new = g.elementwise("Add", mul(g, gate(g, f), c), mul(g, gate(g, i), squash(g, candidate)))
    return mul(g, gate(g, o), squash(g, new)), new


def _activation(name: str) -> Callable[..., Any]:
    op_type, alpha, beta = ACTIVATIONS[name]
    if name in ("relu", "linear"):
        return relu if name == "relu" else lambda g, x: x
    return unary(op_type, alpha=alpha, beta=beta)


RECURRENT: dict[str, Callable[..., Any]] = {
    "_kernels.cells.lstm": lstm,
    "_kernels.cells.lstm_sequence": lstm_sequence,
}
