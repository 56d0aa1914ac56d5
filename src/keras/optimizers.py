"""Optimizers: from the gradients of a loss to the new values of the weights.

An optimizer is a rule for one parameter, written below as an op over arrays: the parameter `p`, its
gradient `g` and what the rule remembers of earlier steps go in, the new `p` and the new memory come
out. `Optimizer.get_updates` applies the rule to all parameters. All new values are computed from the
old ones.
"""

import difflib
import inspect
import math

import jax.numpy as jnp
import numpy as np

from . import backend as K
from ._base.names import get_custom_objects as get_custom_objects
from ._base.names import get_from_module

_CLIPPING = ("clipnorm", "clipvalue")


def clip_norm(g, c, n):
    """Scales a gradient down where the norm is too large: g * c / n if n >= c, else g.

    Args:
        g: float tensor, any shape.
        c: float, the largest norm; 0 or less means no bound.
        n: scalar tensor, the norm, of all gradients together or of this one.

    Reference:
        Pascanu, Mikolov and Bengio 2012, arXiv:1211.5063, algorithm 1.
    """
    return K.switch(K.greater_equal(n, c), g * c / n, g) if c > 0 else g


class Optimizer:
    """Base class. Your own optimizer overrides `get_updates` and `get_config`.

    Args:
        clipnorm: float > 0, keyword only: gradients are scaled so that their common Euclidean norm is
            at most this.
        clipvalue: float > 0, keyword only: each element of a gradient is cut off at plus and minus
            this, after `clipnorm`.

    Attributes:
        updates: list of pairs (variable, new value), from the last `get_updates`.
        weights: list of variables, the memory that is saved with a model.
    """

    #: Names of the arguments, which are attributes too; `get_config` gives their values.
    _arguments = ()
    #: How many arrays of the parameter's shape the rule remembers.
    _slots = 0
    #: Whether the count of steps is part of the memory that is saved.
    _saves_iterations = False

    def __init__(self, **kwargs):
        for name, value in kwargs.items():
            if name not in _CLIPPING:
                raise TypeError(self._unexpected(name))
            setattr(self, name, self._at_least_zero(name, value, "for no clipping"))
        self.updates = []
        self.weights = []

    def get_updates(self, params, constraints, loss):
        """Builds the updates of one training step.

        Args:
            params: list of variables to train.
            constraints: dict variable -> function of its new value giving the value to have.
            loss: scalar tensor to make smaller.

        Returns:
            List of pairs (variable, new value), for `K.function(updates=...)`.
        """
        return self.updates_for(params, constraints, self.get_gradients(loss, params))

    def updates_for(self, params, constraints, gradients):
        """Builds the updates of one training step from gradients.

        Args:
            params, constraints: as in `get_updates`.
            gradients: list of tensors, one for each of `params`, as `clipped` returns them.

        Returns:
            List of pairs (variable, new value), for `K.function(updates=...)`.
        """
        slots = [[_memory(p) for p in params] for _ in range(self._slots)]
        self.weights = [self.iterations] if self._saves_iterations else []
        self.weights += [memory for slot in slots for memory in slot]
        self.updates = []
        step = self._rule()
        for p, g, *memory in zip(params, gradients, *slots, strict=True):
            new_p, *new_memory = step(p, g, *memory)
            if p in constraints:
                new_p = constraints[p](new_p)
            self.updates += map(K.update, [p, *memory], [new_p, *new_memory])
        return self.updates

    def _rule(self):
        """Adds the updates that all parameters share; gives function(p, g, *memory) -> new values."""
        raise NotImplementedError(f"{type(self).__name__} must define get_updates.")

    def get_gradients(self, loss, params):
        """Returns the gradients of `loss` for each of `params`, clipped; see `clipped`."""
        return self.clipped(params, K.gradients(loss, params))

    def clipped(self, params, gradients):
        """Clips gradients as `clipnorm` and `clipvalue` say.

        Args:
            params: list of variables.
            gradients: list of tensors, one for each of `params`; None counts as zeros.

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

    def set_weights(self, weights):
        """Sets the memory.

        Args:
            weights: list of arrays as `get_weights` gives.

        Raises:
            ValueError: the number of arrays or the shape of one is wrong; nothing is set then.
        """
        owner = type(self).__name__
        weights = list(weights)
        if len(weights) != len(self.weights):
            raise ValueError(
                f"{owner}: set_weights wanted {len(self.weights)} arrays, got {len(weights)}. The "
                "memory is made by get_updates, for the parameters given there."
            )
        for variable, value in zip(self.weights, weights, strict=True):
            if K.int_shape(variable) != np.shape(value):
                raise ValueError(
                    f"{owner}: set_weights got an array of shape {np.shape(value)} for "
                    f"{variable.name!r} of shape {K.int_shape(variable)}."
                )
        K.batch_set_value(zip(self.weights, weights, strict=True))

    def get_weights(self):
        """The memory as a list of numpy arrays."""
        return K.batch_get_value(self.weights)

    def get_config(self):
        """The arguments to make an optimizer like this one, a dict of plain values."""
        clipping = [name for name in _CLIPPING if hasattr(self, name)]
        return {name: _plain(getattr(self, name)) for name in (*clipping, *self._arguments)}

    @classmethod
    def from_config(cls, config):
        """Makes the optimizer that `get_config` described."""
        return cls(**config)

    # --- what the rules share

    def _set(self, decay=None, **hyperparameters):
        """Makes variables of the numbers a program reads at each step, so that they can be changed."""
        for name, value in hyperparameters.items():
            setattr(self, name, _scalar(value))
        self.iterations = _scalar(0.0)
        if decay is not None:
            self.initial_decay = self._at_least_zero("decay", decay, "for none")
            self.decay = _scalar(decay)

    def _checked_rate(self, lr):
        return self._at_least_zero("lr", lr, "for a scheduler to set")

    def _decayed_rate(self):
        """lr / (1 + decay * steps done before), if a decay was given."""
        if self.initial_decay > 0:
            return self.lr * (1.0 / (1.0 + self.decay * self.iterations))
        return self.lr

    def _count(self):
        self.updates.append(K.update_add(self.iterations, 1))

    def _count_if_decaying(self):
        # Keras 1.2.2 leaves the count at 0 without a decay; files that it saved say so.
        if self.initial_decay > 0:
            self._count()

    def _at_least_zero(self, name, value, meaning_of_zero):
        try:
            number = float(value)
        except (TypeError, ValueError):
            number = math.nan
        if not 0 <= number < math.inf:
            raise ValueError(
                f"{type(self).__name__}: {name} must be finite > 0 (or 0 {meaning_of_zero}); got {value!r}"
            )
        return number

    def _unexpected(self, name):
        known = [
            *(n for n in inspect.signature(type(self).__init__).parameters if n not in ("self", "kwargs")),
            *_CLIPPING,
        ]
        close = difflib.get_close_matches(name, known, n=1)
        hint = f" Did you mean {close[0]!r}?" if close else ""
        return f"{type(self).__name__}: unexpected argument {name!r}.{hint} It takes {', '.join(known)}."


def _precise(dtype):
    # In half precision 0.999 is 1 and the count of steps stops at 2048 (bfloat16: 256).
    return str(jnp.promote_types(dtype, "float32"))


def _scalar(value):
    return K.variable(value, dtype=_precise(K.floatx()))


def _memory(parameter):
    return K.zeros(K.int_shape(parameter), dtype=_precise(K.dtype(parameter)))


def _plain(value):
    return float(K.get_value(value)) if hasattr(value, "get_value") else value


# --- the rules, in order of increasing complexity -------------------------------------------------


@K.op
def _sgd(p, g, m, lr, momentum, nesterov):
    v = momentum * m - lr * g
    return p + (momentum * v - lr * g if nesterov else v), v


class SGD(Optimizer):
    """Stochastic gradient descent: v <- momentum * v - lr * g; p <- p + v.

    With `nesterov`, p <- p + momentum * v - lr * g, with the new v.

    Args:
        lr: float >= 0, learning rate.
        momentum: float in 0 .. 1, how much of a step the next one keeps.
        decay: float >= 0; the rate of step t (from 0) is lr / (1 + decay * t).
        nesterov: bool.
        **kwargs: `clipnorm`, `clipvalue`; see `Optimizer`.

    Reference:
        Sutskever, Martens, Dahl and Hinton 2013, "On the importance of initialization and momentum in
        deep learning", eqs. 1-4, in the form of Bengio et al. 2012, arXiv:1212.0901, eq. 7.
    """

    _arguments = ("lr", "momentum", "decay", "nesterov")
    _slots = 1
    _saves_iterations = True

    def __init__(self, lr=0.01, momentum=0.0, decay=0.0, nesterov=False, **kwargs):
        super().__init__(**kwargs)
        self._set(lr=self._checked_rate(lr), momentum=momentum, decay=decay)
        self.nesterov = nesterov

    def _rule(self):
        lr = self._decayed_rate()
        self._count_if_decaying()
        return lambda p, g, m: _sgd(p, g, m, lr, self.momentum, self.nesterov)


@K.op
def _adagrad(p, g, a, lr, epsilon):
    a_t = a + jnp.square(g)
    return p - lr * g / (jnp.sqrt(a_t) + epsilon), a_t


class Adagrad(Optimizer):
    """a <- a + g ** 2; p <- p - lr * g / (sqrt(a) + epsilon).

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

    def __init__(self, lr=0.01, epsilon=1e-8, decay=0.0, **kwargs):
        super().__init__(**kwargs)
        self._set(lr=self._checked_rate(lr), decay=decay)
        self.epsilon = epsilon

    def _rule(self):
        lr = self._decayed_rate()
        self._count_if_decaying()
        return lambda p, g, a: _adagrad(p, g, a, lr, self.epsilon)


