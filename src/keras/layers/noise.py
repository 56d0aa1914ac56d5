"""Layers that add noise in training; they do nothing when testing."""

from .. import backend as K
from ..engine import Layer
from ._options import fraction


class GaussianNoise(Layer):
    """Adds normal noise of mean 0 in training.

    Args:
        sigma: float >= 0, standard deviation of the noise, in the unit of the input.

    Input and output shape: any, the same.
    """

    def __init__(self, sigma, **kwargs):
        self.supports_masking = True
        if not sigma >= 0:
            raise ValueError(f"GaussianNoise: sigma must be 0 or more; got {sigma!r}.")
        self.sigma = sigma
        super().__init__(**kwargs)

    def call(self, x, mask=None):
        noise = K.random_normal(K.shape(x), mean=0.0, std=self.sigma)
        return K.in_train_phase(x + noise, x)

    def get_config(self):
        return {**super().get_config(), "sigma": self.sigma}


class GaussianDropout(Layer):
    """Multiplies by normal noise of mean 1 in training.

    Args:
        p: float, 0 <= p < 1; the noise has the variance p / (1 - p), that of `Dropout(p)`.

    Input and output shape: any, the same.

    Reference:
        Srivastava et al. 2014, JMLR 15, section 10.
    """

    def __init__(self, p, **kwargs):
        self.supports_masking = True
        self.p = fraction(self, "p", p)
        super().__init__(**kwargs)

    def call(self, x, mask=None):
        if self.p == 0:
            return x
        noise = K.random_normal(K.shape(x), mean=1.0, std=(self.p / (1.0 - self.p)) ** 0.5)
        return K.in_train_phase(x * noise, x)

    def get_config(self):
        return {**super().get_config(), "p": self.p}
