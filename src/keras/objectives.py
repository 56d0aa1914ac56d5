"""Objectives (loss functions). Each returns one value for each sample, or for each step of a sample.

`y_true` and `y_pred` are float tensors of shape (samples, ..., size). The result has the shape
(samples, ...): the last axis is averaged or summed. Only `sparse_categorical_crossentropy` takes class
indices as `y_true`.
"""

import math
import sys
from collections.abc import Callable
from typing import Any

from . import backend as K
from ._base.names import get_from_module
from ._base.types import Config, TensorLike
from ._graph import Tensor
from ._spelling import by_config


def mean_squared_error(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """Mean squared error: mean((y_pred - y_true) ** 2).

    Args:
        y_true: float tensor of shape (samples, ..., size).
        y_pred: float tensor of shape (samples, ..., size).

    Returns:
        Tensor of shape (samples, ...), values >= 0.

    Example:
        >>> K.eval(mean_squared_error(K.variable([[0.0, 1.0]]), K.variable([[2.0, 1.0]]))).tolist()
        [2.0]
    """
    return K.mean(K.square(y_pred - y_true), axis=-1)


def mean_absolute_error(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """Mean absolute error: mean(|y_pred - y_true|).

    Args:
        y_true: float tensor of shape (samples, ..., size).
        y_pred: float tensor of shape (samples, ..., size).

    Returns:
        Tensor of shape (samples, ...), values >= 0.
    """
    return K.mean(K.abs(y_pred - y_true), axis=-1)


def mean_absolute_percentage_error(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """Mean absolute percentage error: 100 * mean(|y_true - y_pred| / max(|y_true|, epsilon)).

    Args:
        y_true: float tensor of shape (samples, ..., size).
        y_pred: float tensor of shape (samples, ..., size).

    Returns:
        Tensor of shape (samples, ...), in percent. The epsilon is `K.epsilon()`.
    """
    return 100.0 * K.mean(K.abs((y_true - y_pred) / _at_least_epsilon(K.abs(y_true))), axis=-1)


def mean_squared_logarithmic_error(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """Mean squared logarithmic error: mean((log(1 + y_pred) - log(1 + y_true)) ** 2).

    Args:
        y_true: float tensor of shape (samples, ..., size); values below `K.epsilon()` are replaced by it.
        y_pred: float tensor of shape (samples, ..., size); values below `K.epsilon()` are replaced by it.

    Returns:
        Tensor of shape (samples, ...), values >= 0.
    """
    difference = K.log(_at_least_epsilon(y_pred) + 1.0) - K.log(_at_least_epsilon(y_true) + 1.0)
    return K.mean(K.square(difference), axis=-1)


def squared_hinge(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """Squared hinge loss: mean(max(1 - y_true * y_pred, 0) ** 2).

    Args:
        y_true: float tensor of shape (samples, ..., size), labels -1 and 1.
        y_pred: float tensor of shape (samples, ..., size).

    Returns:
        Tensor of shape (samples, ...), values >= 0.
    """
    return K.mean(K.square(K.maximum(1.0 - y_true * y_pred, 0.0)), axis=-1)


def hinge(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """Hinge loss: mean(max(1 - y_true * y_pred, 0)).

    Args:
        y_true: float tensor of shape (samples, ..., size), labels -1 and 1.
        y_pred: float tensor of shape (samples, ..., size).

    Returns:
        Tensor of shape (samples, ...), values >= 0.
    """
    return K.mean(K.maximum(1.0 - y_true * y_pred, 0.0), axis=-1)


def categorical_crossentropy(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """Cross-entropy of class probabilities: -sum(y_true * log(y_pred)).

    Args:
        y_true: float tensor of shape (samples, ..., classes), one-hot vectors or probabilities;
            `keras.utils.np_utils.to_categorical` makes one-hot vectors of class indices.
        y_pred: float tensor of shape (samples, ..., classes), probabilities; first divided by their sum.

    Returns:
        Tensor of shape (samples, ...), in nats.
    """
    return K.categorical_crossentropy(y_pred, y_true)


def sparse_categorical_crossentropy(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """Cross-entropy of class probabilities and class indices: -log(y_pred[class]).

    Args:
        y_true: tensor of shape (samples, ..., 1), class indices from 0.
        y_pred: float tensor of shape (samples, ..., classes), probabilities.

    Returns:
        Tensor of shape (samples, ...), in nats.
    """
    return K.sparse_categorical_crossentropy(y_pred, y_true)


def binary_crossentropy(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """Binary cross-entropy: mean(-y_true * log(y_pred) - (1 - y_true) * log(1 - y_pred)).

    Args:
        y_true: float tensor of shape (samples, ..., size), values in [0, 1].
        y_pred: float tensor of shape (samples, ..., size), probabilities.

    Returns:
        Tensor of shape (samples, ...), in nats.
    """
    return K.mean(K.binary_crossentropy(y_pred, y_true), axis=-1)


def kullback_leibler_divergence(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """Kullback-Leibler divergence: sum(y_true * log(y_true / y_pred)).

    Args:
        y_true: float tensor of shape (samples, ..., classes), probabilities; clipped to [K.epsilon(), 1].
        y_pred: float tensor of shape (samples, ..., classes), probabilities; clipped to [K.epsilon(), 1].

    Returns:
        Tensor of shape (samples, ...), in nats.

    Reference:
        Kullback and Leibler 1951, "On information and sufficiency", eq. 2.4.
    """
    y_true = K.clip(y_true, K.epsilon(), 1)
    y_pred = K.clip(y_pred, K.epsilon(), 1)
    return K.sum(y_true * K.log(y_true / y_pred), axis=-1)


def poisson(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """Poisson loss: mean(y_pred - y_true * log(y_pred + epsilon)).

    This is the negative log-likelihood of a Poisson distribution without the terms that depend only on
    `y_true`.

    Args:
        y_true: float tensor of shape (samples, ..., size), counts.
        y_pred: float tensor of shape (samples, ..., size), expected counts.

    Returns:
        Tensor of shape (samples, ...), in nats. The epsilon is `K.epsilon()`.
    """
    return K.mean(y_pred - y_true * K.log(y_pred + K.epsilon()), axis=-1)


def cosine_proximity(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """Negative cosine similarity divided by the size: -mean(y_true / |y_true| * y_pred / |y_pred|).

    Args:
        y_true: float tensor of shape (samples, ..., size).
        y_pred: float tensor of shape (samples, ..., size).

    Returns:
        Tensor of shape (samples, ...), values in [-1 / size, 1 / size].
    """
    # Keras 1.2.2 takes the mean, so that the best value is -1 / size. Later versions of Keras take the sum.
    return -K.mean(K.l2_normalize(y_true, axis=-1) * K.l2_normalize(y_pred, axis=-1), axis=-1)


def categorical_hinge(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """Hinge loss of one-hot labels: max(0, 1 + largest wrong prediction - prediction of the class).

    Args:
        y_true: float tensor of shape (samples, ..., classes), one-hot vectors.
        y_pred: float tensor of shape (samples, ..., classes).

    Returns:
        Tensor of shape (samples, ...), values >= 0.
    """
    right = K.sum(y_true * y_pred, axis=-1)
    wrong = K.max((1.0 - y_true) * y_pred, axis=-1)
    return K.maximum(0.0, wrong - right + 1.0)


def logcosh(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """Mean of log(cosh(error)): about error ** 2 / 2 for small errors, |error| - log 2 for large ones.

    Args:
        y_true: float tensor of shape (samples, ..., size).
        y_pred: float tensor of shape (samples, ..., size).

    Returns:
        Tensor of shape (samples, ...), values >= 0.
    """
    error = y_pred - y_true
    return K.mean(error + K.softplus(-2.0 * error) - math.log(2.0), axis=-1)


def cosine_similarity(y_true: TensorLike, y_pred: TensorLike, axis: int = -1) -> Tensor:
    """Negative cosine of the angle between label and prediction: -1 is the best value.

    It is `cosine_proximity` times the size of the axis.

    Args:
        y_true: float tensor of shape (samples, ..., size).
        y_pred: float tensor of shape (samples, ..., size).
        axis: int, the axis of the vectors.

    Returns:
        Tensor without that axis, values in [-1, 1].
    """
    return -K.sum(K.l2_normalize(y_true, axis=axis) * K.l2_normalize(y_pred, axis=axis), axis=axis)


def _at_least_epsilon(x: TensorLike) -> TensorLike:
    return K.clip(x, K.epsilon(), math.inf)


mse = MSE = mean_squared_error
mae = MAE = mean_absolute_error
mape = MAPE = mean_absolute_percentage_error
msle = MSLE = mean_squared_logarithmic_error
kld = KLD = kullback_leibler_divergence
cosine = cosine_proximity

_OBJECTIVES = {
    **{
        function.__name__: function
        for function in (
            *(mean_squared_error, mean_absolute_error, mean_absolute_percentage_error),
            *(mean_squared_logarithmic_error, squared_hinge, hinge),
            *(categorical_crossentropy, sparse_categorical_crossentropy, binary_crossentropy),
            *(kullback_leibler_divergence, poisson, cosine_proximity),
            *(categorical_hinge, logcosh, cosine_similarity),
        )
    },
    **{"mse": mse, "mae": mae, "mape": mape, "msle": msle, "kld": kld, "cosine": cosine},
    **{"MSE": MSE, "MAE": MAE, "MAPE": MAPE, "MSLE": MSLE, "KLD": KLD},
}


def get(identifier: str | Callable[..., Any] | Config) -> Callable[..., Tensor]:
    """Looks up an objective.

    Args:
        identifier: name of an objective, as a string; a function `(y_true, y_pred)` that returns a value for
            each sample, which is returned unchanged; or a dict with the 'name' and the arguments of a custom
            object.

    Returns:
        A function `(y_true, y_pred)`.

    Raises:
        ValueError: there is no objective of that name.
        TypeError: `identifier` is a number, bytes or a list.

    Example:
        >>> get('mse') is mean_squared_error
        True
    """
    later = by_config(sys.modules[__name__], identifier)
    return get_from_module(identifier, _OBJECTIVES, "objective") if later is None else later
