"""Random changes of one image, and the affine maps behind them.

Random choices come from NumPy's global generator, drawn in the order of Keras 1.2.2: after
`numpy.random.seed(s)` an image is turned, shifted and zoomed by the amounts of 1.2.2.

A matrix maps a place (row, column, 1) in the result to the place in `x` where its value comes from, so a
zoom by 2 shows the image at half its size.
"""

import numpy as np

FILL_MODES = ("nearest", "constant", "reflect", "wrap")


def random_rotation(x, rg, row_axis=1, col_axis=2, channel_axis=0, fill_mode="nearest", cval=0.0):
    """Turns an image about its centre by a random angle.

    Args:
        x: array of rank 3, one image.
        rg: float, degrees; the angle is drawn evenly from -rg to rg.
        row_axis: int, axis of rows in `x`.
        col_axis: int, axis of columns in `x`.
        channel_axis: int, axis of channels in `x`.
        fill_mode: what stands outside of the image: "constant", "nearest", "reflect" or "wrap".
        cval: float, the value outside for "constant".

    Returns:
        Array with the shape and dtype of `x`.
    """
    matrix = rotation(np.random.uniform(-rg, rg))
    return _about_centre(x, matrix, row_axis, col_axis, channel_axis, fill_mode, cval)


def random_shift(x, wrg, hrg, row_axis=1, col_axis=2, channel_axis=0, fill_mode="nearest", cval=0.0):
    """Shifts an image by random parts of its height and width.

    Args:
        x: array of rank 3, one image.
        wrg: float, the part of the width; the shift is drawn evenly from -wrg to wrg.
        hrg: float, the part of the height.
        row_axis: int; this and what follows as in `random_rotation`.
        col_axis: int.
        channel_axis: int.
        fill_mode: str.
        cval: float.

    Returns:
        Array with the shape and dtype of `x`.
    """
    rows = np.random.uniform(-hrg, hrg) * x.shape[row_axis]
    columns = np.random.uniform(-wrg, wrg) * x.shape[col_axis]
    return apply_transform(x, translation(rows, columns), channel_axis, fill_mode, cval)


def random_shear(x, intensity, row_axis=1, col_axis=2, channel_axis=0, fill_mode="nearest", cval=0.0):
    """Slants an image by a random angle.

    Args:
        x: array of rank 3, one image.
        intensity: float, radians; the angle is drawn evenly from -intensity to intensity.
        row_axis: int; this and what follows as in `random_rotation`.
        col_axis: int.
        channel_axis: int.
        fill_mode: str.
        cval: float.

    Returns:
        Array with the shape and dtype of `x`.
    """
    matrix = shear(np.random.uniform(-intensity, intensity))
    return _about_centre(x, matrix, row_axis, col_axis, channel_axis, fill_mode, cval)


def random_zoom(x, zoom_range, row_axis=1, col_axis=2, channel_axis=0, fill_mode="nearest", cval=0.0):
    """Zooms an image by two random factors, one for each direction.

    Args:
        x: array of rank 3, one image.
        zoom_range: two floats; each factor is drawn evenly between them. Above 1 the image shrinks.
            With (1, 1) nothing is drawn.
        row_axis: int; this and what follows as in `random_rotation`.
        col_axis: int.
        channel_axis: int.
        fill_mode: str.
        cval: float.

    Returns:
        Array with the shape and dtype of `x`.

    Raises:
        ValueError: `zoom_range` is not two numbers.
    """
    if np.shape(zoom_range) != (2,):
        raise ValueError(f"random_zoom: got zoom_range={zoom_range!r}; wanted two numbers, (least, most).")
    matrix = zoom(*draw_zoom(zoom_range))
    return _about_centre(x, matrix, row_axis, col_axis, channel_axis, fill_mode, cval)


def draw_zoom(zoom_range):
    """Draws the factors for rows and columns; (1, 1) is not drawn."""
    low, high = zoom_range
    return (1, 1) if low == high == 1 else np.random.uniform(low, high, 2)


