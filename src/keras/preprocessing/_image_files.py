"""Images in files, as Pillow objects and as arrays."""

import os
import re
from collections.abc import Sequence
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .. import backend as K
from .._base.budget import Budget
from .._base.types import ArrayLike, FilePath

if TYPE_CHECKING:
    from PIL.Image import Image

# Number of channels -> Pillow's mode.
_MODES = {1: "L", 3: "RGB"}


def pillow() -> ModuleType:
    """Returns the module PIL.Image.

    Raises:
        ImportError: Pillow is not installed.
    """
    try:
        from PIL import Image as module
    except ImportError as error:
        raise ImportError("Images in files need Pillow: pip install keras-classic[image]") from error
    return module


def float_type() -> np.dtype[Any]:
    """Returns the NumPy dtype of `K.floatx()`."""
    return K.cast_to_floatx(0).dtype


def array_to_img(x: ArrayLike, dim_ordering: str = "default", scale: bool = True) -> "Image":
    """Converts an array to a Pillow image.

    Args:
        x: array of rank 3 with 1 or 3 channels: (channels, rows, columns) for "th", (rows, columns,
            channels) for "tf". Not changed.
        dim_ordering: "th", "tf" or "default".
        scale: whether to shift values to be at least 0 and scale them so that the largest is 255;
            otherwise they are truncated to integers, which must be in 0..255.

    Returns:
        PIL.Image.Image, grayscale or RGB.

    Raises:
        ImportError: Pillow is not installed.
        ValueError: `x` has another shape, or `dim_ordering` is invalid.
    """
    module = pillow()
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
    return module.fromarray((x[:, :, 0] if x.shape[2] == 1 else x).astype("uint8"))


def img_to_array(img: "Image | ArrayLike", dim_ordering: str = "default") -> NDArray[Any]:
    """Converts a Pillow image to an array.

    Args:
        img: PIL.Image.Image, or an array of shape (rows, columns) or (rows, columns, channels).
        dim_ordering: "th", "tf" or "default".

    Returns:
        Array of `K.floatx()`, shape (channels, rows, columns) for "th", (rows, columns, channels) for
        "tf", with the values of the image, 0 to 255.

    Raises:
        ValueError: `img` has neither rank 2 nor 3, or `dim_ordering` is invalid.
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


def load_img(path: FilePath, grayscale: bool = False, target_size: Sequence[int] | None = None) -> "Image":
    """Reads an image from a file.

    Args:
        path: path of the file.
        grayscale: whether to convert to grayscale; otherwise the image is converted to RGB.
        target_size: (rows, columns) in pixels to which the image is resized; None keeps its size. Each
            pixel takes the value of the nearest one, in every version of Pillow.

    Returns:
        PIL.Image.Image.

    Raises:
        ImportError: Pillow is not installed.
        OSError: the file is missing, is not an image, or is PostScript, which is a program.
        OverBudget: the image has far more pixels than a file of its size should have; nothing is unpacked.
    """
    module = pillow()
    with module.open(path) as file:  # reads the header only
        if file.format == "EPS":
            raise OSError(
                f"{path} is PostScript; Pillow would run it in Ghostscript. Convert it to PNG first."
            )
        _charge_pixels(path, file)
        image = file.convert("L" if grayscale else "RGB")
    if target_size is not None:
        rows, columns = target_size
        image = image.resize((columns, rows), module.Resampling.NEAREST)
    return image


def _charge_pixels(path: FilePath, file: Any) -> None:
    """Charges the pixels of an image and their copy in RGB to a budget for the file."""
    if not isinstance(path, str | os.PathLike):
        return  # an open file; Pillow has a limit of its own, 179 million pixels
    columns, rows = file.size
    budget = Budget(os.fsdecode(path), os.path.getsize(path))
    budget.take_memory(columns * rows * (len(file.getbands()) + 3), "pixels")


def list_pictures(directory: FilePath, ext: str = "jpg|jpeg|bmp|png") -> list[str]:
    """Lists the images in a folder and its subfolders.

    As in Keras 1.2.2, a name must begin with letters, digits or underscores, a dot and one of `ext`, in
    the same case: "a.png" is listed, "a-1.png" and "a.PNG" are not.

    Args:
        directory: path of the folder.
        ext: a regular expression of file name extensions.

    Returns:
        Paths that begin with `directory`, sorted within each folder.
    """
    name = re.compile(rf"\w+\.(?:{ext})")
    return [
        os.path.join(root, file)
        for root, _, files in os.walk(directory)
        for file in sorted(files)
        if name.match(file)
    ]
