"""Layers that add noise in training."""

import math

from .. import backend as K
from ..engine import InputSpec, Layer
from ._options import fraction, number, sizes_of


class GaussianNoise(Layer):
    """In training, x + n with n drawn for each element from the normal distribution N(0, sigma^2).

    Args:
        sigma: float >= 0, the standard deviation, in the units of the input.

    Input and output shape: any.
    """

    input_spec = [InputSpec()]  # one input, of any shape

    def __init__(self, sigma, **kwargs):
        self.supports_masking = True
        self.sigma = number(self, "sigma", sigma, least=0)
        super().__init__(**kwargs)

    def call(self, x, mask=None):
        noise = K.random_normal(sizes_of(x), mean=0.0, std=self.sigma, dtype=K.dtype(x))
        return K.in_train_phase(x + noise, x)

    def get_config(self):
        return {**super().get_config(), "sigma": self.sigma}


class GaussianDropout(Layer):
    """In training, x * n with n drawn for each element from N(1, p / (1 - p)).

    The factors have the mean and variance of those of `Dropout(p)`.

    Args:
        p: float, 0 <= p < 1.

    Input and output shape: any.

    Reference:
        Srivastava et al. 2014, JMLR 15, "Dropout: a simple way to prevent neural networks from
        overfitting", section 10.
    """

    input_spec = [InputSpec()]  # one input, of any shape

    def __init__(self, p, **kwargs):
        self.supports_masking = True
        self.p = fraction(self, "p", p)
        super().__init__(**kwargs)

    def call(self, x, mask=None):
        if self.p == 0:
            return x
        std = math.sqrt(self.p / (1 - self.p))
        noise = K.random_normal(sizes_of(x), mean=1.0, std=std, dtype=K.dtype(x))
        return K.in_train_phase(x * noise, x)

    def get_config(self):
        return {**super().get_config(), "p": self.p}