@K.op
def _rmsprop(p, g, a, lr, rho, epsilon):
    a_t = rho * a + (1.0 - rho) * jnp.square(g)
    return p - lr * g / (jnp.sqrt(a_t) + epsilon), a_t


class RMSprop(Optimizer):
    """a <- rho * a + (1 - rho) * g ** 2; p <- p - lr * g / (sqrt(a) + epsilon).

    Args:
        lr: float >= 0, learning rate.
        rho: float in 0 .. 1, how much of the mean square the next step keeps.
        epsilon: float > 0, keeps the quotient finite.
        decay: float >= 0; the rate of step t (from 0) is lr / (1 + decay * t).
        **kwargs: `clipnorm`, `clipvalue`; see `Optimizer`.

    Reference:
        Tieleman and Hinton 2012, "Neural Networks for Machine Learning", lecture 6.5.
    """

    _arguments = ("lr", "rho", "decay", "epsilon")
    _slots = 1

    def __init__(self, lr=0.001, rho=0.9, epsilon=1e-8, decay=0.0, **kwargs):
        super().__init__(**kwargs)
        self._set(lr=self._checked_rate(lr), rho=rho, decay=decay)
        self.epsilon = epsilon

    def _rule(self):
        lr = self._decayed_rate()
        self._count_if_decaying()
        return lambda p, g, a: _rmsprop(p, g, a, lr, self.rho, self.epsilon)


