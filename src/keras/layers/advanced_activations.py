"""Activations with parameters, as layers. Input and output have the same shape, which may be any."""

import numpy as np

from .. import backend as K
from .. import initializations
from ..engine import Layer
from ._options import config_of, keep


class LeakyReLU(Layer):
    """x where x > 0, alpha * x elsewhere.

    Args:
        alpha: float >= 0, slope of the negative part.

    Reference:
        Maas, Hannun and Ng 2013, "Rectifier nonlinearities improve neural network acoustic models", ICML.
    """

    def __init__(self, alpha=0.3, **kwargs):
        self.supports_masking = True
        self.alpha = alpha
        super().__init__(**kwargs)

    def call(self, x, mask=None):
        return K.relu(x, alpha=self.alpha)

    def get_config(self):
        return {**super().get_config(), "alpha": self.alpha}


class PReLU(Layer):
    """x where x > 0, alpha * x elsewhere, with a learned alpha for each feature.

    Args:
        init: name or function of the initial alphas.
        weights: list with the array of alphas to start with.
        shared_axes: list of int, the axes along which alphas are shared, counted from 1: [2, 3] gives
            one alpha for each channel of (samples, channels, rows, cols).

    Reference:
        He et al. 2015, arXiv:1502.01852, equation 1.
    """

    def __init__(self, init="zero", weights=None, shared_axes=None, **kwargs):
        self.supports_masking = True
        keep(self, init=init)
        self.initial_weights = weights
        self.shared_axes = as_axes(shared_axes)
        super().__init__(**kwargs)

    def build(self, input_shape):
        shape = shape_of_parameters(input_shape, self.shared_axes)
        self.alphas = self.add_weight(shape, self.init, name=f"{self.name}_alphas")
        self.built = True

    def call(self, x, mask=None):
        return K.relu(x) + self.alphas * (x - K.abs(x)) * 0.5

    def get_config(self):
        return {**super().get_config(), **config_of(self, "init"), **shared_axes_of(self)}


class ELU(Layer):
    """x where x > 0, alpha * (exp(x) - 1) elsewhere.

    Args:
        alpha: float, scale of the negative part.

    Reference:
        Clevert, Unterthiner and Hochreiter 2015, arXiv:1511.07289.
    """

    def __init__(self, alpha=1.0, **kwargs):
        self.supports_masking = True
        self.alpha = alpha
        super().__init__(**kwargs)

    def call(self, x, mask=None):
        return K.elu(x, self.alpha)

    def get_config(self):
        return {**super().get_config(), "alpha": self.alpha}


class ParametricSoftplus(Layer):
    """alpha * log(1 + exp(beta * x)), with learned alphas and betas for each feature.

    Args:
        alpha_init, beta_init: floats, what all alphas and betas start with.
        weights: list of arrays [alphas, betas] to start with instead.
        shared_axes: see `PReLU`.

    Reference:
        McFarland, Cui and Butts 2013, "Inferring nonlinear neuronal computation based on physiologically
        plausible inputs", PLoS Computational Biology 9(7).
    """

    def __init__(self, alpha_init=0.2, beta_init=5.0, weights=None, shared_axes=None, **kwargs):
        self.supports_masking = True
        self.alpha_init = float(K.cast_to_floatx(alpha_init))
        self.beta_init = float(K.cast_to_floatx(beta_init))
        self.initial_weights = weights
        self.shared_axes = as_axes(shared_axes)
        super().__init__(**kwargs)

    def build(self, input_shape):
        shape = shape_of_parameters(input_shape, self.shared_axes)
        self.alphas = self.add_weight(shape, constant(self.alpha_init), name=f"{self.name}_alphas")
        self.betas = self.add_weight(shape, constant(self.beta_init), name=f"{self.name}_betas")
        self.built = True

    def call(self, x, mask=None):
        return K.softplus(self.betas * x) * self.alphas

    def get_config(self):
        names = ("alpha_init", "beta_init")
        return {**super().get_config(), **config_of(self, *names), **shared_axes_of(self)}


class ThresholdedReLU(Layer):
    """x where x > theta, 0 elsewhere.

    Args:
        theta: float >= 0, the threshold.

    Reference:
        Konda, Memisevic and Krueger 2014, arXiv:1402.3337.
    """

    def __init__(self, theta=1.0, **kwargs):
        self.supports_masking = True
        self.theta = float(K.cast_to_floatx(theta))
        super().__init__(**kwargs)

    def call(self, x, mask=None):
        return x * K.cast(x > self.theta, K.floatx())

    def get_config(self):
        return {**super().get_config(), "theta": self.theta}


class SReLU(Layer):
    """S-shaped: x between two thresholds, and slopes of their own below and above them.

    y = t_r + a_r (x - t_r) for x >= t_r; x in between; t_l + a_l (x - t_l) for x <= t_l, with
    t_r = t_l + |t_right|. All four are learned for each feature.

    Args:
        t_left_init, a_left_init, t_right_init, a_right_init: names or functions of the initial values.
        shared_axes: see `PReLU`.

    Reference:
        Jin et al. 2015, arXiv:1512.07030, equation 2.
    """

    def __init__(
        self,
        t_left_init="zero",
        a_left_init="glorot_uniform",
        t_right_init="glorot_uniform",
        a_right_init="one",
        shared_axes=None,
        **kwargs,
    ):
        self.supports_masking = True
        # Names are looked up when the weights are made: a config holds them as they were given.
        self.t_left_init = t_left_init
        self.a_left_init = a_left_init
        self.t_right_init = t_right_init
        self.a_right_init = a_right_init
        self.shared_axes = as_axes(shared_axes)
        super().__init__(**kwargs)

    def build(self, input_shape):
        shape = shape_of_parameters(input_shape, self.shared_axes)
        for part in ("t_left", "a_left", "t_right", "a_right"):
            init = initializations.get(getattr(self, f"{part}_init"))
            setattr(self, part, self.add_weight(shape, init, name=f"{self.name}_{part}"))
        self.t_right_actual = self.t_left + K.abs(self.t_right)
        self.built = True

    def call(self, x, mask=None):
        below = x <= self.t_left
        above = x >= self.t_right_actual
        y_left = self.t_left + self.a_left * (x - self.t_left)
        y_right = self.t_right_actual + self.a_right * (x - self.t_right_actual)
        return K.switch(below, y_left, K.switch(above, y_right, x))

    def get_config(self):
        names = ("t_left_init", "a_left_init", "t_right_init", "a_right_init")
        return {**super().get_config(), **config_of(self, *names), **shared_axes_of(self)}


def as_axes(shared_axes):
    """The axes that share parameters as a list of int, or None."""
    if shared_axes is None:
        return None
    return list(shared_axes) if isinstance(shared_axes, list | tuple) else [shared_axes]


def shared_axes_of(layer):
    """The layer's shared axes for its config, which the original leaves out: only where there are some."""
    return {"shared_axes": layer.shared_axes} if layer.shared_axes else {}


def shape_of_parameters(input_shape, shared_axes):
    """The shape of one sample, with 1 for each axis along which parameters are shared."""
    shape = list(input_shape[1:])
    for axis in shared_axes or ():
        shape[axis - 1] = 1
    return tuple(shape)


def constant(value):
    """A function of initial weights that are all one number."""

    def init(shape, name=None):
        return K.variable(np.full(shape, value), name=name)

    return init
