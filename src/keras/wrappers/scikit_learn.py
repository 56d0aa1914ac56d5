"""Models as estimators of scikit-learn, which need not be installed."""

import inspect
import os
import tempfile

import numpy as np

from .._base.labels import to_categorical
from ..engine.files.saving import load_model, save_model
from ..models import Sequential

_METHODS = (Sequential.fit, Sequential.predict, Sequential.predict_classes, Sequential.evaluate)


class NotFitted(ValueError, AttributeError):
    """`predict` or `score` before `fit`; scikit-learn's error of that kind has the same two bases."""


class BaseWrapper:
    """What the wrappers share. Use `KerasClassifier` or `KerasRegressor`.

    Args:
        build_fn: what makes and compiles the model: a function, a bound method, or an instance of a class
            with `__call__`. None if a subclass of the wrapper has a `__call__` that does.
        sk_params: arguments of `build_fn`, and of the `fit`, `predict`, `predict_classes` and `evaluate` of
            `Sequential`, by name. `set_params` and searches change them. What is given to a method of the
            wrapper counts for that call only.

    Raises:
        ValueError: a name in `sk_params` is an argument of none of these.
        TypeError: there is nothing that makes a model.
    """

    def __init__(self, build_fn=None, **sk_params):
        self.build_fn = build_fn
        self.sk_params = sk_params
        self.check_params(sk_params)

    # --- parameters -------------------------------------------------------------------------------

    def check_params(self, params):
        """Checks the names of parameters.

        Args:
            params: dict name -> value.

        Raises:
            ValueError: a name is an argument of neither `build_fn` nor the methods of `Sequential`.
        """
        own = _argument_names(self._builder())
        legal = own.union(*map(_argument_names, _METHODS))
        for name in params:
            if name not in legal:
                raise ValueError(
                    f"{type(self).__name__}: {name} is not a legal parameter. Legal are the arguments of "
                    f"what makes the model, {sorted(own)}, and those of fit, predict, predict_classes and "
                    "evaluate."
                )

    def get_params(self, **params):
        """The parameters by name, with `build_fn`.

        Args:
            params: taken for the sake of scikit-learn, which passes `deep`; not used.

        Returns:
            New dict. The values are those that were given, and not copies: `sklearn.base.clone` asks for it.
        """
        return {**self.sk_params, "build_fn": self.build_fn}

    def set_params(self, **params):
        """Changes parameters for the next `fit`.

        Returns:
            The wrapper.

        Raises:
            ValueError: as `check_params`.
        """
        self.check_params(params)
        self.sk_params.update(params)
        return self

    def filter_sk_params(self, fn, override=None):
        """The parameters that are arguments of a function.

        Args:
            fn: function or method.
            override: dict of arguments to put in, whatever their names.

        Returns:
            New dict name -> value.
        """
        names = _argument_names(fn)
        return {**{k: v for k, v in self.sk_params.items() if k in names}, **(override or {})}

    def _builder(self):
        builder = self if self.build_fn is None else self.build_fn
        if not callable(builder):
            raise TypeError(
                f"{type(self).__name__}: build_fn is {self.build_fn!r}; wanted a function that makes and "
                "compiles a model. Or let a subclass define __call__."
            )
        return builder

    # --- fitting ----------------------------------------------------------------------------------

    def fit(self, x, y, **kwargs):
        """Makes a new model and trains it.

        Args:
            x: array-like of shape (samples, ...).
            y: array-like of shape (samples, ...).
            kwargs: arguments of `Sequential.fit`, for this call.

        Returns:
            `History`, as in Keras 1.2.2, and not the wrapper.
        """
        builder = self._builder()
        self.model = builder(**self.filter_sk_params(builder))
        targets = self._targets(np.asarray(y))
        return self.model.fit(self._inputs(x), targets, **self.filter_sk_params(Sequential.fit, kwargs))

    def _inputs(self, x):
        """`x` as an array, but for what `Model.fit` takes for the arrays of its inputs."""
        by_input = isinstance(x, list) and len(x) == len(self.model.inputs)
        sparse = hasattr(x, "tocsr")
        if isinstance(x, dict) or sparse or (by_input and all(isinstance(array, np.ndarray) for array in x)):
            return x
        return np.asarray(x)

    def _targets(self, y):
        """`y` as the model's loss wants it."""
        return y

    def _fitted_model(self):
        if not self.__sklearn_is_fitted__():
            raise NotFitted(f"This {type(self).__name__} is not fitted yet: call fit(x, y) first.")
        return self.model

    def _evaluate(self, x, y, kwargs):
        """What the model evaluates to, as a dict name -> number."""
        model = self._fitted_model()
        arguments = self.filter_sk_params(Sequential.evaluate, kwargs)
        values = model.evaluate(self._inputs(x), y, **arguments)
        values = values if isinstance(values, list) else [values]
        return dict(zip(model.metrics_names, values, strict=True))

    # --- scikit-learn's protocol ------------------------------------------------------------------

    def __sklearn_is_fitted__(self):
        return hasattr(self, "model")

    def _tags(self, **kinds):
        from sklearn.utils import InputTags, Tags, TargetTags

        return Tags(
            target_tags=TargetTags(required=True),
            input_tags=InputTags(three_d_array=True),
            non_deterministic=True,
            **kinds,
        )

    # --- copies and pickles -----------------------------------------------------------------------

    def __getstate__(self):
        """The state as plain data: a model as the bytes of its file, which cannot run code."""
        state = dict(self.__dict__)
        if "model" in state:
            state["model"] = _to_bytes(state["model"])
        return state

    def __setstate__(self, state):
        self.__dict__.update(state)
        if "model" in state:
            self.model = _from_bytes(state["model"])


