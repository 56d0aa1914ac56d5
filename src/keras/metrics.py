"""Metrics: one number for a batch of predictions.

`y_true` and `y_pred` have the shape (samples, ..., size); every result is a scalar.
"""

from . import backend as K
from . import objectives
from ._base.names import get_from_module as get_from_module

# --- right or wrong -----------------------------------------------------------------------------


def binary_accuracy(y_true, y_pred):
    """Part of the predictions that round to the truth, in 0 .. 1; 0.5 rounds to 0."""
    return K.mean(K.equal(y_true, K.round(y_pred)))


def categorical_accuracy(y_true, y_pred):
    """Part of the predictions whose largest class is the true one, in 0 .. 1; `y_true` is one-hot."""
    return K.mean(K.equal(K.argmax(y_true, axis=-1), K.argmax(y_pred, axis=-1)))


def sparse_categorical_accuracy(y_true, y_pred):
    """Part of the predictions whose largest class is the true one, in 0 .. 1.

    Args:
        y_true: (samples, ..., 1), class numbers.
        y_pred: (samples, ..., classes).
    """
    return K.mean(K.equal(K.max(y_true, axis=-1), K.cast(K.argmax(y_pred, axis=-1), K.floatx())))


def top_k_categorical_accuracy(y_true, y_pred, k=5):
    """Part of the predictions that have the true class among the `k` largest, in 0 .. 1.

    Args:
        y_true: (samples, classes), one-hot.
        y_pred: (samples, classes).
        k: int, 1 or more.
    """
    return K.mean(K.in_top_k(y_pred, K.argmax(y_true, axis=-1), k))


# --- means of the objectives ----------------------------------------------------------------------


def mean_squared_error(y_true, y_pred):
    """Mean of `objectives.mean_squared_error`."""
    return K.mean(objectives.mean_squared_error(y_true, y_pred))


def mean_absolute_error(y_true, y_pred):
    """Mean of `objectives.mean_absolute_error`."""
    return K.mean(objectives.mean_absolute_error(y_true, y_pred))


def mean_absolute_percentage_error(y_true, y_pred):
    """Mean of `objectives.mean_absolute_percentage_error`, in percent."""
    return K.mean(objectives.mean_absolute_percentage_error(y_true, y_pred))


def mean_squared_logarithmic_error(y_true, y_pred):
    """Mean of `objectives.mean_squared_logarithmic_error`."""
    return K.mean(objectives.mean_squared_logarithmic_error(y_true, y_pred))


def hinge(y_true, y_pred):
    """Mean of `objectives.hinge`."""
    return K.mean(objectives.hinge(y_true, y_pred))


def squared_hinge(y_true, y_pred):
    """Mean of `objectives.squared_hinge`."""
    return K.mean(objectives.squared_hinge(y_true, y_pred))


def categorical_crossentropy(y_true, y_pred):
    """Mean of `objectives.categorical_crossentropy`."""
    return K.mean(objectives.categorical_crossentropy(y_true, y_pred))


def sparse_categorical_crossentropy(y_true, y_pred):
    """Mean of `objectives.sparse_categorical_crossentropy`."""
    return K.mean(objectives.sparse_categorical_crossentropy(y_true, y_pred))


def binary_crossentropy(y_true, y_pred):
    """Mean of `objectives.binary_crossentropy`."""
    return K.mean(objectives.binary_crossentropy(y_true, y_pred))


def kullback_leibler_divergence(y_true, y_pred):
    """Mean of `objectives.kullback_leibler_divergence`, in nats."""
    return K.mean(objectives.kullback_leibler_divergence(y_true, y_pred))


def poisson(y_true, y_pred):
    """Mean of `objectives.poisson`."""
    return K.mean(objectives.poisson(y_true, y_pred))


def cosine_proximity(y_true, y_pred):
    """Mean of `objectives.cosine_proximity`."""
    return K.mean(objectives.cosine_proximity(y_true, y_pred))


# --- counts of right and wrong, for labels 0 and 1 ------------------------------------------------


