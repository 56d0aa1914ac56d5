"""Curves of a training."""

import math
from collections.abc import Sequence
from typing import Any

from ..callbacks import History
from ._figures import new_figure

_COLORS = {"training": "#1f6fb4", "validation": "#d9680c"}
_BEST = "#2c7038"


def plot_history(history: History, names: Sequence[str] | None = None) -> Any:
    """Draws the values of a training over the epochs, with the best epoch marked; see also `History.plot`.

    Args:
        history: `History`, the result of `fit`.
        names: list of values, such as ["loss", "acc"]; the values of the validation are drawn with them. None
            draws all.

    Returns:
        `matplotlib.figure.Figure`.

    Raises:
        ImportError: matplotlib is not installed.
        ValueError: there is no value of a name, or no epoch yet.
    """
    curves = history._curves()
    if not curves:
        raise ValueError("History: there are no values to draw. Train first: history = model.fit(...).")
    if isinstance(names, str):
        names = [names]
    missing = [name for name in names or [] if name not in curves]
    if missing:
        raise ValueError(f"History: there is no value {missing[0]!r}. There are: {', '.join(curves)}.")
    chosen = names or [n for n in curves if not (n.startswith("val_") and n[4:] in curves)]
    columns = min(len(chosen), 3)
    rows = math.ceil(len(chosen) / columns)
    figure = new_figure(4.2 * columns, 3.2 * rows)
    for number, name in enumerate(chosen, 1):
        _draw(figure.add_subplot(rows, columns, number), name, curves, history.best_epoch)
    return figure


def _draw(axes: Any, name: str, curves: dict[str, list[tuple[int, float]]], best: int | None) -> None:
    drawn = {"training": curves[name], "validation": curves.get(f"val_{name}", [])}
    for label, curve in drawn.items():
        if curve:
            epochs, values = zip(*curve, strict=True)
            marker = "o" if len(curve) <= 30 else None
            numbers = [epoch + 1 for epoch in epochs]
            axes.plot(numbers, values, label=label, color=_COLORS[label], marker=marker, markersize=3.5)
    if best is not None:
        axes.axvline(best + 1, color=_BEST, linestyle="--", linewidth=1, label=f"best epoch: {best + 1}")
    axes.set_title(name)
    axes.set_xlabel("epoch")
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.grid(color="#d7dce2", linewidth=0.6)
    axes.legend(fontsize=8)
