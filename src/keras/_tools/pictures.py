"""Diagrams of models: `plot` draws them, `model_to_dot` describes them for Graphviz."""

import os
from typing import Any

from .._base.types import FilePath
from .._files.atomic import atomic_write
from ..engine.container import Container
from .drawing import draw
from .matplotlib_writer import write_with_matplotlib
from .model_graph import built_container, edges_of, layers_of, names_of, nodes_of, shapes_of
from .svg_writer import write_svg


def plot(
    model: Container,
    to_file: FilePath = "model.png",
    show_shapes: bool = False,
    show_layer_names: bool = True,
) -> None:
    """Draws a model: a box for each layer, and arrows between them. Nested models show their layers.

    Layers with weights are blue. SVG has no further requirements; other formats need matplotlib
    (`pip install keras-classic[plot]`). Graphviz is not used.

    Args:
        model: a `Model` or `Sequential`.
        to_file: path of the picture. Its extension is the format: .svg, .png (the default without
            extension), .pdf, or another that matplotlib writes. The file is replaced only when the new one
            is complete.
        show_shapes: whether boxes show the shapes of inputs and outputs.
        show_layer_names: whether boxes show the names of the layers.

    Raises:
        ImportError: the format needs matplotlib, which is not installed.
        TypeError: `model` is not a model.
        ValueError: the format is unknown.

    Example:
        >>> from keras.layers import Dense
        >>> from keras.models import Sequential
        >>> model = Sequential([Dense(8, input_dim=4), Dense(1)])
        >>> plot(model, to_file="model.svg", show_shapes=True)  # doctest: +SKIP
    """
    path = os.fspath(to_file)
    kind = os.path.splitext(path)[1][1:].lower() or "png"
    drawing = draw(built_container(model), show_shapes, show_layer_names)
    with atomic_write(path) as temporary:
        if kind == "svg":
            write_svg(drawing, temporary)
        else:
            write_with_matplotlib(drawing, temporary, kind)


def model_to_dot(model: Container, show_shapes: bool = False, show_layer_names: bool = True) -> Any:
    """Converts a model to a graph for Graphviz.

    Args:
        model: a `Model` or `Sequential`.
        show_shapes: whether boxes show the shapes of inputs and outputs.
        show_layer_names: whether boxes show the names of the layers.

    Returns:
        `pydot.Dot`.

    Raises:
        ImportError: pydot is not installed.
        TypeError: `model` is not a model.
    """
    try:
        import pydot
    except ImportError as error:
        raise ImportError(
            "model_to_dot needs pydot: pip install pydot. (`plot` needs neither pydot nor Graphviz.)"
        ) from error
    nodes = nodes_of(built_container(model))
    dot = pydot.Dot()
    dot.set("rankdir", "TB")
    dot.set("concentrate", True)
    dot.set_node_defaults(shape="record")
    for layer in layers_of(nodes):
        name, class_name = names_of(layer)
        label = _record(f"{name}: {class_name}" if show_layer_names else class_name)
        if show_shapes:
            rows = [_record(", ".join(shapes_of(layer, nodes, which))) for which in ("input", "output")]
            label = f"{label}\\n|{{input:|output:}}|{{{{{rows[0]}}}|{{{rows[1]}}}}}"
        dot.add_node(pydot.Node(str(id(layer)), label=label))
    for source, target in edges_of(nodes):
        dot.add_edge(pydot.Edge(str(id(source)), str(id(target))))
    return dot


def _record(text: str) -> str:
    """Escapes the characters that have a meaning in the label of a record."""
    return "".join(f"\\{c}" if c in '\\{}|<>"' else c for c in text)
