"""Operators and K functions on layers' outputs, as layers.

`Model(x, 2 * Dense(3)(x))` needs every step from input to output to be a layer. A step that is not one
becomes an `Operation` when a model or a layer first meets it.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from .. import backend as K
from .._base.types import Config
from .._graph import Node as GraphNode
from .._graph import Tensor, ancestors, replay
from ..backend.saved_ops import find_op, saved_name
from .files.registry import register
from .layer import Layer
from .node import Node, to_list


class Operation(Layer):
    """One op of the graph as a layer without weights.

    Args:
        op: str, the op's name in files: an operator or a K function.
        args: list, its positional arguments as plain data: {"input": i} for the layer's i-th input.
        kwargs: dict, its keyword arguments, likewise.
        seed: int for random ops, else None.
        **layer_kwargs: arguments of `Layer`.
    """

    _keeps_dtypes = True  # as when it was not yet a layer

    def __init__(
        self,
        op: str | None = None,
        args: Any = None,
        kwargs: Any = None,
        seed: int | None = None,
        **layer_kwargs: Any,
    ) -> None:
        if op is not None and "name" not in layer_kwargs:
            layer_kwargs["name"] = f"{op.strip('_')}_{K.get_uid(op.strip('_'))}"
        super().__init__(**layer_kwargs)
        self.op = op
        self.args = args
        self.kwargs = kwargs
        self.seed = seed
        self.node: Any = None  # the step of the graph, where the layer was not made from a config
        self.built = True

    @classmethod
    def of(cls, node: GraphNode) -> "Operation":
        """The layer for a node of the graph."""
        layer = cls(name=f"{node.name.strip('_<>')}_{K.get_uid(node.name.strip('_<>'))}")
        layer.node = node
        return layer

    @classmethod
    def adopt(cls, tensors: Sequence[Tensor]) -> None:
        """Makes layers of the steps of the graph between layers' outputs and these tensors.

        A step that depends on no layer's output (a variable times two) stays part of the step that uses it.
        """
        nodes = [node for node in _raw_nodes(tensors) if not node.is_leaf]
        outputs = {t.key: t for t in tensors}
        for node in nodes:
            outputs.update({t.key: t for t in node.inputs})
        from_layers: set[GraphNode] = set()
        for node in nodes:
            if any(K.is_keras_tensor(t) or t.node in from_layers for t in node.inputs):
                from_layers.add(node)
                _make_layer(node, outputs)

    def call(self, x: Any, mask: Any = None) -> Any:
        tensors = to_list(x)
        if self.node is None:
            outputs = _call(vars(self), tensors)
            return list(outputs) if isinstance(outputs, tuple) else outputs
        given = iter(tensors)
        inputs = [next(given) if place is None else place for place in self.captured]
        outputs = replay(self.node, inputs)
        return list(outputs) if isinstance(outputs, tuple) else outputs

    @property
    def captured(self) -> list[Tensor | None]:
        """For each input of the node: None if it is the output of a layer, else the tensor itself."""
        return [None if K.is_keras_tensor(t) else t for t in self.node.inputs]

    def get_config(self) -> Config:
        config = super().get_config()
        if self.node is None:
            data = {"op": self.op, "args": self.args, "kwargs": self.kwargs, "seed": self.seed}
            return {**config, **(data if self.op is None else _with_current_names(data))}
        inputs = iter(range(len(self.node.inputs)))
        markers = [_Marker({"input": next(inputs)} if t is None else t) for t in self.captured]
        return {**config, **_as_data(self.node, markers, f"Layer {self.name!r}")}


class _Marker:
    """Replaces an input among a node's arguments: plain data, or a tensor that belongs to no layer."""

    def __init__(self, data: Any) -> None:
        self.data = data


def _raw_nodes(tensors: Iterable[Tensor]) -> list[GraphNode]:
    """The nodes behind the tensors up to the outputs of layers, in the order in which they were made."""
    known = set()
    frontier = list(tensors)
    seen = set()
    while frontier:
        tensor = frontier.pop()
        if tensor.key in seen:
            continue
        seen.add(tensor.key)
        if K.is_keras_tensor(tensor):
            known.add(tensor.key)
        else:
            frontier.extend(tensor.node.inputs)
    return ancestors(tensors, known)


def _make_layer(node: GraphNode, outputs: Mapping[Any, Tensor]) -> None:
    layer = Operation.of(node)
    inputs = [t for t in node.inputs if K.is_keras_tensor(t)]
    sources = [t._keras_history for t in inputs]
    layers, node_indices, places = (list(part) for part in zip(*sources, strict=True))
    masks = [source.inbound_nodes[i].output_masks[k] for source, i, k in sources]
    layer.compute_mask(inputs, masks)
    tensors = [outputs.get((node, index)) for index in range(node.count)]
    # An output that nothing reads still needs a tensor.
    tensors = [t if t is not None else Tensor((), np.float32, node, index) for index, t in enumerate(tensors)]
    none = [None] * len(tensors)
    Node(layer, layers, node_indices, places, inputs, tensors, masks, none, None, None)


def _call(data: Mapping[str, Any], inputs: Sequence[Tensor]) -> Any:
    """Records the step that `_as_data` described, on these inputs."""
    args, kwargs = _decode(data["args"], inputs), _decode(data["kwargs"], inputs)
    if data["seed"] is not None:
        kwargs["seed"] = data["seed"]
    return find_op(data["op"])(*args, **kwargs)


def _as_data(node: GraphNode, markers: Iterable[_Marker], where: str) -> dict[str, Any]:
    """A step of the graph as plain data: the op's name, its arguments, its seed.

    Args:
        node: the step.
        markers: one for each of the node's inputs.
        where: str for messages.
    """
    name = saved_name(node)
    if name is None:
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


def _with_current_names(data: Mapping[str, Any]) -> dict[str, Any]:
    """What `_as_data` or an earlier version of it returned, with the names that ops have in files today."""
    return {
        **data,
        "op": find_op(data["op"]).facts.saved_as,
        "args": _renamed(data["args"]),
        "kwargs": _renamed(data["kwargs"]),
    }


def _renamed(value: Any) -> Any:
    if isinstance(value, dict):
        if set(value) == {"call"}:
            return {"call": _with_current_names(value["call"])}
        return {key: _renamed(item) for key, item in value.items()}
    return [_renamed(item) for item in value] if isinstance(value, list) else value


def _encode(value: Any, where: str) -> Any:
    """Arguments as plain data."""
    if isinstance(value, _Marker):
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
    """A tensor that no layer returned, as the step that computes it."""
    if tensor.node.is_leaf or tensor.node.count > 1:
        raise ValueError(
            f"{where} cannot be saved: it reads {tensor!r}, which belongs to no layer. Make it a "
            "weight of a layer of your own."
        )
    markers = [_Marker(inner) for inner in tensor.node.inputs]
    return {"call": _as_data(tensor.node, markers, where)}


def _decode(value: Any, inputs: Sequence[Tensor]) -> Any:
    if isinstance(value, dict):
        if set(value) == {"input"}:
            return inputs[value["input"]]
        if set(value) == {"call"}:
            return _call(value["call"], inputs)
        if set(value) == {"tuple"}:
            return tuple(_decode(item, inputs) for item in value["tuple"])
        if set(value) == {"dtype"}:
            return np.dtype(value["dtype"])
        return {key: _decode(item, inputs) for key, item in value.items()}
    if isinstance(value, list):
        return [_decode(item, inputs) for item in value]
    return value


register(Operation)