def random_channel_shift(x, intensity, channel_axis=0):
    """Adds a random number to each channel; what leaves the range of values of `x` is cut off.

    Args:
        x: array, one image.
        intensity: float, in units of `x`; each number is drawn evenly from -intensity to intensity.
        channel_axis: int, axis of channels in `x`.

    Returns:
        Array with the shape of `x`.
    """
    least, most = np.min(x), np.max(x)
    channels = [
        np.clip(channel + np.random.uniform(-intensity, intensity), least, most)
        for channel in np.moveaxis(x, channel_axis, 0)
    ]
    return np.stack(channels, axis=channel_axis)


def flip_axis(x, axis):
    """Reverses an array along an axis.

    Args:
        x: array-like, any shape.
        axis: int.

    Returns:
        Array with the shape of `x`, a view of it where `x` is an array.
    """
    return np.flip(np.asarray(x), axis)


def apply_transform(x, transform_matrix, channel_axis=0, fill_mode="nearest", cval=0.0):
    """Moves the pixels of an image by an affine map; each takes the value of the nearest pixel.

    Args:
        x: array of rank 3, one image.
        transform_matrix: array of shape (3, 3), place in the result -> place in `x`, in pixels.
        channel_axis: int, axis of channels in `x`.
        fill_mode: what stands outside of the image: "constant", "nearest", "reflect" or "wrap".
        cval: float, the value outside for "constant".

    Returns:
        Array with the shape and dtype of `x`.

    Raises:
        ImportError: scipy is not installed.
        ValueError: `fill_mode` is something else.
    """
    check_fill_mode(fill_mode)
    affine_transform = _affine_transform()
    linear, offset = transform_matrix[:2, :2], transform_matrix[:2, 2]
    channels = [
        affine_transform(channel, linear, offset, order=0, mode=fill_mode, cval=cval)
        for channel in np.moveaxis(np.asarray(x), channel_axis, 0)
    ]
    return np.stack(channels, axis=channel_axis)


def check_fill_mode(fill_mode):
    """Raises ValueError unless `fill_mode` is one of FILL_MODES."""
    if fill_mode not in FILL_MODES:
        raise ValueError(f"fill_mode: got {fill_mode!r}; wanted one of {', '.join(FILL_MODES)}.")


def transform_matrix_offset_center(matrix, x, y):
    """Makes an affine map act about the centre of an image instead of its corner.

    Args:
        matrix: array of shape (3, 3).
        x: int, number of rows.
        y: int, number of columns.

    Returns:
        float64 array of shape (3, 3).
    """
    # Half a pixel past the true centre, (x - 1) / 2, as in Keras 1.2.2; images augmented under a seed
    # depend on it.
    row, column = x / 2 + 0.5, y / 2 + 0.5
    return translation(row, column) @ matrix @ translation(-row, -column)


def rotation(degrees):
    """The map that turns by an angle, array of shape (3, 3)."""
    angle = np.pi / 180 * degrees
    return np.array([[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1]], float)


def translation(rows, columns):
    """The map that shifts by pixels, array of shape (3, 3)."""
    return np.array([[1, 0, rows], [0, 1, columns], [0, 0, 1]], float)


def shear(angle):
    """The map that slants by an angle in radians, array of shape (3, 3)."""
    return np.array([[1, -np.sin(angle), 0], [0, np.cos(angle), 0], [0, 0, 1]], float)


def zoom(rows, columns):
    """The map that zooms by two factors, array of shape (3, 3)."""
    return np.array([[rows, 0, 0], [0, columns, 0], [0, 0, 1]], float)


def _about_centre(x, matrix, row_axis, col_axis, channel_axis, fill_mode, cval):
    matrix = transform_matrix_offset_center(matrix, x.shape[row_axis], x.shape[col_axis])
    return apply_transform(x, matrix, channel_axis, fill_mode, cval)


def _affine_transform():
    try:
        from scipy.ndimage import affine_transform
    except ImportError as error:
        raise ImportError(
            "Turning, shifting, slanting and zooming images needs scipy: pip install keras-classic[image]"
        ) from error
    return affine_transform
