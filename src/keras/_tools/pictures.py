"""Diagrams of models: `plot` draws them, `model_to_dot` describes them for Graphviz."""

import io
import os
from typing import Any

from .._base.types import FilePath
from .._files.atomic import atomic_write
from ..engine.container import Container
from .drawing import Drawing, Look, draw
from .matplotlib_writer import write_with_matplotlib
from .model_graph import built_container, edges_of, layers_of, names_of, nodes_of, shapes_of
from .svg_writer import svg_text


class Picture:
    """The diagram of a model, which a notebook shows.

    Args:
        drawing: `Drawing`.
        name: str, the model.

    Example:
        >>> from keras.layers import Dense
        >>> from keras.models import Sequential
        >>> picture = plot(Sequential([Dense(1, input_dim=4)], name="line"), to_file=None)
        >>> picture
        <Picture of 'line'>
        >>> picture.create(format="svg")[:4]
        b'<svg'
    """

    def __init__(self, drawing: Drawing, name: str) -> None:
        self._drawing = drawing
        self.name = name

    def create(self, prog: Any = None, format: str = "ps", encoding: str | None = None) -> bytes:
        """Returns the contents of a file of the diagram, bytes, as `pydot.Dot.create` does.

        Args:
            prog, encoding: ignored; pydot has them.
            format: "svg", or a format that matplotlib writes, such as "png", "pdf" or "ps".

        Raises:
            ImportError: the format needs matplotlib, which is not installed.
            ValueError: the format is unknown.
        """
        if format == "svg":
            return svg_text(self._drawing).encode()
        file = io.BytesIO()
        write_with_matplotlib(self._drawing, file, format)
        return file.getvalue()

    def save(self, path: FilePath) -> None:
        """Writes the diagram to a file, whose extension is the format; see `plot`."""
        kind = os.path.splitext(os.fspath(path))[1][1:].lower() or "png"
        with atomic_write(os.fspath(path)) as temporary, open(temporary, "wb") as file:
            file.write(self.create(format=kind))

    def _repr_svg_(self) -> str:
        return svg_text(self._drawing)

    def __repr__(self) -> str:
        return f"<Picture of {self.name!r}>"

    def __getattr__(self, name: str) -> Any:
        # The answer of `model_to_dot` without pydot: programs may ask for more than `create`.
        raise AttributeError(
            f"a Picture has no {name!r}. If you want the graph that Graphviz draws: pip install pydot."
        )


def plot(
    model: Container,
    to_file: FilePath | None = "model.png",
    show_shapes: bool = False,
    show_layer_names: bool = True,
) -> Picture:
    """Draws a model: a box for each layer, and arrows between them. Nested models show their layers.

    Layers with weights are blue. SVG has no further requirements; other formats need matplotlib
    (`pip install keras-classic[plot]`). Graphviz is not used.

    Args:
        model: a `Model` or `Sequential`.
        to_file: path of the picture. Its extension is the format: .svg, .png (the default without
            extension), .pdf, or another that matplotlib writes. The file is replaced only when the new one
            is complete. None writes no file.
        show_shapes: whether boxes show the shapes of inputs and outputs.
        show_layer_names: whether boxes show the names of the layers.

    Returns:
        `Picture`, which a notebook shows. In an SVG, a box shows the shapes and the number of parameters of
        its layer under the mouse.

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
    picture = _picture(model, show_shapes, show_layer_names)
    if to_file is not None:
        picture.save(to_file)
    return picture


def _picture(model: Container, show_shapes: bool, show_layer_names: bool) -> Picture:
    return Picture(draw(built_container(model), Look(show_shapes, show_layer_names)), model.name)


def model_to_dot(model: Container, show_shapes: bool = False, show_layer_names: bool = True) -> Any:
    """Converts a model to a graph for Graphviz.

    `model_to_dot(model).create(prog="dot", format="svg")` works without Graphviz and without pydot: the
    picture is then the one of `plot`.

    Args:
        model: a `Model` or `Sequential`.
        show_shapes: whether boxes show the shapes of inputs and outputs.
        show_layer_names: whether boxes show the names of the layers.

    Returns:
        `pydot.Dot`, or a `Picture` if pydot is not installed.

    Raises:
        TypeError: `model` is not a model.
    """
    picture = _picture(model, show_shapes, show_layer_names)
    try:
        import pydot
    except ImportError:
        return picture
    nodes = nodes_of(built_container(model))
    dot: Any = pydot.Dot()
    by_graphviz = dot.create

    def create(prog: Any = None, format: str = "ps", encoding: str | None = None) -> bytes:
        try:
            return by_graphviz(prog, format, encoding)
        except FileNotFoundError:  # there is no Graphviz
            return picture.create(prog, format)

    dot.create = create
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
