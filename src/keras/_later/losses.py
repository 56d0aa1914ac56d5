"""Losses as objects, which hold their options: those of Keras 2.3, and the focal losses of Keras 3.

An object is a function `(y_true, y_pred)` of one value for each sample, as those of `keras.objectives`, so
that `compile` weights and masks it in the same way. Called with `reduction="sum"`, or outside of `compile`,
it returns a scalar.

    model.compile("adam", loss=keras.losses.CategoricalCrossentropy(label_smoothing=0.1))
"""

import inspect
from typing import Any

import numpy as np

from .. import backend as K
from .. import objectives
from .._base.names import name_of
from .._base.types import Config, TensorLike
from .._graph import Tensor
from .named import from_entry


class Reduction:
    """How a loss of all samples becomes one number."""

    NONE = "none"
    SUM = "sum"
    SUM_OVER_BATCH_SIZE = "sum_over_batch_size"

    @classmethod
    def all(cls) -> tuple[str, ...]:
        """Returns the three names."""
        return cls.NONE, cls.SUM, cls.SUM_OVER_BATCH_SIZE

    @classmethod
    def validate(cls, key: str) -> None:
        """Raises ValueError unless `key` is one of the names."""
        if key not in cls.all():
            raise ValueError(f"reduction must be one of {', '.join(cls.all())}; got {key!r}.")


