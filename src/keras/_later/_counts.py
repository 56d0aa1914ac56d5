"""Metrics made of counts over all data: true and false positives and negatives, at one or many thresholds."""

from typing import Any

import numpy as np

from .. import backend as K
from .._base.types import Config
from ._metric import Metric, weighted


def _safe(numerator: Any, denominator: Any) -> Any:
    """Returns the quotient, and 0 where the denominator is 0."""
    none = K.equal(denominator, 0)
    return K.switch(
        none, K.zeros_like(numerator), numerator / K.switch(none, K.ones_like(denominator), denominator)
    )


class _Confusion(Metric):
    """Base: counts tp, tn, fp and fn at some thresholds, each a variable (thresholds,).

    A prediction is positive if it is above the threshold; a label, if it is not 0.
    """

    def __init__(self, thresholds: Any, name: str | None, dtype: Any) -> None:
        super().__init__(name, dtype)
        several = np.atleast_1d(0.5 if thresholds is None else thresholds)
        if ((several < 0) | (several > 1)).any() and not getattr(self, "_beyond", False):
            raise ValueError(f"{type(self).__name__}: thresholds must be in [0, 1]; got {thresholds!r}.")
        self._levels = several.astype("float64")
        shape = (len(several),)
        self.tp, self.tn, self.fp, self.fn = (
            self.add_weight(kind, shape) for kind in ("tp", "tn", "fp", "fn")
        )

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        y_true, y_pred = self._selected(y_true, y_pred)
        _, weight = weighted(y_pred, sample_weight)
        label, weight = K.reshape(K.cast(y_true, K.floatx()), (-1, 1)), K.reshape(weight, (-1, 1))
        positive = K.cast(K.not_equal(label, 0), K.floatx())
        levels = K.constant(self._levels[None, :])
        predicted = K.cast(K.greater(K.reshape(y_pred, (-1, 1)), levels), K.floatx())
        counts = (
            (self.tp, positive * predicted),
            (self.tn, (1 - positive) * (1 - predicted)),
            (self.fp, (1 - positive) * predicted),
            (self.fn, positive * (1 - predicted)),
        )
        return [K.update_add(total, K.sum(which * weight, axis=0)) for total, which in counts]

    def _selected(self, y_true: Any, y_pred: Any) -> tuple[Any, Any]:
        return y_true, y_pred

    def _value(self, values: Any) -> Any:
        """Returns a number for one threshold, else the values of all."""
        return values[0] if len(self._levels) == 1 else values


class _Count(_Confusion):
    _which = ""

    def __init__(self, thresholds: Any = None, name: str | None = None, dtype: Any = None) -> None:
        super().__init__(thresholds, name, dtype)
        self.thresholds = thresholds

    def result(self) -> Any:
        return self._value(getattr(self, self._which))


class TruePositives(_Count):
    """The number of positive labels that are predicted as positive.

    Args:
        thresholds: float or list of float in [0, 1], above which a prediction is positive; None is 0.5.
        name, dtype: as in `Metric`.
    """

    _which = "tp"


class TrueNegatives(_Count):
    """The number of negative labels that are predicted as negative; the arguments of `TruePositives`."""

    _which = "tn"


class FalsePositives(_Count):
    """The number of negative labels that are predicted as positive; the arguments of `TruePositives`."""

    _which = "fp"


class FalseNegatives(_Count):
    """The number of positive labels that are predicted as negative; the arguments of `TruePositives`."""

    _which = "fn"


