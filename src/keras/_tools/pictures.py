"""Pictures of models."""

import os
from collections import Counter
from typing import NamedTuple
from xml.sax.saxutils import escape

from .._files.atomic import atomic_write
from .._tools.layered import arrange
from ..engine.container import Container
from ..engine.layer import InputLayer
from ..layers import Wrapper

# All lengths are points, 1/72 inch; y runs downwards.
_MARGIN = 14
_PADDING = 10
_LOOP = 26
_MAX_CHARACTERS = 48
_MAX_ROWS = 6
_MAX_PIXELS = 30000
_DOTS_PER_INCH = 144
_FONTS = "'DejaVu Sans', Verdana, Helvetica, Arial, sans-serif"
_LINE, _INK, _FAINT = "#5b6775", "#1d2733", "#55606c"
_FILLS = {"input": "#eceff3", "weights": "#dbe9f9", "plain": "#ffffff", "model": "#f8fafc"}


def plot(model, to_file="model.png", show_shapes=False, show_layer_names=True):
    """Draws a model: a box for each layer, arrows from layer to layer, models inside with their layers.

    Layers with weights are blue. SVG needs nothing else; other formats need matplotlib
    (`pip install keras-classic[plot]`). Graphviz is not used.

    Args:
        model: a `Model` or `Sequential`.
        to_file: path of the picture. The ending says the format: .svg, .png (also without ending),
            .pdf, or what else matplotlib writes. The file is replaced when the new one is complete.
        show_shapes: whether boxes also tell the shapes of inputs and outputs.
        show_layer_names: whether boxes tell the layers' names.
    Raises:
        ImportError: if the format needs matplotlib and it is not installed.
        ValueError: if the format is unknown.

    Example:
        >>> from keras.layers import Dense
        >>> from keras.models import Sequential
        >>> model = Sequential([Dense(8, input_dim=4), Dense(1)])
        >>> plot(model, to_file="model.svg", show_shapes=True)  # doctest: +SKIP
    """
    path = os.fspath(to_file)
    kind = os.path.splitext(path)[1][1:].lower() or "png"
    picture = _picture(_container(model), show_shapes, show_layer_names)
    write = _write_svg if kind == "svg" else _write_with_matplotlib
    with atomic_write(path) as temporary:
        write(picture, temporary, kind)


def model_to_dot(model, show_shapes=False, show_layer_names=True):
    """The model as a graph for Graphviz.

    Args:
        model: a `Model` or `Sequential`.
        show_shapes: whether boxes also tell the shapes of inputs and outputs.
        show_layer_names: whether boxes tell the layers' names.
    Returns:
        `pydot.Dot`.
    Raises:
        ImportError: if pydot is not installed.
    """
    try:
        import pydot
    except ImportError as error:
        raise ImportError(
            "model_to_dot needs pydot: pip install pydot. (`plot` needs neither pydot nor Graphviz.)"
        ) from error
    nodes = _nodes(_container(model))
    dot = pydot.Dot()
    dot.set("rankdir", "TB")
    dot.set("concentrate", True)
    dot.set_node_defaults(shape="record")
    for layer in _layers(nodes):
        name, class_name = _names(layer)
        label = _record(f"{name}: {class_name}" if show_layer_names else class_name)
        if show_shapes:
            rows = [_record(", ".join(_shapes(layer, nodes, which))) for which in ("input", "output")]
            label = f"{label}\\n|{{input:|output:}}|{{{{{rows[0]}}}|{{{rows[1]}}}}}"
        dot.add_node(pydot.Node(str(id(layer)), label=label))
    for source, target in _edges(nodes):
        dot.add_edge(pydot.Edge(str(id(source)), str(id(target))))
    return dot


def _record(text):
    """Text with the characters escaped that mean something in a record's label."""
    return "".join(f"\\{c}" if c in '\\{}|<>"' else c for c in text)


# --- what the model says -------------------------------------------------------------------------


