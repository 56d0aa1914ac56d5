"""CIFAR-10: 60,000 color images in ten classes."""

import os
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._files.download import get_file
from .cifar import as_set, load_batch

_ORIGIN = "http://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz"
_MD5 = "c58f30108f718f92721af3b95e74349a"  # published by the authors


def load_data() -> tuple[tuple[NDArray[Any], NDArray[Any]], tuple[NDArray[Any], NDArray[Any]]]:
    """Loads the images; downloads 170 MB on first use.

    Returns:
        Tuple `(x_train, y_train), (x_test, y_test)`. Images are uint8 arrays of shape (50000, 3, 32, 32)
        and (10000, 3, 32, 32) for the ordering "th", channels last for "tf"; values 0 to 255. Labels 0 to 9
        have shapes (50000, 1), uint8, and (10000, 1), int64.

    Raises:
        OSError: the file cannot be downloaded; the message says where to put it by hand.
        ValueError: the file is damaged or holds something else.

    Reference:
        Krizhevsky 2009, "Learning Multiple Layers of Features from Tiny Images".
    """
    folder = get_file("cifar-10-batches-py", origin=_ORIGIN, untar=True, md5_hash=_MD5)
    batches = [load_batch(os.path.join(folder, f"data_batch_{number}")) for number in range(1, 6)]
    x_train = np.concatenate([data for data, _ in batches])
    y_train = np.concatenate([np.asarray(labels, "uint8") for _, labels in batches])
    return as_set(x_train, y_train), as_set(*load_batch(os.path.join(folder, "test_batch")))
