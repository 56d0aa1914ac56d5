"""Nodes of the tensor graph as plain data, for `Operation` layers: the op's name, its arguments, the seed."""

from collections.abc import Mapping, Sequence
from typing import Any

import jax
import numpy as np

from .._graph import Tensor
from ..backend.saved_ops import find_op, saved_name


class Marker:
    """Marks the place of an input among the arguments of a step.

    Args:
        data: plain data that describes the input, or a tensor that does not come from a layer.
    """

    def __init__(self, data: Any) -> None:
        self.data = data


def call(data: Mapping[str, Any], inputs: Sequence[Tensor]) -> Any:
    """Records the step that `as_data` described, on new inputs.

    Args:
        data: dict as `as_data` returns it.
        inputs: list of tensors.
    Returns:
        The result of the op: a tensor, or a tuple or list of them.
    Raises:
        ValueError: the op is unknown, or has no tensor among its arguments.
    """
    args, kwargs = _decode(data["args"], inputs), _decode(data["kwargs"], inputs)
    if data["seed"] is not None:
        kwargs["seed"] = data["seed"]
    elif not any(isinstance(leaf, Tensor) for leaf in jax.tree.leaves((args, kwargs))):
        # It would be computed at once, whatever its size. `as_data` writes no such step.
        raise ValueError(f"The step {data['op']!r} of the config has no tensor among its arguments.")
    return find_op(data["op"])(*args, **kwargs)


def as_data(node: Any, markers: Sequence[Marker], where: str) -> dict[str, Any]:
    """Returns a step of the graph as plain data: the name of its op, the arguments, the seed.

    Args:
        node: the step, a node of the tensor graph.
        markers: list of `Marker`, one for each input of the node.
        where: str, names the step in messages.
    Raises:
        ValueError: the op has no name in files, or an argument is not plain data.
    """
    name = saved_name(node)
    if name is None:
        raise ValueError(
            f"{where} cannot be saved: it is the function {node.name!r}, which is not an operator or K "
            "function. Use these, or make it a layer of your own."
        )
    where = f"{where} ({name})"
    args, kwargs = node.fill(markers)
    return {
        "op": name,
        "args": _encode(list(args), where),
        "kwargs": _encode(kwargs, where),
        "seed": node.seed,
    }


def with_current_names(data: Mapping[str, Any]) -> dict[str, Any]:
    """Returns what `as_data`, or an earlier version of it, returned, with the current names of ops."""
    return {
        **data,
        "op": find_op(data["op"]).facts.saved_as,
        "args": _renamed(data["args"]),
        "kwargs": _renamed(data["kwargs"]),
    }


def _renamed(value: Any) -> Any:
    if isinstance(value, dict):
        if set(value) == {"call"}:
            return {"call": with_current_names(value["call"])}
        return {key: _renamed(item) for key, item in value.items()}
    return [_renamed(item) for item in value] if isinstance(value, list) else value


def _encode(value: Any, where: str) -> Any:
    """Returns an argument as plain data; see `_decode`."""
    if isinstance(value, Marker):
        return _encode_tensor(value.data, where) if isinstance(value.data, Tensor) else value.data
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


def _encode_tensor(tensor: Tensor, where: str) -> dict[str, Any]:
    """Returns a tensor that does not come from a layer as the step that computes it."""
    if tensor.node.is_leaf or tensor.node.count > 1:
        raise ValueError(
            f"{where} cannot be saved: it reads {tensor!r}, which belongs to no layer. Make it a "
            "weight of a layer of your own."
        )
    markers = [Marker(inner) for inner in tensor.node.inputs]
    return {"call": as_data(tensor.node, markers, where)}


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
            return _dtype(value["dtype"])
        return {key: _decode(item, inputs) for key, item in value.items()}
    if isinstance(value, list):
        return [_decode(item, inputs) for item in value]
    return value


def _dtype(name: Any) -> np.dtype:
    """Returns the dtype of a name, as `_encode` wrote it; NumPy would also parse descriptions of records."""
    if not isinstance(name, str) or not name.isalnum():
        raise ValueError(f"The config has the dtype {name!r:.80}; wanted a name such as 'float32'.")
    return np.dtype(name)
