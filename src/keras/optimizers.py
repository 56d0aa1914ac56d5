"""Optimizers: from the gradients of a loss to the new values of the weights.

The update rule of an optimizer is an op over the arrays of one parameter. It takes the parameter `p`, its
gradient `g` and its slots (such as running means, 0 at the start), and returns the new `p` and the new
slots. `Optimizer.updates_for` applies the rule to all parameters. All new values are computed from the old
ones.
"""

import difflib
import inspect
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, ClassVar, NoReturn, Self

import jax.numpy as jnp
import numpy as np

from . import backend as K
from ._base.names import get_custom_objects as get_custom_objects
from ._base.names import get_from_module
from ._base.types import Config, CustomObjects, TensorLike
from ._graph import Variable

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
    #: Whether the count of steps is part of the state that is saved.
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
        slots = [[_slot(p) for p in params] for _ in range(self._slots)]
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
        return {name: _plain(getattr(self, name)) for name in (*clipping, *self._arguments)}

    @classmethod
    def from_config(cls, config: Config) -> Self:
        """Makes an optimizer from the result of `get_config`, without the state."""
        return cls(**config)

    # --- shared by the rules

    def _set(self, lr: Any, decay: Any = None, **hyperparameters: Any) -> None:
        """Makes variables of the hyperparameters that programs read at each step; they may be changed."""
        self.lr = _scalar(self._at_least_zero("lr", lr, "for a scheduler to set"))
        for name, value in hyperparameters.items():
            setattr(self, name, _scalar(value))
        self.iterations = _scalar(0.0)
        if decay is not None:
            self.initial_decay = self._at_least_zero("decay", decay, "for none")
            self.decay = _scalar(decay)

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
        # Keras 1.2.2 leaves the count at 0 without a decay, and files hold the count.
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


def _precise(dtype: Any) -> str:
    # In half precision 0.999 is 1 and the count of steps stops at 2048 (bfloat16: 256).
    return str(jnp.promote_types(dtype, "float32"))


def _scalar(value: Any) -> Variable:
    return K.variable(value, dtype=_precise(K.floatx()))


def _slot(parameter: Variable) -> Variable:
    return K.zeros(parameter.shape, dtype=_precise(K.dtype(parameter)))


def _plain(value: Any) -> Any:
    return float(K.get_value(value)) if hasattr(value, "get_value") else value


# --- the rules: ops over the arrays of one parameter -------------------------------------------------


@K.op
def _sgd(p, g, v, lr, momentum, nesterov):
    v_t = momentum * v - lr * g
    return p + (momentum * v_t - lr * g if nesterov else v_t), v_t


