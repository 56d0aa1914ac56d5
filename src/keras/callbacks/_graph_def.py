"""The graph of a model as a TensorFlow `GraphDef`, which TensorBoard draws; made without TensorFlow."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

#: Dtype -> number of TensorFlow's `DataType` (tensorflow/core/framework/types.proto).
_TYPES = {
    "float32": 1,
    "float64": 2,
    "int32": 3,
    "uint8": 4,
    "int16": 5,
    "int8": 6,
    "int64": 9,
    "bool": 10,
    "bfloat16": 14,
    "uint16": 17,
    "float16": 19,
    "uint32": 22,
    "uint64": 23,
}


def graph_def(nodes: Iterable[Any]) -> Any:
    """Creates a `GraphDef` with one node for each call of a layer.

    A node has the layer's name ("name_2" for its second call in the graph), the layer's class as its
    operation, its inputs in order, and the shapes and the dtype of its outputs.

    Args:
        nodes: Keras nodes, each after the nodes that produce its inputs.

    Returns:
        `tensorboardX.proto.graph_pb2.GraphDef`.
    """
    # protobuf makes its classes at import time, where type checkers do not see them.
    from tensorboardX.proto.graph_pb2 import GraphDef  # pyright: ignore[reportAttributeAccessIssue]

    graph = GraphDef()
    graph.versions.producer = 22  # of TensorFlow 1.2
    names: set[str] = set()
    made: dict[Any, str] = {}
    for node in nodes:
        layer = node.outbound_layer
        name = _free_name(layer.name, names)
        entry = graph.node.add(name=name, op=type(layer).__name__)
        # The input of an `InputLayer` is its own output, which no node has produced yet.
        entry.input.extend(made[tensor.key] for tensor in node.input_tensors if tensor.key in made)
        for place, tensor in enumerate(node.output_tensors):
            made[tensor.key] = f"{name}:{place}" if place else name
        _describe_outputs(entry, node.output_tensors)
    return graph


def _free_name(name: str, taken: set[str]) -> str:
    """Returns a valid TensorFlow name that is not in `taken`, and adds it to `taken`."""
    plain = re.sub(r"[^A-Za-z0-9_.\-/]", "_", name)
    plain = plain if re.match(r"[A-Za-z0-9.]", plain) else f"layer{plain}"
    free, number = plain, 1
    while free in taken:
        number += 1
        free = f"{plain}_{number}"
    taken.add(free)
    return free


def _describe_outputs(entry: Any, tensors: Sequence[Any]) -> None:
    shapes = entry.attr["_output_shapes"].list
    for tensor in tensors:
        shape = shapes.shape.add()
        for size in tensor.shape:
            shape.dim.add(size=-1 if size is None else size)
    if tensors:
        entry.attr["dtype"].type = _TYPES.get(tensors[0].dtype.name, 0)
