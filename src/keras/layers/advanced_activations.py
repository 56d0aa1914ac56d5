"""Activations with numbers of their own, fixed or learned.

Where a function has a kink, its derivative there is the original's: data often lie on it, at 0.
"""

from .. import backend as K
from .. import initializations
from ..engine import InputSpec, Layer
from ._options import config_of, keep, number, unless_default
from .core import Activation


class LeakyReLU(Layer):
    """x where x > 0, alpha x elsewhere.

    Args:
        alpha: float, slope of the negative part.

    Input and output shape: any.

    Reference:
        Maas, Hannun and Ng 2013, "Rectifier nonlinearities improve neural network acoustic models", ICML.
    """

    input_spec = [InputSpec()]  # one input, of any shape

    def __init__(self, alpha=0.3, **kwargs):
        self.supports_masking = True
        self.alpha = number(self, "alpha", alpha)
        super().__init__(**kwargs)

    def call(self, x, mask=None):
        return K.relu(x, alpha=self.alpha)

    def get_config(self):
        return {**super().get_config(), "alpha": self.alpha}


class ELU(Layer):
    """x where x > 0, alpha (exp(x) - 1) elsewhere.

    Args:
        alpha: float, the limit of the negative part is -alpha.

    Input and output shape: any.

    Reference:
        Clevert, Unterthiner and Hochreiter 2015, arXiv:1511.07289.
    """

    input_spec = [InputSpec()]  # one input, of any shape

    def __init__(self, alpha=1.0, **kwargs):
        self.supports_masking = True
        self.alpha = float(K.cast_to_floatx(number(self, "alpha", alpha)))
        super().__init__(**kwargs)

    def call(self, x, mask=None):
        return K.elu(x, self.alpha)

    def get_config(self):
        return {**super().get_config(), "alpha": self.alpha}


class ThresholdedReLU(Layer):
    """x where x > theta, 0 elsewhere.

    Args:
        theta: float >= 0, the threshold.

    Input and output shape: any.

    Reference:
        Konda, Memisevic and Krueger 2014, arXiv:1402.3337.
    """

    input_spec = [InputSpec()]  # one input, of any shape

    def __init__(self, theta=1.0, **kwargs):
        self.supports_masking = True
        self.theta = float(K.cast_to_floatx(number(self, "theta", theta, least=0)))
        super().__init__(**kwargs)

    def call(self, x, mask=None):
        return x * K.cast(K.greater(x, self.theta), K.dtype(x))

    def get_config(self):
        return {**super().get_config(), "theta": self.theta}


class ReLU(Activation):
    """Keras 2's name for `Activation("relu")`, which it becomes."""


class Softmax(Activation):
    """Keras 2's name for `Activation("softmax")`, over the last axis, which it becomes."""


class PReLU(Layer):
    """x where x > 0, alpha x elsewhere, with an alpha to learn for each element.

    Args:
        init: name or function of the initial alphas.
        weights: list with the array of alphas to start with.
        shared_axes: int or list of int, axes along which all elements have one alpha, counted from 1:
            [1, 2] is one alpha for each channel of images with channels last.

    Input and output shape: any; sizes must be known except those of shared axes.

    Reference:
        He, Zhang, Ren and Sun 2015, arXiv:1502.01852.
    """

    def __init__(self, init="zero", weights=None, shared_axes=None, **kwargs):
        self.supports_masking = True
        keep(self, init=init)
        self.initial_weights = weights
        self.shared_axes = _axes(self, shared_axes)
        super().__init__(**kwargs)

    def build(self, input_shape):
        shape = _parameter_shape(self, input_shape)
        self.alphas = self.add_weight(shape, self.init, name=f"{self.name}_alphas")
        self.built = True

    def call(self, x, mask=None):
        return K.relu(x) + self.alphas * (x - K.abs(x)) * 0.5

    def get_config(self):
        forgotten = unless_default(self, shared_axes=None)
        return {**super().get_config(), **config_of(self, "init"), **forgotten}


