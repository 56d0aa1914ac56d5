"""The graph of a container as plain data, and back."""

import collections
import copy
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from .._base.types import Config, CustomObjects
from .._graph import Tensor
from .files.registry import layer_from_config
from .node import node_key, single


def graph_to_config(
    layers: Sequence[Any],
    container_nodes: Collection[str],
    inputs: Iterable[Any],
    outputs: Iterable[Any],
) -> Config:
    """Returns a graph as plain data: the layers, their nodes, and the sources of inputs and outputs.

    Args:
        layers: list of the layers.
        container_nodes: keys of the nodes that belong to the graph; see `node_key`.
        inputs, outputs: lists of tensors.
    """
    index = _node_indices(layers, container_nodes)
    entries = []
    for layer in layers:
        nodes = [node for node in layer.inbound_nodes if node_key(node) in container_nodes]
        entries.append(
            {
                "name": layer.name,
                "class_name": type(layer).__name__,
                "config": layer.get_config(),
                "inbound_nodes": [
                    [[source.name, index[source, i], k] for source, i, k in node.sources()]
                    for node in nodes
                    if node.inbound_layers
                ],
            }
        )
    config: Config = {"layers": entries}
    for key, tensors in (("input_layers", inputs), ("output_layers", outputs)):
        sources = [tensor._keras_history for tensor in tensors]
        config[key] = [[layer.name, index[layer, i], k] for layer, i, k in sources]
    return copy.deepcopy(config)


def _node_indices(layers: Iterable[Any], container_nodes: Collection[str]) -> dict[tuple[Any, int], int]:
    """Returns (layer, index of its node) -> index among those of its nodes that are in the container."""
    indices = {}
    for layer in layers:
        count = int(layer._node_0_is_definition)  # `graph_from_config` makes this node, too
        for i, node in enumerate(layer.inbound_nodes):
            if node_key(node) in container_nodes:
                indices[layer, i] = count
                count += 1
    return indices


def graph_from_config(
    config: Config, custom_objects: CustomObjects | None = None
) -> tuple[list[Tensor], list[Tensor]]:
    """Makes the layers of a graph, with new weights, and connects them.

    Args:
        config: dict as `graph_to_config` returns it.
        custom_objects: dict name -> class or function, or None.
    Returns:
        (input tensors, output tensors).
    Raises:
        ValueError: a layer's class is unknown, or the nodes do not fit together.
    """
    layers = {}
    calls = []
    for data in config["layers"]:
        layers[data["name"]] = layer_from_config(data, custom_objects)
        calls += [(data["name"], sources) for sources in data["inbound_nodes"]]
    _connect(layers, calls)
    return _tensors(layers, config["input_layers"]), _tensors(layers, config["output_layers"])


def _connect(layers: dict[str, Any], calls: Iterable[tuple[str, list[Any]]]) -> None:
    """Calls the layers on each other's outputs; a call waits until its inputs exist.

    Args:
        layers: dict name -> layer.
        calls: pairs (name, sources); a source is [name, index of node, place]. The calls of a layer keep
            their order.
    """
    queues: dict[str, collections.deque[list[Any]]] = {}
    for name, sources in calls:
        queues.setdefault(name, collections.deque()).append(sources)
    lacking: dict[str, int] = {}  # name -> how many sources its next call still lacks
    waiting: dict[tuple[str, int], list[str]] = {}  # (name, index of node) -> whose next call needs it

    def can_call_next(name: str) -> bool:
        missing = {(source, i) for source, i, _ in queues[name][0] if not _has_node(layers, source, i)}
        lacking[name] = len(missing)
        for node in missing:
            waiting.setdefault(node, []).append(name)
        return not missing

    ready = collections.deque(name for name in list(queues) if can_call_next(name))
    while ready:
        name = ready.popleft()
        sources, layer = queues[name].popleft(), layers[name]
        layer(single([layers[source].inbound_nodes[i].output_tensors[k] for source, i, k in sources]))
        if not queues[name]:
            del queues[name]
        elif can_call_next(name):
            ready.append(name)
        for other in waiting.pop((name, len(layer.inbound_nodes) - 1), ()):
            lacking[other] -= 1
            if not lacking[other]:
                ready.append(other)
    for name, (sources, *_) in queues.items():
        raise ValueError(
            f"The config's nodes do not fit together: layer {name!r} needs {sources}, which no layer before "
            "it makes."
        )


def _tensors(layers: dict[str, Any], sources: Iterable[Any]) -> list[Tensor]:
    tensors = []
    for name, node_index, place in sources:
        if not _has_node(layers, name, node_index):
            raise ValueError(f"The config names node {node_index} of layer {name!r}, which it does not make.")
        tensors.append(layers[name].inbound_nodes[node_index].output_tensors[place])
    return tensors


def _has_node(layers: dict[str, Any], name: str, node_index: int) -> bool:
    return name in layers and node_index < len(layers[name].inbound_nodes)
