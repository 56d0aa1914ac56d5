"""Images in files and as Pillow objects, and as arrays."""

import os
import re

import numpy as np

from .. import backend as K

# Channels of an array -> what Pillow calls such an image.
_MODES = {1: "L", 3: "RGB"}


def pillow():
    """The module PIL.Image.

    Raises:
        ImportError: Pillow is not installed.
    """
    try:
        from PIL import Image
    except ImportError as error:
        raise ImportError("Images in files need Pillow: pip install keras-classic[image]") from error
    return Image


def float_type():
    """The NumPy dtype of `K.floatx()`."""
    return K.cast_to_floatx(0).dtype


def array_to_img(x, dim_ordering="default", scale=True):
    """Turns an array into a Pillow image.

    Args:
        x: array of rank 3 with 1 or 3 channels: (channels, rows, columns) for "th", (rows, columns,
            channels) for "tf". Not changed.
        dim_ordering: "th", "tf" or "default".
        scale: bool, whether values are shifted to be at least 0 and scaled to be at most 255;
            otherwise they are cut to whole numbers, which must be in 0..255.

    Returns:
        PIL.Image.Image, grey or RGB.

    Raises:
        ImportError: Pillow is not installed.
        ValueError: `x` is of another shape, or `dim_ordering` is none of these.
    """
    Image = pillow()
    x = np.asarray(x, dtype=float_type())
    if x.ndim != 3:
        raise ValueError(f"array_to_img: got an array of shape {x.shape}; wanted one image, of rank 3.")
    if K.common.check_dim_ordering(dim_ordering) == "th":
        x = x.transpose(1, 2, 0)
    if x.shape[2] not in _MODES:
        raise ValueError(
            f"array_to_img: got {x.shape[2]} channels; wanted 1 or 3. Is dim_ordering={dim_ordering!r} right?"
        )
    if scale:
        x = x + max(-np.min(x), 0)
        largest = np.max(x)
        x = (x / largest if largest else x) * 255
    return Image.fromarray((x[:, :, 0] if x.shape[2] == 1 else x).astype("uint8"))


def img_to_array(img, dim_ordering="default"):
    """Turns a Pillow image into an array.

    Args:
        img: PIL.Image.Image, or an array of shape (rows, columns) or (rows, columns, channels).
        dim_ordering: "th", "tf" or "default".

    Returns:
        Array of `K.floatx()`, shape (channels, rows, columns) for "th", (rows, columns, channels) for
        "tf". Values are those of the image, 0 to 255.

    Raises:
        ValueError: `img` is neither grey nor in colours, or `dim_ordering` is none of these.
    """
    ordering = K.common.check_dim_ordering(dim_ordering)
    x = np.array(img, dtype=float_type())
    if x.ndim not in (2, 3):
        raise ValueError(
            f"img_to_array: got an image of shape {x.shape}; wanted (rows, columns) or (rows, columns, "
            "channels)."
        )
    if x.ndim == 2:
        x = x[:, :, np.newaxis]
    return x.transpose(2, 0, 1) if ordering == "th" else x


def load_img(path, grayscale=False, target_size=None):
    """Reads an image from a file.

    Args:
        path: path of the file.
        grayscale: bool, whether colours become grey; otherwise grey and transparent images become RGB.
        target_size: (rows, columns) in pixels, the size the image is brought to; None leaves it. Each
            pixel takes the value of the nearest one, whatever the version of Pillow.

    Returns:
        PIL.Image.Image.

    Raises:
        ImportError: Pillow is not installed.
        OSError: the file is missing, or is no image.
    """
    Image = pillow()
    with Image.open(path) as file:
        image = file.convert("L" if grayscale else "RGB")
    if target_size is not None:
        rows, columns = target_size
        image = image.resize((columns, rows), Image.Resampling.NEAREST)
    return image


def list_pictures(directory, ext="jpg|jpeg|bmp|png"):
    """Lists the images in a folder and the folders in it.

    A name counts if it begins with letters, digits or underscores, a dot and one of `ext`, in this
    case, as in Keras 1.2.2: "a.png" does, "a-1.png" and "a.PNG" do not.

    Args:
        directory: path of the folder.
        ext: str, a regular expression of file name extensions.

    Returns:
        List of paths, each beginning with `directory`; sorted within each folder.
    """
    name = re.compile(rf"\w+\.(?:{ext})")
    return [
        os.path.join(root, file)
        for root, _, files in os.walk(directory)
        for file in sorted(files)
        if name.match(file)
    ]
