"""The graph of a model in TensorFlow's form, which TensorBoard draws; made without TensorFlow."""

import re

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


def graph_def(nodes):
    """A `GraphDef` with one node for each call of a layer.

    A node has the layer's name ("name_2" for its second call in the graph), the layer's class as its
    operation, its inputs in order, and the shapes and the dtype of its outputs.

    Args:
        nodes: list of Keras nodes, each behind those it takes its inputs from.
    Returns:
        `tensorboardX.proto.graph_pb2.GraphDef`.
    """
    from tensorboardX.proto.graph_pb2 import GraphDef

    graph = GraphDef()
    graph.versions.producer = 22  # of TensorFlow 1.2
    names, made = set(), {}
    for node in nodes:
        layer = node.outbound_layer
        name = _free_name(layer.name, names)
        entry = graph.node.add(name=name, op=type(layer).__name__)
        # The input of an `InputLayer` is its own output, which is not made yet.
        entry.input.extend(made[tensor.key] for tensor in node.input_tensors if tensor.key in made)
        for place, tensor in enumerate(node.output_tensors):
            made[tensor.key] = f"{name}:{place}" if place else name
        _describe_outputs(entry, node.output_tensors)
    return graph


def _free_name(name, taken):
    """A name as TensorFlow allows it that is not in the set `taken`; it is put there."""
    plain = re.sub(r"[^A-Za-z0-9_.\-/]", "_", name)
    plain = plain if re.match(r"[A-Za-z0-9.]", plain) else f"layer{plain}"
    free, number = plain, 1
    while free in taken:
        number += 1
        free = f"{plain}_{number}"
    taken.add(free)
    return free


def _describe_outputs(entry, tensors):
    shapes = entry.attr["_output_shapes"].list
    for tensor in tensors:
        shape = shapes.shape.add()
        for size in tensor.shape:
            shape.dim.add(size=-1 if size is None else size)
    if tensors:
        entry.attr["dtype"].type = _TYPES.get(tensors[0].dtype.name, 0)
