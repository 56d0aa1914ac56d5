"""Images and classes of ImageNet."""

import json

import numpy as np

from .. import backend as K
from .._files.download import get_file

_CLASS_INDEX_ORIGIN = "https://s3.amazonaws.com/deep-learning-models/image-models/imagenet_class_index.json"
#: Mean blue, green and red of the training images, from Simonyan and Zisserman 2014, arXiv:1409.1556.
_MEANS = (103.939, 116.779, 123.68)


def preprocess_input(x, dim_ordering="default"):
    """Turns images into what VGG16, VGG19 and ResNet50 were trained on: blue, green, red, less their means.

    Args:
        x: array of shape (samples, 3, rows, columns) for "th", (samples, rows, columns, 3) for "tf": red,
            green and blue from 0 to 255. An array of floats is changed, as in Keras 1.2.2: what is returned
            is another view of it. An array of integers is left alone.
        dim_ordering: "th", "tf", or "default" for `K.image_dim_ordering()`.

    Returns:
        Array of the shape of `x`.

    Raises:
        ValueError: `dim_ordering` is something else, or `x` is no batch of images with 3 channels.

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
            f"{ordering!r}); got the shape {x.shape}. One image needs an axis of samples in front: x[None]."
        )
    x = np.flip(x, axis)  # a view
    for channel, mean in enumerate(_MEANS):
        np.moveaxis(x, axis, 0)[channel] -= mean
    return x


def scale_to_one(x):
    """Turns values from 0 to 255 into -1 to 1, in place where `x` is an array of floats."""
    x = as_floats(x)
    x /= 255.0
    x -= 0.5
    x *= 2.0
    return x


def as_floats(x):
    """`x` itself if it can hold fractions, and else an array of `K.floatx()`."""
    if isinstance(x, list | tuple) or (isinstance(x, np.ndarray) and x.dtype.kind in "biu"):
        return np.array(x, dtype=K.floatx())
    return x


def decode_predictions(preds, top=5):
    """Names the most probable classes.

    The names are downloaded on the first use: `imagenet_class_index.json` in `~/.keras/models`.

    Args:
        preds: array of shape (samples, 1000), probabilities.
        top: int, how many classes to name.

    Returns:
        For each sample a list of `top` tuples (WordNet number, name, probability), the most probable first.

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
    path = get_file("imagenet_class_index.json", _CLASS_INDEX_ORIGIN, cache_subdir="models")
    with open(path, encoding="utf-8") as file:
        names = json.load(file)
    # Not [::-1][:top], which orders equal probabilities in another way than Keras 1.2.2.
    best = [row.argsort()[-top:][::-1] for row in preds]
    return [[(*names[str(i)], row[i]) for i in places] for row, places in zip(preds, best, strict=True)]


# By this name and with these arguments other people's models of 2017 import it.
def _obtain_input_shape(input_shape, default_size, min_size, dim_ordering, include_top):
    """The shape of one image.

    Args:
        input_shape: tuple, what the user gave, or None.
        default_size: int, rows and columns that the model's top needs.
        min_size: int, the least rows and columns without the top.
        dim_ordering: "th" or "tf".
        include_top: bool.

    Returns:
        Tuple of int or None (unknown).

    Raises:
        ValueError: `input_shape` does not fit.
    """

    def ordered(rows, columns):
        return (3, rows, columns) if dim_ordering == "th" else (rows, columns, 3)

    needed = ordered(default_size, default_size)
    if input_shape is None:
        return needed if include_top else ordered(None, None)
    shape = tuple(input_shape)
    if include_top:
        if shape != needed:
            raise ValueError(
                f"input_shape: with include_top=True it is {needed} (dim_ordering {dim_ordering!r}); got "
                f"{shape}. For other sizes pass include_top=False."
            )
        return shape
    channels, *sizes = shape if dim_ordering == "th" else (*shape[-1:], *shape[:-1])
    if len(sizes) != 2 or channels != 3:
        raise ValueError(
            f"input_shape: wanted {ordered('rows', 'columns')} with 3 channels, for dim_ordering "
            f"{dim_ordering!r}; got {shape}."
        )
    if any(size is not None and size < min_size for size in sizes):
        raise ValueError(f"input_shape: wanted at least {min_size} rows and columns; got {shape}.")
    return shape
