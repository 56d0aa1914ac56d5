"""MNIST: 70,000 grayscale images of handwritten digits."""

from typing import Any

from numpy.typing import NDArray

from .._files.download import get_file
from ._pickles import load_pickle, numbers

_ORIGIN = "https://s3.amazonaws.com/img-datasets/mnist.pkl.gz"


def load_data(
    path: str = "mnist.pkl.gz",
) -> tuple[tuple[NDArray[Any], NDArray[Any]], tuple[NDArray[Any], NDArray[Any]]]:
    """Loads the images; downloads 15 MB on first use.

    Args:
        path: name of the file in `~/.keras/datasets`.

    Returns:
        Tuple `(x_train, y_train), (x_test, y_test)` of uint8 arrays. Images have the shapes (60000, 28, 28)
        and (10000, 28, 28), values 0 to 255; labels 0 to 9 have the shapes (60000,) and (10000,).

    Raises:
        OSError: the file cannot be downloaded; the message says where to put it by hand.
        ValueError: the file is damaged or holds something else.

    Reference:
        LeCun, Bottou, Bengio and Haffner 1998, "Gradient-Based Learning Applied to Document Recognition".
    """
    path = get_file(path, origin=_ORIGIN)
    data = load_pickle(path)
    try:
        (x_train, y_train), (x_test, y_test) = data
    except (TypeError, ValueError):
        raise ValueError(f"{path}: wanted two pairs (images, labels).") from None
    x_train, y_train, x_test, y_test = (
        numbers(values, path) for values in (x_train, y_train, x_test, y_test)
    )
    return (x_train, y_train), (x_test, y_test)
