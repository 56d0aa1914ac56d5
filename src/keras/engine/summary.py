"""The table that `model.summary()` prints."""

from .. import backend as K

_HEADINGS = ["Layer (type)", "Output Shape", "Param #", "Connected to"]


def print_summary(layers, relevant_nodes=None, line_length=100, positions=None):
    """Prints a line for each layer, and the numbers of parameters.

    Args:
        layers: list of layers.
        relevant_nodes: names of the nodes that belong to the model; all if None.
        line_length: int, characters.
        positions: four increasing fractions of the line, where the columns end.
    """
    positions = positions or [0.33, 0.55, 0.67, 1.0]
    if positions[-1] <= 1:
        positions = [int(line_length * place) for place in positions]
    print("_" * line_length)
    print(_row(_HEADINGS, positions))
    print("=" * line_length)
    for number, layer in enumerate(layers):
        for row in _layer_rows(layer, relevant_nodes):
            print(_row(row, positions))
        print(("=" if number == len(layers) - 1 else "_") * line_length)
    trainable, fixed = count_total_params(layers)
    print(f"Total params: {trainable + fixed:,}")
    print(f"Trainable params: {trainable:,}")
    print(f"Non-trainable params: {fixed:,}")
    print("_" * line_length)


def count_total_params(layers, layer_set=None):
    """The numbers of parameters of layers, each variable counted once.

    Args:
        layers: list of layers; models among them count with all their layers.
        layer_set: not used; kept for old programs.
    Returns:
        (trainable, non-trainable), ints.
    """
    trainable = {weight for layer in layers for weight in layer.trainable_weights}
    fixed = {weight for layer in layers for weight in layer.non_trainable_weights} - trainable
    return sum(map(K.count_params, trainable)), sum(map(K.count_params, fixed))


def _layer_rows(layer, relevant_nodes):
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


def _row(fields, positions):
    line = ""
    for field, end in zip(fields, positions, strict=False):
        line = (line + str(field))[: end - 1].ljust(end)
    return line.rstrip()