def matthews_correlation(y_true, y_pred):
    """Correlation of two sets of binary labels, -1 .. 1; 0 for guesses.

    Reference:
        Matthews 1975, Biochimica et Biophysica Acta 405, 442-451.
    """
    true, predicted = _labels(y_true), _labels(y_pred)
    tp, tn = K.sum(true * predicted), K.sum((1 - true) * (1 - predicted))
    fp, fn = K.sum((1 - true) * predicted), K.sum(true * (1 - predicted))
    spread = K.sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn))
    return (tp * tn - fp * fn) / (spread + K.epsilon())


def precision(y_true, y_pred):
    """Part of the labels predicted 1 that are 1, in 0 .. 1."""
    return K.sum(_labels(y_true * y_pred)) / (K.sum(_labels(y_pred)) + K.epsilon())


def recall(y_true, y_pred):
    """Part of the labels that are 1 and are predicted 1, in 0 .. 1."""
    return K.sum(_labels(y_true * y_pred)) / (K.sum(_labels(y_true)) + K.epsilon())


def fbeta_score(y_true, y_pred, beta=1):
    """Weighted harmonic mean of `precision` and `recall`, in 0 .. 1; 0 where no label is 1.

    Args:
        y_true, y_pred: tensors of labels in 0 .. 1.
        beta: float >= 0, how many times as important recall is as precision.

    Raises:
        ValueError: `beta` is negative.

    Reference:
        van Rijsbergen 1979, "Information Retrieval", chapter 7.
    """
    if beta < 0:
        raise ValueError(f"fbeta_score: beta must be >= 0 (0 means precision alone); got {beta}.")
    p, r = precision(y_true, y_pred), recall(y_true, y_pred)
    return (1 + beta**2) * (p * r) / (beta**2 * p + r + K.epsilon())


def fmeasure(y_true, y_pred):
    """Harmonic mean of `precision` and `recall`, in 0 .. 1."""
    return fbeta_score(y_true, y_pred, beta=1)


def _labels(y):
    return K.round(K.clip(y, 0, 1))


# --- names ----------------------------------------------------------------------------------------

mse = MSE = mean_squared_error
mae = MAE = mean_absolute_error
mape = MAPE = mean_absolute_percentage_error
msle = MSLE = mean_squared_logarithmic_error
cosine = cosine_proximity
fscore = f1score = fmeasure

_METRICS = {
    **{
        function.__name__: function
        for function in (
            *(binary_accuracy, categorical_accuracy, sparse_categorical_accuracy),
            *(top_k_categorical_accuracy, mean_squared_error, mean_absolute_error),
            *(mean_absolute_percentage_error, mean_squared_logarithmic_error, hinge, squared_hinge),
            *(categorical_crossentropy, sparse_categorical_crossentropy, binary_crossentropy),
            *(kullback_leibler_divergence, poisson, cosine_proximity),
            *(matthews_correlation, precision, recall, fbeta_score, fmeasure),
        )
    },
    **{"mse": mse, "mae": mae, "mape": mape, "msle": msle, "cosine": cosine},
    **{"MSE": MSE, "MAE": MAE, "MAPE": MAPE, "MSLE": MSLE},
    **{"fscore": fscore, "f1score": f1score},
    # Known to Model.compile, which puts one of the three accuracies in their place.
    **{"acc": None, "accuracy": None},
}


def get(identifier):
    """Finds a metric.

    Args:
        identifier: its name, or a function `(y_true, y_pred)` giving a scalar.

    Raises:
        ValueError: no metric has that name; 'acc' and 'accuracy' are names for `Model.compile` only.

    Example:
        >>> get('mae') is mean_absolute_error
        True
    """
    found = get_from_module(identifier, _METRICS, "metric")
    if found is None and identifier is not None:
        raise ValueError(
            f"Invalid metric: {identifier!r} outside Model.compile, which chooses by the loss. Name "
            "'binary_accuracy', 'categorical_accuracy' or 'sparse_categorical_accuracy'."
        )
    return found
