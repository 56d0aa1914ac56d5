"""The table that `model.summary()` prints."""

import math
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any

import jax
import numpy as np

from .. import backend as K
from .._graph import placement

_HEADINGS = ["Layer (type)", "Output Shape", "Param #", "Connected to"]
_UNITS = ["bytes", "kB", "MB", "GB", "TB"]


def print_summary(
    layers: Sequence[Any],
    relevant_nodes: Collection[str] | None = None,
    line_length: int = 100,
    positions: Sequence[float] | None = None,
    print_fn: Callable[[str], Any] = print,
    expand: bool = False,
) -> None:
    """Prints a line for each layer, and the numbers of parameters.

    Args:
        layers: list of layers.
        relevant_nodes: keys of the nodes that belong to the model, such as "dense_1_ib-0"; None for all.
        line_length: int, characters.
        positions: where the four columns end, as increasing fractions of the line or, if the last one is
            above 1, in characters.
        print_fn: function that is called with each line.
        expand: whether to list the layers of models inside as well, whether each layer is trained, and the
            memory that weights and outputs take.
    """
    positions, headings = list(positions or [0.33, 0.55, 0.67, 1.0]), _HEADINGS
    if expand:
        headings = [*_HEADINGS[:3], "Trainable", _HEADINGS[3]]
        positions.insert(3, positions[2] + (positions[3] - positions[2]) / 3)
    ends: Any = [int(place * (line_length if positions[-1] <= 1 else 1)) for place in positions]
    print_fn("_" * line_length)
    print_fn(_row(headings, ends))
    print_fn("=" * line_length)
    trained = {weight for layer in layers for weight in layer.trainable_weights}
    listed = list(expanded(layers, relevant_nodes)) if expand else [(0, x, relevant_nodes) for x in layers]
    for number, (depth, layer, nodes) in enumerate(listed):
        for row in _layer_rows(layer, nodes):
            if expand:
                row = [
                    "  " * depth + row[0],
                    *row[1:3],
                    trainable_mark(layer, trained) if row[0] else "",
                    *row[3:],
                ]
            print_fn(_row(row, ends))
        print_fn(("=" if number == len(listed) - 1 else "_") * line_length)
    trainable, fixed = count_total_params(layers)
    print_fn(f"Total params: {trainable + fixed:,}")
    print_fn(f"Trainable params: {trainable:,}")
    print_fn(f"Non-trainable params: {fixed:,}")
    if expand:
        print_fn(memory_text(layers, relevant_nodes))
    print_fn("_" * line_length)


def expanded(
    layers: Sequence[Any], relevant_nodes: Collection[str] | None = None, depth: int = 0
) -> Iterator[tuple[int, Any, Collection[str] | None]]:
    """Yields (depth, layer, keys of the nodes of its model) for layers and those of models inside them.

    Args:
        layers, relevant_nodes: as in `print_summary`.
        depth: int, the number of models around these layers.
    """
    for layer in layers:
        yield depth, layer, relevant_nodes
        model = model_inside(layer)
        if model is not None:
            inner = getattr(model, "flattened_layers", model.layers)
            yield from expanded(inner, model.container_nodes, depth + 1)


def model_inside(layer: Any) -> Any:
    """Returns the model that a layer is or wraps, or None."""
    inner = layer if hasattr(layer, "container_nodes") else getattr(layer, "layer", None)
    return inner if hasattr(inner, "container_nodes") else None


def trainable_mark(layer: Any, trained: Collection[Any]) -> str:
    """Returns whether training changes the weights of a layer: "yes", "no", "partly"; "" without weights.

    Args:
        layer: the layer.
        trained: set of the weights that are trained: a layer may be inside a frozen model.
    """
    marks = {weight in trained for weight in layer.weights}
    return "" if not marks else "partly" if len(marks) == 2 else "yes" if marks == {True} else "no"


def memory_text(layers: Sequence[Any], relevant_nodes: Collection[str] | None = None) -> str:
    """Returns a line on the memory that the weights take, and the outputs of all layers for one sample.

    Args:
        layers, relevant_nodes: as in `print_summary`.
    """
    weights = {weight for layer in layers for weight in layer.weights}
    stored = sum(K.count_params(weight) * np.dtype(K.dtype(weight)).itemsize for weight in weights)
    outputs, is_all = _output_bytes(layers, relevant_nodes)
    more = "" if is_all else " and more, of unknown size,"
    return f"Memory: weights {_size(stored)}; outputs of all layers {_size(outputs)}{more} a sample"


