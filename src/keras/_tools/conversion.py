"""Converts weights to another backend or another image ordering."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import backend as K
from ..engine.container import Container
from ..layers import Dense

#: As in Keras 1.2.2. Names are compared, so a user's layers with these names are converted, too.
_CONVOLUTIONS = ("Convolution1D", "Convolution2D", "Convolution3D", "AtrousConvolution2D", "Deconvolution2D")


def convert_kernel(kernel: NDArray[Any], dim_ordering: str | None = None) -> NDArray[Any]:
    """Converts a kernel for cross-correlation to one for true convolution, or back.

    Theano convolves, TensorFlow cross-correlates; their kernels are mirror images of each other in all
    spatial directions.

    Args:
        kernel: array of rank 4 (2D convolution) or 5 (3D).
        dim_ordering: 'th', kernels (filters, channels, space...), or 'tf', kernels
            (space..., channels, filters). None for the current ordering.

    Returns:
        A new array of the same shape.

    Raises:
        ValueError: the rank or the ordering is invalid.
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


def convert_all_kernels_in_model(model: Container) -> None:
    """Converts the kernels of all convolutions from Theano to TensorFlow, or back, in place.

    Theano convolves; TensorFlow and this package cross-correlate. Weights that were trained on Theano must
    be converted once. See `convert_kernel`.

    Args:
        model: a `Model` or `Sequential`; models inside it are not converted, as in Keras 1.2.2.
    """
    for layer in model.layers:
        if type(layer).__name__ in _CONVOLUTIONS:
            ordering = getattr(layer, "dim_ordering", "tf")  # Convolution1D has its kernel in "tf" order
            K.set_value(layer.W, convert_kernel(K.get_value(layer.W), ordering))


def convert_dense_weights_data_format(
    dense: Dense, previous_feature_map_shape: Sequence[int], target_data_format: str = "channels_first"
) -> None:
    """Reorders in place the weights of the `Dense` after a `Flatten`, for the other image ordering.

    `Flatten` keeps the memory order of an image, so the rows of the next layer's W belong to other pixels
    when the ordering changes. Keras 1.2.2 has no such function; the name is Keras 2's.

    Args:
        dense: the layer.
        previous_feature_map_shape: shape before the `Flatten`, without the samples, in the target ordering:
            (channels, rows, cols) or (rows, cols, channels).
        target_data_format: "channels_first" (or "th") if W was trained with channels last, "channels_last"
            (or "tf") if it was trained with channels first.

    Raises:
        ValueError: the number of rows of W does not match the shape, or the target is invalid.

    Example:
        >>> from keras.layers import Convolution2D, Dense, Flatten
        >>> from keras.models import Sequential
        >>> model = Sequential([
        ...     Convolution2D(4, 3, 3, input_shape=(3, 8, 8), dim_ordering="th"), Flatten(), Dense(5)])
        >>> convert_dense_weights_data_format(model.layers[2], (4, 6, 6), "channels_first")
    """
    to_first = {"channels_first": True, "th": True, "channels_last": False, "tf": False}
    if target_data_format not in to_first:
        raise ValueError(
            f"target_data_format must be one of {', '.join(map(repr, to_first))}; got {target_data_format!r}."
        )
    W = K.get_value(dense.W)
    shape = tuple(previous_feature_map_shape)
    if len(shape) != 3 or math.prod(shape) != len(W):
        raise ValueError(
            f"Layer {dense.name!r} has a W of shape {W.shape}; previous_feature_map_shape must be three "
            f"sizes whose product is {len(W)}, got {shape}."
        )
    if to_first[target_data_format]:
        maps = W.reshape(*shape[1:], shape[0], -1).transpose(2, 0, 1, 3)
    else:
        maps = W.reshape(shape[2], *shape[:2], -1).transpose(1, 2, 0, 3)
    K.set_value(dense.W, maps.reshape(W.shape))
