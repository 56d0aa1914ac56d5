"""Rates from running means of gradients and of their sizes: Adam, Adamax, Nadam."""

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp

from .. import backend as K
from .._base.types import Config, TensorLike
from .._graph import Variable
from ._optimizer import Optimizer
from ._variables import scalar


@K.op
def _adam(p, g, m, v, lr_t, beta_1, beta_2, epsilon):
    m_t = beta_1 * m + (1.0 - beta_1) * g
    v_t = beta_2 * v + (1.0 - beta_2) * jnp.square(g)
    return p - lr_t * m_t / (jnp.sqrt(v_t) + epsilon), m_t, v_t


@K.op
def _amsgrad(p, g, m, v, largest, lr_t, beta_1, beta_2, epsilon):
    m_t = beta_1 * m + (1.0 - beta_1) * g
    v_t = beta_2 * v + (1.0 - beta_2) * jnp.square(g)
    largest = jnp.maximum(largest, v_t)
    return p - lr_t * m_t / (jnp.sqrt(largest) + epsilon), m_t, v_t, largest


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
        amsgrad: bool, whether to divide by the root of the largest v so far (Reddi, Kale and Kumar 2018,
            "On the convergence of Adam and beyond", ICLR).
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
        amsgrad: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self._set(lr, decay, beta_1=beta_1, beta_2=beta_2)
        self.epsilon = epsilon
        self.amsgrad = amsgrad
        self._slots = 3 if amsgrad else 2

    def _rule(self) -> Callable[..., Any]:
        t = self._step()
        lr_t = self._decayed_rate() * (K.sqrt(1.0 - K.pow(self.beta_2, t)) / (1.0 - K.pow(self.beta_1, t)))
        self._count()
        rule: Callable[..., Any] = _amsgrad if self.amsgrad else _adam
        return lambda p, g, *slots: rule(p, g, *slots, lr_t, self.beta_1, self.beta_2, self.epsilon)

    def get_config(self) -> Config:
        config = super().get_config()
        return {**config, "amsgrad": True} if self.amsgrad else config


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
        self.m_schedule = scalar(1.0)
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
