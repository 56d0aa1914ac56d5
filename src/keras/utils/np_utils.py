"""NumPy helpers: one-hot labels, simple scores, and the arithmetic of convolution lengths."""

import numpy as np

from .. import backend as K

_BORDER_MODES = ("valid", "same", "full")


def to_categorical(y, nb_classes=None):
    """Turns class numbers into one-hot rows.

    Args:
        y: array-like of class numbers 0, 1, ..., any shape with n entries; flattened.
        nb_classes: int, length of a row; None means the largest number in `y` plus one.

    Returns:
        float64 array of shape (n, nb_classes).

    Raises:
        ValueError: a class number is below 0, or is not below `nb_classes`.

    Example:
        >>> to_categorical([0, 2])
        array([[1., 0., 0.],
               [0., 0., 1.]])
    """
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
    return categorical


def normalize(a, axis=-1, order=2):
    """Divides by the norm along an axis, so that each vector has length one; zeros stay zero.

    Args:
        a: array, any shape.
        axis: int, the axis along which the vectors lie.
        order: the norm, as `numpy.linalg.norm` takes it (2: Euclidean, 1: sum of sizes).

    Returns:
        Array with the shape of `a`.
    """
    length = np.atleast_1d(np.linalg.norm(a, order, axis))
    length[length == 0] = 1
    return a / np.expand_dims(length, axis)


def binary_logloss(p, y):
    """Mean of -(y log p + (1 - y) log(1 - p)), with p kept 1e-15 away from 0 and 1.

    Args:
        p: predicted probabilities, shape (n,) or (n, k).
        y: labels 0 or 1, same shape.

    Returns:
        float for shape (n,); for (n, k) an array of k means, one per column.
    """
    p, y = np.clip(p, 1e-15, 1 - 1e-15), np.asarray(y)
    return -np.sum(y * np.log(p) + (1 - y) * np.log(1 - p), axis=0) / len(y)


def multiclass_logloss(p, y):
    """Mean of -log of the probability that was given to the right class.

    Args:
        p: predicted probabilities, shape (n, classes).
        y: class numbers from 1 to `classes`, shape (n,). Counted from one, as in Keras 1.2.2.

    Returns:
        float.
    """
    p, y = np.asarray(p), np.asarray(y)
    return -np.mean(np.log(p[np.arange(len(y)), y - 1]))


def accuracy(p, y):
    """Share of entries of `p` that equal the entry of `y` at the same place.

    Args:
        p: predicted classes, a sequence of n.
        y: true classes, a sequence of n.

    Returns:
        float from 0 to 1.
    """
    return np.mean([a == b for a, b in zip(p, y, strict=False)])


def probas_to_classes(y_pred):
    """The most probable class of each row; with one column, 1 where it is above 0.5.

    Args:
        y_pred: array of probabilities, shape (n, classes), (n, 1) or (n,).

    Returns:
        int array of shape (n,).
    """
    if y_pred.ndim > 1 and y_pred.shape[1] > 1:
        return categorical_probas_to_classes(y_pred)
    return (y_pred > 0.5).astype(int).reshape(len(y_pred))


def categorical_probas_to_classes(p):
    """The most probable class of each row: shape (n, classes) gives int array of shape (n,)."""
    return np.argmax(p, axis=1)


def convert_kernel(kernel, dim_ordering=None):
    """Turns a kernel for cross-correlation into one for true convolution, or back.

    Theano convolves, TensorFlow cross-correlates; the kernels are each other's mirror image in all
    spatial directions.

    Args:
        kernel: array of rank 4 (2D convolution) or 5 (3D).
        dim_ordering: 'th', kernels (filters, channels, space...), or 'tf', kernels
            (space..., channels, filters). None means the ordering of the backend.

    Returns:
        A new array of the same shape.

    Raises:
        ValueError: another rank or ordering.
    """
    dim_ordering = dim_ordering or K.image_dim_ordering()
    if kernel.ndim not in (4, 5):
        raise ValueError(
            f"convert_kernel: kernel of shape {kernel.shape} has rank {kernel.ndim}; wanted rank 4 "
            "(2D convolution) or 5 (3D convolution)."
        )
    if dim_ordering not in ("th", "tf"):
        raise ValueError(f"convert_kernel: dim_ordering is 'th' or 'tf'; got {dim_ordering!r}.")
    first = 2 if dim_ordering == "th" else 0
    return np.flip(kernel, axis=tuple(range(first, first + kernel.ndim - 2))).copy()


def conv_output_length(input_length, filter_size, border_mode, stride, dilation=1):
    """Number of outputs of a convolution or pooling along one direction.

    Args:
        input_length: int or None (unknown).
        filter_size: int, taps of the filter.
        border_mode: 'valid' (no padding), 'same' or 'full'.
        stride: int, step between two outputs.
        dilation: int, step between two taps.

    Returns:
        int, or None if `input_length` is None.

    Raises:
        ValueError: another border mode.

    Example:
        >>> conv_output_length(28, 3, 'valid', 1)
        26
    """
    if input_length is None:
        return None
    _check_border_mode("conv_output_length", border_mode)
    reach = (filter_size - 1) * dilation
    growth = {"valid": -reach, "same": 0, "full": reach}[border_mode]
    return (input_length + growth + stride - 1) // stride


def conv_input_length(output_length, filter_size, border_mode, stride):
    """Shortest input that gives `output_length` outputs; the reverse of `conv_output_length`.

    Args:
        output_length: int or None (unknown).
        filter_size: int, taps of the filter.
        border_mode: 'valid', 'same' or 'full'.
        stride: int, step between two outputs.

    Returns:
        int, or None if `output_length` is None.

    Raises:
        ValueError: another border mode.
    """
    if output_length is None:
        return None
    _check_border_mode("conv_input_length", border_mode)
    padding = {"valid": 0, "same": filter_size // 2, "full": filter_size - 1}[border_mode]
    return (output_length - 1) * stride - 2 * padding + filter_size


def _check_border_mode(who, border_mode):
    if border_mode not in _BORDER_MODES:
        raise ValueError(f"{who}: border_mode is one of {_BORDER_MODES}; got {border_mode!r}.")
