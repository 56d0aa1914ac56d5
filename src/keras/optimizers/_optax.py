"""Optimizers of optax: any of its transformations, and AdamW and Lion as classes."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Never, Self

import jax
import jax.numpy as jnp

from .. import backend as K
from .._base.trees import tree_of
from .._base.types import Config, TensorLike
from .._graph import Variable, record
from ._optimizer import Changes, Optimizer
from ._schedule import ScheduledRate
from ._variables import scalar

#: Functions of optax that only pass the steps of others on: name -> the variable that holds the others.
_PASSING_ON = {"chain.<locals>.update_fn": "update_fns", "with_extra_args_support.<locals>.update": "tx"}
#: Functions of optax that multiply a step: name -> the variable that holds the factor.
_SCALING = {"scale.<locals>.update_fn": "step_size", "scale_by_schedule.<locals>.update_fn": "step_size_fn"}
_REFUSAL = (
    "it is inside the transformation of optax. For a rate that can be set, pass "
    "optax.inject_hyperparams(optax.adamw)(learning_rate=1e-3)."
)


def is_transform(value: Any) -> bool:
    """Whether a value is a gradient transformation of optax, or has its two functions."""
    return not isinstance(value, type | Optimizer) and all(
        callable(getattr(value, name, None)) for name in ("init", "update")
    )


class Transformed(Optimizer):
    """Base class of optimizers whose rule is a gradient transformation, over all parameters together."""

    _names_weights = True

    _saves_iterations = True

    def _transform_at(self, rate: Any) -> Any:
        """Returns the transformation for a learning rate, which may be a traced value."""
        raise NotImplementedError

    def _rate(self) -> TensorLike:
        return self._decayed_rate()

    def _changes(self, params: Sequence[Variable], gradients: Sequence[TensorLike]) -> Iterator[Changes]:
        tree = self._tree(params)
        leaves, structure = jax.tree.flatten(self._transform_at(0.0).init(jax.tree.map(_value, tree)))
        keys = [_key_kind(leaf) for leaf in leaves]
        state = [_state_variable(leaf, kind) for leaf, kind in zip(leaves, keys, strict=True)]
        self._state_made(jax.tree.unflatten(structure, state))
        order = jax.tree.structure(tree).flatten_up_to(self._tree(params, range(len(params))))

        def step(rate: Any, values: Any, gradients: Any, state: Any) -> tuple[list[Any], list[Any]]:
            old = jax.tree.unflatten(jax.tree.structure(tree), [values[i] for i in order])
            slopes = jax.tree.unflatten(jax.tree.structure(tree), [gradients[i] for i in order])
            pairs = zip(state, keys, strict=True)
            before = jax.tree.unflatten(
                structure,
                [s if kind is None else jax.random.wrap_key_data(s, impl=kind) for s, kind in pairs],
            )
            try:
                steps, after = self._transform_at(rate).update(slopes, before, old)
            except TypeError as error:
                raise TypeError(
                    f"{type(self).__name__}: the update of the transformation failed: {error}. It is called "
                    "with (gradients, state, parameters), without the value of the loss."
                ) from error
            new = jax.tree.leaves(jax.tree.map(lambda p, u: jnp.asarray(p + u, p.dtype), old, steps))
            back = dict(zip(order, new, strict=True))
            return [back[i] for i in range(len(back))], [_data(leaf) for leaf in jax.tree.leaves(after)]

        new, new_state = record(step, self._rate(), list(params), list(gradients), state, name="optax")
        self.weights = [self.iterations, *state]
        self._count()
        self.updates += map(K.update, state, new_state)
        yield from ((p, value, []) for p, value in zip(params, new, strict=True))

    def _tree(self, params: Sequence[Variable], values: Any = None) -> Any:
        """Returns values, or the parameters, as nested dicts by the names of layers and weights."""
        paths = {p: self._paths.get(p, (f"{p.name}_{i}",)) for i, p in enumerate(params)}
        return tree_of(dict(zip(paths.values(), params if values is None else values, strict=True)))

    def _state_made(self, state: Any) -> None:
        """Called with the state, its arrays being variables."""


class Optax(Transformed):
    """An optimizer of optax, such as `Optax(optax.adamw(1e-3))`. `compile` takes the transformation, too.

    The transformation sees the parameters as dicts by the names of layers and weights, in which models inside
    a model are dicts of their own: masks and labels of `optax.masked` and `optax.multi_transform` may be
    functions of such a tree.

    The state is part of saved models and of `TrainingCheckpoint`s. The transformation is not, as it consists
    of functions: `load_model(path, custom_objects={'Optax': transform})`.

    Args:
        transform: `optax.GradientTransformation`, or any object with its functions `init` and `update`.
        **kwargs: `clipnorm` and so on; see `Optimizer`.

    Attributes:
        lr: the learning rate, if the transformation has one that can be read. It can be set only with
            `optax.inject_hyperparams(optax.adamw)(learning_rate=1e-3)`.

    Raises:
        TypeError: `transform` has no such functions.

    Example:
        >>> import optax
        >>> optimizer = Optax(optax.adamw(optax.cosine_decay_schedule(1e-3, 1000)))
        >>> round(float(optimizer.lr.get_value()), 6)
        0.001
    """

    def __init__(self, transform: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not is_transform(transform):
            hint = " Call it first, as in optax.adamw(1e-3)." if callable(transform) else ""
            raise TypeError(
                f"Optax: wanted a transformation of optax, with `init` and `update`; got "
                f"{transform!r:.100}.{hint}"
            )
        self.transform = transform
        self.iterations = scalar(0.0)
        self._injected: Any = None
        self._read_rate()

    def _read_rate(self) -> None:
        rates = [rate for rate in map(_rate_of, _factors(self.transform.update)) if rate is not None]
        if len(rates) == 1:
            self.lr = ScheduledRate(rates[0], self.iterations, _REFUSAL)

    def __getattr__(self, name: str) -> Never:
        why = ""
        if name == "lr":
            why = f": {_REFUSAL} The variable exists from the first training on."
        raise AttributeError(f"{type(self).__name__} has no attribute {name!r}{why}")

    def _transform_at(self, rate: Any) -> Any:
        return self.transform

    def _rate(self) -> TensorLike:
        return 0.0  # the transformation has its own

    def _state_made(self, state: Any) -> None:
        self._injected = getattr(state, "hyperparams", {}).get("learning_rate")
        if self._injected is not None and "learning_rate" not in getattr(state, "hyperparams_states", {}):
            self.lr = self._injected  # without a schedule, which would set it at each step

    @property
    def logged_rate(self) -> float | None:
        """The learning rate of the next step, for logs; None if it cannot be read."""
        rate = vars(self).get("lr", self._injected)
        return None if rate is None else float(rate.get_value())

    def get_config(self) -> Config:
        """Returns the name of the transformation's class: functions cannot be written to files."""
        return {**super().get_config(), "transform": type(self.transform).__name__}

    @classmethod
    def from_config(cls, config: Config) -> Self:
        """Raises ValueError: the transformation must be given; see the class."""
        if is_transform(config.get("transform")):
            return cls(**config)
        raise ValueError(
            "Optax: the transformation is made of functions, which files do not hold. Pass it again: "
            "load_model(path, custom_objects={'Optax': optax.adamw(1e-3)}), with the transformation of the "
            "saved model, whose state the file has. Or load with compile=False and call compile; the "
            "optimizer then begins with a new state."
        )


