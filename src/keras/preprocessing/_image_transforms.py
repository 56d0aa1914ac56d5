"""Random transformations of one image, and the affine maps behind them.

Random choices come from NumPy's global generator, drawn in the order of Keras 1.2.2: after
`numpy.random.seed(s)` an image is transformed by the amounts of 1.2.2.

A matrix maps a position (row, column, 1) in the result to the position in `x` from which its value is
taken, so a zoom by 2 shows the image at half its size.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._base.types import ArrayLike

FILL_MODES = ("nearest", "constant", "reflect", "wrap")


def random_rotation(
    x: NDArray[Any],
    rg: float,
    row_axis: int = 1,
    col_axis: int = 2,
    channel_axis: int = 0,
    fill_mode: str = "nearest",
    cval: float = 0.0,
) -> NDArray[Any]:
    """Rotates an image about its center by a random angle.

    Args:
        x: array of rank 3, one image.
        rg: degrees; the angle is drawn uniformly from -rg to rg.
        row_axis: axis of rows in `x`.
        col_axis: axis of columns in `x`.
        channel_axis: axis of channels in `x`.
        fill_mode: values outside of the image: "constant", "nearest", "reflect" or "wrap".
        cval: value outside of the image for "constant".

    Returns:
        Array with the shape and dtype of `x`.
    """
    matrix = rotation(np.random.uniform(-rg, rg))
    return _about_center(x, matrix, row_axis, col_axis, channel_axis, fill_mode, cval)


def random_shift(
    x: NDArray[Any],
    wrg: float,
    hrg: float,
    row_axis: int = 1,
    col_axis: int = 2,
    channel_axis: int = 0,
    fill_mode: str = "nearest",
    cval: float = 0.0,
) -> NDArray[Any]:
    """Shifts an image by random fractions of its height and width.

    Args:
        x: array of rank 3, one image.
        wrg: fraction of the width; the shift is drawn uniformly from -wrg to wrg.
        hrg: fraction of the height; the shift is drawn uniformly from -hrg to hrg.
        row_axis, col_axis, channel_axis, fill_mode, cval: as in `random_rotation`.

    Returns:
        Array with the shape and dtype of `x`.
    """
    rows = np.random.uniform(-hrg, hrg) * x.shape[row_axis]
    columns = np.random.uniform(-wrg, wrg) * x.shape[col_axis]
    return apply_transform(x, translation(rows, columns), channel_axis, fill_mode, cval)


def random_shear(
    x: NDArray[Any],
    intensity: float,
    row_axis: int = 1,
    col_axis: int = 2,
    channel_axis: int = 0,
    fill_mode: str = "nearest",
    cval: float = 0.0,
) -> NDArray[Any]:
    """Shears an image by a random angle.

    Args:
        x: array of rank 3, one image.
        intensity: radians; the angle is drawn uniformly from -intensity to intensity.
        row_axis, col_axis, channel_axis, fill_mode, cval: as in `random_rotation`.

    Returns:
        Array with the shape and dtype of `x`.
    """
    matrix = shear(np.random.uniform(-intensity, intensity))
    return _about_center(x, matrix, row_axis, col_axis, channel_axis, fill_mode, cval)


def random_zoom(
    x: NDArray[Any],
    zoom_range: Sequence[float],
    row_axis: int = 1,
    col_axis: int = 2,
    channel_axis: int = 0,
    fill_mode: str = "nearest",
    cval: float = 0.0,
) -> NDArray[Any]:
    """Zooms an image by two random factors, one for each axis.

    Args:
        x: array of rank 3, one image.
        zoom_range: (smallest, largest); each factor is drawn uniformly between them. Factors above 1
            shrink the image. (1, 1) is not drawn.
        row_axis, col_axis, channel_axis, fill_mode, cval: as in `random_rotation`.

    Returns:
        Array with the shape and dtype of `x`.

    Raises:
        ValueError: `zoom_range` is not two numbers.
    """
    if np.shape(zoom_range) != (2,):
        raise ValueError(
            f"random_zoom: got zoom_range={zoom_range!r}; wanted two numbers, (smallest, largest)."
        )
    matrix = zoom(*draw_zoom(zoom_range))
    return _about_center(x, matrix, row_axis, col_axis, channel_axis, fill_mode, cval)


def draw_zoom(zoom_range: Sequence[float]) -> Sequence[float] | NDArray[np.float64]:
    """Draws the factors for rows and columns; (1, 1) is not drawn."""
    low, high = zoom_range
    return (1, 1) if low == high == 1 else np.random.uniform(low, high, 2)


def random_channel_shift(x: NDArray[Any], intensity: float, channel_axis: int = 0) -> NDArray[Any]:
    """Adds a random number to each channel, and clips the result to the range of values of `x`.

    Args:
        x: array, one image.
        intensity: in units of `x`; each number is drawn uniformly from -intensity to intensity.
        channel_axis: axis of channels in `x`.

    Returns:
        Array with the shape of `x`.
    """
    low, high = np.min(x), np.max(x)
    channels = [
        np.clip(channel + np.random.uniform(-intensity, intensity), low, high)
        for channel in np.moveaxis(x, channel_axis, 0)
    ]
    return np.stack(channels, axis=channel_axis)


def flip_axis(x: ArrayLike, axis: int) -> NDArray[Any]:
    """Reverses an array along an axis.

    Args:
        x: array-like, any shape.
        axis: axis to reverse.

    Returns:
        Array with the shape of `x`, a view of it if `x` is an array.
    """
    return np.flip(np.asarray(x), axis)


def apply_transform(
    x: ArrayLike,
    transform_matrix: NDArray[Any],
    channel_axis: int = 0,
    fill_mode: str = "nearest",
    cval: float = 0.0,
) -> NDArray[Any]:
    """Resamples an image under an affine map, by nearest neighbor.

    Args:
        x: array of rank 3, one image.
        transform_matrix: array of shape (3, 3), position in the result -> position in `x`, in pixels.
        channel_axis: axis of channels in `x`.
        fill_mode: values outside of the image: "constant", "nearest", "reflect" or "wrap".
        cval: value outside of the image for "constant".

    Returns:
        Array with the shape and dtype of `x`.

    Raises:
        ImportError: scipy is not installed.
        ValueError: `fill_mode` is invalid.
    """
    check_fill_mode(fill_mode)
    affine_transform = _affine_transform()
    linear, offset = transform_matrix[:2, :2], transform_matrix[:2, 2]
    channels = [
        affine_transform(channel, linear, offset, order=0, mode=fill_mode, cval=cval)
        for channel in np.moveaxis(np.asarray(x), channel_axis, 0)
    ]
    return np.stack(channels, axis=channel_axis)


def check_fill_mode(fill_mode: str) -> None:
    """Raises a ValueError unless `fill_mode` is one of FILL_MODES."""
    if fill_mode not in FILL_MODES:
        raise ValueError(f"fill_mode: got {fill_mode!r}; wanted one of {', '.join(FILL_MODES)}.")


def transform_matrix_offset_center(matrix: NDArray[Any], x: int, y: int) -> NDArray[np.float64]:
    """Moves the origin of an affine map from the corner to the center of an image.

    Args:
        matrix: array of shape (3, 3).
        x: number of rows.
        y: number of columns.

    Returns:
        float64 array of shape (3, 3).
    """
    # One pixel past the true center, (x - 1) / 2, as in Keras 1.2.2; images augmented under a seed
    # depend on it.
    row, column = x / 2 + 0.5, y / 2 + 0.5
    return translation(row, column) @ matrix @ translation(-row, -column)


def rotation(degrees: float) -> NDArray[np.float64]:
    """Returns the rotation by an angle, shape (3, 3)."""
    angle = np.pi / 180 * degrees
    return np.array([[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1]], float)


def translation(rows: float, columns: float) -> NDArray[np.float64]:
    """Returns the shift by pixels, shape (3, 3)."""
    return np.array([[1, 0, rows], [0, 1, columns], [0, 0, 1]], float)


def shear(angle: float) -> NDArray[np.float64]:
    """Returns the shear by an angle in radians, shape (3, 3)."""
    return np.array([[1, -np.sin(angle), 0], [0, np.cos(angle), 0], [0, 0, 1]], float)


def zoom(rows: float, columns: float) -> NDArray[np.float64]:
    """Returns the zoom by two factors, shape (3, 3)."""
    return np.array([[rows, 0, 0], [0, columns, 0], [0, 0, 1]], float)


def _about_center(
    x: NDArray[Any],
    matrix: NDArray[Any],
    row_axis: int,
    col_axis: int,
    channel_axis: int,
    fill_mode: str,
    cval: float,
) -> NDArray[Any]:
    matrix = transform_matrix_offset_center(matrix, x.shape[row_axis], x.shape[col_axis])
    return apply_transform(x, matrix, channel_axis, fill_mode, cval)


def _affine_transform() -> Callable[..., Any]:
    try:
        from scipy.ndimage import affine_transform
    except ImportError as error:
        raise ImportError(
            "Rotating, shifting, shearing and zooming images needs scipy: pip install keras-classic[image]"
        ) from error
    return affine_transform
