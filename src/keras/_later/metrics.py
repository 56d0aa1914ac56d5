"""Metrics over all data: those of Keras 2.3, and F1Score. Those made of counts are in `_counts`.

model.compile("adam", "binary_crossentropy", metrics=["accuracy", keras.metrics.AUC()])
"""

from typing import Any

from .. import backend as K
from .. import metrics, objectives
from .._base.names import name_of
from ._counts import AUC as AUC
from ._counts import F1Score as F1Score
from ._counts import FalseNegatives as FalseNegatives
from ._counts import FalsePositives as FalsePositives
from ._counts import MeanIoU as MeanIoU
from ._counts import Precision as Precision
from ._counts import Recall as Recall
from ._counts import SensitivityAtSpecificity as SensitivityAtSpecificity
from ._counts import SpecificityAtSensitivity as SpecificityAtSensitivity
from ._counts import TrueNegatives as TrueNegatives
from ._counts import TruePositives as TruePositives
from ._metric import Metric as Metric
from ._metric import weighted
from .losses import BinaryCrossentropy as _BinaryLoss
from .losses import CategoricalCrossentropy as _CategoricalLoss
from .losses import SparseCategoricalCrossentropy as _SparseLoss
from .named import from_entry


class _Total(Metric):
    """Base of sums and means of values of the samples."""

    def __init__(self, name: str | None = None, dtype: Any = None) -> None:
        super().__init__(name, dtype)
        self.total = self.add_weight("total")
        self.count = self.add_weight("count")

    def add(self, values: Any, sample_weight: Any = None) -> Any:
        """Returns the updates for some values, each with a weight."""
        values, weight = weighted(values, sample_weight)
        return [K.update_add(self.total, K.sum(values)), K.update_add(self.count, K.sum(weight))]

    def result(self) -> Any:
        return _ratio(self.total, self.count)


def _ratio(total: Any, count: Any) -> Any:
    none = K.equal(count, 0)
    return K.switch(none, K.zeros_like(total), total / K.switch(none, K.ones_like(count), count))


class Mean(_Total):
    """The weighted mean of the values that it is called on."""

    def update_state(self, y_true: Any, y_pred: Any = None, sample_weight: Any = None) -> Any:
        return self.add(y_true, sample_weight)


class Sum(_Total):
    """The weighted sum of the values that it is called on."""

    def update_state(self, y_true: Any, y_pred: Any = None, sample_weight: Any = None) -> Any:
        return self.add(y_true, sample_weight)

    def result(self) -> Any:
        return self.total + 0 * self.count


class MeanMetricWrapper(_Total):
    """The weighted mean of a function `(y_true, y_pred)` over all samples.

    Args:
        fn: function that returns a value for each sample.
        name: str.
        **kwargs: more arguments of the function.
    """

    def __init__(self, fn: Any, name: str | None = None, dtype: Any = None, **kwargs: Any) -> None:
        super().__init__(name or name_of(fn), dtype)
        self.fn = fn
        self.arguments = kwargs

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        return self.add(self.fn(y_true, y_pred, **self.arguments), sample_weight)


def _equal(y_true: Any, y_pred: Any) -> Any:
    return K.cast(K.equal(y_true, y_pred), K.floatx())


def _binary(y_true: Any, y_pred: Any, threshold: float = 0.5) -> Any:
    return K.mean(_equal(y_true, K.cast(K.greater(y_pred, threshold), K.floatx())), axis=-1)


def _categorical(y_true: Any, y_pred: Any) -> Any:
    return _equal(K.argmax(y_true, axis=-1), K.argmax(y_pred, axis=-1))


def _indices(y_true: Any, y_pred: Any) -> Any:
    return K.max(y_true, axis=-1) if K.ndim(y_true) == K.ndim(y_pred) else y_true


def _sparse(y_true: Any, y_pred: Any) -> Any:
    return _equal(_indices(y_true, y_pred), K.cast(K.argmax(y_pred, axis=-1), K.floatx()))


def _top_k(y_true: Any, y_pred: Any, k: int) -> Any:
    return K.cast(K.in_top_k(y_pred, K.argmax(y_true, axis=-1), k), K.floatx())


def _sparse_top_k(y_true: Any, y_pred: Any, k: int) -> Any:
    return K.cast(K.in_top_k(y_pred, K.cast(_indices(y_true, y_pred), "int32"), k), K.floatx())


def _mean_of(class_name: str, name: str, function: Any, doc: str, **options: Any) -> Any:
    """Returns the class of the mean of a function over all samples, with the options of the function."""

    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
        names = [*options, "name", "dtype"] if class_name in _OPTIONS_FIRST else ["name", "dtype", *options]
        given = {"name": name, "dtype": None, **options, **dict(zip(names, args, strict=False)), **kwargs}
        unknown = sorted(given.keys() - {"name", "dtype", *options})
        if unknown:
            raise TypeError(
                f"{class_name}: got an unknown argument {unknown[0]!r}; it takes {', '.join(names)}."
            )
        chosen = {key: given[key] for key in options}
        MeanMetricWrapper.__init__(self, function, given["name"], given["dtype"], **chosen)

    def get_config(self: Any) -> Any:
        return {"name": self.name, **self.arguments}

    body = {"__init__": __init__, "get_config": get_config, "__doc__": doc, "__module__": __name__}
    return type(class_name, (MeanMetricWrapper,), body)


