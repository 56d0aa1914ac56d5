"""Operators and K functions on layers' outputs, as layers.

`Model(x, 2 * Dense(3)(x))` needs every step from input to output to be a layer. A step that is not one
becomes an `Operation` when a model or a layer first meets it.
"""

from typing import Any

import numpy as np

from .. import backend as K
from .._graph import Tensor, ancestors, replay
from .._graph import operators as _operators
from ..backend import OPS
from .files.registry import register
from .layer import Layer
from .node import Node, to_list


class Operation(Layer):
    """One op of the graph as a layer without weights.

    Args:
        op: str, the op's name among the operators and K functions.
        args: list, its positional arguments as plain data: {"input": i} for the layer's i-th input.
        kwargs: dict, its keyword arguments, likewise.
        seed: int for random ops, else None.
    """

    _keeps_dtypes = True  # as when it was no layer yet

    def __init__(self, op=None, args: Any = None, kwargs: Any = None, seed=None, **layer_kwargs):
        if op is not None and "name" not in layer_kwargs:
            layer_kwargs["name"] = f"{op.strip('_')}_{K.get_uid(op.strip('_'))}"
        super().__init__(**layer_kwargs)
        self.op = op
        self.args = args
        self.kwargs = kwargs
        self.seed = seed
        self.node: Any = None  # the step itself, where it was made by hand and not from a config
        self.built = True

    @classmethod
    def of(cls, node):
        """The layer for a node of the graph."""
        layer = cls(name=f"{node.name.strip('_<>')}_{K.get_uid(node.name.strip('_<>'))}")
        layer.node = node
        return layer

    @classmethod
    def adopt(cls, tensors):
        """Makes layers of the graph steps between layers' outputs and these tensors.

        A step that depends on no layer's output (a variable times two) stays part of the step that uses it.
        """
        wanted = {t.key: t for t in tensors}
        nodes = [node for node in _raw_nodes(tensors) if node.rule is not None]
        outputs = dict(wanted)
        for node in nodes:
            outputs.update({t.key: t for t in node.inputs})
        from_layers = set()
        for node in nodes:
            if any(K.is_keras_tensor(t) or t.node in from_layers for t in node.inputs):
                from_layers.add(node)
                _make_layer(node, outputs)

    def call(self, x, mask=None):
        tensors = to_list(x)
        if self.node is None:
            outputs = _call(vars(self), tensors)
            return list(outputs) if isinstance(outputs, tuple) else outputs
        given = iter(tensors)
        inputs = [next(given) if place is None else place for place in self.captured]
        outputs = replay(self.node, inputs)
        return list(outputs) if isinstance(outputs, tuple) else outputs

    @property
    def captured(self):
        """For each input of the node: None where a layer gives it, else the tensor itself."""
        return [None if K.is_keras_tensor(t) else t for t in self.node.inputs]

    def get_config(self):
        config = super().get_config()
        if self.node is None:
            return {**config, "op": self.op, "args": self.args, "kwargs": self.kwargs, "seed": self.seed}
        inputs = iter(range(len(self.node.inputs)))
        markers = [_Marker({"input": next(inputs)} if t is None else t) for t in self.captured]
        return {**config, **_as_data(self.node, markers, f"Layer {self.name!r}")}


class _Marker:
    def __init__(self, data):
        self.data = data


def _raw_nodes(tensors):
    """The nodes behind the tensors, not going past outputs of layers; in order of making."""
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


def _make_layer(node, outputs):
    layer = Operation.of(node)
    inputs = [t for t in node.inputs if K.is_keras_tensor(t)]
    sources = [t._keras_history for t in inputs]
    layers, node_indices, places = (list(part) for part in zip(*sources, strict=True))
    masks = [source.inbound_nodes[i].output_masks[k] for source, i, k in sources]
    layer.compute_mask(inputs, masks)
    tensors = [outputs.get((node, index)) for index in range(node.count)]
    # An output that nothing reads still has its place.
    tensors = [t if t is not None else Tensor((), np.float32, node, index) for index, t in enumerate(tensors)]
    none = [None] * len(tensors)
    Node(layer, layers, node_indices, places, inputs, tensors, masks, none, None, None)


def _call(data, inputs):
    """Records the step that `_as_data` described, on these inputs."""
    args, kwargs = _decode(data["args"], inputs), _decode(data["kwargs"], inputs)
    if data["seed"] is not None:
        kwargs["seed"] = data["seed"]
    return _find(data["op"])(*args, **kwargs)


def _find(name):
    if name in _operators.OPERATORS:
        return _operators.OPERATORS[name]
    if name in OPS:
        return OPS[name]
    raise ValueError(f"Operation: unknown op {name!r}; a file may name only operators and K functions.")


def _as_data(node, markers, where):
    """A step of the graph as plain data: the op's name, its arguments, its seed.

    Args:
        markers: what stands for each of the node's inputs: data, or a tensor that no layer gives.
        where: str for messages.
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


def _encode(value, where):
    """Arguments as plain data."""
    if isinstance(value, _Marker) and not isinstance(value.data, Tensor):
        return value.data
    if isinstance(value, _Marker):
        tensor = value.data
        if tensor.node.rule is None or tensor.node.count > 1:
            raise ValueError(
                f"{where} cannot be saved: it reads {tensor!r}, which belongs to no layer. Make it a "
                "weight of a layer of your own."
            )
        markers = [_Marker(inner) for inner in tensor.node.inputs]
        return {"call": _as_data(tensor.node, markers, where)}
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


def _decode(value, inputs) -> Any:
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
