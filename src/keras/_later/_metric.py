"""`Metric`: a metric over all batches of an epoch, whose state is kept in variables."""

from typing import Any

from .. import backend as K
from .._base.types import Config
from .._graph import Variable, noting_updates
from ..engine import Layer
from ..engine.node import to_list
from .losses import _options


class Metric(Layer):
    """Base of metrics that are computed over all data, not averaged over batches.

    A subclass makes variables with `add_weight` in `__init__`, and defines `update_state(y_true, y_pred,
    sample_weight=None)`, which changes them with `K.update_add`, `K.update` (and returns these updates, one
    or a
    list) or with `variable.assign_add`, and `result()`, a tensor of the variables. The variables are set to
    zero before each epoch; `reset_states()` may do otherwise.

    Args:
        name: str, the name in the logs.
        dtype: str, ignored: metrics have the float type of K.

    Example:
        >>> from keras import backend as K
        >>> class Largest(Metric):
        ...     def __init__(self, name="largest", **kwargs):
        ...         super().__init__(name=name, **kwargs)
        ...         self.largest = self.add_weight("value", initializer="zeros")
        ...     def update_state(self, y_true, y_pred, sample_weight=None):
        ...         return K.update(self.largest, K.maximum(self.largest, K.max(y_pred)))
        ...     def result(self):
        ...         return self.largest
    """

    def __init__(self, name: str | None = None, dtype: Any = None, **kwargs: Any) -> None:
        super().__init__(
            name=name or f"{_snake(type(self).__name__)}_{K.get_uid(_snake(type(self).__name__))}", **kwargs
        )
        self.stateful = True
        self.built = True

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        """Returns the updates of the variables for a batch."""
        raise NotImplementedError(
            f"{type(self).__name__} must define update_state(y_true, y_pred, sample_weight)."
        )

    def result(self) -> Any:
        """Returns the metric as a tensor of the variables."""
        raise NotImplementedError(f"{type(self).__name__} must define result().")

    def reset_states(self) -> None:
        """Sets the variables to zero."""
        for weight in self.weights:
            K.set_value(weight, K.get_value(weight) * 0)

    def add_weight(
        self, name: Any = None, shape: Any = (), initializer: Any = None, dtype: Any = None
    ) -> Variable:
        """Makes a variable of the state, zeros if `initializer` is None."""
        return super().add_weight(
            shape, "zero" if initializer is None else initializer, f"{self.name}_{name}", trainable=False
        )

    def of_batch(self, *args: Any, **kwargs: Any) -> tuple[Any, list[tuple[Variable, Any]]]:
        """Returns the result after a batch, and the updates that the batch makes.

        Args:
            *args, **kwargs: those of `update_state`.
        """
        with noting_updates() as noted:
            returned = self.update_state(*args, **kwargs)
        updates = (
            [pair for pair in to_list(returned) if isinstance(pair, tuple)] if returned is not None else []
        )
        if isinstance(returned, tuple) and isinstance(returned[0], Variable):
            updates = [returned]
        chosen = dict([*noted, *self.updates, *updates])
        with _replaced(self, chosen):
            result = self.result()
        return result, list(chosen.items())

    def get_config(self) -> Config:
        return {"name": self.name, **_options(self)}


class _replaced:
    """A `with` block in which an object's variables are their new values."""

    def __init__(self, owner: Any, new: dict[Variable, Any]) -> None:
        self.owner, self.new = owner, new

    def __enter__(self) -> None:
        self.before = dict(vars(self.owner))
        for name, value in self.before.items():
            vars(self.owner)[name] = self._now(value)

    def _now(self, value: Any) -> Any:
        if isinstance(value, Variable):
            return self.new.get(value, value)
        if isinstance(value, list) and value and all(isinstance(item, Variable) for item in value):
            return [self.new.get(item, item) for item in value]
        return value

    def __exit__(self, *_: object) -> None:
        vars(self.owner).clear()
        vars(self.owner).update(self.before)


def _snake(name: str) -> str:
    """Returns a class name in lower case with underscores.

    Example:
        >>> _snake("TruePositives"), _snake("AUC")
        ('true_positives', 'auc')
    """
    out = ""
    for before, letter in zip(" " + name, name, strict=False):
        out += "_" if letter.isupper() and before.islower() else ""
        out += letter.lower()
    return out


def weighted(values: Any, sample_weight: Any) -> tuple[Any, Any]:
    """Returns values times weights, and the weights in the shape of the values."""
    if sample_weight is None:
        return values, K.ones_like(values)
    weight = K.cast(sample_weight, K.floatx())
    while K.ndim(weight) < K.ndim(values):
        weight = K.expand_dims(weight)
    while K.ndim(weight) > K.ndim(values):
        weight = K.squeeze(weight, -1) if K.int_shape(weight)[-1] == 1 else K.mean(weight, axis=-1)
    weight = weight * K.ones_like(values)
    return values * weight, weight