_OPTIONS_FIRST = ("TopKCategoricalAccuracy", "SparseTopKCategoricalAccuracy")
Accuracy = _mean_of("Accuracy", "accuracy", _equal, "The fraction of predictions that equal the label.")
BinaryAccuracy = _mean_of(
    *(
        "BinaryAccuracy",
        "binary_accuracy",
        _binary,
        "The fraction of labels on the right side of a threshold.",
    ),
    threshold=0.5,
)
CategoricalAccuracy = _mean_of(
    "CategoricalAccuracy", "categorical_accuracy", _categorical, "The accuracy for one-hot labels."
)
SparseCategoricalAccuracy = _mean_of(
    *(
        "SparseCategoricalAccuracy",
        "sparse_categorical_accuracy",
        _sparse,
        "The accuracy for indices as labels.",
    )
)
TopKCategoricalAccuracy = _mean_of(
    *("TopKCategoricalAccuracy", "top_k_categorical_accuracy", _top_k),
    "How often the class is among the k most probable, for one-hot labels.",
    k=5,
)
SparseTopKCategoricalAccuracy = _mean_of(
    *("SparseTopKCategoricalAccuracy", "sparse_top_k_categorical_accuracy", _sparse_top_k),
    "How often the class is among the k most probable, for indices as labels.",
    k=5,
)


def _mean_of_objective(class_name: str, function: Any, name: str | None = None) -> Any:
    doc = f"The mean of `objectives.{function.__name__}` over all samples."
    return _mean_of(class_name, name or function.__name__, function, doc)


MeanSquaredError = _mean_of_objective("MeanSquaredError", objectives.mean_squared_error)
MeanAbsoluteError = _mean_of_objective("MeanAbsoluteError", objectives.mean_absolute_error)
MeanAbsolutePercentageError = _mean_of_objective(
    "MeanAbsolutePercentageError", objectives.mean_absolute_percentage_error
)
MeanSquaredLogarithmicError = _mean_of_objective(
    "MeanSquaredLogarithmicError", objectives.mean_squared_logarithmic_error
)
Hinge = _mean_of_objective("Hinge", objectives.hinge)
SquaredHinge = _mean_of_objective("SquaredHinge", objectives.squared_hinge)
CategoricalHinge = _mean_of_objective("CategoricalHinge", objectives.categorical_hinge)
LogCoshError = _mean_of_objective("LogCoshError", objectives.logcosh)
Poisson = _mean_of_objective("Poisson", objectives.poisson)
KLDivergence = _mean_of_objective("KLDivergence", objectives.kullback_leibler_divergence)
CosineSimilarity = _mean_of(
    "CosineSimilarity", "cosine_similarity", metrics.cosine_similarity, "The mean cosine.", axis=-1
)


def _mean_of_loss(class_name: str, name: str, loss_class: Any, **options: Any) -> Any:
    def of_samples(y_true: Any, y_pred: Any, **chosen: Any) -> Any:
        return loss_class(**chosen).call(y_true, y_pred)

    return _mean_of(class_name, name, of_samples, f"The mean of `losses.{class_name}`.", **options)


BinaryCrossentropy = _mean_of_loss(
    *("BinaryCrossentropy", "binary_crossentropy", _BinaryLoss), from_logits=False, label_smoothing=0
)
CategoricalCrossentropy = _mean_of_loss(
    *("CategoricalCrossentropy", "categorical_crossentropy", _CategoricalLoss),
    from_logits=False,
    label_smoothing=0,
)
SparseCategoricalCrossentropy = _mean_of_loss(
    *("SparseCategoricalCrossentropy", "sparse_categorical_crossentropy", _SparseLoss), from_logits=False
)


class RootMeanSquaredError(_Total):
    """The root of the mean squared error over all elements."""

    def __init__(self, name: str = "root_mean_squared_error", dtype: Any = None) -> None:
        super().__init__(name, dtype)

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        return self.add(K.square(y_pred - y_true), sample_weight)

    def result(self) -> Any:
        return K.sqrt(_ratio(self.total, self.count))


def serialize(metric: Any) -> Any:
    """Returns a metric as plain data: the name of a function, or class name and config."""
    if isinstance(metric, Metric):
        return {"class_name": type(metric).__name__, "config": metric.get_config()}
    return metric if isinstance(metric, str) else name_of(metric)


def deserialize(config: Any, custom_objects: Any = None) -> Any:
    """Returns the metric that `serialize` described.

    Args:
        config: str, or dict of class name and config.
        custom_objects: dict name -> class or function of the program's own.
    """
    if isinstance(config, dict):
        return from_entry(config, Metric, globals(), custom_objects)
    return (custom_objects or {}).get(config) or metrics.get(config)