@K.op
def _adadelta(p, g, a, d, lr, rho, epsilon):
    a_t = rho * a + (1.0 - rho) * jnp.square(g)
    update = g * jnp.sqrt(d + epsilon) / jnp.sqrt(a_t + epsilon)
    d_t = rho * d + (1.0 - rho) * jnp.square(update)
    return p - lr * update, a_t, d_t


class Adadelta(Optimizer):
    """u = g * sqrt(d + epsilon) / sqrt(a + epsilon), p <- p - lr * u.

    `a` and `d` are running means of g ** 2 and u ** 2; the new `a` and the old `d` are used.

    Args:
        lr: float >= 0, learning rate.
        rho: float in 0 .. 1, how much of the mean squares the next step keeps.
        epsilon: float > 0, keeps the quotient finite and the first steps above 0.
        decay: float >= 0; the rate of step t (from 0) is lr / (1 + decay * t).
        **kwargs: `clipnorm`, `clipvalue`; see `Optimizer`.

    Reference:
        Zeiler 2012, arXiv:1212.5701, algorithm 1.
    """

    _arguments = ("lr", "rho", "decay", "epsilon")
    _slots = 2

    def __init__(self, lr=1.0, rho=0.95, epsilon=1e-8, decay=0.0, **kwargs):
        super().__init__(**kwargs)
        self._set(lr=self._checked_rate(lr), decay=decay)
        self.rho = rho
        self.epsilon = epsilon

    def _rule(self):
        lr = self._decayed_rate()
        self._count_if_decaying()
        return lambda p, g, a, d: _adadelta(p, g, a, d, lr, self.rho, self.epsilon)


