"""The graph of a container as plain data, and back."""

import collections
import copy
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from .._base.types import Config, CustomObjects
from .._graph import Tensor
from .files.entries import entry_of
from .files.places import checked, entry
from .files.registry import layer_from_config
from .node import Node, node_key, single


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
        calls = [_call_entry(layer, node, index) for node in nodes if node.inbound_layers]
        entries.append({"name": layer.name, **entry_of(layer), "inbound_nodes": calls})
    config: Config = {"layers": entries}
    for key, tensors in (("input_layers", inputs), ("output_layers", outputs)):
        sources = [tensor._keras_history for tensor in tensors]
        config[key] = [[layer.name, index[layer, i], k] for layer, i, k in sources]
    return copy.deepcopy(config)


def _call_entry(layer: Any, node: Node, index: dict[tuple[Any, int], int]) -> list[list[Any]]:
    """Returns the sources of a call; the first has the arguments of the call as a fourth part, if any."""
    sources = [[source.name, index[source, i], k] for source, i, k in node.sources()]
    if node.arguments:
        for name, value in node.arguments.items():
            if not isinstance(value, bool | int | float | str):
                raise ValueError(
                    f"Layer {layer.name!r} cannot be saved: it was called with {name}={value!r:.80}; a file "
                    "holds numbers, bools and text only."
                )
        sources[0].append(dict(node.arguments))
    return sources


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
    layers: dict[str, Any] = {}
    calls = []
    for data in entry(config, "layers", list, "the config of a Model"):
        name = entry(data, "name", str, "the entry of a layer")
        if name in layers:
            raise ValueError(f"The config has two layers named {name!r}; wanted a name of its own for each.")
        own = entry(data, "inbound_nodes", list, f"the entry of layer {name!r}")
        for node in own:
            where = f"a node of layer {name!r}"
            sources, arguments = _without_arguments(node, where)
            calls.append((name, _sources(sources, where), arguments))
        layers[name] = layer_from_config(data, custom_objects)
        # The config of a Sequential is a list, and has no place for its name; that of Keras 2 becomes one.
        if "name" not in data["config"] or data["class_name"] == "Sequential":
            layers[name].name = name
    nodes = {name: _own_nodes(layer) for name, layer in layers.items()}
    _connect(layers, nodes, calls)
    inputs, outputs = (
        _sources(entry(config, key, list, "the config of a Model"), key)
        for key in ("input_layers", "output_layers")
    )
    return _tensors(nodes, inputs), _tensors(nodes, outputs)


def model_name(config: Config) -> str | None:
    """Returns the name of the model in a config, or None if it has none."""
    name = config.get("name")
    return name if name is None else checked(name, str, "the name of a Model")


def _sources(node: Any, what: str) -> list[tuple[str, int, int]]:
    """Returns the sources [name of a layer, index of its node, place of the tensor] of a node."""
    sources = checked(node, list, what)
    if not sources or not all(map(_is_source, sources)):
        raise ValueError(
            f"{what} must be a list of [name of a layer, index of its node, index of the output], "
            f"with indices from 0 on; got {node!r:.200}"
        )
    return [tuple(source) for source in sources]


def _without_arguments(node: Any, where: str) -> tuple[Any, Config]:
    """Returns the sources of a node and the arguments of its call, the fourth part of the first source."""
    if not isinstance(node, list) or not node or not isinstance(node[0], list) or len(node[0]) != 4:
        return node, {}
    arguments = checked(node[0][3], dict, f"the arguments of {where}")
    for name, value in arguments.items():
        if not isinstance(name, str) or not isinstance(value, bool | int | float | str):
            raise ValueError(
                f"the arguments of {where} must be numbers, bools or text; got {arguments!r:.200}."
            )
    return [node[0][:3], *node[1:]], arguments


def _is_source(source: Any) -> bool:
    """Whether it is such a triple; a negative index would mean another node of a longer list."""
    if not isinstance(source, list | tuple) or len(source) != 3:
        return False
    name, *indices = source
    whole = all(isinstance(i, int) and not isinstance(i, bool) and i >= 0 for i in indices)
    return isinstance(name, str) and whole


def _own_nodes(layer: Any) -> list[Node]:
    """Returns the node that a layer has without being called: that of an Input, or a model's definition."""
    return [node for node in layer.inbound_nodes[:1] if not node.inbound_layers]


def _connect(
    layers: dict[str, Any], nodes: dict[str, list[Node]], calls: Iterable[tuple[str, list[Any], Config]]
) -> None:
    """Calls the layers on each other's outputs; a call waits until its inputs exist.

    Args:
        layers: dict name -> layer.
        nodes: dict name -> the nodes of the layer in this graph, to which those of the calls are added; a
            shared layer has nodes in other graphs, too.
        calls: tuples (name, sources, arguments); a source is [name, index of node, place]. The calls of a
            layer keep their order.
    """
    queues: dict[str, collections.deque[tuple[list[Any], Config]]] = {}
    for name, sources, arguments in calls:
        queues.setdefault(name, collections.deque()).append((sources, arguments))
    lacking: dict[str, int] = {}  # name -> how many sources its next call still lacks
    waiting: dict[tuple[str, int], list[str]] = {}  # (name, index of node) -> whose next call needs it

    def can_call_next(name: str) -> bool:
        missing = {(source, i) for source, i, _ in queues[name][0][0] if not _has_node(nodes, source, i)}
        lacking[name] = len(missing)
        for node in missing:
            waiting.setdefault(node, []).append(name)
        return not missing

    ready = collections.deque(name for name in list(queues) if can_call_next(name))
    while ready:
        name = ready.popleft()
        (sources, arguments), layer = queues[name].popleft(), layers[name]
        layer(single(_tensors(nodes, sources)), **arguments)
        nodes[name].append(layer.inbound_nodes[-1])
        if not queues[name]:
            del queues[name]
        elif can_call_next(name):
            ready.append(name)
        for other in waiting.pop((name, len(nodes[name]) - 1), ()):
            lacking[other] -= 1
            if not lacking[other]:
                ready.append(other)
    for name, ((sources, _), *_) in queues.items():
        raise ValueError(
            f"The config's nodes do not fit together: layer {name!r} needs {sources}, which no layer before "
            "it makes."
        )


def _tensors(nodes: dict[str, list[Node]], sources: Iterable[Any]) -> list[Tensor]:
    return [_tensor(nodes, *source) for source in sources]


def _tensor(nodes: dict[str, list[Node]], name: str, node_index: int, place: int) -> Tensor:
    if not _has_node(nodes, name, node_index):
        raise ValueError(f"The config names node {node_index} of layer {name!r}, which it does not make.")
    outputs = nodes[name][node_index].output_tensors
    if place >= len(outputs):
        raise ValueError(
            f"The config names output {place} of node {node_index} of layer {name!r}, which has "
            f"{len(outputs)}."
        )
    return outputs[place]


def _has_node(nodes: dict[str, list[Node]], name: str, node_index: int) -> bool:
    return name in nodes and node_index < len(nodes[name])