def _container(model):
    if not isinstance(model, Container):
        raise TypeError(f"plot: wanted a Model or Sequential; got {type(model).__name__}: {model!r}.")
    if not model.built:
        model.build(None)
    return model


def _nodes(model):
    """The calls of layers in a model, every one behind those it needs."""
    return [node for depth in sorted(model.nodes_by_depth)[::-1] for node in model.nodes_by_depth[depth]]


def _layers(nodes):
    return list(dict.fromkeys(node.outbound_layer for node in nodes))


def _edges(nodes):
    """Pairs (layer, layer it gives an output to), each once."""
    pairs = [
        (tensor._keras_history[0], node.outbound_layer)
        for node in nodes
        if node.inbound_layers
        for tensor in node.input_tensors
    ]
    return list(dict.fromkeys(pairs))


def _names(layer):
    """(name, class name) as the picture has them; a wrapper's tell what is inside."""
    if isinstance(layer, Wrapper):
        return (
            f"{layer.name}({layer.layer.name})",
            f"{type(layer).__name__}({type(layer.layer).__name__})",
        )
    return layer.name, type(layer).__name__


def _shapes(layer, nodes, which):
    """The shapes of a layer's inputs or outputs as texts: "(None, 8)", "2 x (None, 8)"."""
    calls = [getattr(node, f"{which}_shapes") for node in nodes if node.outbound_layer is layer]
    same = all(list(map(tuple, call)) == list(map(tuple, calls[0])) for call in calls)
    shapes = calls[0] if same else dict.fromkeys(tuple(shape) for call in calls for shape in call)
    counts = Counter(tuple(shape) for shape in shapes)
    rows = [f"{count} x {shape}" if count > 1 else str(shape) for shape, count in counts.items()]
    if len(rows) > _MAX_ROWS:
        rows[_MAX_ROWS - 1 :] = [f"and {len(rows) - _MAX_ROWS + 1} more"]
    return rows


def _inner_model(layer):
    inner = layer.layer if isinstance(layer, Wrapper) else layer
    return inner if isinstance(inner, Container) else None


# --- from the model to lines and text ------------------------------------------------------------


class _Box(NamedTuple):
    x: float
    y: float
    width: float
    height: float
    fill: str


class _Text(NamedTuple):
    x: float  # of its middle
    y: float  # of its base line
    text: str
    size: float
    bold: bool
    color: str


class _Arrow(NamedTuple):
    curves: list  # of four points each


class _Rule(NamedTuple):
    x: float
    y: float
    width: float


class _Picture(NamedTuple):
    shapes: list
    width: float
    height: float


def _picture(model, show_shapes, show_layer_names):
    inside = _graph(model, show_shapes, show_layer_names)
    shapes = [_moved(shape, _MARGIN, _MARGIN) for shape in inside.shapes]
    return _Picture(shapes, inside.width + 2 * _MARGIN, inside.height + 2 * _MARGIN)


def _graph(model, show_shapes, show_layer_names):
    """The layers of a model with their arrows, the upper left corner at (0, 0)."""
    nodes = _nodes(model)
    layers = _layers(nodes)
    place = {layer: i for i, layer in enumerate(layers)}
    edges = [(place[source], place[target]) for source, target in _edges(nodes)]
    loops = {source for source, target in edges if source == target}
    edges = [edge for edge in edges if edge[0] != edge[1]]
    blocks = [_block(layer, nodes, show_shapes, show_layer_names) for layer in layers]
    room = [2 * _LOOP if i in loops else 0 for i in range(len(blocks))]
    layout = arrange([(b.width + r, b.height) for b, r in zip(blocks, room, strict=True)], edges)
    shapes = [_Arrow(curves) for curves in layout.curves]
    for i, (block, (x, y)) in enumerate(zip(blocks, layout.corners, strict=True)):
        shapes += [_moved(shape, x + room[i] / 2, y) for shape in block.shapes]
        if i in loops:
            right, middle = x + room[i] / 2 + block.width, y + block.height / 2
            shapes.append(_Arrow([_loop(right, middle)]))
    return _Picture(shapes, *layout.size)


