"""The weights of a layer."""

import math
from typing import Any

import numpy as np

from ..engine.layer import Layer
from ._figures import new_figure

_MOST_FILTERS = 64


def plot_weights(layer: Layer) -> Any:
    """Draws the weights of a layer: filters as small pictures, matrices as heat maps, vectors as bars.

    Of filters over more than three channels, the mean over the channels is drawn; of more than 64 filters,
    the first 64. Blue is negative, red is positive, white is 0; filters over three channels are in color.

    Args:
        layer: a layer with weights.

    Returns:
        `matplotlib.figure.Figure`.

    Raises:
        ImportError: matplotlib is not installed.
        ValueError: the layer has no weights.
    """
    arrays = layer.get_weights()
    if not arrays:
        hint = "" if layer.inbound_nodes else " It has not been called: put it into a model first."
        raise ValueError(f"plot_weights: layer {layer.name!r} ({type(layer).__name__}) has no weights.{hint}")
    pictures = [_picture(layer, array) for array in arrays]
    heights = [max(1.0, min(4.5, 5.5 * p.shape[0] / p.shape[1])) if p.ndim > 1 else 1.3 for p in pictures]
    figure = new_figure(6.5, sum(heights) + 0.5 * len(heights))
    rows = figure.add_gridspec(len(arrays), 1, height_ratios=heights)
    for number, (array, picture) in enumerate(zip(arrays, pictures, strict=True)):
        axes = figure.add_subplot(rows[number])
        name = getattr(layer.weights[number], "name", "")
        axes.set_title(f"{name} {array.shape}", fontsize=9)
        _draw(figure, axes, picture)
    return figure


def _draw(figure: Any, axes: Any, picture: np.ndarray) -> None:
    if picture.ndim == 1:
        axes.bar(range(len(picture)), picture, width=1.0 if len(picture) > 60 else 0.8, color="#1f6fb4")
        axes.axhline(0, color="black", linewidth=0.6)
        axes.xaxis.get_major_locator().set_params(integer=True)
    elif picture.ndim == 3:
        axes.imshow(picture)
        axes.set_axis_off()
    else:
        import matplotlib

        limit = float(np.nanmax(np.abs(picture))) or 1.0
        shape = "equal" if max(picture.shape) <= 3 * min(picture.shape) else "auto"
        colors = matplotlib.colormaps["RdBu_r"].with_extremes(bad="#d7dce2")  # between filters
        drawn = axes.imshow(picture, cmap=colors, vmin=-limit, vmax=limit, aspect=shape)
        figure.colorbar(drawn, ax=axes, shrink=0.8)
        axes.set_xticks([])
        axes.set_yticks([])


def _picture(layer: Layer, array: np.ndarray) -> np.ndarray:
    """Returns an array as bars (one axis), a heat map (two) or colors (three)."""
    if array.ndim == 0:
        return array.reshape(1)
    if array.ndim == 4:
        return _filters(layer, array)
    if array.ndim > 2:  # a filter over time or over a volume: one row for each of its places
        return array.reshape(-1, array.shape[-1])
    return array


def _filters(layer: Layer, kernel: np.ndarray) -> np.ndarray:
    """Returns the filters of a convolution side by side."""
    if getattr(layer, "dim_ordering", "tf") == "th":
        kernel = kernel.transpose(2, 3, 1, 0)
    rows, columns, channels, filters = kernel.shape
    filters = min(filters, _MOST_FILTERS)
    in_color = channels == 3
    if in_color:
        low, high = kernel.min(), kernel.max()
        kernel = (kernel - low) / (high - low if high > low else 1)
    else:
        kernel = kernel.mean(axis=2, keepdims=True)
    per_row = min(filters, max(1, math.ceil(math.sqrt(2 * filters))))
    lines = math.ceil(filters / per_row)
    sheet = np.full((lines * (rows + 1) - 1, per_row * (columns + 1) - 1, kernel.shape[2]), np.nan)
    for number in range(filters):
        y, x = (number // per_row) * (rows + 1), (number % per_row) * (columns + 1)
        sheet[y : y + rows, x : x + columns] = kernel[..., number]
    return np.nan_to_num(sheet, nan=1.0) if in_color else sheet[..., 0]
