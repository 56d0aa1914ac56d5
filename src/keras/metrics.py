"""Metrics. Each returns one scalar for a batch of predictions.

`y_true` and `y_pred` are float tensors of shape (samples, ..., size), unless stated otherwise.
"""

import sys
from collections.abc import Callable
from typing import Any, cast

from . import backend as K
from . import objectives
from ._base.names import get_from_module as get_from_module
from ._base.types import Config, TensorLike
from ._graph import Tensor
from ._spelling import by_config

# --- accuracies -----------------------------------------------------------------------------------


def binary_accuracy(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """Fraction of predictions that equal the label after rounding; 0.5 is rounded to 0.

    Args:
        y_true: float tensor of shape (samples, ..., size), labels 0 and 1.
        y_pred: float tensor of shape (samples, ..., size), probabilities.

    Returns:
        Scalar tensor in [0, 1].
    """
    return K.mean(K.equal(y_true, K.round(y_pred)))


def categorical_accuracy(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """Fraction of predictions whose largest value is at the true class.

    Args:
        y_true: float tensor of shape (samples, ..., classes), one-hot vectors.
        y_pred: float tensor of shape (samples, ..., classes).

    Returns:
        Scalar tensor in [0, 1].
    """
    return K.mean(K.equal(K.argmax(y_true, axis=-1), K.argmax(y_pred, axis=-1)))


def sparse_categorical_accuracy(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """Fraction of predictions whose largest value is at the true class, given by its index.

    Args:
        y_true: tensor of shape (samples, ..., 1), class indices from 0.
        y_pred: float tensor of shape (samples, ..., classes).

    Returns:
        Scalar tensor in [0, 1].
    """
    return K.mean(K.equal(K.max(y_true, axis=-1), K.cast(K.argmax(y_pred, axis=-1), K.floatx())))


def top_k_categorical_accuracy(y_true: TensorLike, y_pred: TensorLike, k: int = 5) -> Tensor:
    """Fraction of predictions whose `k` largest values include the true class.

    Args:
        y_true: float tensor of shape (samples, classes), one-hot vectors.
        y_pred: float tensor of shape (samples, classes).
        k: int >= 1.

    Returns:
        Scalar tensor in [0, 1].
    """
    return K.mean(K.in_top_k(y_pred, K.argmax(y_true, axis=-1), k))


# --- means of the objectives ----------------------------------------------------------------------


def mean_squared_error(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """Mean of `objectives.mean_squared_error` over the batch; a scalar tensor."""
    return K.mean(objectives.mean_squared_error(y_true, y_pred))


def mean_absolute_error(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """Mean of `objectives.mean_absolute_error` over the batch; a scalar tensor."""
    return K.mean(objectives.mean_absolute_error(y_true, y_pred))


def mean_absolute_percentage_error(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """Mean of `objectives.mean_absolute_percentage_error` over the batch, in percent; a scalar tensor."""
    return K.mean(objectives.mean_absolute_percentage_error(y_true, y_pred))


def mean_squared_logarithmic_error(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """Mean of `objectives.mean_squared_logarithmic_error` over the batch; a scalar tensor."""
    return K.mean(objectives.mean_squared_logarithmic_error(y_true, y_pred))


def hinge(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """Mean of `objectives.hinge` over the batch; a scalar tensor."""
    return K.mean(objectives.hinge(y_true, y_pred))


def squared_hinge(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """Mean of `objectives.squared_hinge` over the batch; a scalar tensor."""
    return K.mean(objectives.squared_hinge(y_true, y_pred))


def categorical_crossentropy(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """Mean of `objectives.categorical_crossentropy` over the batch, in nats; a scalar tensor."""
    return K.mean(objectives.categorical_crossentropy(y_true, y_pred))


def sparse_categorical_crossentropy(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """Mean of `objectives.sparse_categorical_crossentropy` over the batch, in nats; a scalar tensor."""
    return K.mean(objectives.sparse_categorical_crossentropy(y_true, y_pred))


def binary_crossentropy(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """Mean of `objectives.binary_crossentropy` over the batch, in nats; a scalar tensor."""
    return K.mean(objectives.binary_crossentropy(y_true, y_pred))


def kullback_leibler_divergence(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """Mean of `objectives.kullback_leibler_divergence` over the batch, in nats; a scalar tensor."""
    return K.mean(objectives.kullback_leibler_divergence(y_true, y_pred))


def poisson(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """Mean of `objectives.poisson` over the batch, in nats; a scalar tensor."""
    return K.mean(objectives.poisson(y_true, y_pred))


def cosine_proximity(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """Mean of `objectives.cosine_proximity` over the batch; a scalar tensor."""
    return K.mean(objectives.cosine_proximity(y_true, y_pred))


def categorical_hinge(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """Mean of `objectives.categorical_hinge` over the batch; a scalar tensor."""
    return K.mean(objectives.categorical_hinge(y_true, y_pred))


def logcosh(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """Mean of `objectives.logcosh` over the batch; a scalar tensor."""
    return K.mean(objectives.logcosh(y_true, y_pred))


def cosine_similarity(y_true: TensorLike, y_pred: TensorLike, axis: int = -1) -> Tensor:
    """Cosine of the angle between label and prediction, for each sample: 1 is the best value.

    Args:
        y_true: float tensor of shape (samples, ..., size).
        y_pred: float tensor of shape (samples, ..., size).
        axis: int, the axis of the vectors.

    Returns:
        Tensor without that axis, values in [-1, 1].
    """
    return -objectives.cosine_similarity(y_true, y_pred, axis)


def sparse_top_k_categorical_accuracy(y_true: TensorLike, y_pred: TensorLike, k: int = 5) -> Tensor:
    """Fraction of predictions whose `k` largest values include the true class, given by its index.

    Args:
        y_true: tensor of shape (samples, 1), class indices from 0.
        y_pred: float tensor of shape (samples, classes).
        k: int >= 1.

    Returns:
        Scalar tensor in [0, 1].
    """
    return K.mean(K.in_top_k(y_pred, K.cast(K.flatten(y_true), "int32"), k))


# --- from counts of right and wrong binary labels -------------------------------------------------
#
# Values are clipped to [0, 1] and rounded to labels, halves to 0. `K.epsilon()` is added to each divisor.


def matthews_correlation(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """Matthews correlation coefficient of two sets of binary labels.

    Args:
        y_true: float tensor of any shape, labels 0 and 1.
        y_pred: float tensor of the same shape, probabilities.

    Returns:
        Scalar tensor in [-1, 1]: 1 for perfect predictions, near 0 for random ones.

    Reference:
        Matthews 1975, Biochimica et Biophysica Acta 405, 442-451.
    """
    true, predicted = _labels(y_true), _labels(y_pred)
    tp, tn = K.sum(true * predicted), K.sum((1 - true) * (1 - predicted))
    fp, fn = K.sum((1 - true) * predicted), K.sum(true * (1 - predicted))
    spread = K.sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn))
    return (tp * tn - fp * fn) / (spread + K.epsilon())


def precision(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """Precision: the fraction of the labels predicted as 1 that are 1.

    Args:
        y_true: float tensor of any shape, labels 0 and 1.
        y_pred: float tensor of the same shape, probabilities.

    Returns:
        Scalar tensor in [0, 1]; 0 if no label is predicted as 1.
    """
    return K.sum(_labels(y_true * y_pred)) / (K.sum(_labels(y_pred)) + K.epsilon())


def recall(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """Recall: the fraction of the labels 1 that are predicted as 1.

    Args:
        y_true: float tensor of any shape, labels 0 and 1.
        y_pred: float tensor of the same shape, probabilities.

    Returns:
        Scalar tensor in [0, 1]; 0 if no label is 1.
    """
    return K.sum(_labels(y_true * y_pred)) / (K.sum(_labels(y_true)) + K.epsilon())


def fbeta_score(y_true: TensorLike, y_pred: TensorLike, beta: float = 1) -> Tensor:
    """F-beta score, a weighted harmonic mean: (1 + beta ** 2) * p * r / (beta ** 2 * p + r).

    Here p is the `precision` and r is the `recall`.

    Args:
        y_true: float tensor of any shape, labels 0 and 1.
        y_pred: float tensor of the same shape, probabilities.
        beta: float >= 0, the importance of recall relative to precision; 0 gives the precision alone.

    Returns:
        Scalar tensor in [0, 1]; 0 if no label is 1.

    Raises:
        ValueError: `beta` is negative.

    Reference:
        van Rijsbergen 1979, "Information Retrieval", chapter 7.
    """
    if beta < 0:
        raise ValueError(f"fbeta_score: beta must be >= 0 (0 means precision alone); got {beta}.")
    p = cast(TensorLike, precision(y_true, y_pred))
    r = cast(TensorLike, recall(y_true, y_pred))
    return (1 + beta**2) * (p * r) / (beta**2 * p + r + K.epsilon())


def fmeasure(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """F1 score, the harmonic mean of `precision` and `recall`: `fbeta_score` with `beta=1`."""
    return fbeta_score(y_true, y_pred, beta=1)


def _labels(y: TensorLike) -> TensorLike:
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
            *(categorical_hinge, logcosh, cosine_similarity, sparse_top_k_categorical_accuracy),
            *(matthews_correlation, precision, recall, fbeta_score, fmeasure),
        )
    },
    **{"mse": mse, "mae": mae, "mape": mape, "msle": msle, "cosine": cosine},
    **{"MSE": MSE, "MAE": MAE, "MAPE": MAPE, "MSLE": MSLE},
    **{"fscore": fscore, "f1score": f1score},
    # Known to Model.compile only, which replaces them by one of the three accuracies.
    **{"acc": None, "accuracy": None},
}


def over_all_data(name: str) -> Any:
    """Returns the mean over all data of an objective, by its name, as a metric that counts sample weights.

    Raises:
        ValueError: there is no objective of that name.
    """
    wrapper = getattr(sys.modules[__name__], "MeanMetricWrapper")  # noqa: B009 - found when first asked for
    return wrapper(objectives.get(name), name=f"weighted_{name}")


def get(identifier: str | Callable[..., Any] | Config) -> Callable[..., Tensor]:
    """Looks up a metric.

    Args:
        identifier: name of a metric, as a string; a function `(y_true, y_pred)` that returns a scalar, which
            is returned unchanged; or a dict with the 'name' and the arguments of a custom object.

    Returns:
        A function `(y_true, y_pred)`.

    Raises:
        ValueError: there is no metric of that name; 'acc' and 'accuracy' are names for `Model.compile` only.
        TypeError: `identifier` is a number, bytes or a list.

    Example:
        >>> get('mae') is mean_absolute_error
        True
    """
    later = by_config(sys.modules[__name__], identifier)
    if later is not None:
        return later
    found = get_from_module(identifier, _METRICS, "metric")
    if found is None and identifier is not None:
        raise ValueError(
            f"Invalid metric: {identifier!r} is known to Model.compile only, which chooses the accuracy by "
            "the loss. Use 'binary_accuracy', 'categorical_accuracy' or 'sparse_categorical_accuracy'."
        )
    return cast(Callable[..., Tensor], found)
