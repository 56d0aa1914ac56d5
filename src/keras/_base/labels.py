"""NumPy helpers for labels and predictions: one-hot rows, classes, simple scores."""

from typing import Any

import numpy as np

from .types import ArrayLike


def to_categorical(y: ArrayLike, nb_classes: int | None = None, keep_axes: bool = False) -> np.ndarray:
    """Converts class numbers to one-hot rows.

    Args:
        y: array-like of class numbers 0, 1, ...; any shape, n entries in all.
        nb_classes: int, length of a row; None means the largest number in `y` plus one.
        keep_axes: bool, whether the rows stand along a new last axis of `y`, as in Keras 2; an axis of size 1
            at its end is replaced. A call with Keras 2's `num_classes=` does so.

    Returns:
        float64 array of shape (n, nb_classes), or (*shape of y, nb_classes).

    Raises:
        ValueError: a class number is negative, or not less than `nb_classes`.

    Example:
        >>> to_categorical([0, 2])
        array([[1., 0., 0.],
               [0., 0., 1.]])
    """
    shape = np.shape(y)
    y = np.asarray(y).astype(int).ravel()
    nb_classes = nb_classes or int(np.max(y)) + 1
    wrong = np.flatnonzero((y < 0) | (y >= nb_classes))
    if wrong.size:
        raise ValueError(
            f"to_categorical: class number {y[wrong[0]]} at position {wrong[0]} is outside "
            f"0..{nb_classes - 1}. Number the classes from 0, or pass a larger nb_classes."
        )
    categorical = np.zeros((y.size, nb_classes))
    categorical[np.arange(y.size), y] = 1
    if not keep_axes:
        return categorical
    return categorical.reshape(*(shape[:-1] if len(shape) > 1 and shape[-1] == 1 else shape), nb_classes)


def normalize(a: np.ndarray, axis: int = -1, order: Any = 2) -> np.ndarray:
    """Scales vectors to unit norm; zero vectors stay zero.

    Args:
        a: array, any shape.
        axis: int, the axis along which the norm is taken.
        order: the order of the norm, as in `numpy.linalg.norm` (2: Euclidean, 1: sum of absolute values).

    Returns:
        Array of the shape of `a`.
    """
    length = np.atleast_1d(np.linalg.norm(a, order, axis))
    length[length == 0] = 1
    return a / np.expand_dims(length, axis)


def binary_logloss(p: ArrayLike, y: ArrayLike) -> Any:
    """Returns the mean of -(y log p + (1 - y) log(1 - p)), with p clipped to [1e-15, 1 - 1e-15].

    Args:
        p: predicted probabilities, shape (n,) or (n, k).
        y: labels 0 or 1, same shape.

    Returns:
        float for shape (n,); an array of k column means for shape (n, k).
    """
    p, y = np.clip(p, 1e-15, 1 - 1e-15), np.asarray(y)
    return -np.sum(y * np.log(p) + (1 - y) * np.log(1 - p), axis=0) / len(y)


def multiclass_logloss(p: ArrayLike, y: ArrayLike) -> np.floating[Any]:
    """Returns the mean of -log p[i, y[i] - 1], the log loss of the true classes.

    Args:
        p: predicted probabilities, shape (n, classes).
        y: class numbers from 1 to `classes`, shape (n,). Counted from one, as in Keras 1.2.2.

    Returns:
        float.
    """
    p, y = np.asarray(p), np.asarray(y)
    return -np.mean(np.log(p[np.arange(len(y)), y - 1]))


def accuracy(p: ArrayLike, y: ArrayLike) -> np.floating[Any]:
    """Returns the fraction of predictions that equal the true class.

    Args:
        p: predicted classes, a sequence of n.
        y: true classes, a sequence of n.

    Returns:
        float in [0, 1].
    """
    return np.mean([a == b for a, b in zip(p, y, strict=False)])


def probas_to_classes(y_pred: np.ndarray) -> np.ndarray:
    """Returns the most probable class of each row; for a single column, 1 where it is above 0.5.

    Args:
        y_pred: array of probabilities, shape (n, classes), (n, 1) or (n,).

    Returns:
        int array of shape (n,).
    """
    if y_pred.ndim > 1 and y_pred.shape[1] > 1:
        return categorical_probas_to_classes(y_pred)
    return (y_pred > 0.5).astype(int).reshape(len(y_pred))


def categorical_probas_to_classes(p: np.ndarray) -> np.ndarray:
    """Returns the most probable class of each row.

    Args:
        p: array of probabilities, shape (n, classes).

    Returns:
        int array of shape (n,).
    """
    return np.argmax(p, axis=1)