class _OfClass(_Confusion):
    """Base of precision and recall.

    Args:
        thresholds: float or list of float in [0, 1]; None is 0.5.
        top_k: int; counts a prediction as positive if it is among the k largest of its sample. None for none.
        class_id: int, the only class to count; None for all.
        name, dtype: as in `Metric`.
    """

    def __init__(
        self,
        thresholds: Any = None,
        top_k: int | None = None,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        self._beyond = True
        if thresholds is None and top_k is not None:
            levels: Any = -1e30
        else:
            levels = thresholds
        super().__init__(levels, name, dtype)
        self.thresholds, self.top_k, self.class_id = thresholds, top_k, class_id

    def _selected(self, y_true: Any, y_pred: Any) -> tuple[Any, Any]:
        if self.top_k is not None:
            smallest = K.min(_largest(y_pred, self.top_k), axis=-1, keepdims=True)
            y_pred = K.switch(K.greater_equal(y_pred, smallest), y_pred, K.ones_like(y_pred) * -2e30)
        if self.class_id is not None:
            y_true, y_pred = y_true[..., self.class_id], y_pred[..., self.class_id]
        return y_true, y_pred


def _largest(x: Any, k: int) -> Any:
    return K.top_k_values(x, k)


class Precision(_OfClass):
    """The fraction of the predicted positives that are positive, over all data; see `_OfClass`."""

    def result(self) -> Any:
        return self._value(_safe(self.tp, self.tp + self.fp))


class Recall(_OfClass):
    """The fraction of the positives that are predicted as such, over all data; see `_OfClass`."""

    def result(self) -> Any:
        return self._value(_safe(self.tp, self.tp + self.fn))


def _even_thresholds(count: int) -> np.ndarray:
    """Returns `count` thresholds: evenly spaced in (0, 1), and one on either side of [0, 1]."""
    if count == 1:
        return np.array([0.5])
    inside = [(i + 1) / (count - 1) for i in range(count - 2)]
    return np.array([-K.epsilon(), *inside, 1 + K.epsilon()])


class AUC(_Confusion):
    """The area under the ROC curve or the precision-recall curve, from counts at evenly spaced thresholds.

    Args:
        num_thresholds: int > 1, how finely the curve is known.
        curve: "ROC" or "PR".
        summation_method: "interpolation" (trapezoids; for "PR" the interpolation of Davis and Goadrich),
            "minoring" or "majoring" (the smaller or the larger value of each interval).
        name, dtype: as in `Metric`.
        thresholds: list of float in [0, 1] in place of evenly spaced ones.

    Reference:
        Davis and Goadrich 2006, "The relationship between precision-recall and ROC curves", ICML.
    """

    def __init__(
        self,
        num_thresholds: int = 200,
        curve: str = "ROC",
        summation_method: str = "interpolation",
        name: str | None = None,
        dtype: Any = None,
        thresholds: Any = None,
    ) -> None:
        if curve not in ("ROC", "PR"):
            raise ValueError(f"AUC: curve must be 'ROC' or 'PR'; got {curve!r}.")
        if summation_method not in ("interpolation", "minoring", "majoring"):
            raise ValueError(
                "AUC: summation_method must be 'interpolation', 'minoring' or 'majoring'; got "
                f"{summation_method!r}."
            )
        if thresholds is None and num_thresholds <= 1:
            raise ValueError(f"AUC: num_thresholds must be above 1; got {num_thresholds}.")
        self._beyond = True
        levels = _even_thresholds(num_thresholds)
        if thresholds is not None:
            levels = np.array([-K.epsilon(), *sorted(thresholds), 1 + K.epsilon()])
        super().__init__(levels, name, dtype)
        self.num_thresholds = len(levels)
        self.curve, self.summation_method, self.thresholds = curve, summation_method, thresholds

    def result(self) -> Any:
        if self.curve == "PR" and self.summation_method == "interpolation":
            return self._interpolated()
        recall = _safe(self.tp, self.tp + self.fn)
        if self.curve == "ROC":
            x, y = _safe(self.fp, self.fp + self.tn), recall
        else:
            x, y = recall, _safe(self.tp, self.tp + self.fp)
        first, second = y[:-1], y[1:]
        heights = {
            "interpolation": (first + second) / 2,
            "minoring": K.minimum(first, second),
            "majoring": K.maximum(first, second),
        }[self.summation_method]
        return K.sum((x[:-1] - x[1:]) * heights)

    def _interpolated(self) -> Any:
        """Returns the area in which tp grows linearly with fp between two thresholds."""
        d_tp = self.tp[:-1] - self.tp[1:]
        p = self.tp + self.fp
        slope = _safe(d_tp, K.maximum(p[:-1] - p[1:], 0.0))
        intercept = self.tp[1:] - slope * p[1:]
        both = (K.cast(K.greater(p[:-1], 0), K.floatx())) * (K.cast(K.greater(p[1:], 0), K.floatx()))
        ratio = K.switch(both, _safe(p[:-1], K.maximum(p[1:], 0.0)) + (1 - both), K.ones_like(p[1:]))
        area = _safe(slope * (d_tp + intercept * K.log(ratio)), K.maximum(self.tp[1:] + self.fn[1:], 0.0))
        return K.sum(area)


class _AtRate(_Confusion):
    def __init__(self, rate: float, num_thresholds: int, name: str | None, dtype: Any) -> None:
        if not 0 <= rate <= 1:
            raise ValueError(f"{type(self).__name__}: the rate must be in [0, 1]; got {rate!r}.")
        levels = [0.5] if num_thresholds == 1 else [i / (num_thresholds - 1) for i in range(num_thresholds)]
        super().__init__(levels, name, dtype)
        self._rate = rate
        self.num_thresholds = num_thresholds

    def _at_nearest(self, rates: Any, wanted: Any) -> Any:
        index = K.argmin(K.abs(rates - self._rate), axis=0)
        return K.gather(wanted, index)


class SensitivityAtSpecificity(_AtRate):
    """The sensitivity at the threshold whose specificity is nearest to a given one.

    Args:
        specificity: float in [0, 1].
        num_thresholds: int.
        name, dtype: as in `Metric`.
    """

    def __init__(
        self, specificity: float, num_thresholds: int = 200, name: str | None = None, dtype: Any = None
    ) -> None:
        super().__init__(specificity, num_thresholds, name, dtype)
        self.specificity = specificity

    def result(self) -> Any:
        return self._at_nearest(_safe(self.tn, self.tn + self.fp), _safe(self.tp, self.tp + self.fn))


class SpecificityAtSensitivity(_AtRate):
    """The specificity at the threshold whose sensitivity is nearest to a given one.

    Args:
        sensitivity: float in [0, 1].
        num_thresholds: int.
        name, dtype: as in `Metric`.
    """

    def __init__(
        self, sensitivity: float, num_thresholds: int = 200, name: str | None = None, dtype: Any = None
    ) -> None:
        super().__init__(sensitivity, num_thresholds, name, dtype)
        self.sensitivity = sensitivity

    def result(self) -> Any:
        return self._at_nearest(_safe(self.tp, self.tp + self.fn), _safe(self.tn, self.tn + self.fp))


class MeanIoU(Metric):
    """The mean over the classes of intersection over union; labels and predictions are class indices.

    Classes that occur in neither do not count.

    Args:
        num_classes: int.
        name, dtype: as in `Metric`.
    """

    def __init__(self, num_classes: int, name: str | None = None, dtype: Any = None) -> None:
        super().__init__(name, dtype)
        self.num_classes = num_classes
        self.total_cm = self.add_weight("confusion", (num_classes, num_classes))

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        _, weight = weighted(y_pred, sample_weight)
        rows, columns = (
            K.one_hot(K.reshape(K.cast(y, "int32"), (-1,)), self.num_classes) for y in (y_true, y_pred)
        )
        matrix = K.dot(K.transpose(rows * K.reshape(weight, (-1, 1))), columns)
        return K.update_add(self.total_cm, matrix)

    def result(self) -> Any:
        matrix = self.total_cm
        true, predicted = K.sum(matrix, axis=1), K.sum(matrix, axis=0)
        hits = K.sum(matrix * K.eye(self.num_classes), axis=1)
        union = true + predicted - hits
        present = K.sum(K.cast(K.not_equal(union, 0), K.floatx()))
        return _safe(K.sum(_safe(hits, union)), present)


class F1Score(Metric):
    """The F score of each class over all data, (1 + b ** 2) p r / (b ** 2 p + r), from probabilities.

    Args:
        average: None for the scores of all classes; "micro" (from the counts of all classes), "macro" (their
            mean) or "weighted" (their mean, weighted by the number of labels).
        threshold: float, above which a prediction is positive; None takes the largest of each sample.
        name, dtype: as in `Metric`.
    """

    beta = 1.0

    def __init__(
        self,
        average: str | None = None,
        threshold: float | None = None,
        name: str | None = "f1_score",
        dtype: Any = None,
    ) -> None:
        if average not in (None, "micro", "macro", "weighted"):
            raise ValueError(
                f"F1Score: average must be None, 'micro', 'macro' or 'weighted'; got {average!r}."
            )
        super().__init__(name, dtype)
        self.average, self.threshold = average, threshold
        self.tp: Any = None

    def _build(self, classes: int) -> None:
        if self.tp is None:
            self.tp, self.fp, self.fn = (self.add_weight(kind, (classes,)) for kind in ("tp", "fp", "fn"))

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        classes: Any = K.int_shape(y_pred)[-1]
        self._build(classes)
        if self.threshold is None:
            positive = K.one_hot(K.argmax(y_pred, axis=-1), classes)
        else:
            positive = K.cast(K.greater(y_pred, self.threshold), K.floatx())
        _, weight = weighted(y_pred, sample_weight)
        label, positive, weight = (K.reshape(x, (-1, classes)) for x in (y_true, positive, weight))
        counts = (
            (self.tp, label * positive),
            (self.fp, (1 - label) * positive),
            (self.fn, label * (1 - positive)),
        )
        return [K.update_add(total, K.sum(which * weight, axis=0)) for total, which in counts]

    def result(self) -> Any:
        tp, fp, fn = self.tp, self.fp, self.fn
        if self.average == "micro":
            tp, fp, fn = (K.sum(count) for count in (tp, fp, fn))
        square = self.beta**2
        scores = _safe((1 + square) * tp, (1 + square) * tp + square * fn + fp)
        if self.average == "macro":
            return K.mean(scores)
        if self.average == "weighted":
            return _safe(K.sum(scores * (tp + fn)), K.sum(tp + fn))
        return scores

    def get_config(self) -> Config:
        return {"name": self.name, "average": self.average, "threshold": self.threshold}
