"""Figures of matplotlib, and arrays as pictures."""

import io
import math
import sys
from collections.abc import Iterable
from typing import Any

import numpy as np

from .. import backend as K

_CHANNELS = (1, 3, 4)


def new_figure(width: float, height: float) -> Any:
    """Returns an empty figure; sizes in inches.

    Raises:
        ImportError: matplotlib is not installed.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ImportError(
            "keras.plots needs matplotlib: pip install keras-classic[plot]. What `print` and notebooks show "
            "of models and histories needs nothing."
        ) from error
    options = {"figsize": (width, height), "layout": "constrained"}
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is not None and "ipykernel" not in sys.modules:
        return pyplot.figure(**options)  # for a `plt.show()` that follows

    class ShownFigure(Figure):
        """A figure that a notebook shows once, where it is returned, even if nobody has imported pyplot."""

        def _repr_png_(self) -> bytes:
            file = io.BytesIO()
            self.savefig(file, format="png", dpi=100)
            return file.getvalue()

    return ShownFigure(**options)


def grid(
    count: int, columns: int | None = None, size: float = 1.6, extra: float = 0.0
) -> tuple[Any, list[Any]]:
    """Returns a figure and `count` axes without ticks, in rows.

    Args:
        count: how many.
        columns: in a row; None chooses.
        size: of one, in inches.
        extra: additional height of each, for titles.
    """
    columns = min(count, columns or (count if count <= 5 else math.ceil(math.sqrt(1.6 * count))))
    rows = math.ceil(count / columns)
    figure = new_figure(max(2.0, columns * size), rows * (size + extra))
    axes = [figure.add_subplot(rows, columns, number + 1) for number in range(count)]
    for each in axes:
        each.set_xticks([])
        each.set_yticks([])
    return figure, axes


def as_pictures(images: Any, dim_ordering: str | None = None) -> np.ndarray:
    """Converts images to an array of pictures for `imshow`.

    Args:
        images: array, (samples, height, width), the same with an axis of 1, 3 or 4 channels, or
            (samples, pixels) for square gray images.
        dim_ordering: "th" (channels first) or "tf"; None: where the axis of channels is, and, if both may
            be it, `K.image_dim_ordering()`.

    Returns:
        float array in [0, 1], (samples, height, width, 1, 3 or 4). An image whose values are neither in
        [0, 1] nor in [0, 255] is scaled from its smallest to its largest value.

    Raises:
        ValueError: the array has another shape.
    """
    array = np.asarray(images, dtype="float64")
    if array.ndim == 2 and math.isqrt(array.shape[1]) ** 2 == array.shape[1]:
        side = math.isqrt(array.shape[1])
        array = array.reshape(-1, side, side)
    if array.ndim == 3:
        array = array[..., None]
    elif array.ndim == 4 and channels_axis(array.shape, dim_ordering) == 1:
        array = np.moveaxis(array, 1, -1)
    if array.ndim != 4 or array.shape[-1] not in _CHANNELS:
        raise ValueError(
            "images: wanted an array (samples, height, width), with 1, 3 or 4 channels as axis 1 or the last "
            f"one, or (samples, pixels) of square gray images; got shape {np.shape(images)}."
        )
    return np.stack([_scaled(image) for image in array]) if len(array) else array


def channels_axis(shape: Iterable[int | None], dim_ordering: str | None) -> int:
    """Returns 1 or 3, the axis of the channels in the shape of images."""
    _, first, _, last = shape
    if dim_ordering is None and (first in _CHANNELS) != (last in _CHANNELS):
        return 1 if first in _CHANNELS else 3
    return 1 if (dim_ordering or K.image_dim_ordering()) == "th" else 3


def _scaled(image: np.ndarray) -> np.ndarray:
    low, high = np.nanmin(image), np.nanmax(image)
    if low >= 0 and high <= 1:
        return image
    if low >= 0 and high <= 255:
        return image / 255
    return (image - low) / (high - low if high > low else 1)


def show(axes: Any, picture: np.ndarray, **options: Any) -> None:
    """Shows a picture of `as_pictures`."""
    if picture.shape[-1] == 1:
        axes.imshow(picture[..., 0], cmap="gray", vmin=0, vmax=1, **options)
    else:
        axes.imshow(np.clip(picture, 0, 1), **options)