class KerasClassifier(BaseWrapper):
    """A model that names classes, as a classifier of scikit-learn.

    Labels are class numbers 0, 1, ..., or one-hot rows, or names, which are numbered in alphabetical order.
    After `fit`, `classes_` has the label of each column of `predict_proba`.

    Args:
        build_fn, sk_params: as those of `BaseWrapper`.

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

    def fit(self, x, y, **kwargs):
        """Makes a new model and trains it.

        Args:
            x: array-like of shape (samples, ...).
            y: array-like of labels, shape (samples,) or (samples, 1); or one-hot rows (samples, classes).
            kwargs: arguments of `Sequential.fit`, for this call.

        Returns:
            `History`, as in Keras 1.2.2, and not the classifier.
        """
        y = np.asarray(y)
        self._labels = None if y.dtype.kind in "biuf" else np.unique(y)
        return super().fit(x, y, **kwargs)

    @property
    def classes_(self):
        """Array of the labels, one for each column of `predict_proba`."""
        model = self._fitted_model()
        return np.arange(_class_count(model)) if self._labels is None else self._labels

    def _targets(self, y):
        if self._labels is not None:
            y = self._numbers(self._labels, y)
        loss = getattr(self.model.loss, "__name__", self.model.loss)
        if loss == "categorical_crossentropy" and y.ndim != 2:
            # Not as many columns as `y` has classes: a part of the data may lack the last ones.
            return to_categorical(y, self.model.output_shape[-1])
        return y

    def _numbers(self, labels, y):
        """The places in `labels` of the labels in `y`."""
        name, count = type(self).__name__, _class_count(self.model)
        if len(labels) != count:
            raise ValueError(
                f"{name}: the model has {count} classes; y has the {len(labels)} labels {labels.tolist()}. "
                "Names of classes must all occur."
            )
        numbers = np.minimum(np.searchsorted(labels, y), count - 1)
        unknown = y[labels[numbers] != y].tolist()
        if unknown:
            raise ValueError(
                f"{name}: label {unknown[0]!r} did not occur in fit; there were {labels.tolist()}."
            )
        return numbers

    def predict(self, x, **kwargs):
        """The class of each sample.

        Args:
            x: array-like of shape (samples, ...).
            kwargs: arguments of `Sequential.predict_classes`, for this call.

        Returns:
            Array of class numbers, or of names if `fit` got names: shape (samples,), or (samples, 1) if the
            model has one output.

        Raises:
            NotFitted: before `fit`.
        """
        probabilities = self._probabilities(x, Sequential.predict_classes, kwargs)
        if probabilities.shape[-1] > 1:
            numbers = probabilities.argmax(axis=-1)
        else:
            numbers = (probabilities > 0.5).astype("int32")
        return numbers if self._labels is None else self._labels[numbers]

    def predict_proba(self, x, **kwargs):
        """The probability of each class for each sample.

        Args:
            x: array-like of shape (samples, ...).
            kwargs: arguments of `Sequential.predict_proba`, for this call.

        Returns:
            float array of shape (samples, classes); two columns if the model has one output.

        Raises:
            NotFitted: before `fit`.
        """
        probabilities = self._probabilities(x, Sequential.predict_proba, kwargs)
        if probabilities.shape[1] == 1:
            return np.hstack([1 - probabilities, probabilities])
        return probabilities

    def _probabilities(self, x, method, kwargs):
        # Both methods of Sequential show a progress bar unless they are told not to; `Model.predict`, which
        # models of the functional API have, does not.
        arguments = {"verbose": 1, **self.filter_sk_params(method, kwargs)}
        return self._fitted_model().predict(self._inputs(x), **arguments)

    def score(self, x, y, **kwargs):
        """The share of samples whose class is right.

        Args:
            x: array-like of shape (samples, ...).
            y: labels, as those of `fit`.
            kwargs: arguments of `Sequential.evaluate`, for this call.

        Returns:
            float from 0 to 1.

        Raises:
            ValueError: the model was compiled without metrics=["accuracy"].
            NotFitted: before `fit`.
        """
        self._fitted_model()
        values = self._evaluate(x, self._targets(np.asarray(y)), kwargs)
        if "acc" not in values:
            raise ValueError(
                f"{type(self).__name__}: the model is not configured to compute accuracy. Pass "
                'metrics=["accuracy"] to model.compile.'
            )
        return values["acc"]

    def __sklearn_tags__(self):
        from sklearn.utils import ClassifierTags

        return self._tags(estimator_type="classifier", classifier_tags=ClassifierTags())


class KerasRegressor(BaseWrapper):
    """A model that predicts numbers, as a regressor of scikit-learn.

    `score` is the loss, as in Keras 1.2.2: the less the better. Searches and validations of scikit-learn take
    more for better: give them `scoring="neg_mean_squared_error"` or its like.

    Args:
        build_fn, sk_params: as those of `BaseWrapper`.
    """

    def predict(self, x, **kwargs):
        """The model's outputs.

        Args:
            x: array-like of shape (samples, ...).
            kwargs: arguments of `Sequential.predict`, for this call.

        Returns:
            float array of shape (samples,), or (samples, outputs) if the model has several.

        Raises:
            NotFitted: before `fit`.
        """
        arguments = self.filter_sk_params(Sequential.predict, kwargs)
        outputs = self._fitted_model().predict(self._inputs(x), **arguments)
        return outputs[..., 0] if outputs.shape[-1] == 1 else outputs

    def score(self, x, y, **kwargs):
        """The loss; the less the better.

        Args:
            x: array-like of shape (samples, ...).
            y: array-like, the right numbers.
            kwargs: arguments of `Sequential.evaluate`, for this call.

        Returns:
            float.

        Raises:
            NotFitted: before `fit`.
        """
        return self._evaluate(x, np.asarray(y), kwargs)["loss"]

    def __sklearn_tags__(self):
        from sklearn.utils import RegressorTags

        return self._tags(estimator_type="regressor", regressor_tags=RegressorTags())


def _argument_names(function):
    """The names of the arguments that a function takes by name."""
    parameters = list(inspect.signature(function).parameters.values())
    named = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    return {parameter.name for parameter in parameters if parameter.kind in named} - {"self"}


def _class_count(model):
    return max(model.output_shape[-1], 2)  # one output is the probability of the second class


def _to_bytes(model):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model.h5")
        save_model(model, path)
        with open(path, "rb") as file:
            return file.read()


def _from_bytes(content):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model.h5")
        with open(path, "wb") as file:
            file.write(content)
        return load_model(path)
