"""The drawing of a model: boxes, lines, text and arrows, independent of a file format.

All lengths are points, 1/72 inch; y runs downwards.
"""

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

from ..engine.container import Container
from ..engine.layer import InputLayer, Layer
from ..engine.node import Node
from .layered import Curve, Point, arrange
from .model_graph import edges_of, inner_model, layers_of, names_of, nodes_of, notes_of, shapes_of

LINE_COLOR = "#5b6775"
_TEXT_COLOR, _FAINT_COLOR = "#1d2733", "#55606c"
_FILLS = {"input": "#eceff3", "weights": "#dbe9f9", "plain": "#ffffff", "model": "#f8fafc"}
_MARGIN = 14
_PADDING = 10
_LOOP = 26
_MAX_CHARACTERS = 48


class Box(NamedTuple):
    """A rectangle with rounded corners; (x, y) is its upper left corner.

    The lines of `note` appear where a viewer of the picture can show them: in SVG, under the mouse.
    """

    x: float
    y: float
    width: float
    height: float
    fill: str
    note: str = ""


class Text(NamedTuple):
    """One line of text; x is its center and y its base line."""

    x: float
    y: float
    text: str
    size: float
    bold: bool
    color: str


class Arrow(NamedTuple):
    """A line of cubic curves with an arrowhead at its end."""

    curves: list[Curve]


class Rule(NamedTuple):
    """A thin horizontal line; (x, y) is its left end."""

    x: float
    y: float
    width: float


Shape: TypeAlias = Box | Text | Arrow | Rule


class Drawing(NamedTuple):
    """Shapes in the order in which they are drawn, and the size of the canvas."""

    shapes: list[Shape]
    width: float
    height: float


class Look(NamedTuple):
    """What a drawing shows.

    Attributes:
        shapes: whether boxes show the shapes of inputs and outputs.
        names: whether boxes show the names of the layers.
        nested: whether the box of a nested model shows its layers, or only how many they are.
    """

    shapes: bool = False
    names: bool = True
    nested: bool = True


def draw(model: Container, look: Look = Look()) -> Drawing:  # noqa: B008 - a constant
    """Returns the drawing of a built model."""
    inside = _graph(model, look)
    shapes = [_moved(shape, _MARGIN, _MARGIN) for shape in inside.shapes]
    return Drawing(shapes, inside.width + 2 * _MARGIN, inside.height + 2 * _MARGIN)


def arrow_head(arrow: Arrow) -> tuple[list[Point], list[Curve]]:
    """Returns the three corners of an arrow's head, and the curves shortened to end inside it."""
    start, first, second, (x, y) = arrow.curves[-1]
    dx, dy = x - second[0], y - second[1]
    length = (dx * dx + dy * dy) ** 0.5 or 1.0
    dx, dy = dx / length, dy / length
    neck = (x - 7 * dx, y - 7 * dy)
    side = (-3.2 * dy, 3.2 * dx)
    corners = [(x, y), (neck[0] + side[0], neck[1] + side[1]), (neck[0] - side[0], neck[1] - side[1])]
    return corners, [*arrow.curves[:-1], (start, first, second, (x - 5 * dx, y - 5 * dy))]


def _graph(model: Container, look: Look) -> Drawing:
    """Returns the layers of a model and their arrows, with the upper left corner at (0, 0)."""
    nodes = nodes_of(model)
    layers = layers_of(nodes)
    index = {layer: i for i, layer in enumerate(layers)}
    edges = [(index[source], index[target]) for source, target in edges_of(nodes)]
    loops = {source for source, target in edges if source == target}
    edges = [edge for edge in edges if edge[0] != edge[1]]
    blocks = [_block(layer, nodes, look) for layer in layers]
    room = [2 * _LOOP if i in loops else 0 for i in range(len(blocks))]
    layout = arrange([(b.width + r, b.height) for b, r in zip(blocks, room, strict=True)], edges)
    shapes: list[Shape] = [Arrow(curves) for curves in layout.curves]
    for i, (block, (x, y)) in enumerate(zip(blocks, layout.corners, strict=True)):
        shapes += [_moved(shape, x + room[i] / 2, y) for shape in block.shapes]
        if i in loops:
            right, middle = x + room[i] / 2 + block.width, y + block.height / 2
            shapes.append(Arrow([_loop(right, middle)]))
    return Drawing(shapes, *layout.size)


