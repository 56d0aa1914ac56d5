"""`Optimizer`, the base class: from gradients to updates."""

import difflib
import inspect
import math
import numbers
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, ClassVar, Self, TypeAlias

import numpy as np

from .. import backend as K
from .._base.constructed import Constructed
from .._base.custom_objects import get_custom_objects as get_custom_objects
from .._base.displayed import Displayed
from .._base.types import Config, TensorLike
from .._graph import Variable
from . import _additions as additions
from ._schedule import ScheduledRate, checked_schedule, schedule_from_config, schedule_in_config
from ._variables import precise, scalar, slot

#: A parameter, its new value, and its slots with their new values.
Changes: TypeAlias = tuple[Variable, Any, Iterable[tuple[Variable, Any]]]

_CLIPPING = ("clipnorm", "clipvalue", "global_clipnorm")
#: Keyword arguments of all optimizers, in configs only if they are given.
_KEYWORDS = (*_CLIPPING, "gradient_accumulation_steps", "use_ema", "ema_momentum", "lr_multipliers")
_LARGEST = float(np.finfo("float32").max)  # larger numbers would be infinite in a program


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


class Optimizer(Constructed, Displayed):
    """Base class of optimizers. Your own optimizer overrides `get_updates` and `get_config`.

    Args:
        clipnorm: float > 0, keyword only: the gradients are scaled so that their common Euclidean norm is
            at most this.
        clipvalue: float > 0, keyword only: each element of a gradient is clipped to -clipvalue ..
            clipvalue, after `clipnorm`.
        global_clipnorm: another name of `clipnorm`, which later versions of Keras apply to each gradient
            alone.
        gradient_accumulation_steps: int > 0, keyword only: weights change after each so many batches, by the
            mean of their gradients.
        use_ema: bool, keyword only: whether to keep a running average of each weight; `fit` ends with the
            averages in the model. Until then they are in `averages`.
        ema_momentum: float in 0 .. 1, keyword only: the part of an average that a step keeps; 0.99.
        lr_multipliers: dict, keyword only: name of a layer or a weight -> factor >= 0 for its steps. The
            factor of a weight takes precedence over that of its layer.

    Each `lr` may be a schedule: a function from the number of the steps before, an int32 JAX array, to the
    rate, such as `optax.cosine_decay_schedule(0.1, 1000)`. `fit` then adds the rate of the next step to the
    logs.

    Attributes:
        updates: list of pairs (variable, new value), from the last `get_updates`.
        weights: list of variables, the state that is saved with a model.
        averages: dict parameter -> variable with its running average; empty without `use_ema`.
    """

    #: Names of the arguments, which are attributes too; `get_config` returns their values.
    _arguments: ClassVar[tuple[str, ...]] = ()
    #: The number of slots, arrays of the parameter's shape that the rule keeps from step to step.
    _slots: int = 0
    #: Whether the step count is part of the saved state.
    _saves_iterations: bool = False

    lr: Any
    decay: Variable
    initial_decay: float = 0.0
    iterations: Variable
    updates: list[Any]
    weights: list[Variable]

    gradient_accumulation_steps: int = 1
    use_ema: bool = False
    ema_momentum: float = 0.99
    lr_multipliers: Mapping[str, float] = MappingProxyType({})
    averages: Mapping[Variable, Variable] = MappingProxyType({})
    #: The names of layers and weights by which `lr_multipliers` find the parameters.
    _paths: Mapping[Variable, tuple[str, ...]] = MappingProxyType({})
    #: Whether the rule reads the names of weights, as masks of optax do.
    _names_weights = False

    def __init__(self, **kwargs: Any) -> None:
        for name, value in kwargs.items():
            if name not in _KEYWORDS:
                raise TypeError(self._unexpected(name))
            setattr(self, name, self._checked(name, value))
        if "clipnorm" in kwargs and "global_clipnorm" in kwargs:
            raise ValueError(f"{type(self).__name__}: clipnorm and global_clipnorm are the same; pass one.")
        self.updates = []
        self.weights = []

    def _checked(self, name: str, value: Any) -> Any:
        if name in _CLIPPING:
            return self._at_least_zero(name, value, "for no clipping")
        if name == "ema_momentum":
            return self._finite(name, value, "a number in 0 .. 1", 0, 1)
        if name == "lr_multipliers":
            if not isinstance(value, Mapping):
                raise TypeError(
                    f"{type(self).__name__}: lr_multipliers must be a dict from names of layers or weights "
                    f"to factors; got {value!r:.100}"
                )
            pairs = value.items()
            return {
                key: self._at_least_zero(f"lr_multipliers[{key!r}]", one, "for no steps")
                for key, one in pairs
            }
        if name == "gradient_accumulation_steps":
            if isinstance(value, bool) or not hasattr(value, "__index__") or value < 1:
                raise ValueError(
                    f"{type(self).__name__}: {name} must be an int of 1 or more; got {value!r:.100}"
                )
            return int(value)
        return bool(value)

    def use_paths(self, paths: Mapping[Variable, tuple[str, ...]]) -> None:
        """Receives, when a model is compiled, the names of the layers of each weight and its own name.

        Only an optimizer that treats weights by their names keeps them.

        Raises:
            ValueError: `lr_multipliers` has another name.
        """
        additions.factors_of(paths, self.lr_multipliers, type(self).__name__)
        if self.lr_multipliers or self._names_weights:
            self._paths = paths

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
        self.weights, self.updates = [], []
        accumulator = self._accumulator(params)
        if accumulator is not None:
            gradients = self._clip(accumulator.means(gradients))
        factors = additions.factors_of(self._paths, self.lr_multipliers, type(self).__name__)
        for p, new_p, slots in self._changes(params, gradients):
            new_p = additions.multiplied(p, new_p, factors.get(p, 1))
            if p in constraints:
                new_p = constraints[p](new_p)
            self.updates += [K.update(p, new_p), *(K.update(*pair) for pair in slots)]
        if self.use_ema:
            self.averages = {p: K.variable(p.value, dtype=precise(K.dtype(p))) for p in params}
            averages = list(self.averages.values())
            self.weights += averages
            self.updates += additions.moved_averages(averages, self.updates, params, self.ema_momentum)
        if accumulator is not None:
            self.weights += accumulator.weights
            self.updates = accumulator.guarded(self.updates)
        return self.updates

    def _accumulator(self, params: Sequence[Variable]) -> additions.Accumulator | None:
        period = self.gradient_accumulation_steps
        if period == 1:
            return None
        return additions.Accumulator(period, [slot(p) for p in params], K.variable(0, dtype="int32"))

    def _changes(self, params: Sequence[Variable], gradients: Sequence[TensorLike]) -> Iterator[Changes]:
        """Adds the updates and the state that all parameters share; yields the changes of each parameter."""
        slots = [[slot(p) for p in params] for _ in range(self._slots)]
        self.weights = [self.iterations] if self._saves_iterations else []
        self.weights += [variable for slot in slots for variable in slot]
        rule = self._rule()
        for p, g, *variables in zip(params, gradients, *slots, strict=True):
            new_p, *new_values = rule(p, g, *variables)
            yield p, new_p, zip(variables, new_values, strict=True)

    def set_averages(self) -> None:
        """Sets the parameters to their running averages, if `use_ema`; the end of `fit` calls it."""
        K.batch_set_value((p, K.get_value(average)) for p, average in self.averages.items())

    @property
    def logged_rate(self) -> float | None:
        """The learning rate of the next step, for logs; None if it is a number, which only others change."""
        rate = vars(self).get("lr")
        return float(rate.get_value()) if isinstance(rate, ScheduledRate) else None

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
        # Of accumulated gradients, the mean is clipped.
        return gradients if self.gradient_accumulation_steps > 1 else self._clip(gradients)

    def _clip(self, gradients: list[TensorLike]) -> list[TensorLike]:
        clipnorm, clipvalue, global_clipnorm = (getattr(self, name, 0) for name in _CLIPPING)
        clipnorm = clipnorm or global_clipnorm
        if clipnorm > 0:
            norm = K.sqrt(sum(K.sum(K.square(g)) for g in gradients))
            gradients = [clip_norm(g, clipnorm, norm) for g in gradients]
        if clipvalue > 0:
            gradients = [K.clip(g, -clipvalue, clipvalue) for g in gradients]
        return gradients

    def __setattr__(self, name: str, value: Any) -> None:
        # `optimizer.lr = 0.01` sets the variable that compiled programs read, as its author means.
        variable = self.__dict__.get(name)
        if isinstance(variable, Variable) and isinstance(value, numbers.Real | np.ndarray):
            K.set_value(variable, value)
        else:
            super().__setattr__(name, value)

    def __getstate__(self) -> dict[str, Any]:
        """Returns the attributes for copies and pickles, without the updates of a graph."""
        kept = {**self.__dict__, "updates": [], "averages": {}, "_paths": {}}
        if isinstance(kept.get("lr"), ScheduledRate):
            kept["lr"] = kept["lr"].schedule
        if getattr(self, "weights", None):
            kept["_state_to_continue"] = self.get_weights()
        return kept

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        if callable(state.get("lr")):
            self.lr = ScheduledRate(state["lr"], self.iterations)

    def continue_from_state(self) -> None:
        """Sets the state of the optimizer that this is a copy of, once, if the shapes fit."""
        values = self.__dict__.pop("_state_to_continue", None)
        if values and [np.shape(value) for value in values] == [weight.shape for weight in self.weights]:
            self.set_weights(values)

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
        given = [name for name in _KEYWORDS if name in vars(self)]
        return {name: as_plain_data(getattr(self, name)) for name in (*given, *self._arguments)}

    def __repr__(self) -> str:
        arguments = ", ".join(f"{name}={text}" for name, text in self._shown_arguments())
        return f"<{type(self).__name__} {arguments}>" if arguments else f"<{type(self).__name__}>"

    def _shown_arguments(self) -> list[tuple[str, str]]:
        """Returns (name, current value as text) of the arguments that are set; a subclass may lack some."""
        names = [name for name in (*self._arguments, *_CLIPPING) if hasattr(self, name)]
        values = [as_plain_data(getattr(self, name)) for name in names]
        return [
            (name, f"{value:.6g}" if isinstance(value, float) else str(value))
            for name, value in zip(names, values, strict=True)
        ]

    @classmethod
    def from_config(cls, config: Config) -> Self:
        """Makes an optimizer from the result of `get_config`, without the state."""
        return cls(**config)

    # --- shared by the rules

    def _set(self, lr: Any, decay: Any = None, **hyperparameters: Any) -> None:
        """Makes variables for the hyperparameters, which programs read at each step: they may change."""
        schedule = schedule_from_config(lr, type(self).__name__) if isinstance(lr, Mapping) else lr
        if not callable(schedule):
            self.lr = scalar(self._at_least_zero("lr", lr, "for a scheduler to set"))
        for name, value in hyperparameters.items():
            setattr(self, name, scalar(self._finite(name, value)))
        self.iterations = scalar(0.0)
        if callable(schedule):
            self.lr = ScheduledRate(checked_schedule(schedule, type(self).__name__), self.iterations)
            self._saves_iterations = True
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
        if self.initial_decay > 0 or isinstance(self.lr, ScheduledRate):
            self._count()

    def _at_least_zero(self, name: str, value: Any, meaning_of_zero: str) -> float:
        return self._finite(name, value, f"finite > 0 (or 0 {meaning_of_zero})", least=0)

    def _finite(
        self,
        name: str,
        value: Any,
        wanted: str = "a finite number",
        least: float = -_LARGEST,
        most: float = _LARGEST,
    ) -> float:
        try:
            number = float(value)
        except (TypeError, ValueError):
            number = math.nan
        if not least <= number <= most:
            raise ValueError(f"{type(self).__name__}: {name} must be {wanted}; got {value!r:.100}")
        return number

    def _unexpected(self, name: str) -> str:
        known = [
            *(n for n in inspect.signature(type(self).__init__).parameters if n not in ("self", "kwargs")),
            *_KEYWORDS,
        ]
        close = difflib.get_close_matches(name, known, n=1)
        hint = f" Did you mean {close[0]!r}?" if close else ""
        return f"{type(self).__name__}: unexpected argument {name!r}.{hint} It takes {', '.join(known)}."


def as_plain_data(value: Any) -> Any:
    """Returns the number in a variable, and the name of a schedule; other values as they are."""
    if isinstance(value, ScheduledRate):
        return schedule_in_config(value)
    return float(K.get_value(value)) if hasattr(value, "get_value") else value
