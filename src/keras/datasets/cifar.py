"""The files of CIFAR-10 and CIFAR-100."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import backend as K
from .._base.types import FilePath
from ._pickles import load_pickle, numbers


def load_batch(fpath: FilePath, label_key: str = "labels") -> tuple[NDArray[np.uint8], list[int]]:
    """Reads one file of images.

    Args:
        fpath: path of the file, a pickle published by the authors of CIFAR.
        label_key: key of the labels: "labels", "fine_labels" or "coarse_labels".

    Returns:
        Tuple of a uint8 array of images, shape (n, 3, 32, 32), values 0 to 255, and a list of n labels.

    Raises:
        ValueError: the file is damaged, holds something else or has no such labels.
        OSError: the file cannot be read.
    """
    stored = load_pickle(fpath)
    if not isinstance(stored, dict):
        raise ValueError(f"{fpath}: wanted a dict; got {type(stored).__name__}.")
    # Python 2 stored strings as bytes.
    stored = {key.decode("utf8") if isinstance(key, bytes) else key: value for key, value in stored.items()}
    missing = {"data", label_key} - stored.keys()
    if missing:
        raise ValueError(f"{fpath}: has no {sorted(missing)}; it has {sorted(map(str, stored))}.")
    numbers(stored[label_key], fpath)
    return numbers(stored["data"], fpath).reshape(-1, 3, 32, 32), stored[label_key]


def as_set(data: NDArray[Any], labels: Sequence[int] | NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Converts images to the current image ordering, and labels to a column.

    Args:
        data: images, shape (n, 3, 32, 32).
        labels: n labels.

    Returns:
        Tuple of images of shape (n, 3, 32, 32) for "th", (n, 32, 32, 3) for "tf", and labels of shape (n, 1).
    """
    if K.image_dim_ordering() == "tf":
        data = data.transpose(0, 2, 3, 1)
    return data, np.reshape(labels, (len(labels), 1))
