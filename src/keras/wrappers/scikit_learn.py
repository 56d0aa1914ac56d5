"""Keras models as estimators of scikit-learn, which need not be installed."""

import sys
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._base.callers import levels_to_caller
from .._base.labels import to_categorical
from .._base.types import ArrayLike
from ..callbacks import History
from ..engine.model import Model
from ..models import Sequential
from ._estimator import BaseWrapper as BaseWrapper
from ._estimator import NotFitted as NotFitted


class KerasClassifier(BaseWrapper):
    """A Keras model as a classifier of scikit-learn.

    Labels are class numbers 0, 1, ..., one-hot rows, or names, which are numbered in alphabetical order.
    After `fit`, `classes_` has the label of each column of `predict_proba`.

    Args:
        build_fn, sk_params: as in `BaseWrapper`.

    Example:
        >>> import numpy as np
        >>> from keras.layers import Dense
        >>> from keras.models import Sequential
        >>> def build(hidden=4):
        ...     model = Sequential([Dense(hidden, input_dim=2), Dense(3, activation="softmax")])
        ...     model.compile("sgd", "categorical_crossentropy", metrics=["accuracy"])
        ...     return model
        >>> classifier = KerasClassifier(build, hidden=8, nb_epoch=1, verbose=0)
        >>> history = classifier.fit(np.eye(3, 2), ["a", "b", "c"])
        >>> classifier.predict_proba(np.eye(3, 2)).shape
        (3, 3)
    """

    def fit(self, x: ArrayLike, y: ArrayLike, **kwargs: Any) -> History:
        """Makes a new model and trains it.

        Args:
            x: array-like of shape (samples, ...).
            y: array-like of labels, shape (samples,) or (samples, 1); or one-hot rows (samples, classes).
            kwargs: arguments of `Sequential.fit`, for this call.

        Returns:
            `History`, as in Keras 1.2.2, and not the classifier.

        Raises:
            ValueError: `y` has names, and not as many different ones as the model has classes.
        """
        y = np.asarray(y)
        self._labels = None if y.dtype.kind in "biuf" else np.unique(y)
        return super().fit(x, y, **kwargs)

    @property
    def classes_(self) -> NDArray[Any]:
        """The label of each column of `predict_proba`."""
        model = self._fitted_model()
        return np.arange(_class_count(model)) if self._labels is None else self._labels

    def _targets(self, y: NDArray[Any]) -> NDArray[Any]:
        if self._labels is not None:
            y = self._numbers(self._labels, y)
        loss = getattr(self.model.loss, "__name__", self.model.loss)
        if loss == "categorical_crossentropy" and y.ndim != 2:
            # As many columns as the model has outputs, because a subset may lack the last classes.
            return to_categorical(y, self.model.output_shape[-1])
        return y

    def _numbers(self, labels: NDArray[Any], y: NDArray[Any]) -> NDArray[np.integer]:
        """Returns the index in `labels` of each label in `y`."""
        name, count = type(self).__name__, _class_count(self.model)
        if len(labels) != count:
            raise ValueError(
                f"{name}: the model has {count} classes; y has the {len(labels)} labels {labels.tolist()}. "
                "When classes are given by name, every class must occur in y."
            )
        numbers = np.minimum(np.searchsorted(labels, y), count - 1)
        unknown = y[labels[numbers] != y].tolist()
        if unknown:
            raise ValueError(
                f"{name}: label {unknown[0]!r} did not occur in fit; the labels were {labels.tolist()}."
            )
        return numbers

    def predict(self, x: ArrayLike, **kwargs: Any) -> NDArray[Any]:
        """Returns the class of each sample.

        Args:
            x: array-like of shape (samples, ...).
            kwargs: arguments of `Sequential.predict_classes`, for this call.

        Returns:
            Class numbers, or names if `fit` got names: shape (samples,), or (samples, 1) if the model has
            one output.

        Raises:
            NotFitted: `fit` was not called.
        """
        probabilities = self._probabilities(x, Sequential.predict_classes, kwargs)
        if probabilities.shape[-1] > 1:
            numbers = probabilities.argmax(axis=-1)
        else:
            numbers = (probabilities > 0.5).astype("int32")
        return numbers if self._labels is None else self._labels[numbers]

    def predict_proba(self, x: ArrayLike, **kwargs: Any) -> NDArray[Any]:
        """Returns the probability of each class for each sample.

        Args:
            x: array-like of shape (samples, ...).
            kwargs: arguments of `Sequential.predict_proba`, for this call.

        Returns:
            float array of shape (samples, classes); two columns if the model has one output.

        Raises:
            NotFitted: `fit` was not called.
        """
        probabilities = self._probabilities(x, Sequential.predict_proba, kwargs)
        if probabilities.shape[1] == 1:
            return np.hstack([1 - probabilities, probabilities])
        return probabilities

    def _probabilities(
        self, x: ArrayLike, method: Callable[..., Any], kwargs: dict[str, Any]
    ) -> NDArray[Any]:
        # Both methods of Sequential show a progress bar by default; `Model.predict`, the only one that
        # functional models have, does not.
        return self._predict(x, {"verbose": 1, **self.filter_sk_params(method, kwargs)})

    def score(self, x: ArrayLike, y: ArrayLike, **kwargs: Any) -> float:
        """Returns the accuracy: the fraction of samples whose class is right.

        Args:
            x: array-like of shape (samples, ...).
            y: labels, as in `fit`.
            kwargs: arguments of `Sequential.evaluate`, for this call.

        Returns:
            float from 0 to 1.

        Raises:
            ValueError: the model was compiled without metrics=["accuracy"].
            NotFitted: `fit` was not called.
        """
        self._fitted_model()
        values = self._evaluate(x, self._targets(np.asarray(y)), kwargs)
        if "acc" not in values:
            raise ValueError(
                f"{type(self).__name__}: the model is not configured to compute accuracy. Pass "
                'metrics=["accuracy"] to model.compile.'
            )
        return values["acc"]

    def __sklearn_tags__(self) -> Any:
        from sklearn.utils import ClassifierTags

        return self._tags(estimator_type="classifier", classifier_tags=ClassifierTags())


