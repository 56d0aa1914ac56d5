"""Drawings as SVG."""

from xml.sax.saxutils import escape

from .drawing import LINE_COLOR, Arrow, Box, Drawing, Rule, Shape, Text, arrow_head
from .layered import Point

FONTS = "'DejaVu Sans', Verdana, Helvetica, Arial, sans-serif"
_PIXELS_PER_POINT = 96 / 72  # in a browser


def svg_text(drawing: Drawing) -> str:
    """Returns a drawing as the text of an SVG file."""
    width, height = drawing.width, drawing.height
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" '
        f'width="{width * _PIXELS_PER_POINT:.0f}" height="{height * _PIXELS_PER_POINT:.0f}" '
        f'viewBox="0 0 {width:.1f} {height:.1f}" font-family="{FONTS}">\n'
        f'<rect width="100%" height="100%" fill="white"/>\n'
        f"{''.join(map(_element, drawing.shapes))}</svg>\n"
    )


def _element(shape: Shape) -> str:
    match shape:
        case Box():
            return (
                f'<rect x="{shape.x:.1f}" y="{shape.y:.1f}" width="{shape.width:.1f}" '
                f'height="{shape.height:.1f}" rx="4" fill="{shape.fill}" stroke="{LINE_COLOR}">'
                f"<title>{escape(shape.note)}</title></rect>\n"
            )
        case Text():
            weight = ' font-weight="bold"' if shape.bold else ""
            return (
                f'<text x="{shape.x:.1f}" y="{shape.y:.1f}" font-size="{shape.size}" fill="{shape.color}" '
                # A text over a box would hide the box's note from the mouse.
                f'text-anchor="middle" pointer-events="none"{weight}>{escape(shape.text)}</text>\n'
            )
        case Rule():
            return (
                f'<path d="M{shape.x:.1f},{shape.y:.1f} h{shape.width:.1f}" stroke="{LINE_COLOR}" '
                'stroke-width="0.5"/>\n'
            )
        case Arrow():
            return _arrow(shape)


def _arrow(arrow: Arrow) -> str:
    corners, curves = arrow_head(arrow)
    line = f"M{_point(curves[0][0])}" + "".join(
        f" C{' '.join(_point(point) for point in curve[1:])}" for curve in curves
    )
    return (
        f'<path d="{line}" fill="none" stroke="{LINE_COLOR}" stroke-width="1.2"/>\n'
        f'<path d="M{" L".join(map(_point, corners))} Z" fill="{LINE_COLOR}"/>\n'
    )


def _point(point: Point) -> str:
    return f"{point[0]:.1f},{point[1]:.1f}"
