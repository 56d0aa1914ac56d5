"""Rates from running sums of squared gradients: Adagrad, RMSprop, Adadelta."""

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp

from .. import backend as K
from .._graph import Variable
from ._optimizer import Optimizer


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