class ParametricSoftplus(Layer):
    """alpha log(1 + exp(beta x)), with an alpha and a beta to learn for each element.

    Args:
        alpha_init, beta_init: floats, the initial values.
        weights: list of arrays [alphas, betas] to start with.
        shared_axes: see `PReLU`.

    Input and output shape: any; sizes must be known except those of shared axes.

    Reference:
        McFarland, Cui and Butts 2013, "Inferring nonlinear neuronal computation based on physiologically
        plausible inputs", PLoS Computational Biology 9(7).
    """

    def __init__(self, alpha_init=0.2, beta_init=5.0, weights=None, shared_axes=None, **kwargs):
        self.supports_masking = True
        # Rounded to the default float type, as the original computes with them and saves them.
        self.alpha_init = float(K.cast_to_floatx(number(self, "alpha_init", alpha_init)))
        self.beta_init = float(K.cast_to_floatx(number(self, "beta_init", beta_init)))
        self.initial_weights = weights
        self.shared_axes = _axes(self, shared_axes)
        super().__init__(**kwargs)

    def build(self, input_shape):
        shape = _parameter_shape(self, input_shape)
        self.alphas = self.add_weight(shape, _constant(self.alpha_init), name=f"{self.name}_alphas")
        self.betas = self.add_weight(shape, _constant(self.beta_init), name=f"{self.name}_betas")
        self.built = True

    def call(self, x, mask=None):
        return K.softplus(self.betas * x) * self.alphas

    def get_config(self):
        forgotten = unless_default(self, shared_axes=None)
        return {**super().get_config(), **config_of(self, "alpha_init", "beta_init"), **forgotten}


class SReLU(Layer):
    """Three straight pieces, with slopes and joints to learn for each element.

    t_left + a_left (x - t_left) below t_left; t + a_right (x - t) above t = t_left + |t_right|; x between.

    Args:
        t_left_init, a_left_init, t_right_init, a_right_init: names or functions of the initial weights.
        shared_axes: see `PReLU`.

    Input and output shape: any; sizes must be known except those of shared axes.

    Reference:
        Jin et al. 2015, arXiv:1512.07030.
    """

    _WEIGHTS = ("t_left", "a_left", "t_right", "a_right")

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
        keep(
            self,
            t_left_init=t_left_init,
            a_left_init=a_left_init,
            t_right_init=t_right_init,
            a_right_init=a_right_init,
        )
        self.shared_axes = _axes(self, shared_axes)
        super().__init__(**kwargs)

    def build(self, input_shape):
        shape = _parameter_shape(self, input_shape)
        for weight in self._WEIGHTS:
            init = getattr(self, f"{weight}_init")
            setattr(self, weight, self.add_weight(shape, init, name=f"{self.name}_{weight}"))
        self.built = True

    def call(self, x, mask=None):
        width = K.abs(self.t_right)  # keeps the right joint on the right
        up_to_right = self.t_left + K.relu(x - self.t_left, self.a_left, width)
        return up_to_right + K.relu(x - (self.t_left + width)) * self.a_right

    def get_config(self):
        names = [f"{weight}_init" for weight in self._WEIGHTS]
        forgotten = unless_default(self, shared_axes=None)
        return {**super().get_config(), **config_of(self, *names), **forgotten}


def _constant(value):
    """An initialization with one number."""

    def init(shape, name=None):
        return K.variable(value * K.get_value(initializations.one(shape)), name=name)

    return init


def _axes(layer, axes):
    """`shared_axes` as a list of int, or None.

    Raises:
        ValueError: if an axis is no int, or that of the samples.
    """
    if axes is None:
        return None
    axes = list(axes) if isinstance(axes, list | tuple) else [axes]
    if any(isinstance(axis, bool) or not isinstance(axis, int) or axis < 1 for axis in axes):
        raise ValueError(
            f"{type(layer).__name__}: shared_axes must be axes counted from 1 (0 would be the samples); got "
            f"{axes}."
        )
    return axes


def _parameter_shape(layer, input_shape):
    """One number for each element of a sample, and one along shared axes.

    Raises:
        ValueError: if an axis does not exist, or a size that is needed is not known.
    """
    shape = list(input_shape[1:])
    for axis in layer.shared_axes or ():
        if axis > len(shape):
            raise ValueError(
                f"{type(layer).__name__} {layer.name!r}: shared_axes has {axis}; the input shape is "
                f"{tuple(input_shape)}, with axes up to {len(shape)}."
            )
        shape[axis - 1] = 1
    if None in shape:
        raise ValueError(
            f"{type(layer).__name__} {layer.name!r} has weights for each element, so the sizes must be "
            f"known; the input shape is {tuple(input_shape)}. Pass a complete input_shape, or name axis "
            f"{shape.index(None) + 1} in shared_axes."
        )
    free = [axis in (layer.shared_axes or ()) for axis in range(1, len(shape) + 1)]
    known = (None if any_size else size for any_size, size in zip(free, shape, strict=True))
    layer.input_spec = [InputSpec(shape=(None, *known))]
    return tuple(shape)