def _loop(x: float, y: float) -> Curve:
    """Returns a curve from the right side of a box back to it, for a layer called on its own output."""
    return (x, y + 8), (x + _LOOP, y + 16), (x + _LOOP, y - 16), (x, y - 8)


def _block(layer: Layer, nodes: Sequence[Node], look: Look) -> Drawing:
    """Returns the box of one layer; that of a model contains its layers."""
    model = inner_model(layer)
    lines = _lines(layer, nodes, look)
    if model and not look.nested:
        count = len(model.layers)
        inside = "1 layer inside" if count == 1 else f"{count} layers inside"
        lines.append(Text(0, 0, inside, 9, False, _FAINT_COLOR))
    width = max(_text_width(line.text, line.size, line.bold) for line in lines) + 2 * _PADDING
    is_open = model is not None and look.nested
    drawn = _graph(model, look) if model and look.nested else Drawing([], 0, 0)
    if is_open:
        width = max(width, drawn.width + 2 * _MARGIN)
    shapes, y = _stacked(lines, width)
    if is_open:
        y += _MARGIN * 0.3
        shapes += [_moved(shape, (width - drawn.width) / 2, y) for shape in drawn.shapes]
        y += drawn.height + _MARGIN
    kind = "model" if model else _kind(layer)
    note = "\n".join(map(_printable, notes_of(layer, nodes)))
    return Drawing([Box(0, 0, width, y, _FILLS[kind], note), *shapes], width, y)


def _stacked(lines: Sequence[Text], width: float) -> tuple[list[Shape], float]:
    """Returns the lines of a box below each other, and their height; a rule precedes the shapes."""
    shapes: list[Shape] = []
    y = _PADDING * 0.6
    for number, line in enumerate(lines):
        if number and line.size < lines[number - 1].size and line.text.startswith("in "):
            shapes.append(Rule(_PADDING, y + 3, width - 2 * _PADDING))
            y += 6
        y += line.size * 1.35
        shapes.append(line._replace(x=width / 2, y=y - line.size * 0.3))
    return shapes, y + _PADDING * 0.6


def _lines(layer: Layer, nodes: Sequence[Node], look: Look) -> list[Text]:
    name, class_name = map(_shortened, names_of(layer))
    lines = [Text(0, 0, class_name, 10, not look.names, _TEXT_COLOR)]
    if look.names:
        lines.insert(0, Text(0, 0, name, 11, True, _TEXT_COLOR))
    if look.shapes:
        for which, label in (("input", "in "), ("output", "out ")):
            rows = [_shortened(row) for row in shapes_of(layer, nodes, which)]
            lines += [Text(0, 0, label + row, 9, False, _FAINT_COLOR) for row in rows]
    return lines


def _kind(layer: Layer) -> str:
    if isinstance(layer, InputLayer):
        return "input"
    return "weights" if layer.weights else "plain"


def _shortened(text: str) -> str:
    text = _printable(text)
    return text if len(text) <= _MAX_CHARACTERS else f"{text[: _MAX_CHARACTERS - 1]}…"


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in text)


def _text_width(text: str, size: float, bold: bool) -> float:
    """Estimates the width of a text in DejaVu Sans, which is wider than most fonts."""
    ems = 0.0
    for c in text:
        ems += 0.36 if c in " iljtfrI.,:;!|'()[]-" else 0.96 if c in "mwMW@%" or ord(c) > 0x24F else 0.65
    return ems * size * (1.12 if bold else 1.0)


def _moved(shape: Shape, dx: float, dy: float) -> Shape:
    if isinstance(shape, Arrow):
        return Arrow([_moved_curve(curve, dx, dy) for curve in shape.curves])
    return shape._replace(x=shape.x + dx, y=shape.y + dy)


def _moved_curve(curve: Curve, dx: float, dy: float) -> Curve:
    start, first, second, end = [(x + dx, y + dy) for x, y in curve]
    return start, first, second, end