def _loop(x, y):
    """From the right side of a box back to it: a layer that is called on its own output."""
    return (x, y + 8), (x + _LOOP, y + 16), (x + _LOOP, y - 16), (x, y - 8)


def _block(layer, nodes, show_shapes, show_layer_names):
    """The box of one layer; with the layers inside, if it is a model."""
    lines = _lines(layer, nodes, show_shapes, show_layer_names)
    width = max(_width(line.text, line.size, line.bold) for line in lines) + 2 * _PADDING
    model = _inner_model(layer)
    inside = _graph(model, show_shapes, show_layer_names) if model else _Picture([], 0, 0)
    if model:
        width = max(width, inside.width + 2 * _MARGIN)
    shapes, y = [], _PADDING * 0.6
    for number, line in enumerate(lines):
        if number and line.size < lines[number - 1].size and line.text.startswith("in "):
            shapes.append(_Rule(_PADDING, y + 3, width - 2 * _PADDING))
            y += 6
        y += line.size * 1.35
        shapes.append(line._replace(x=width / 2, y=y - line.size * 0.3))
    y += _PADDING * 0.6
    if model:
        y += _MARGIN * 0.3
        shapes += [_moved(shape, (width - inside.width) / 2, y) for shape in inside.shapes]
        y += inside.height + _MARGIN
    kind = "model" if model else _kind(layer)
    return _Picture([_Box(0, 0, width, y, _FILLS[kind]), *shapes], width, y)


def _lines(layer, nodes, show_shapes, show_layer_names):
    name, class_name = map(_shortened, _names(layer))
    lines = [_Text(0, 0, class_name, 10, not show_layer_names, _INK)]
    if show_layer_names:
        lines.insert(0, _Text(0, 0, name, 11, True, _INK))
    if show_shapes:
        for which, label in (("input", "in "), ("output", "out ")):
            rows = [_shortened(row) for row in _shapes(layer, nodes, which)]
            lines += [_Text(0, 0, label + row, 9, False, _FAINT) for row in rows]
    return lines


def _kind(layer):
    if isinstance(layer, InputLayer):
        return "input"
    return "weights" if layer.weights else "plain"


def _shortened(text):
    text = "".join(c if c.isprintable() else "?" for c in text)
    return text if len(text) <= _MAX_CHARACTERS else f"{text[: _MAX_CHARACTERS - 1]}…"


def _width(text, size, bold):
    """About how wide a text is in DejaVu Sans, a wide font: others fit, too."""
    ems = 0.0
    for c in text:
        ems += 0.36 if c in " iljtfrI.,:;!|'()[]-" else 0.96 if c in "mwMW@%" or ord(c) > 0x24F else 0.65
    return ems * size * (1.12 if bold else 1.0)


def _moved(shape, dx, dy):
    if isinstance(shape, _Arrow):
        return _Arrow([[(x + dx, y + dy) for x, y in curve] for curve in shape.curves])
    return shape._replace(x=shape.x + dx, y=shape.y + dy)


def _head(arrow):
    """The three corners of an arrow's head, and the arrow cut off where it begins."""
    start, first, second, (x, y) = arrow.curves[-1]
    dx, dy = x - second[0], y - second[1]
    length = (dx * dx + dy * dy) ** 0.5 or 1.0
    dx, dy = dx / length, dy / length
    neck = (x - 7 * dx, y - 7 * dy)
    side = (-3.2 * dy, 3.2 * dx)
    corners = [(x, y), (neck[0] + side[0], neck[1] + side[1]), (neck[0] - side[0], neck[1] - side[1])]
    return corners, [*arrow.curves[:-1], [start, first, second, (x - 5 * dx, y - 5 * dy)]]


# --- files ---------------------------------------------------------------------------------------


