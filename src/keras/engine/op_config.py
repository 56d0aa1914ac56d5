"""A step of the graph as plain data: the name of its op, the arguments, the seed."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .._graph import Tensor
from .._graph import operators as _operators
from ..backend import OPS


class Marker:
    """Marks the place of an input among the arguments of a step.

    Args:
        data: plain data that describes the input, or a tensor that does not come from a layer.
    """

    def __init__(self, data: Any) -> None:
        self.data = data


def call(data: dict[str, Any], inputs: Sequence[Tensor]) -> Any:
    """Records the step that `as_data` described, on new inputs.

    Args:
        data: dict as `as_data` returns it.
        inputs: list of tensors.
    Returns:
        The result of the op: a tensor, or a tuple or list of them.
    Raises:
        ValueError: the op is unknown.
    """
    args, kwargs = _decode(data["args"], inputs), _decode(data["kwargs"], inputs)
    if data["seed"] is not None:
        kwargs["seed"] = data["seed"]
    return _find(data["op"])(*args, **kwargs)


def _find(name: str) -> Callable[..., Any]:
    if name in _operators.OPERATORS:
        return _operators.OPERATORS[name]
    if name in OPS:
        return OPS[name]
    raise ValueError(f"Operation: unknown op {name!r}; a file may name only operators and K functions.")


def as_data(node: Any, markers: Sequence[Marker], where: str) -> dict[str, Any]:
    """Returns a step of the graph as plain data: the name of its op, the arguments, the seed.

    Args:
        node: the step, a node of the tensor graph.
        markers: list of `Marker`, one for each input of the node.
        where: str, names the step in messages.
    Raises:
        ValueError: the op has no name in files, or an argument is not plain data.
    """
    name = getattr(node.rule, "__name__", None)
    if (name not in OPS and name not in _operators.OPERATORS) or node.settings[0] is None:
        raise ValueError(
            f"{where} cannot be saved: it is the function {node.name!r}, which a file cannot name. Make it "
            "a layer of your own, or use operators and K functions."
        )
    where = f"{where} ({name})"
    args, kwargs = node.fill(markers)
    return {
        "op": name,
        "args": _encode(list(args), where),
        "kwargs": _encode(kwargs, where),
        "seed": node.seed,
    }


def _encode(value: Any, where: str) -> Any:
    """Returns an argument as plain data; see `_decode`."""
    if isinstance(value, Marker) and not isinstance(value.data, Tensor):
        return value.data
    if isinstance(value, Marker):
        tensor = value.data
        if tensor.node.rule is None or tensor.node.count > 1:
            raise ValueError(
                f"{where} cannot be saved: it reads {tensor!r}, which belongs to no layer. Make it a "
                "weight of a layer of your own."
            )
        markers = [Marker(inner) for inner in tensor.node.inputs]
        return {"call": as_data(tensor.node, markers, where)}
    if isinstance(value, dict):
        return {key: _encode(item, where) for key, item in value.items()}
    if isinstance(value, tuple):
        return {"tuple": [_encode(item, where) for item in value]}
    if isinstance(value, list):
        return [_encode(item, where) for item in value]
    if isinstance(value, np.dtype):
        return {"dtype": value.name}
    if isinstance(value, np.generic):
        return value.item()
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise ValueError(
        f"{where} cannot be saved: an argument is {type(value).__name__}, and a file can hold only "
        "numbers, strings and lists of them. Make it a weight of a layer of your own."
    )


def _decode(value: Any, inputs: Sequence[Tensor]) -> Any:
    """Returns the argument that `_encode` described."""
    if isinstance(value, dict):
        if set(value) == {"input"}:
            return inputs[value["input"]]
        if set(value) == {"call"}:
            return call(value["call"], inputs)
        if set(value) == {"tuple"}:
            return tuple(_decode(item, inputs) for item in value["tuple"])
        if set(value) == {"dtype"}:
            return np.dtype(value["dtype"])
        return {key: _decode(item, inputs) for key, item in value.items()}
    if isinstance(value, list):
        return [_decode(item, inputs) for item in value]
    return value
