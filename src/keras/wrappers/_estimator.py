"""What the estimators share: parameters, fitting, and pickles."""

import inspect
import os
import tempfile
from collections.abc import Callable, Mapping
from typing import Any, Self, cast

import numpy as np
from numpy.typing import NDArray

from .._base.types import ArrayLike
from ..callbacks import History
from ..engine.model import Model
from ..models import Sequential, load_model, save_model

_METHODS = (Sequential.fit, Sequential.predict, Sequential.predict_classes, Sequential.evaluate)


class NotFitted(ValueError, AttributeError):
    """Raised by `predict` or `score` before `fit`; scikit-learn's NotFittedError has the same two bases."""


class BaseWrapper:
    """Base class of `KerasClassifier` and `KerasRegressor`.

    Args:
        build_fn: makes and compiles the model: a function, a bound method, or an instance of a class with
            `__call__`. None if a subclass of the wrapper defines `__call__` for that.
        sk_params: arguments of `build_fn` and of the `fit`, `predict`, `predict_classes` and `evaluate` of
            `Sequential`, by name. `set_params` and searches change them. An argument of a method of the
            wrapper applies to that call only.

    Attributes:
        model: the model of the last `fit`; does not exist before.

    Raises:
        ValueError: a name in `sk_params` is an argument of none of these.
        TypeError: `build_fn` is None and the wrapper has no `__call__`, or it is not callable.
    """

    model: Model

    def __init__(self, build_fn: Callable[..., Model] | None = None, **sk_params: Any) -> None:
        self.build_fn = build_fn
        self.sk_params = sk_params
        self.check_params(sk_params)

    # --- parameters -------------------------------------------------------------------------------

    def check_params(self, params: Mapping[str, Any]) -> None:
        """Checks the names of parameters.

        Args:
            params: name -> value.

        Raises:
            ValueError: a name is an argument of neither `build_fn` nor the methods of `Sequential`.
        """
        own = _argument_names(self._builder())
        legal = own.union(*map(_argument_names, _METHODS))
        for name in params:
            if name not in legal:
                raise ValueError(
                    f"{type(self).__name__}: {name} is not a legal parameter. Legal are the arguments of "
                    f"the function that makes the model, {sorted(own)}, and those of fit, predict, "
                    "predict_classes and evaluate."
                )

    def get_params(self, **params: Any) -> dict[str, Any]:
        """Returns the parameters by name, including `build_fn`.

        Args:
            params: not used; scikit-learn passes `deep`.

        Returns:
            New dict. The values are not copied, because `sklearn.base.clone` requires the same objects.
        """
        return {**self.sk_params, "build_fn": self.build_fn}

    def set_params(self, **params: Any) -> Self:
        """Changes parameters for the next `fit`.

        Returns:
            The wrapper.

        Raises:
            ValueError: as in `check_params`.
        """
        self.check_params(params)
        self.sk_params.update(params)
        return self

    def filter_sk_params(
        self, fn: Callable[..., Any], override: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """Returns the parameters that are arguments of a function.

        Args:
            fn: function or method.
            override: arguments to add, whatever their names.

        Returns:
            New dict name -> value.
        """
        names = _argument_names(fn)
        return {**{k: v for k, v in self.sk_params.items() if k in names}, **(override or {})}

    def _builder(self) -> Callable[..., Model]:
        builder = self if self.build_fn is None else self.build_fn
        if not callable(builder):
            raise TypeError(
                f"{type(self).__name__}: build_fn is {self.build_fn!r}; wanted a function that makes and "
                "compiles a model. Or let a subclass define __call__."
            )
        return cast("Callable[..., Model]", builder)  # its result is not checked here

    # --- fitting ----------------------------------------------------------------------------------

    def fit(self, x: ArrayLike, y: ArrayLike, **kwargs: Any) -> History:
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

    def _inputs(self, x: ArrayLike) -> ArrayLike:
        """Returns `x` as an array, unless it is another form of inputs that `Model.fit` accepts."""
        by_input = isinstance(x, list) and len(x) == len(self.model.inputs)
        sparse = hasattr(x, "tocsr")
        if isinstance(x, dict) or sparse or (by_input and all(isinstance(array, np.ndarray) for array in x)):
            return x
        return np.asarray(x)

    def _targets(self, y: NDArray[Any]) -> NDArray[Any]:
        """Returns `y` in the form that the model's loss needs."""
        return y

    def _fitted_model(self) -> Model:
        if not self.__sklearn_is_fitted__():
            raise NotFitted(f"This {type(self).__name__} is not fitted yet: call fit(x, y) first.")
        return self.model

    def _predict(self, x: ArrayLike, arguments: Mapping[str, Any]) -> NDArray[Any]:
        """Returns the output of the model, which must have only one."""
        return cast("NDArray[Any]", self._fitted_model().predict(self._inputs(x), **arguments))

    def _evaluate(self, x: ArrayLike, y: NDArray[Any], kwargs: Mapping[str, Any]) -> dict[str, float]:
        """Returns the loss and the metrics by name."""
        model = self._fitted_model()
        arguments = self.filter_sk_params(Sequential.evaluate, kwargs)
        values = model.evaluate(self._inputs(x), y, **arguments)
        values = values if isinstance(values, list) else [values]
        return dict(zip(model.metrics_names, values, strict=True))

    # --- scikit-learn's protocol ------------------------------------------------------------------

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "model")

    def _tags(self, **kinds: Any) -> Any:
        from sklearn.utils import InputTags, Tags, TargetTags

        return Tags(
            target_tags=TargetTags(required=True),
            input_tags=InputTags(three_d_array=True),
            non_deterministic=True,
            **kinds,
        )

    # --- copies and pickles -----------------------------------------------------------------------

    def __getstate__(self) -> dict[str, Any]:
        """Returns the state as plain data; the model as the bytes of its file, which cannot run code."""
        state = dict(self.__dict__)
        if "model" in state:
            state["model"] = _to_bytes(state["model"])
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        if "model" in state:
            self.model = _from_bytes(state["model"])


def _argument_names(function: Callable[..., Any]) -> set[str]:
    """Returns the names of the arguments that may be passed by keyword."""
    parameters = list(inspect.signature(function).parameters.values())
    named = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    return {parameter.name for parameter in parameters if parameter.kind in named} - {"self"}


def _to_bytes(model: Model) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model.h5")
        save_model(model, path)
        with open(path, "rb") as file:
            return file.read()


def _from_bytes(content: bytes) -> Model:
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model.h5")
        with open(path, "wb") as file:
            file.write(content)
        return load_model(path)
