"""Stochastic gradient descent."""

from collections.abc import Callable
from typing import Any

from .. import backend as K
from .._graph import Variable
from ._optimizer import Optimizer


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
