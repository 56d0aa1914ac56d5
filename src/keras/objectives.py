"""Objectives: how far predictions are from the truth, one number for each sample (or step).

`y_true` and `y_pred` have the shape (samples, ..., size); the result has the shape without the last
axis. Only the sparse cross-entropy takes `y_true` as class numbers.
"""

import math

from . import backend as K
from ._base.names import get_from_module


def mean_squared_error(y_true, y_pred):
    """mean((y_pred - y_true) ** 2)."""
    return K.mean(K.square(y_pred - y_true), axis=-1)


def mean_absolute_error(y_true, y_pred):
    """mean(|y_pred - y_true|)."""
    return K.mean(K.abs(y_pred - y_true), axis=-1)


def mean_absolute_percentage_error(y_true, y_pred):
    """100 * mean(|y_true - y_pred| / |y_true|), in percent; |y_true| counts as `K.epsilon()` at least."""
    return 100.0 * K.mean(K.abs((y_true - y_pred) / _at_least_epsilon(K.abs(y_true))), axis=-1)


def mean_squared_logarithmic_error(y_true, y_pred):
    """mean((log(1 + y_pred) - log(1 + y_true)) ** 2); values below `K.epsilon()` count as that."""
    ratio = K.log(_at_least_epsilon(y_pred) + 1.0) - K.log(_at_least_epsilon(y_true) + 1.0)
    return K.mean(K.square(ratio), axis=-1)


def squared_hinge(y_true, y_pred):
    """mean(max(1 - y_true * y_pred, 0) ** 2), for `y_true` in {-1, 1}."""
    return K.mean(K.square(K.maximum(1.0 - y_true * y_pred, 0.0)), axis=-1)


def hinge(y_true, y_pred):
    """mean(max(1 - y_true * y_pred, 0)), for `y_true` in {-1, 1}."""
    return K.mean(K.maximum(1.0 - y_true * y_pred, 0.0), axis=-1)


def categorical_crossentropy(y_true, y_pred):
    """-sum(y_true * log(y_pred)); predictions are scaled to a sum of 1 first.

    Args:
        y_true: (samples, ..., classes), one-hot or probabilities; `np_utils.to_categorical` makes them.
        y_pred: (samples, ..., classes), probabilities.
    """
    return K.categorical_crossentropy(y_pred, y_true)


def sparse_categorical_crossentropy(y_true, y_pred):
    """-log(y_pred[class]).

    Args:
        y_true: (samples, ..., 1), class numbers 0, 1, ...
        y_pred: (samples, ..., classes), probabilities.
    """
    return K.sparse_categorical_crossentropy(y_pred, y_true)


def binary_crossentropy(y_true, y_pred):
    """mean(-y_true * log(y_pred) - (1 - y_true) * log(1 - y_pred)), for values in 0 .. 1."""
    return K.mean(K.binary_crossentropy(y_pred, y_true), axis=-1)


def kullback_leibler_divergence(y_true, y_pred):
    """sum(y_true * log(y_true / y_pred)), for probabilities; in nats.

    Reference:
        Kullback and Leibler 1951, "On information and sufficiency", eq. 2.4.
    """
    y_true = K.clip(y_true, K.epsilon(), 1)
    y_pred = K.clip(y_pred, K.epsilon(), 1)
    return K.sum(y_true * K.log(y_true / y_pred), axis=-1)


def poisson(y_true, y_pred):
    """mean(y_pred - y_true * log(y_pred)): what a Poisson distribution's likelihood leaves of counts."""
    return K.mean(y_pred - y_true * K.log(y_pred + K.epsilon()), axis=-1)


def cosine_proximity(y_true, y_pred):
    """-mean of the products of the two vectors, each scaled to length 1."""
    # The mean, not the sum: -1 / size is the best, not -1. Later versions of Keras sum.
    return -K.mean(K.l2_normalize(y_true, axis=-1) * K.l2_normalize(y_pred, axis=-1), axis=-1)


def _at_least_epsilon(x):
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
        )
    },
    **{"mse": mse, "mae": mae, "mape": mape, "msle": msle, "kld": kld, "cosine": cosine},
    **{"MSE": MSE, "MAE": MAE, "MAPE": MAPE, "MSLE": MSLE, "KLD": KLD},
}


def get(identifier):
    """Finds an objective.

    Args:
        identifier: its name, or a function `(y_true, y_pred)` giving a value for each sample.

    Raises:
        ValueError: no objective has that name.

    Example:
        >>> get('mse') is mean_squared_error
        True
    """
    return get_from_module(identifier, _OBJECTIVES, "objective")
