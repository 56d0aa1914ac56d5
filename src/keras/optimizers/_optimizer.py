"""`Optimizer`, the base class: from gradients to updates."""

import difflib
import inspect
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, ClassVar, Self

import jax.numpy as jnp
import numpy as np

from .. import backend as K
from .._base.names import get_custom_objects as get_custom_objects
from .._base.types import Config, TensorLike
from .._graph import Variable

_CLIPPING = ("clipnorm", "clipvalue")


def clip_norm(g: TensorLike, c: float, n: TensorLike) -> TensorLike:
    """Scales a gradient down if a norm is too large: g * c / n if n >= c, else g.

    Args:
        g: float tensor, any shape.
        c: float, the largest norm; 0 or less means no bound.
        n: scalar tensor, the norm of all gradients together or of this one.
    Returns:
        Tensor with the shape of `g`.

    Reference:
        Pascanu, Mikolov and Bengio 2012, arXiv:1211.5063, algorithm 1.
    """
    return K.switch(K.greater_equal(n, c), g * c / n, g) if c > 0 else g


class Optimizer:
    """Base class of optimizers. Your own optimizer overrides `get_updates` and `get_config`.

    Args:
        clipnorm: float > 0, keyword only: the gradients are scaled so that their common Euclidean norm is
            at most this.
        clipvalue: float > 0, keyword only: each element of a gradient is clipped to -clipvalue ..
            clipvalue, after `clipnorm`.

    Attributes:
        updates: list of pairs (variable, new value), from the last `get_updates`.
        weights: list of variables, the state that is saved with a model.
    """

    #: Names of the arguments, which are attributes too; `get_config` returns their values.
    _arguments: ClassVar[tuple[str, ...]] = ()
    #: The number of slots, arrays of the parameter's shape that the rule keeps from step to step.
    _slots: ClassVar[int] = 0
    #: Whether the step count is part of the saved state.
    _saves_iterations: ClassVar[bool] = False

    lr: Variable
    decay: Variable
    initial_decay: float
    iterations: Variable
    updates: list[Any]
    weights: list[Variable]

    def __init__(self, **kwargs: Any) -> None:
        for name, value in kwargs.items():
            if name not in _CLIPPING:
                raise TypeError(self._unexpected(name))
            setattr(self, name, self._at_least_zero(name, value, "for no clipping"))
        self.updates = []
        self.weights = []

    def get_updates(
        self,
        params: Sequence[Variable],
        constraints: Mapping[Variable, Callable[..., Any]],
        loss: TensorLike,
    ) -> list[Any]:
        """Builds the updates of one training step.

        Args:
            params: list of variables to train.
            constraints: dict variable -> function from its new to its corrected value.
            loss: scalar tensor to minimize.

        Returns:
            List of pairs (variable, new value), for `K.function(updates=...)`.
        """
        return self.updates_for(params, constraints, self.get_gradients(loss, params))

    def updates_for(
        self,
        params: Sequence[Variable],
        constraints: Mapping[Variable, Callable[..., Any]],
        gradients: Sequence[TensorLike],
    ) -> list[Any]:
        """Builds the updates of one training step from gradients.

        Args:
            params, constraints: as in `get_updates`.
            gradients: list of tensors, one for each of `params`, as `clipped` returns them.

        Returns:
            List of pairs (variable, new value), for `K.function(updates=...)`.
        """
        slots = [[slot(p) for p in params] for _ in range(self._slots)]
        self.weights = [self.iterations] if self._saves_iterations else []
        self.weights += [variable for slot in slots for variable in slot]
        self.updates = []
        rule = self._rule()
        for p, g, *variables in zip(params, gradients, *slots, strict=True):
            new_p, *new_values = rule(p, g, *variables)
            if p in constraints:
                new_p = constraints[p](new_p)
            self.updates += map(K.update, [p, *variables], [new_p, *new_values])
        return self.updates

    def _rule(self) -> Callable[..., Any]:
        """Adds the updates that all parameters share; returns the rule (p, g, *slots) -> new values."""
        raise NotImplementedError(f"{type(self).__name__} must define get_updates.")

    def get_gradients(self, loss: TensorLike, params: Sequence[Variable]) -> list[TensorLike]:
        """Returns the gradient of a loss for each parameter, clipped; see `clipped`.

        Args:
            loss: scalar tensor.
            params: list of variables.
        """
        return self.clipped(params, K.gradients(loss, params))

    def clipped(self, params: Sequence[Variable], gradients: Sequence[TensorLike]) -> list[TensorLike]:
        """Clips gradients to `clipnorm` and `clipvalue`.

        Args:
            params: list of variables.
            gradients: list of tensors, one for each of `params`; None is a gradient of zeros.

        Returns:
            List of tensors.
        """
        gradients = [K.zeros_like(p) if g is None else g for p, g in zip(params, gradients, strict=True)]
        clipnorm, clipvalue = (getattr(self, name, 0) for name in _CLIPPING)
        if clipnorm > 0:
            norm = K.sqrt(sum(K.sum(K.square(g)) for g in gradients))
            gradients = [clip_norm(g, clipnorm, norm) for g in gradients]
        if clipvalue > 0:
            gradients = [K.clip(g, -clipvalue, clipvalue) for g in gradients]
        return gradients

    def set_weights(self, weights: Iterable[Any]) -> None:
        """Sets the state.

        Args:
            weights: list of arrays as `get_weights` returns them.

        Raises:
            ValueError: the number of arrays or the shape of one is wrong; nothing is set then.
        """
        owner = type(self).__name__
        weights = list(weights)
        if len(weights) != len(self.weights):
            raise ValueError(
                f"{owner}: set_weights wanted {len(self.weights)} arrays, got {len(weights)}. The "
                "state is made by get_updates, for the parameters given there."
            )
        for variable, value in zip(self.weights, weights, strict=True):
            if K.int_shape(variable) != np.shape(value):
                raise ValueError(
                    f"{owner}: set_weights got an array of shape {np.shape(value)} for "
                    f"{variable.name!r} of shape {K.int_shape(variable)}."
                )
        K.batch_set_value(zip(self.weights, weights, strict=True))

    def get_weights(self) -> list[np.ndarray]:
        """Returns the state as a list of NumPy arrays."""
        return K.batch_get_value(self.weights)

    def get_config(self) -> Config:
        """Returns the arguments of the optimizer with their current values, a dict of plain data."""
        clipping = [name for name in _CLIPPING if hasattr(self, name)]
        return {name: as_plain_data(getattr(self, name)) for name in (*clipping, *self._arguments)}

    @classmethod
    def from_config(cls, config: Config) -> Self:
        """Makes an optimizer from the result of `get_config`, without the state."""
        return cls(**config)

    # --- shared by the rules

    def _set(self, lr: Any, decay: Any = None, **hyperparameters: Any) -> None:
        """Makes variables for the hyperparameters, which programs read at each step: they may change."""
        self.lr = scalar(self._at_least_zero("lr", lr, "for a scheduler to set"))
        for name, value in hyperparameters.items():
            setattr(self, name, scalar(value))
        self.iterations = scalar(0.0)
        if decay is not None:
            self.initial_decay = self._at_least_zero("decay", decay, "for none")
            self.decay = scalar(decay)

    def _decayed_rate(self) -> TensorLike:
        """Returns lr / (1 + decay * steps before this one), or lr if no decay was given."""
        lr: TensorLike = self.lr
        if self.initial_decay > 0:
            decay: TensorLike = self.decay
            return lr * (1.0 / (1.0 + decay * self.iterations))
        return lr

    def _step(self) -> TensorLike:
        """Returns t, the number of the step, from 1."""
        iterations: TensorLike = self.iterations
        return iterations + 1

    def _count(self) -> None:
        self.updates.append(K.update_add(self.iterations, 1))

    def _count_if_decaying(self) -> None:
        # Without a decay, Keras 1.2.2 leaves the count at 0, and files hold the count.
        if self.initial_decay > 0:
            self._count()

    def _at_least_zero(self, name: str, value: Any, meaning_of_zero: str) -> float:
        try:
            number = float(value)
        except (TypeError, ValueError):
            number = math.nan
        if not 0 <= number < math.inf:
            raise ValueError(
                f"{type(self).__name__}: {name} must be finite > 0 (or 0 {meaning_of_zero}); got {value!r}"
            )
        return number

    def _unexpected(self, name: str) -> str:
        known = [
            *(n for n in inspect.signature(type(self).__init__).parameters if n not in ("self", "kwargs")),
            *_CLIPPING,
        ]
        close = difflib.get_close_matches(name, known, n=1)
        hint = f" Did you mean {close[0]!r}?" if close else ""
        return f"{type(self).__name__}: unexpected argument {name!r}.{hint} It takes {', '.join(known)}."


def precise(dtype: Any) -> str:
    """Returns the dtype of the state for parameters of a dtype: float32 at least."""
    # In bfloat16, 0.999 is rounded to 1, and the step count stops at 256 (float16: at 2048).
    return str(jnp.promote_types(dtype, "float32"))


def scalar(value: Any) -> Variable:
    """Makes a variable for a number that programs read at each step."""
    return K.variable(value, dtype=precise(K.floatx()))


def slot(parameter: Variable) -> Variable:
    """Makes a slot of a parameter, with zeros."""
    return K.zeros(parameter.shape, dtype=precise(K.dtype(parameter)))


def as_plain_data(value: Any) -> Any:
    """Returns the number in a variable; other values as they are."""
    return float(K.get_value(value)) if hasattr(value, "get_value") else value