def _output_bytes(layers: Sequence[Any], relevant_nodes: Collection[str] | None) -> tuple[int, bool]:
    """Returns the size of the outputs of all calls for one sample, and whether all sizes are known."""
    total, is_all = 0, True
    for layer in layers:
        model = model_inside(layer)
        for number, node in enumerate(layer.inbound_nodes):
            if relevant_nodes and f"{layer.name}_ib-{number}" not in relevant_nodes:
                continue
            if model is not None and model is layer:  # its outputs are those of its last layers
                inside = getattr(model, "flattened_layers", model.layers)
                size, is_known = _output_bytes(inside, model.container_nodes)
            else:
                shapes = [tensor.shape[1:] for tensor in node.output_tensors]
                # How often a wrapper runs its model depends on the wrapper.
                is_known = model is None and not any(None in shape for shape in shapes)
                known = [math.prod(shape) for shape in shapes if None not in shape]
                size = sum(known) * node.output_tensors[0].dtype.itemsize
            total, is_all = total + size, is_all and is_known
    return total, is_all


def _size(count: int) -> str:
    place = min(int(math.log(count, 1000)), len(_UNITS) - 1) if count else 0
    return f"{count / 1000**place:.{1 if place else 0}f} {_UNITS[place]}"


def print_placement(
    weights: Sequence[Any],
    updated: Sequence[Any],
    line_length: int = 100,
    print_fn: Callable[[str], Any] = print,
) -> None:
    """Prints which axes of weights are divided over devices, and how many bytes each device holds.

    Args:
        weights: list of variables.
        updated: list of the variables that training updates; those that are not weights are summed up.
        line_length: int, characters.
        print_fn: function that is called with each line.
    """
    place = placement.current()
    others = [variable for variable in updated if variable not in set(weights)]
    place.settle([*weights, *others])
    ends = [int(line_length * end) for end in (0.33, 0.55, 0.77, 1.0)]
    print_fn(_row(["Weight", "Shape", "Divided by", "Bytes per device"], ends))
    print_fn("=" * line_length)
    for weight in weights:
        divisions = "-" if weight.sparse else _text(place.divisions(weight.value))
        print_fn(_row([weight.name, weight.shape, divisions, f"{_bytes_per_device([weight]):,}"], ends))
    print_fn("=" * line_length)
    print_fn(f"Weights: {_bytes_per_device(weights):,} bytes per device")
    if others:
        print_fn(f"Other variables of training: {_bytes_per_device(others):,} bytes per device")
    print_fn(f"On {place.devices()}")
    print_fn("_" * line_length)


def _text(divisions: tuple[str | None, ...]) -> str:
    return str(divisions) if any(divisions) else "-"


def _bytes_per_device(variables: Sequence[Any]) -> int:
    """The bytes of the parts that one device holds."""
    return sum(
        shard.data.nbytes
        for variable in variables
        for array in jax.tree.leaves(variable.value)
        for shard in getattr(array, "addressable_shards", ())[:1]
    )


def count_total_params(layers: Sequence[Any], layer_set: Any = None) -> tuple[int, int]:
    """Counts the parameters of layers, each variable once.

    Args:
        layers: list of layers; models among them count with all their layers.
        layer_set: ignored; old programs pass it.
    Returns:
        (trainable, non-trainable), ints.
    """
    trainable = {weight for layer in layers for weight in layer.trainable_weights}
    fixed = {weight for layer in layers for weight in layer.non_trainable_weights} - trainable
    return sum(map(K.count_params, trainable)), sum(map(K.count_params, fixed))


def _layer_rows(layer: Any, relevant_nodes: Collection[str] | None) -> list[list[Any]]:
    """Returns the rows of a layer: one, and one more for each input after the first."""
    try:
        shape = layer.output_shape
    except AttributeError:
        shape = "multiple"
    sources = [
        f"{source.name}[{index}][{place}]"
        for number, node in enumerate(layer.inbound_nodes)
        if not relevant_nodes or f"{layer.name}_ib-{number}" in relevant_nodes
        for source, index, place in node.sources()
    ]
    first = [f"{layer.name} ({type(layer).__name__})", shape, layer.count_params(), *sources[:1]]
    return [first, *(["", "", "", source] for source in sources[1:])]


def _row(fields: Sequence[Any], ends: Sequence[int]) -> str:
    line = ""
    for field, end in zip(fields, ends, strict=False):
        line = (line + str(field))[: end - 1].ljust(end)
    return line.rstrip()
