"""Stand-in for `tensorflow.image`: resizing and flipping of images, channels last."""

from typing import Any

from .. import backend as K
from . import _images
from ._missing import missing
from ._values import accepts, refuse, sizes, value


class ResizeMethod:
    """The methods of `resize_images`."""

    BILINEAR = 0
    NEAREST_NEIGHBOR = 1
    BICUBIC = 2
    AREA = 3


@accepts()
def resize_bilinear(images: Any, size: Any, align_corners: bool = False) -> Any:
    """Resizes images (samples, rows, cols, channels) to `size` = (rows, cols) by bilinear interpolation."""
    return _images.resize(value(images), sizes(size), True, align_corners)


@accepts()
def resize_nearest_neighbor(images: Any, size: Any, align_corners: bool = False) -> Any:
    """Resizes images by repeating or omitting pixels."""
    return _images.resize(value(images), sizes(size), False, align_corners)


@accepts()
def resize_images(images: Any, size: Any, *more: Any, **options: Any) -> Any:
    """Resizes images, or one image, to (rows, cols): `size`, or two arguments as in TensorFlow before 0.12.

    Args:
        images: (samples, rows, cols, channels) or (rows, cols, channels).
        size: pair of sizes, or the rows; then the columns follow.
        more, options: `method`, a value of `ResizeMethod`, and `align_corners`.
    """
    if K.ndim(size) == 0 if hasattr(size, "shape") else not isinstance(size, list | tuple):
        size, more = (size, more[0]), more[1:]
    method, align_corners = _resize_options(*more, **options)
    if method not in (ResizeMethod.BILINEAR, ResizeMethod.NEAREST_NEIGHBOR):
        refuse("tf.image.resize_images", "only the methods BILINEAR and NEAREST_NEIGHBOR are here.")
    resize = resize_bilinear if method == ResizeMethod.BILINEAR else resize_nearest_neighbor
    if K.ndim(images) == 3:
        return resize(K.expand_dims(images, 0), size, align_corners)[0]
    return resize(images, size, align_corners)


def _resize_options(method: int = 0, align_corners: bool = False) -> tuple[int, bool]:
    return method, align_corners


@accepts()
def crop_and_resize(
    image: Any,
    boxes: Any,
    box_ind: Any,
    crop_size: Any,
    method: str = "bilinear",
    extrapolation_value: float = 0.0,
) -> Any:
    """Cuts boxes (y1, x1, y2, x2), in units of the image's sides, out of images and resizes them."""
    if method != "bilinear":
        refuse("tf.image.crop_and_resize", f"the only method is 'bilinear'; got {method!r}.")
    return _images.crop_and_resize(
        value(image), value(boxes), value(box_ind), sizes(crop_size), extrapolation_value
    )


@accepts()
def flip_left_right(image: Any) -> Any:
    """Mirrors an image (rows, cols, channels), or images."""
    return K.reverse(value(image), -2)


@accepts()
def flip_up_down(image: Any) -> Any:
    """Turns an image (rows, cols, channels), or images, upside down."""
    return K.reverse(value(image), -3)


@accepts()
def rgb_to_grayscale(images: Any) -> Any:
    """Weighted mean of red, green and blue."""
    return K.sum(value(images) * value([0.2989, 0.587, 0.114]), axis=-1, keepdims=True)


@accepts()
def grayscale_to_rgb(images: Any) -> Any:
    """Repeats the one channel three times."""
    return K.repeat_elements(value(images), 3, -1)


@accepts()
def total_variation(images: Any) -> Any:
    """Sum of the absolute differences of neighbouring pixels, for each image."""
    x = value(images)
    down = K.sum(K.abs(x[..., 1:, :, :] - x[..., :-1, :, :]), axis=[-3, -2, -1])
    return down + K.sum(K.abs(x[..., :, 1:, :] - x[..., :, :-1, :]), axis=[-3, -2, -1])


@accepts()
def non_max_suppression(*arguments: Any, **options: Any) -> Any:
    """Refused: the number of boxes that remain depends on the values."""
    refuse(
        "tf.image.non_max_suppression",
        "how many boxes remain is known only when the program runs, and sizes must be known before. Compute "
        "boxes and scores with the model, and select among them with NumPy.",
    )


def __getattr__(name: str) -> Any:
    raise missing("tensorflow.image", name, globals(), {})