class SGD(Optimizer):
    """Stochastic gradient descent with momentum.

        v <- momentum * v - lr * g
        p <- p + v                          or, with `nesterov`,
        p <- p + momentum * v - lr * g      with the new v

    Args:
        lr: float >= 0, learning rate.
        momentum: float in 0 .. 1, the part of a step that is added to the next one.
        decay: float >= 0; the rate of step t (from 0) is lr / (1 + decay * t).
        nesterov: bool, whether to use Nesterov's momentum.
        **kwargs: `clipnorm`, `clipvalue`; see `Optimizer`.

    Reference:
        Sutskever, Martens, Dahl and Hinton 2013, "On the importance of initialization and momentum in
        deep learning", eqs. 1-4, in the form of Bengio et al. 2012, arXiv:1212.0901, eq. 7.
    """

    _arguments = ("lr", "momentum", "decay", "nesterov")
    _slots = 1
    _saves_iterations = True

    momentum: Variable

    def __init__(
        self,
        lr: float = 0.01,
        momentum: float = 0.0,
        decay: float = 0.0,
        nesterov: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self._set(lr, decay, momentum=momentum)
        self.nesterov = nesterov

    def _rule(self) -> Callable[..., Any]:
        lr = self._decayed_rate()
        self._count_if_decaying()
        return lambda p, g, v: _sgd(p, g, v, lr, self.momentum, self.nesterov)


@K.op
def _adagrad(p, g, a, lr, epsilon):
    a_t = a + jnp.square(g)
    return p - lr * g / (jnp.sqrt(a_t) + epsilon), a_t


class Adagrad(Optimizer):
    """Adagrad: steps that shrink with the sum of the squared gradients.

        a <- a + g ** 2
        p <- p - lr * g / (sqrt(a) + epsilon)

    Args:
        lr: float >= 0, learning rate.
        epsilon: float > 0, keeps the quotient finite.
        decay: float >= 0; the rate of step t (from 0) is lr / (1 + decay * t).
        **kwargs: `clipnorm`, `clipvalue`; see `Optimizer`.

    Reference:
        Duchi, Hazan and Singer 2011, JMLR 12, "Adaptive subgradient methods for online learning and
        stochastic optimization", figure 1 (diagonal).
    """

    _arguments = ("lr", "decay", "epsilon")
    _slots = 1

    def __init__(self, lr: float = 0.01, epsilon: float = 1e-8, decay: float = 0.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._set(lr, decay)
        self.epsilon = epsilon

    def _rule(self) -> Callable[..., Any]:
        lr = self._decayed_rate()
        self._count_if_decaying()
        return lambda p, g, a: _adagrad(p, g, a, lr, self.epsilon)


@K.op
def _rmsprop(p, g, a, lr, rho, epsilon):
    a_t = rho * a + (1.0 - rho) * jnp.square(g)
    return p - lr * g / (jnp.sqrt(a_t) + epsilon), a_t


class RMSprop(Optimizer):
    """RMSprop: gradients divided by a running root mean square.

        a <- rho * a + (1 - rho) * g ** 2
        p <- p - lr * g / (sqrt(a) + epsilon)

    Args:
        lr: float >= 0, learning rate.
        rho: float in 0 .. 1, decay rate of the mean square.
        epsilon: float > 0, keeps the quotient finite.
        decay: float >= 0; the rate of step t (from 0) is lr / (1 + decay * t).
        **kwargs: `clipnorm`, `clipvalue`; see `Optimizer`.

    Reference:
        Tieleman and Hinton 2012, "Neural Networks for Machine Learning", lecture 6.5.
    """

    _arguments = ("lr", "rho", "decay", "epsilon")
    _slots = 1

    rho: Variable

    def __init__(
        self, lr: float = 0.001, rho: float = 0.9, epsilon: float = 1e-8, decay: float = 0.0, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self._set(lr, decay, rho=rho)
        self.epsilon = epsilon

    def _rule(self) -> Callable[..., Any]:
        lr = self._decayed_rate()
        self._count_if_decaying()
        return lambda p, g, a: _rmsprop(p, g, a, lr, self.rho, self.epsilon)


@K.op
def _adadelta(p, g, a, d, lr, rho, epsilon):
    a_t = rho * a + (1.0 - rho) * jnp.square(g)
    u = g * jnp.sqrt(d + epsilon) / jnp.sqrt(a_t + epsilon)
    d_t = rho * d + (1.0 - rho) * jnp.square(u)
    return p - lr * u, a_t, d_t


class Adadelta(Optimizer):
    """Adadelta: steps with a running root mean square of their own size.

        a <- rho * a + (1 - rho) * g ** 2
        u = g * sqrt(d + epsilon) / sqrt(a + epsilon)       with the new a
        d <- rho * d + (1 - rho) * u ** 2
        p <- p - lr * u

    Args:
        lr: float >= 0, learning rate.
        rho: float in 0 .. 1, decay rate of the mean squares.
        epsilon: float > 0, keeps the quotient finite and the first steps above 0.
        decay: float >= 0; the rate of step t (from 0) is lr / (1 + decay * t).
        **kwargs: `clipnorm`, `clipvalue`; see `Optimizer`.

    Reference:
        Zeiler 2012, arXiv:1212.5701, algorithm 1.
    """

    _arguments = ("lr", "rho", "decay", "epsilon")
    _slots = 2

    def __init__(
        self, lr: float = 1.0, rho: float = 0.95, epsilon: float = 1e-8, decay: float = 0.0, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self._set(lr, decay)
        self.rho = rho
        self.epsilon = epsilon

    def _rule(self) -> Callable[..., Any]:
        lr = self._decayed_rate()
        self._count_if_decaying()
        return lambda p, g, a, d: _adadelta(p, g, a, d, lr, self.rho, self.epsilon)


@K.op
def _adam(p, g, m, v, lr_t, beta_1, beta_2, epsilon):
    m_t = beta_1 * m + (1.0 - beta_1) * g
    v_t = beta_2 * v + (1.0 - beta_2) * jnp.square(g)
    return p - lr_t * m_t / (jnp.sqrt(v_t) + epsilon), m_t, v_t


class Adam(Optimizer):
    """Adam: running means of the gradient and of its square. At step t (from 1):

        m <- beta_1 * m + (1 - beta_1) * g
        v <- beta_2 * v + (1 - beta_2) * g ** 2
        lr_t = lr * sqrt(1 - beta_2 ** t) / (1 - beta_1 ** t)
        p <- p - lr_t * m / (sqrt(v) + epsilon)

    Args:
        lr: float >= 0, learning rate.
        beta_1: float in 0 .. 1, decay rate of the mean gradient.
        beta_2: float in 0 .. 1, decay rate of the mean square.
        epsilon: float > 0, keeps the quotient finite.
        decay: float >= 0; the rate of step t (from 0) is lr / (1 + decay * t).
        **kwargs: `clipnorm`, `clipvalue`; see `Optimizer`.

    Reference:
        Kingma and Ba 2014, arXiv:1412.6980, algorithm 1, with the order of computation of the end of
        section 2.
    """

    _arguments = ("lr", "beta_1", "beta_2", "decay", "epsilon")
    _slots = 2
    _saves_iterations = True

    beta_1: Variable
    beta_2: Variable

    def __init__(
        self,
        lr: float = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        decay: float = 0.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self._set(lr, decay, beta_1=beta_1, beta_2=beta_2)
        self.epsilon = epsilon

    def _rule(self) -> Callable[..., Any]:
        t = self._step()
        lr_t = self._decayed_rate() * (K.sqrt(1.0 - K.pow(self.beta_2, t)) / (1.0 - K.pow(self.beta_1, t)))
        self._count()
        return lambda p, g, m, v: _adam(p, g, m, v, lr_t, self.beta_1, self.beta_2, self.epsilon)


@K.op
def _adamax(p, g, m, u, lr_t, beta_1, beta_2, epsilon):
    m_t = beta_1 * m + (1.0 - beta_1) * g
    u_t = jnp.maximum(beta_2 * u, jnp.abs(g))
    return p - lr_t * m_t / (u_t + epsilon), m_t, u_t


class Adamax(Optimizer):
    """Adamax: Adam with a running maximum in place of the root mean square. At step t (from 1):

        m <- beta_1 * m + (1 - beta_1) * g
        u <- max(beta_2 * u, |g|)
        p <- p - lr / (1 - beta_1 ** t) * m / (u + epsilon)

    Args:
        lr: float >= 0, learning rate.
        beta_1: float in 0 .. 1, decay rate of the mean gradient.
        beta_2: float in 0 .. 1, decay rate of the maximum.
        epsilon: float > 0, keeps the quotient finite.
        decay: float >= 0; the rate of step t (from 0) is lr / (1 + decay * t).
        **kwargs: `clipnorm`, `clipvalue`; see `Optimizer`.

    Reference:
        Kingma and Ba 2014, arXiv:1412.6980, algorithm 2.
    """

    _arguments = ("lr", "beta_1", "beta_2", "decay", "epsilon")
    _slots = 2
    _saves_iterations = True

    beta_1: Variable
    beta_2: Variable

    def __init__(
        self,
        lr: float = 0.002,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        decay: float = 0.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self._set(lr, decay, beta_1=beta_1, beta_2=beta_2)
        self.epsilon = epsilon

    def _rule(self) -> Callable[..., Any]:
        lr_t = self._decayed_rate() / (1.0 - K.pow(self.beta_1, self._step()))
        self._count()
        return lambda p, g, m, u: _adamax(p, g, m, u, lr_t, self.beta_1, self.beta_2, self.epsilon)


@K.op
def _nadam(p, g, m, v, t, momenta, products, lr, beta_1, beta_2, epsilon):
    m_t = beta_1 * m + (1.0 - beta_1) * g
    v_t = beta_2 * v + (1.0 - beta_2) * jnp.square(g)
    # The momenta of this step and of the next one, and the products of all momenta up to each.
    (mu_t, mu_next), (product_t, product_next) = momenta, products
    m_bar = (1.0 - mu_t) * (g / (1.0 - product_t)) + mu_next * (m_t / (1.0 - product_next))
    v_hat = v_t / (1.0 - jnp.power(beta_2, t))
    return p - lr * m_bar / (jnp.sqrt(v_hat) + epsilon), m_t, v_t


class Nadam(Optimizer):
    """Nadam: Adam with Nesterov's momentum, and a momentum that grows to beta_1. At step t (from 1):

        mu_t = beta_1 * (1 - 0.5 * 0.96 ** (t * schedule_decay))
        M_t = mu_1 * ... * mu_t
        m <- beta_1 * m + (1 - beta_1) * g
        v <- beta_2 * v + (1 - beta_2) * g ** 2
        m_bar = (1 - mu_t) * g / (1 - M_t) + mu_(t+1) * m / (1 - M_(t+1))
        p <- p - lr * m_bar / (sqrt(v / (1 - beta_2 ** t)) + epsilon)

    Args:
        lr: float >= 0, learning rate.
        beta_1: float in 0 .. 1, decay rate of the mean gradient.
        beta_2: float in 0 .. 1, decay rate of the mean square.
        epsilon: float > 0, keeps the quotient finite.
        schedule_decay: float >= 0; the larger, the faster the momentum grows.
        **kwargs: `clipnorm`, `clipvalue`; see `Optimizer`.

    Reference:
        Dozat 2015, "Incorporating Nesterov momentum into Adam", algorithm 8, with the schedule of
        Sutskever et al. 2013.
    """

    _arguments = ("lr", "beta_1", "beta_2", "epsilon", "schedule_decay")
    _slots = 2
    _saves_iterations = True

    beta_1: Variable
    beta_2: Variable

    def __init__(
        self,
        lr: float = 0.002,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        schedule_decay: float = 0.004,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self._set(lr, beta_1=beta_1, beta_2=beta_2)
        # Not part of the saved state, as in Keras 1.2.2: it is 1 again after loading.
        self.m_schedule = _scalar(1.0)
        self.epsilon = epsilon
        self.schedule_decay = schedule_decay

    def _rule(self) -> Callable[..., Any]:
        t = self._step()
        momenta = self._momentum(t), self._momentum(t + 1)
        schedule: TensorLike = self.m_schedule
        product = schedule * momenta[0]
        products = product, product * momenta[1]
        self._count()
        self.updates.append(K.update(self.m_schedule, product))
        return lambda p, g, m, v: _nadam(
            p, g, m, v, t, momenta, products, self.lr, self.beta_1, self.beta_2, self.epsilon
        )

    def _momentum(self, t: TensorLike) -> TensorLike:
        beta_1: TensorLike = self.beta_1
        return beta_1 * (1.0 - 0.5 * K.pow(0.96, t * self.schedule_decay))


class TFOptimizer(Optimizer):
    """Not available: optimizers of TensorFlow need TensorFlow's graphs, and the engine here is JAX.

    Raises:
        NotImplementedError: always.
    """

    def __init__(self, optimizer: Any) -> None:
        raise NotImplementedError(
            f"TFOptimizer: {optimizer!r} updates TensorFlow variables, and there are none here: JAX is the "
            f"engine. Use one of keras.optimizers: {', '.join(_CLASSES)}."
        )

    @property
    def weights(self) -> NoReturn:  # pyright: ignore[reportIncompatibleVariableOverride] - as in 1.2.2
        """Never reached, as there are no instances; Keras 1.2.2 has this property."""
        raise NotImplementedError("TFOptimizer has no weights.")


# --- names ----------------------------------------------------------------------------------------

sgd = SGD
rmsprop = RMSprop
adagrad = Adagrad
adadelta = Adadelta
adam = Adam
adamax = Adamax
nadam = Nadam

_CLASSES: dict[str, type[Optimizer]] = {
    optimizer.__name__: optimizer for optimizer in (SGD, RMSprop, Adagrad, Adadelta, Adam, Adamax, Nadam)
}
_OPTIMIZERS = {**_CLASSES, **{name.lower(): optimizer for name, optimizer in _CLASSES.items()}}


def optimizer_from_config(config: Config, custom_objects: CustomObjects | None = None) -> Optimizer | Any:
    """Makes an optimizer from its class name and its config.

    Args:
        config: dict with 'class_name', in upper or lower case, and 'config', a dict of arguments.
        custom_objects: dict name -> class; it wins over the names of Keras.

    Raises:
        ValueError: no optimizer has that name.
    """
    name = config["class_name"]
    known = {**_OPTIMIZERS, **(custom_objects or {})}
    return get_from_module(_as_known(name, known), known, "optimizer").from_config(config["config"])


def get(identifier: Any, kwargs: Mapping[str, Any] | None = None) -> Optimizer | Any:
    """Returns an optimizer.

    Args:
        identifier: name, in upper or lower case; or an optimizer, which is returned unchanged.
        kwargs: dict of arguments for an optimizer that is given by name.

    Raises:
        ValueError: no optimizer has that name, or `identifier` is not an optimizer.

    Example:
        >>> get('rmsprop', {'lr': 0.5}).get_config()['lr']
        0.5
    """
    found = get_from_module(
        _as_known(identifier, _OPTIMIZERS), _OPTIMIZERS, "optimizer", instantiate=True, kwargs=kwargs
    )
    if isinstance(found, type) or not hasattr(found, "get_updates"):
        raise ValueError(
            f"Invalid optimizer: got {identifier!r}, wanted a name or an instance, such as Adam(lr=0.001). "
            f"Known names: {', '.join(_CLASSES)}."
        )
    return found


def _as_known(name: Any, known: Mapping[str, Any]) -> Any:
    """Returns a name in lower case if it is known only in that form, else unchanged."""
    return name.lower() if isinstance(name, str) and name not in known and name.lower() in known else name