class Loss:
    """Base of losses with options. A subclass defines `call(y_true, y_pred)`.

    Args:
        reduction: "sum_over_batch_size" (the mean), "sum" or "none"; it holds for calls on tensors. In
            `compile`, the mean over the samples is taken, for "sum" times their number.
        name: str.
    """

    def __init__(self, reduction: str = Reduction.SUM_OVER_BATCH_SIZE, name: str | None = None) -> None:
        Reduction.validate(reduction)
        self.reduction = reduction
        self.name = name
        self.__name__ = name or type(self).__name__

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Returns the loss of each sample, (samples, ...)."""
        raise NotImplementedError(f"{type(self).__name__} must define call(y_true, y_pred).")

    def of_samples(self, y_true: Any, y_pred: Any) -> Any:
        """Returns the loss of each sample, as `compile` takes it."""
        losses = self.call(y_true, y_pred)
        if self.reduction != Reduction.SUM:
            return losses
        count = K.prod(K.cast(K.shape(losses), K.floatx())) if K.ndim(losses) else 1.0
        return losses * count

    def __call__(self, y_true: TensorLike, y_pred: TensorLike, sample_weight: Any = None) -> Tensor:
        """Returns the loss as one number, or for each sample with `reduction="none"`.

        Args:
            y_true, y_pred: tensors or arrays (samples, ..., size).
            sample_weight: tensor or array (samples,) or (samples, ...), or None.
        """
        losses = self.call(_tensor(y_true), _tensor(y_pred))
        if sample_weight is not None:
            weight = _tensor(sample_weight)
            while K.ndim(weight) < K.ndim(losses):
                weight = K.expand_dims(weight)
            if K.ndim(weight) == K.ndim(losses) + 1:
                weight = K.squeeze(weight, -1)
            losses = losses * weight
        if self.reduction == Reduction.NONE:
            return losses
        return K.sum(losses) if self.reduction == Reduction.SUM else K.mean(losses)

    def get_config(self) -> Config:
        """Returns the class name and the options as plain data."""
        return {"class_name": type(self).__name__, **_options(self)}

    @classmethod
    def from_config(cls, config: Config) -> "Loss":
        """Makes a loss from the result of `get_config`."""
        return cls(**{key: value for key, value in config.items() if key != "class_name"})


def _options(made: Any) -> Config:
    parameters = list(inspect.signature(type(made).__init__).parameters)[1:]
    return {name: getattr(made, name) for name in parameters if hasattr(made, name)}


def _tensor(value: Any) -> Any:
    return value if isinstance(value, Tensor) else K.variable(value)


class LossFunctionWrapper(Loss):
    """A loss from a function `(y_true, y_pred, **arguments)`.

    Args:
        fn: the function.
        reduction, name: as in `Loss`.
        **kwargs: more arguments of the function.
    """

    def __init__(
        self, fn: Any, reduction: str = Reduction.SUM_OVER_BATCH_SIZE, name: str | None = None, **kwargs: Any
    ) -> None:
        super().__init__(reduction, name or name_of(fn))
        self.fn = fn
        self.kwargs = kwargs

    def call(self, y_true: Any, y_pred: Any) -> Any:
        return self.fn(y_true, y_pred, **self.kwargs)


def _of(function: Any, class_name: str) -> Any:
    """Returns the class of a loss without options of its own."""

    def __init__(
        self: Any, reduction: str = Reduction.SUM_OVER_BATCH_SIZE, name: str = function.__name__
    ) -> None:
        Loss.__init__(self, reduction, name)

    def call(self: Any, y_true: Any, y_pred: Any) -> Any:
        return function(y_true, y_pred)

    body = {
        "__init__": __init__,
        "call": call,
        "like": staticmethod(function),
        "__doc__": f"The mean of `objectives.{function.__name__}`.",
    }
    return type(class_name, (Loss,), {**body, "__module__": __name__})


MeanSquaredError = _of(objectives.mean_squared_error, "MeanSquaredError")
MeanAbsoluteError = _of(objectives.mean_absolute_error, "MeanAbsoluteError")
MeanAbsolutePercentageError = _of(objectives.mean_absolute_percentage_error, "MeanAbsolutePercentageError")
MeanSquaredLogarithmicError = _of(objectives.mean_squared_logarithmic_error, "MeanSquaredLogarithmicError")


def _of_signs(function: Any, class_name: str) -> Any:
    """Returns the class of a hinge loss, which takes labels 0 and 1 for -1 and 1, as in Keras 2.3."""
    plain = _of(function, class_name)

    def call(self: Any, y_true: Any, y_pred: Any) -> Any:
        bits = K.cast(K.equal(y_true, 0), K.floatx()) + K.cast(K.equal(y_true, 1), K.floatx())
        return function(K.switch(K.equal(K.min(bits), 1), 2.0 * y_true - 1.0, y_true), y_pred)

    plain.call = call
    return plain


Hinge = _of_signs(objectives.hinge, "Hinge")
SquaredHinge = _of_signs(objectives.squared_hinge, "SquaredHinge")
CategoricalHinge = _of(objectives.categorical_hinge, "CategoricalHinge")
Poisson = _of(objectives.poisson, "Poisson")
LogCosh = _of(objectives.logcosh, "LogCosh")
KLDivergence = _of(objectives.kullback_leibler_divergence, "KLDivergence")


class _Crossentropy(Loss):
    """Base of the cross-entropies.

    Args:
        from_logits: bool, whether the predictions are logits, not probabilities.
        label_smoothing: float in [0, 1]: the labels are moved so far towards the uniform distribution.
        reduction, name: as in `Loss`.
    """

    def __init__(
        self,
        from_logits: bool = False,
        label_smoothing: float = 0,
        reduction: str = Reduction.SUM_OVER_BATCH_SIZE,
        name: str | None = None,
    ) -> None:
        if not 0 <= label_smoothing <= 1:
            raise ValueError(
                f"{type(self).__name__}: label_smoothing must be in [0, 1]; got {label_smoothing!r}."
            )
        super().__init__(reduction, name or self._name)
        self.from_logits = from_logits
        self.label_smoothing = label_smoothing

    _name = ""


class BinaryCrossentropy(_Crossentropy):
    """The cross-entropy of labels 0 and 1, averaged over the last axis; smoothed labels are pulled to 1/2.

    Args:
        from_logits, label_smoothing, reduction, name: see `_Crossentropy`.
    """

    _name = "binary_crossentropy"
    like = staticmethod(objectives.binary_crossentropy)

    def call(self, y_true: Any, y_pred: Any) -> Any:
        y_true = _smoothed(y_true, self.label_smoothing, 2)
        return K.mean(K.binary_crossentropy(y_pred, y_true, self.from_logits), axis=-1)


class CategoricalCrossentropy(_Crossentropy):
    """The cross-entropy of one-hot labels; smoothed labels are pulled to 1 / classes.

    Args:
        from_logits, label_smoothing, reduction, name: see `_Crossentropy`.
    """

    _name = "categorical_crossentropy"
    like = staticmethod(objectives.categorical_crossentropy)

    def call(self, y_true: Any, y_pred: Any) -> Any:
        y_true = _smoothed(y_true, self.label_smoothing, K.int_shape(y_pred)[-1])
        return K.categorical_crossentropy(y_pred, y_true, self.from_logits)


class SparseCategoricalCrossentropy(Loss):
    """The cross-entropy of labels that are indices of classes, (samples, ..., 1).

    Args:
        from_logits: bool, whether the predictions are logits, not probabilities.
        reduction, name: as in `Loss`.
    """

    def __init__(
        self,
        from_logits: bool = False,
        reduction: str = Reduction.SUM_OVER_BATCH_SIZE,
        name: str = "sparse_categorical_crossentropy",
    ) -> None:
        super().__init__(reduction, name)
        self.from_logits = from_logits

    like = staticmethod(objectives.sparse_categorical_crossentropy)

    def call(self, y_true: Any, y_pred: Any) -> Any:
        if K.ndim(y_true) < K.ndim(y_pred):
            y_true = K.expand_dims(y_true)
        losses = K.sparse_categorical_crossentropy(y_pred, y_true, self.from_logits)
        return K.squeeze(losses, -1) if K.ndim(losses) == K.ndim(y_pred) else losses


class Huber(Loss):
    """e ** 2 / 2 for errors up to `delta`, delta |e| - delta ** 2 / 2 beyond; the mean over the last axis.

    Args:
        delta: float > 0, where the loss turns from a parabola to a line.
        reduction, name: as in `Loss`.

    Reference:
        Huber 1964, Annals of Mathematical Statistics 35(1).
    """

    def __init__(
        self, delta: float = 1.0, reduction: str = Reduction.SUM_OVER_BATCH_SIZE, name: str = "huber_loss"
    ) -> None:
        super().__init__(reduction, name)
        self.delta = delta

    def call(self, y_true: Any, y_pred: Any) -> Any:
        return huber_loss(y_true, y_pred, self.delta)


def huber_loss(y_true: TensorLike, y_pred: TensorLike, delta: float = 1.0) -> Tensor:
    """The Huber loss of each sample; see `Huber`."""
    error = K.abs(y_pred - y_true)
    quadratic = K.minimum(error, delta)
    return K.mean(0.5 * K.square(quadratic) + delta * (error - quadratic), axis=-1)


class CosineSimilarity(Loss):
    """The negative cosine of the angle between label and prediction, along an axis.

    Args:
        axis: int.
        reduction, name: as in `Loss`.
    """

    def __init__(
        self,
        axis: int = -1,
        reduction: str = Reduction.SUM_OVER_BATCH_SIZE,
        name: str = "cosine_similarity",
    ) -> None:
        super().__init__(reduction, name)
        self.axis = axis

    def call(self, y_true: Any, y_pred: Any) -> Any:
        return objectives.cosine_similarity(y_true, y_pred, self.axis)


class BinaryFocalCrossentropy(_Crossentropy):
    """The cross-entropy of labels 0 and 1, times (1 - p) ** gamma, with p the probability of the label.

    Args:
        apply_class_balancing: bool, whether to weight label 1 with `alpha` and label 0 with 1 - alpha.
        alpha: float in [0, 1].
        gamma: float >= 0; 0 gives the cross-entropy.
        from_logits, label_smoothing, reduction, name: as in `BinaryCrossentropy`.

    Reference:
        Lin, Goyal, Girshick, He and Dollar 2017, arXiv:1708.02002.
    """

    def __init__(
        self,
        apply_class_balancing: bool = False,
        alpha: float = 0.25,
        gamma: float = 2.0,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        reduction: str = Reduction.SUM_OVER_BATCH_SIZE,
        name: str = "binary_focal_crossentropy",
    ) -> None:
        super().__init__(from_logits, label_smoothing, reduction, name)
        self.apply_class_balancing = apply_class_balancing
        self.alpha = alpha
        self.gamma = gamma

    def call(self, y_true: Any, y_pred: Any) -> Any:
        y_true = _smoothed(y_true, self.label_smoothing, 2)
        p = K.sigmoid(y_pred) if self.from_logits else y_pred
        of_label = y_true * p + (1 - y_true) * (1 - p)
        losses = K.binary_crossentropy(y_pred, y_true, self.from_logits)
        losses = K.pow(1 - of_label, self.gamma) * losses
        if self.apply_class_balancing:
            losses = losses * (y_true * self.alpha + (1 - y_true) * (1 - self.alpha))
        return K.mean(losses, axis=-1)


class CategoricalFocalCrossentropy(_Crossentropy):
    """The cross-entropy of one-hot labels, each term times alpha (1 - p) ** gamma.

    Args:
        alpha: float, or a list with one for each class.
        gamma: float >= 0.
        from_logits, label_smoothing, reduction, name: as in `CategoricalCrossentropy`.

    Reference:
        Lin, Goyal, Girshick, He and Dollar 2017, arXiv:1708.02002.
    """

    def __init__(
        self,
        alpha: Any = 0.25,
        gamma: float = 2.0,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        reduction: str = Reduction.SUM_OVER_BATCH_SIZE,
        name: str = "categorical_focal_crossentropy",
    ) -> None:
        super().__init__(from_logits, label_smoothing, reduction, name)
        self.alpha = alpha
        self.gamma = gamma

    def call(self, y_true: Any, y_pred: Any) -> Any:
        y_true = _smoothed(y_true, self.label_smoothing, K.int_shape(y_pred)[-1])
        p = K.softmax(y_pred) if self.from_logits else y_pred / K.sum(y_pred, axis=-1, keepdims=True)
        p = K.clip(p, K.epsilon(), 1 - K.epsilon())
        weights = K.pow(1 - p, self.gamma) * np.asarray(self.alpha, K.floatx())
        return K.sum(-weights * y_true * K.log(p), axis=-1)


def serialize(loss: Any) -> Any:
    """Returns a loss as plain data: the name of a function, or class name and config."""
    if isinstance(loss, Loss):
        config = loss.get_config()
        return {"class_name": config.pop("class_name"), "config": config}
    return loss if isinstance(loss, str) else name_of(loss)


def deserialize(name: Any, custom_objects: Any = None) -> Any:
    """Returns the loss that `serialize` described.

    Args:
        name: str, or dict of class name and config.
        custom_objects: dict name -> class or function of the program's own.
    """
    if isinstance(name, dict):
        return from_entry(name, Loss, globals(), custom_objects)
    return (custom_objects or {}).get(name) or objectives.get(name)


def _smoothed(y_true: Any, smoothing: float, classes: int | None) -> Any:
    """Returns labels that are pulled to 1 / classes."""
    if not smoothing:
        return y_true
    if classes is None:
        raise ValueError(
            "label_smoothing: the number of classes, the last size of the prediction, must be known."
        )
    return y_true * (1 - smoothing) + smoothing / classes