@K.op
def _adam(p, g, m, v, lr_t, beta_1, beta_2, epsilon):
    m_t = beta_1 * m + (1.0 - beta_1) * g
    v_t = beta_2 * v + (1.0 - beta_2) * jnp.square(g)
    return p - lr_t * m_t / (jnp.sqrt(v_t) + epsilon), m_t, v_t


class Adam(Optimizer):
    """Running means m of g and v of g ** 2; p <- p - lr_t * m / (sqrt(v) + epsilon).

    lr_t = lr * sqrt(1 - beta_2 ** t) / (1 - beta_1 ** t) at step t (from 1).

    Args:
        lr: float >= 0, learning rate.
        beta_1: float in 0 .. 1, how much of the mean gradient the next step keeps.
        beta_2: float in 0 .. 1, how much of the mean square the next step keeps.
        epsilon: float > 0, keeps the quotient finite.
        decay: float >= 0; the rate of step t (from 0) is lr / (1 + decay * t).
        **kwargs: `clipnorm`, `clipvalue`; see `Optimizer`.

    Reference:
        Kingma and Ba 2014, arXiv:1412.6980, algorithm 1, in the order of the end of section 2.
    """

    _arguments = ("lr", "beta_1", "beta_2", "decay", "epsilon")
    _slots = 2
    _saves_iterations = True

    def __init__(self, lr=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-8, decay=0.0, **kwargs):
        super().__init__(**kwargs)
        self._set(lr=self._checked_rate(lr), beta_1=beta_1, beta_2=beta_2, decay=decay)
        self.epsilon = epsilon

    def _rule(self):
        t = self.iterations + 1
        lr_t = self._decayed_rate() * (K.sqrt(1.0 - K.pow(self.beta_2, t)) / (1.0 - K.pow(self.beta_1, t)))
        self._count()
        return lambda p, g, m, v: _adam(p, g, m, v, lr_t, self.beta_1, self.beta_2, self.epsilon)


@K.op
def _adamax(p, g, m, u, lr_t, beta_1, beta_2, epsilon):
    m_t = beta_1 * m + (1.0 - beta_1) * g
    u_t = jnp.maximum(beta_2 * u, jnp.abs(g))
    return p - lr_t * m_t / (u_t + epsilon), m_t, u_t


class Adamax(Optimizer):
    """Adam with a running maximum: u <- max(beta_2 * u, |g|); p <- p - lr_t * m / (u + epsilon).

    lr_t = lr / (1 - beta_1 ** t) at step t (from 1).

    Args:
        lr: float >= 0, learning rate.
        beta_1: float in 0 .. 1, how much of the mean gradient the next step keeps.
        beta_2: float in 0 .. 1, how much of the maximum the next step keeps.
        epsilon: float > 0, keeps the quotient finite.
        decay: float >= 0; the rate of step t (from 0) is lr / (1 + decay * t).
        **kwargs: `clipnorm`, `clipvalue`; see `Optimizer`.

    Reference:
        Kingma and Ba 2014, arXiv:1412.6980, algorithm 2.
    """

    _arguments = ("lr", "beta_1", "beta_2", "decay", "epsilon")
    _slots = 2
    _saves_iterations = True

    def __init__(self, lr=0.002, beta_1=0.9, beta_2=0.999, epsilon=1e-8, decay=0.0, **kwargs):
        super().__init__(**kwargs)
        self._set(lr=self._checked_rate(lr), beta_1=beta_1, beta_2=beta_2, decay=decay)
        self.epsilon = epsilon

    def _rule(self):
        lr_t = self._decayed_rate() / (1.0 - K.pow(self.beta_1, self.iterations + 1))
        self._count()
        return lambda p, g, m, u: _adamax(p, g, m, u, lr_t, self.beta_1, self.beta_2, self.epsilon)