class AdamW(Transformed):
    """Adam with decoupled weight decay, computed by optax. At step t (from 1):

        m <- beta_1 * m + (1 - beta_1) * g
        v <- beta_2 * v + (1 - beta_2) * g ** 2
        p <- p - lr * (m / (1 - beta_1 ** t) / (sqrt(v / (1 - beta_2 ** t)) + epsilon) + weight_decay * p)

    Needs the package optax: `pip install keras-classic[optax]`.

    Args:
        lr: float >= 0, learning rate, or a schedule; see `Optimizer`.
        beta_1, beta_2: floats in 0 .. 1, decay rates of the means.
        epsilon: float > 0, keeps the quotient finite.
        weight_decay: float >= 0, the part of each weight that a step removes, times `lr`.
        decay: float >= 0; the rate of step t (from 0) is lr / (1 + decay * t).
        **kwargs: `clipnorm` and so on; see `Optimizer`.

    Raises:
        ImportError: optax is not installed.

    Reference:
        Loshchilov and Hutter 2017, arXiv:1711.05101, algorithm 2.
    """

    _arguments = ("lr", "beta_1", "beta_2", "epsilon", "weight_decay", "decay")

    def __init__(
        self,
        lr: Any = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        weight_decay: float = 1e-4,
        decay: float = 0.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self._set(lr, decay)
        self.beta_1 = self._finite("beta_1", beta_1)
        self.beta_2 = self._finite("beta_2", beta_2)
        self.epsilon = epsilon
        self.weight_decay = self._at_least_zero("weight_decay", weight_decay, "for none")
        self._make = _from_optax("adamw", self)

    def _transform_at(self, rate: Any) -> Any:
        return self._make(
            rate, b1=self.beta_1, b2=self.beta_2, eps=self.epsilon, weight_decay=self.weight_decay
        )


class Lion(Transformed):
    """Lion: steps by the sign of a running mean, computed by optax.

        p <- p - lr * (sign(beta_1 * m + (1 - beta_1) * g) + weight_decay * p)
        m <- beta_2 * m + (1 - beta_2) * g

    Needs the package optax: `pip install keras-classic[optax]`.

    Args:
        lr: float >= 0, learning rate, or a schedule; 3 to 10 times smaller than that of Adam.
        beta_1, beta_2: floats in 0 .. 1, decay rates of the mean, in the step and in its update.
        weight_decay: float >= 0, the part of each weight that a step removes, times `lr`.
        decay: float >= 0; the rate of step t (from 0) is lr / (1 + decay * t).
        **kwargs: `clipnorm` and so on; see `Optimizer`.

    Raises:
        ImportError: optax is not installed.

    Reference:
        Chen et al. 2023, arXiv:2302.06675, algorithm 2.
    """

    _arguments = ("lr", "beta_1", "beta_2", "weight_decay", "decay")

    def __init__(
        self,
        lr: Any = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.99,
        weight_decay: float = 1e-3,
        decay: float = 0.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self._set(lr, decay)
        self.beta_1 = self._finite("beta_1", beta_1)
        self.beta_2 = self._finite("beta_2", beta_2)
        self.weight_decay = self._at_least_zero("weight_decay", weight_decay, "for none")
        self._make = _from_optax("lion", self)

    def _transform_at(self, rate: Any) -> Any:
        return self._make(rate, b1=self.beta_1, b2=self.beta_2, weight_decay=self.weight_decay)


def _from_optax(name: str, owner: Any) -> Callable[..., Any]:
    try:
        import optax
    except ImportError as error:
        raise ImportError(
            f"{type(owner).__name__} needs the package optax. Install it with `pip install "
            "keras-classic[optax]`."
        ) from error
    return getattr(optax, name)


def _value(variable: Any) -> jax.Array:
    return jnp.asarray(variable.value)


# --- keys of random numbers are kept as the integers in them


def _key_kind(leaf: Any) -> Any:
    is_key = jnp.issubdtype(jnp.asarray(leaf).dtype, jax.dtypes.prng_key)
    return jax.random.key_impl(leaf) if is_key else None


def _data(leaf: Any) -> jax.Array:
    return jnp.asarray(leaf) if _key_kind(leaf) is None else jax.random.key_data(leaf)


def _state_variable(leaf: Any, kind: Any) -> Variable:
    array = _data(leaf)
    return K.variable(array, dtype=str(array.dtype))


# --- the learning rate of a transformation, for logs


def _factors(update: Any) -> Iterator[Any]:
    """Yields the factors, numbers or functions of the count, by which a transformation multiplies steps."""
    name = getattr(update, "__qualname__", "")
    names: Any = getattr(getattr(update, "__code__", None), "co_freevars", ())
    cells: dict[str, Any] = dict(zip(names, getattr(update, "__closure__", None) or (), strict=False))
    if name in _SCALING and _SCALING[name] in cells:
        yield cells[_SCALING[name]].cell_contents
    elif name in _PASSING_ON and _PASSING_ON[name] in cells:
        inner = cells[_PASSING_ON[name]].cell_contents
        for one in inner if isinstance(inner, tuple | list) else [inner.update]:
            yield from _factors(one)


def _rate_of(factor: Any) -> Callable[[Any], Any] | None:
    """Returns the learning rate of which a factor is the negative; None for a factor that is positive."""

    def rate(step: Any) -> Any:
        found: Any = factor(step) if callable(factor) else factor
        return -jnp.asarray(found, "float32")

    try:
        return rate if all(float(rate(jnp.int32(step))) >= 0 for step in (0, 1, 100)) else None
    except (TypeError, ValueError):
        return None
