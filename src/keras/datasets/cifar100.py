"""CIFAR-100: 60,000 color images in a hundred classes, which form twenty superclasses."""

import os
from typing import Any

from numpy.typing import NDArray

from .._files.download import get_file
from .cifar import as_set, load_batch

_ORIGIN = "http://www.cs.toronto.edu/~kriz/cifar-100-python.tar.gz"
_MD5 = "eb9058c3a382ffc7106e4002c42a8d85"  # published by the authors


def load_data(
    label_mode: str = "fine",
) -> tuple[tuple[NDArray[Any], NDArray[Any]], tuple[NDArray[Any], NDArray[Any]]]:
    """Loads the images; downloads 169 MB on first use.

    Args:
        label_mode: "fine" for the classes, "coarse" for the superclasses.

    Returns:
        Tuple `(x_train, y_train), (x_test, y_test)`. Images are uint8 arrays of shape (50000, 3, 32, 32)
        and (10000, 3, 32, 32) for the ordering "th", channels last for "tf"; values 0 to 255. Labels have
        shapes (50000, 1) and (10000, 1), int64.

    Raises:
        OSError: the file cannot be downloaded; the message says where to put it by hand.
        ValueError: `label_mode` is invalid, or the file is damaged or holds something else.

    Reference:
        Krizhevsky 2009, "Learning Multiple Layers of Features from Tiny Images".
    """
    if label_mode not in ("fine", "coarse"):
        raise ValueError(f'cifar100.load_data: got label_mode={label_mode!r}; wanted "fine" or "coarse".')
    folder = get_file("cifar-100-python", origin=_ORIGIN, untar=True, md5_hash=_MD5)
    train, test = (
        load_batch(os.path.join(folder, name), f"{label_mode}_labels") for name in ("train", "test")
    )
    return as_set(*train), as_set(*test)