def _write_svg(picture, path, kind):
    width, height = picture.width, picture.height
    scale = 96 / 72  # of a browser's pixels
    with open(path, "w", encoding="utf-8") as file:
        file.write(
            '<svg xmlns="http://www.w3.org/2000/svg" '
            f'width="{width * scale:.0f}" height="{height * scale:.0f}" '
            f'viewBox="0 0 {width:.1f} {height:.1f}" font-family="{_FONTS}">\n'
            f'<rect width="100%" height="100%" fill="white"/>\n'
        )
        file.writelines(_as_svg(shape) for shape in picture.shapes)
        file.write("</svg>\n")


def _as_svg(shape):
    if isinstance(shape, _Box):
        return (
            f'<rect x="{shape.x:.1f}" y="{shape.y:.1f}" width="{shape.width:.1f}" '
            f'height="{shape.height:.1f}" rx="4" fill="{shape.fill}" stroke="{_LINE}"/>\n'
        )
    if isinstance(shape, _Text):
        weight = ' font-weight="bold"' if shape.bold else ""
        return (
            f'<text x="{shape.x:.1f}" y="{shape.y:.1f}" font-size="{shape.size}" fill="{shape.color}" '
            f'text-anchor="middle"{weight}>{escape(shape.text)}</text>\n'
        )
    if isinstance(shape, _Rule):
        return (
            f'<path d="M{shape.x:.1f},{shape.y:.1f} h{shape.width:.1f}" stroke="{_LINE}" '
            'stroke-width="0.5"/>\n'
        )
    corners, curves = _head(shape)
    line = f"M{_point(curves[0][0])}" + "".join(
        f" C{' '.join(_point(point) for point in curve[1:])}" for curve in curves
    )
    return (
        f'<path d="{line}" fill="none" stroke="{_LINE}" stroke-width="1.2"/>\n'
        f'<path d="M{" L".join(map(_point, corners))} Z" fill="{_LINE}"/>\n'
    )


def _point(point):
    return f"{point[0]:.1f},{point[1]:.1f}"


def _write_with_matplotlib(picture, path, kind):
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ImportError(
            f"To write a picture as .{kind}, plot needs matplotlib: pip install keras-classic[plot]. "
            "For .svg, to_file='model.svg', it needs nothing."
        ) from error
    figure = Figure(figsize=(picture.width / 72, picture.height / 72), facecolor="white")
    known = figure.canvas.get_supported_filetypes()
    if kind not in known:
        raise ValueError(f"plot cannot write .{kind}; the formats are {', '.join(sorted(known))}.")
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.set_xlim(0, picture.width)
    axes.set_ylim(picture.height, 0)
    for shape in picture.shapes:
        _draw(axes, shape)
    # A deep model would be a picture that no program opens.
    dots = min(_DOTS_PER_INCH, 72 * _MAX_PIXELS / max(picture.width, picture.height))
    figure.savefig(path, format=kind, dpi=dots)


def _draw(axes, shape):
    from matplotlib.patches import FancyBboxPatch, PathPatch, Polygon
    from matplotlib.path import Path

    if isinstance(shape, _Box):
        style = "round,pad=0,rounding_size=4"
        corner, look = (shape.x, shape.y), {"facecolor": shape.fill, "edgecolor": _LINE}
        axes.add_patch(FancyBboxPatch(corner, shape.width, shape.height, style, **look))
    elif isinstance(shape, _Text):
        look = {"size": shape.size, "color": shape.color, "weight": "bold" if shape.bold else "normal"}
        look |= {"ha": "center", "va": "baseline", "family": "DejaVu Sans", "parse_math": False}
        axes.text(shape.x, shape.y, shape.text, **look)
    elif isinstance(shape, _Rule):
        axes.plot([shape.x, shape.x + shape.width], [shape.y] * 2, color=_LINE, linewidth=0.5)
    else:
        corners, curves = _head(shape)
        points = [curves[0][0], *(point for curve in curves for point in curve[1:])]
        codes = [Path.MOVETO, *[Path.CURVE4] * (len(points) - 1)]
        line = {"facecolor": "none", "edgecolor": _LINE, "linewidth": 1.2}
        axes.add_patch(PathPatch(Path(points, codes), **line))
        axes.add_patch(Polygon(corners, facecolor=_LINE, edgecolor="none"))
