"""Images and classes of ImageNet."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from .. import backend as K
from .._base.types import ArrayLike, Shape
from .._files.config_text import load_json
from .._files.download import get_file
from ..engine import image_order

CLASS_INDEX_PATH = "https://s3.amazonaws.com/deep-learning-models/image-models/imagenet_class_index.json"
#: Mean blue, green and red of the training images, from Simonyan and Zisserman 2014, arXiv:1409.1556.
_MEANS = (103.939, 116.779, 123.68)


def preprocess_input(x: ArrayLike, dim_ordering: str = "default") -> Any:
    """Preprocesses images as VGG16, VGG19 and ResNet50 were trained: BGR order, zero-centered channels.

    Args:
        x: RGB images, shape (samples, 3, rows, columns) for "th", (samples, rows, columns, 3) for "tf",
            values 0 to 255. An array of floats is changed in place, as in Keras 1.2.2, and a view of it is
            returned. An array of integers is not changed.
        dim_ordering: "th", "tf", or "default" for `K.image_dim_ordering()`.

    Returns:
        Array with the shape of `x`.

    Raises:
        ValueError: `dim_ordering` is invalid, or `x` is not a batch of images with 3 channels.

    Example:
        >>> preprocess_input(np.full((1, 2, 2, 3), 128.0), dim_ordering="tf")[0, 0, 0].round(3).tolist()
        [24.061, 11.221, 4.32]
    """
    ordering = K.image_dim_ordering() if dim_ordering == "default" else dim_ordering
    if ordering not in ("th", "tf"):
        raise ValueError(f"preprocess_input: dim_ordering is 'th', 'tf' or 'default'; got {dim_ordering!r}.")
    x = as_floats(x)
    axis = 1 if ordering == "th" else 3
    if x.ndim != 4 or x.shape[axis] < 3:
        raise ValueError(
            f"preprocess_input: wanted a batch of images with 3 channels on axis {axis} (dim_ordering "
            f"{ordering!r}); got the shape {x.shape}. For one image, pass x[None]."
        )
    x = np.flip(x, axis)  # a view
    for channel, mean in enumerate(_MEANS):
        np.moveaxis(x, axis, 0)[channel] -= mean
    return x


def scale_to_one(x: ArrayLike) -> Any:
    """Scales values from 0..255 to -1..1, in place if `x` is an array of floats."""
    x = as_floats(x)
    x /= 255.0
    x -= 0.5
    x *= 2.0
    return x


def as_floats(x: ArrayLike) -> Any:
    """Returns `x` itself if it can hold fractions, otherwise an array of `K.floatx()`."""
    if isinstance(x, list | tuple) or (isinstance(x, np.ndarray) and x.dtype.kind in "biu"):
        return np.array(x, dtype=K.floatx())
    return x


def decode_predictions(preds: ArrayLike, top: int = 5) -> list[list[tuple[str, str, Any]]]:
    """Returns the names of the most probable classes.

    The names are downloaded on first use: `imagenet_class_index.json` in `~/.keras/models`.

    Args:
        preds: probabilities, shape (samples, 1000).
        top: number of classes to return.

    Returns:
        For each sample, `top` tuples (WordNet ID, name, probability), the most probable first.

    Raises:
        ValueError: `preds` has another shape.
        OSError: the names cannot be downloaded; the message says where to put the file by hand.
    """
    preds = np.asarray(preds)
    if preds.ndim != 2 or preds.shape[1] != 1000:
        raise ValueError(
            "decode_predictions expects a batch of predictions, an array of shape (samples, 1000); got the "
            f"shape {preds.shape}."
        )
    path = get_file("imagenet_class_index.json", CLASS_INDEX_PATH, cache_subdir="models")
    names = load_json(Path(path).read_bytes())
    # Not [::-1][:top], which orders equal probabilities differently than Keras 1.2.2.
    best = [row.argsort()[-top:][::-1] for row in preds]
    return [[(*names[str(i)], row[i]) for i in indices] for row, indices in zip(preds, best, strict=True)]


# Models published in 2017 import it by this name and call it with these arguments.
def _obtain_input_shape(
    input_shape: Sequence[int | None] | None,
    default_size: int,
    min_size: int,
    dim_ordering: str,
    include_top: bool,
) -> Shape:
    """Returns the shape of one image.

    Args:
        input_shape: the user's argument, or None.
        default_size: rows and columns that the model's top needs.
        min_size: smallest number of rows and columns without the top.
        dim_ordering: "th" or "tf".
        include_top: whether the model has its top.

    Returns:
        Tuple of int or None (unknown).

    Raises:
        ValueError: `input_shape` is invalid.
    """

    def ordered(rows: Any, columns: Any) -> tuple[Any, Any, Any]:
        return (3, rows, columns) if dim_ordering == "th" else (rows, columns, 3)

    needed = ordered(default_size, default_size)
    if input_shape is None:
        return needed if include_top else ordered(None, None)
    shape = tuple(input_shape)
    if include_top:
        if shape != needed:
            raise ValueError(
                f"input_shape: with include_top=True it is {needed} (dim_ordering {dim_ordering!r}); got "
                f"{shape}. For other sizes pass include_top=False.{_hint(shape, dim_ordering)}"
            )
        return shape
    channels, *sizes = shape if dim_ordering == "th" else (*shape[-1:], *shape[:-1])
    if len(sizes) != 2 or channels != 3:
        raise ValueError(
            f"input_shape: wanted {ordered('rows', 'columns')} with 3 channels, for dim_ordering "
            f"{dim_ordering!r}; got {shape}.{_hint(shape, dim_ordering)}"
        )
    if any(size is not None and size < min_size for size in sizes):
        raise ValueError(f"input_shape: wanted at least {min_size} rows and columns; got {shape}.")
    return shape


def _hint(shape: Shape, dim_ordering: str) -> str:
    return f" {image_order.advice(dim_ordering)}" if image_order.in_other_order(shape, dim_ordering) else ""
