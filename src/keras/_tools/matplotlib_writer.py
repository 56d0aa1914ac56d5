"""Writes drawings in the formats of matplotlib: PNG, PDF, ..."""

from typing import Any

from .drawing import LINE_COLOR, Arrow, Box, Drawing, Rule, Shape, Text, arrow_head

_DOTS_PER_INCH = 144
_MAX_PIXELS = 30000


def write_with_matplotlib(drawing: Drawing, path: Any, kind: str) -> None:
    """Writes a drawing to a file.

    Args:
        drawing: the drawing.
        path: path of the file, or an open binary file.
        kind: the format, as matplotlib names it.

    Raises:
        ImportError: matplotlib is not installed.
        ValueError: matplotlib does not know the format.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ImportError(
            f"To write a picture as .{kind}, plot needs matplotlib: pip install keras-classic[plot]. "
            "For .svg, to_file='model.svg', it needs nothing."
        ) from error
    figure = Figure(figsize=(drawing.width / 72, drawing.height / 72), facecolor="white")
    known = figure.canvas.get_supported_filetypes()
    if kind not in known:
        raise ValueError(f"plot cannot write .{kind}; the formats are {', '.join(sorted(known))}.")
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.set_xlim(0, drawing.width)
    axes.set_ylim(drawing.height, 0)
    for shape in drawing.shapes:
        _add(axes, shape)
    # At the full resolution, no program could open the picture of a deep model.
    dots = min(_DOTS_PER_INCH, 72 * _MAX_PIXELS / max(drawing.width, drawing.height))
    figure.savefig(path, format=kind, dpi=dots)


def _add(axes: Any, shape: Shape) -> None:
    from matplotlib.patches import FancyBboxPatch

    match shape:
        case Box():
            axes.add_patch(
                FancyBboxPatch(
                    (shape.x, shape.y),
                    shape.width,
                    shape.height,
                    "round,pad=0,rounding_size=4",
                    facecolor=shape.fill,
                    edgecolor=LINE_COLOR,
                )
            )
        case Text():
            look = {"size": shape.size, "color": shape.color, "weight": "bold" if shape.bold else "normal"}
            look |= {"ha": "center", "va": "baseline", "family": "DejaVu Sans", "parse_math": False}
            axes.text(shape.x, shape.y, shape.text, **look)
        case Rule():
            axes.plot([shape.x, shape.x + shape.width], [shape.y] * 2, color=LINE_COLOR, linewidth=0.5)
        case Arrow():
            _add_arrow(axes, shape)


def _add_arrow(axes: Any, arrow: Arrow) -> None:
    from matplotlib.patches import PathPatch, Polygon
    from matplotlib.path import Path

    corners, curves = arrow_head(arrow)
    points = [curves[0][0], *(point for curve in curves for point in curve[1:])]
    codes = [Path.MOVETO, *[Path.CURVE4] * (len(points) - 1)]
    axes.add_patch(PathPatch(Path(points, codes), facecolor="none", edgecolor=LINE_COLOR, linewidth=1.2))
    axes.add_patch(Polygon(corners, facecolor=LINE_COLOR, edgecolor="none"))
