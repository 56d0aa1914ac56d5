"""A chart of one value over the epochs, as SVG."""

import math
from collections.abc import Sequence
from html import escape
from typing import TypeAlias

from .._tools.svg_writer import FONTS

Curve: TypeAlias = Sequence[tuple[int, float]]

_WIDTH, _HEIGHT = 360, 220
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 12, 30, 34
_COLORS = {"training": "#1f6fb4", "validation": "#d9680c"}
_GRID, _TEXT = "#d7dce2", "#1d2733"


def chart(name: str, training: Curve, validation: Curve, best: int | None) -> str:
    """Returns the chart of a value.

    Args:
        name: the value, such as "loss".
        training, validation: pairs (epoch from 0, value); values that are not finite are left out.
        best: the epoch to mark, or None.
    """
    curves = {"training": training, "validation": validation}
    shown = {label: [p for p in curve if math.isfinite(p[1])] for label, curve in curves.items()}
    points = [point for curve in shown.values() for point in curve]
    if not points:
        return f"<div>{escape(name)}: no finite value</div>"
    epochs = _ticks([epoch + 1 for epoch, _ in points], whole=True)
    values = _ticks([value for _, value in points])
    first, last = min(e for e, _ in points) + 1, max(e for e, _ in points) + 1

    def x(epoch: float) -> float:
        share = 0.5 if first == last else (epoch - first) / (last - first)
        return _LEFT + share * (_WIDTH - _LEFT - _RIGHT)

    def y(value: float) -> float:
        share = (value - values[0]) / (values[-1] - values[0])
        return _HEIGHT - _BOTTOM - share * (_HEIGHT - _TOP - _BOTTOM)

    parts = [_axis_x(tick, x(tick)) for tick in epochs if first <= tick <= last]
    parts += [_axis_y(tick, y(tick), values) for tick in values]
    if best is not None and first <= best + 1 <= last:
        parts.append(_best(best + 1, x(best + 1)))
    for label, curve in shown.items():
        places = [(x(epoch + 1), y(value)) for epoch, value in curve]
        notes = [f"epoch {epoch + 1}: {label} {name} {value:.6g}" for epoch, value in curve]
        parts.append(_line(places, notes, _COLORS[label]))
    parts.append(_legend(name, [label for label, curve in shown.items() if curve]))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{_HEIGHT}" role="img" '
        f'aria-label="{escape(name)} over the epochs" font-family="{FONTS}" font-size="11" '
        f'fill="{_TEXT}"><rect width="100%" height="100%" fill="white"/>{"".join(parts)}</svg>'
    )


def _ticks(values: Sequence[float], whole: bool = False) -> list[float]:
    """Returns three to seven round numbers around the values, at equal distances."""
    low, high = min(values), max(values)
    if low == high:
        low, high = low - (abs(low) or 1) * 0.1, high + (abs(high) or 1) * 0.1
    rough = (high - low) / 5
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= rough * 0.999)
    if whole:
        step = max(1, round(step))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [number * step for number in range(first, last + 1)]


def _axis_x(tick: float, x: float) -> str:
    bottom = _HEIGHT - _BOTTOM
    return (
        f'<path d="M{x:.1f},{bottom} v4" stroke="{_TEXT}"/>'
        f'<text x="{x:.1f}" y="{bottom + 16}" text-anchor="middle">{tick:.0f}</text>'
    )


def _axis_y(tick: float, y: float, ticks: Sequence[float]) -> str:
    digits = max(0, 1 - math.floor(math.log10(ticks[1] - ticks[0])))
    size = max(map(abs, ticks))
    text = f"{tick:.{digits}f}" if 1e-4 <= size < 1e6 else f"{tick:.1e}"
    return (
        f'<path d="M{_LEFT},{y:.1f} H{_WIDTH - _RIGHT}" stroke="{_GRID}"/>'
        f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{text}</text>'
    )


def _best(number: int, x: float) -> str:
    """Returns the mark of the best epoch, whose label stays inside the chart."""
    anchor, shift = ("end", -4) if x > (_LEFT + _WIDTH) / 2 else ("start", 4)
    return (
        f'<path d="M{x:.1f},{_TOP} V{_HEIGHT - _BOTTOM}" stroke="#3c8c4a" stroke-dasharray="4 3"/>'
        f'<text x="{x + shift:.1f}" y="{_TOP + 10}" fill="#2c7038" text-anchor="{anchor}">'
        f"best: {number}</text>"
    )


def _line(places: Sequence[tuple[float, float]], notes: Sequence[str], color: str) -> str:
    path = " L".join(f"{x:.1f},{y:.1f}" for x, y in places)
    line = f'<path d="M{path}" fill="none" stroke="{color}" stroke-width="1.8"/>' if len(places) > 1 else ""
    radius = 2.5 if len(places) <= 40 else 1.2
    dots = (
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius}" fill="{color}">'
        f"<title>{escape(note)}</title></circle>"
        for (x, y), note in zip(places, notes, strict=True)
    )
    return line + "".join(dots)


def _legend(name: str, labels: Sequence[str]) -> str:
    """Returns the title above the chart, the labels of the curves beside it, and the label of the x axis."""
    parts = [f'<text x="{_LEFT}" y="18" font-size="13" font-weight="bold">{escape(name)}</text>']
    place = _WIDTH - _RIGHT
    for label in reversed(labels):
        parts.append(f'<text x="{place}" y="18" fill="{_COLORS[label]}" text-anchor="end">● {label}</text>')
        place -= 24 + 6.4 * len(label)
    middle = (_LEFT + _WIDTH - _RIGHT) / 2
    parts.append(f'<text x="{middle}" y="{_HEIGHT - 4}" text-anchor="middle">epoch</text>')
    return "".join(parts)