@K.op
def _nadam(p, g, m, v, t, momenta, products, lr, beta_1, beta_2, epsilon):
    m_t = beta_1 * m + (1.0 - beta_1) * g
    v_t = beta_2 * v + (1.0 - beta_2) * jnp.square(g)
    # The momenta of this step and the next, and their products over all steps so far.
    (mu_t, mu_next), (product_t, product_next) = momenta, products
    m_bar = (1.0 - mu_t) * (g / (1.0 - product_t)) + mu_next * (m_t / (1.0 - product_next))
    v_hat = v_t / (1.0 - jnp.power(beta_2, t))
    return p - lr * m_bar / (jnp.sqrt(v_hat) + epsilon), m_t, v_t


class Nadam(Optimizer):
    """Adam with Nesterov momentum and a momentum that grows: beta_1 * (1 - 0.5 * 0.96 ** (t * decay)).

    Args:
        lr: float >= 0, learning rate.
        beta_1: float in 0 .. 1, how much of the mean gradient the next step keeps.
        beta_2: float in 0 .. 1, how much of the mean square the next step keeps.
        epsilon: float > 0, keeps the quotient finite.
        schedule_decay: float >= 0, how fast the momentum grows to beta_1.
        **kwargs: `clipnorm`, `clipvalue`; see `Optimizer`.

    Reference:
        Dozat 2015, "Incorporating Nesterov momentum into Adam", algorithm 8; the schedule is that of
        Sutskever et al. 2013.
    """

    _arguments = ("lr", "beta_1", "beta_2", "epsilon", "schedule_decay")
    _slots = 2
    _saves_iterations = True

    def __init__(self, lr=0.002, beta_1=0.9, beta_2=0.999, epsilon=1e-8, schedule_decay=0.004, **kwargs):
        super().__init__(**kwargs)
        self._set(lr=self._checked_rate(lr), beta_1=beta_1, beta_2=beta_2)
        # Not among the saved weights, as in Keras 1.2.2: training on from a file starts at 1 again.
        self.m_schedule = _scalar(1.0)
        self.epsilon = epsilon
        self.schedule_decay = schedule_decay

    def _rule(self):
        t = self.iterations + 1
        momenta = self._momentum(t), self._momentum(t + 1)
        product = self.m_schedule * momenta[0]
        products = product, product * momenta[1]
        self._count()
        self.updates.append(K.update(self.m_schedule, product))
        return lambda p, g, m, v: _nadam(
            p, g, m, v, t, momenta, products, self.lr, self.beta_1, self.beta_2, self.epsilon
        )

    def _momentum(self, t):
        return self.beta_1 * (1.0 - 0.5 * K.pow(0.96, t * self.schedule_decay))


class TFOptimizer(Optimizer):
    """Refuses: the optimizers of TensorFlow work on TensorFlow's graphs, and JAX is the engine here.

    Raises:
        NotImplementedError: always.
    """

    def __init__(self, optimizer):
        raise NotImplementedError(
            f"TFOptimizer: {optimizer!r} updates TensorFlow variables, which there are none of here: JAX "
            f"is the engine. Use one of keras.optimizers: {', '.join(_CLASSES)}."
        )

    @property
    def weights(self):
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

_CLASSES = {
    optimizer.__name__: optimizer for optimizer in (SGD, RMSprop, Adagrad, Adadelta, Adam, Adamax, Nadam)
}
_OPTIMIZERS = {**_CLASSES, **{name.lower(): optimizer for name, optimizer in _CLASSES.items()}}


def optimizer_from_config(config, custom_objects=None):
    """Makes the optimizer that a model's configuration describes.

    Args:
        config: dict with 'class_name', in any case, and 'config', a dict of arguments.
        custom_objects: dict name -> class, looked at first.

    Raises:
        ValueError: no optimizer has that name.
    """
    name = config["class_name"]
    known = {**_OPTIMIZERS, **(custom_objects or {})}
    return get_from_module(_as_known(name, known), known, "optimizer").from_config(config["config"])


def get(identifier, kwargs=None):
    """Finds or makes an optimizer.

    Args:
        identifier: a name, in any case; or an optimizer, which comes back.
        kwargs: dict of arguments to make a named one with.

    Raises:
        ValueError: no optimizer has that name, or what came is none.

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


def _as_known(name, known):
    """A name in lower case, if it is only so that it is known."""
    return name.lower() if isinstance(name, str) and name not in known and name.lower() in known else name
