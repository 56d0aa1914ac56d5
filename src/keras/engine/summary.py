"""The table that `model.summary()` prints."""

from collections.abc import Collection, Sequence
from typing import Any

from .. import backend as K

_HEADINGS = ["Layer (type)", "Output Shape", "Param #", "Connected to"]


def print_summary(
    layers: Sequence[Any],
    relevant_nodes: Collection[str] | None = None,
    line_length: int = 100,
    positions: Sequence[float] | None = None,
) -> None:
    """Prints a line for each layer, and the numbers of parameters.

    Args:
        layers: list of layers.
        relevant_nodes: keys of the nodes that belong to the model, such as "dense_1_ib-0"; None for all.
        line_length: int, characters.
        positions: where the four columns end, as increasing fractions of the line or, if the last one is
            above 1, in characters.
    """
    positions = positions or [0.33, 0.55, 0.67, 1.0]
    ends: Any = positions
    if positions[-1] <= 1:
        ends = [int(line_length * place) for place in positions]
    print("_" * line_length)
    print(_row(_HEADINGS, ends))
    print("=" * line_length)
    for number, layer in enumerate(layers):
        for row in _layer_rows(layer, relevant_nodes):
            print(_row(row, ends))
        print(("=" if number == len(layers) - 1 else "_") * line_length)
    trainable, fixed = count_total_params(layers)
    print(f"Total params: {trainable + fixed:,}")
    print(f"Trainable params: {trainable:,}")
    print(f"Non-trainable params: {fixed:,}")
    print("_" * line_length)


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
