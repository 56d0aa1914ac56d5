"""Finds the layers between input and output tensors. The functions have no side effects."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, NoReturn, TypeVar

from .. import backend as K
from .node import Node

_Item = TypeVar("_Item")


class GraphMap(NamedTuple):
    """The layers between some inputs and outputs.

    Attributes:
        nodes: list of the nodes in topological order.
        layers: list of the layers in Keras's order: farthest from the outputs first.
        layers_by_depth: dict depth -> layers; the outputs' layers have depth 0.
        nodes_by_depth: dict depth -> nodes.
    """

    nodes: list[Node]
    layers: list[Any]
    layers_by_depth: dict[int, list[Any]]
    nodes_by_depth: dict[int, list[Node]]


def map_graph(inputs: Sequence[Any], outputs: Sequence[Any]) -> GraphMap:
    """Finds the layers that lead from the input tensors to the output tensors.

    Args:
        inputs, outputs: lists of tensors, each the output of a layer.
    Raises:
        ValueError: "Graph disconnected"; the message names the missing Input, the layers that need it and the
            nearest tensors that can be computed.
    """
    stop = {tensor.key for tensor in inputs}
    order, first_seen = _visit(outputs, stop)
    _check_connected(inputs, order, stop)
    depths, layer_depths = _depths(order)
    for tensor in inputs:
        layer, index, _ = tensor._keras_history
        node = layer.inbound_nodes[index]
        if node not in depths:  # an input that no output needs
            depths[node] = 0
            layer_depths.setdefault(layer, 0)
            first_seen.setdefault(layer, len(first_seen))
            order.insert(0, node)
    layers = sorted(first_seen, key=lambda layer: (-layer_depths[layer], first_seen[layer]))
    return GraphMap(order, layers, _group(layers, layer_depths), _group(order, depths))


def _visit(outputs: Sequence[Any], stop: Collection[Any]) -> tuple[list[Node], dict[Any, int]]:
    """Returns the nodes behind the outputs in the order of computation, and layer -> order of discovery.

    The walk ends at tensors whose keys are in `stop`.
    """
    order, done, first_seen = [], set(), {}
    stack = [(_node(tensor), tensor.key in stop, False) for tensor in reversed(outputs)]
    while stack:
        node, stopped, expanded = stack.pop()
        if expanded:
            order.append(node)
            continue
        if node in done:
            continue
        done.add(node)
        first_seen.setdefault(node.outbound_layer, len(first_seen))
        stack.append((node, stopped, True))
        if not stopped:
            inputs = reversed(node.input_tensors)
            stack.extend((_node(tensor), tensor.key in stop, False) for tensor in inputs)
    return order, first_seen


def _node(tensor: Any) -> Node:
    layer, index, _ = tensor._keras_history
    return layer.inbound_nodes[index]


def _depths(order: Sequence[Node]) -> tuple[dict[Node, int], dict[Any, int]]:
    """Returns each node's longest distance to an output; a layer has that of its farthest node."""
    depths: dict[Node, int] = {}
    layer_depths: dict[Any, int] = {}
    for node in reversed(order):
        depth = max(depths.get(node, 0), layer_depths.get(node.outbound_layer, 0))
        depths[node] = layer_depths[node.outbound_layer] = depth
        for tensor in node.input_tensors:
            source = _node(tensor)
            if source is not node:
                depths[source] = max(depth + 1, depths.get(source, 0))
    return depths, layer_depths


def _group(items: Iterable[_Item], depths: Mapping[_Item, int]) -> dict[int, list[_Item]]:
    groups: dict[int, list[_Item]] = {}
    for item in items:
        groups.setdefault(depths[item], []).append(item)
    return groups


def _check_connected(inputs: Sequence[Any], order: Sequence[Node], stop: Collection[Any]) -> None:
    """Checks that every tensor is computed from the given inputs."""
    computable = set(stop)
    for node in order:
        if all(t.key in computable for t in node.input_tensors) and not _is_source(node):
            computable.update(t.key for t in node.output_tensors)
        elif _is_source(node) and all(t.key in stop for t in node.output_tensors):
            continue
        elif _is_source(node):
            _raise_disconnected(node, inputs, order, computable)


def _is_source(node: Node) -> bool:
    """Whether the node belongs to an Input, which has no inbound layers."""
    return not node.inbound_layers


def _raise_disconnected(
    missing: Node, inputs: Iterable[Any], order: Sequence[Node], computable: Collection[Any]
) -> NoReturn:
    tensor = missing.output_tensors[0]
    users = [
        node.outbound_layer.name
        for node in order
        if any(t.key == tensor.key for t in node.input_tensors) and node is not missing
    ]
    reached = [
        f"{node.outbound_layer.name!r} {K.int_shape(node.output_tensors[0])}"
        for node in order
        if not _is_source(node) and node.output_tensors[0].key in computable
    ]
    near = "The given inputs reach no layer before it."
    if reached:
        near = f"Tensors that the given inputs do reach: {', '.join(reached[-5:])}."
    raise ValueError(
        f"Graph disconnected: cannot obtain value for tensor {tensor.name!r} of shape {tensor.shape}, the "
        f"output of layer {missing.outbound_layer.name!r}, which is needed by "
        f"{', '.join(map(repr, users[:5])) or 'an output'}. It is not among the inputs given to the model "
        f"({', '.join(repr(t._keras_history[0].name) for t in inputs)}): add it there. {near}"
    )