class KerasRegressor(BaseWrapper):
    """A Keras model as a regressor of scikit-learn.

    `score` is the loss, as in Keras 1.2.2: smaller is better. Searches and cross-validation of scikit-learn
    maximize: pass them a scorer such as `scoring="neg_mean_squared_error"`.

    Args:
        build_fn, sk_params: as in `BaseWrapper`.
    """

    def predict(self, x: ArrayLike, **kwargs: Any) -> NDArray[Any]:
        """Returns the model's outputs.

        Args:
            x: array-like of shape (samples, ...).
            kwargs: arguments of `Sequential.predict`, for this call.

        Returns:
            float array of shape (samples,), or (samples, outputs) if the model has several.

        Raises:
            NotFitted: `fit` was not called.
        """
        outputs = self._predict(x, self.filter_sk_params(Sequential.predict, kwargs))
        return outputs[..., 0] if outputs.shape[-1] == 1 else outputs

    def score(self, x: ArrayLike, y: ArrayLike, **kwargs: Any) -> float:
        """Returns the loss; smaller is better.

        The searches of scikit-learn take larger scores as better. Called by them, this warns: pass them
        `scoring="neg_mean_squared_error"` or another scorer.

        Args:
            x: array-like of shape (samples, ...).
            y: array-like, the targets.
            kwargs: arguments of `Sequential.evaluate`, for this call.

        Returns:
            The loss, averaged over the samples.

        Raises:
            NotFitted: `fit` was not called.
        """
        if sys._getframe(1).f_globals.get("__name__", "").startswith("sklearn."):
            warnings.warn(
                f"{type(self).__name__}.score returns the loss, as in Keras 1.2.2: smaller is better. "
                "scikit-learn takes the largest score as the best, which is the worst model here. Pass a "
                "scorer, such as "
                'scoring="neg_mean_squared_error".',
                stacklevel=levels_to_caller(),
            )
        return self._evaluate(x, np.asarray(y), kwargs)["loss"]

    def __sklearn_tags__(self) -> Any:
        from sklearn.utils import RegressorTags

        return self._tags(estimator_type="regressor", regressor_tags=RegressorTags())


def _class_count(model: Model) -> int:
    return max(model.output_shape[-1] or 0, 2)  # one output is the probability of the second class
