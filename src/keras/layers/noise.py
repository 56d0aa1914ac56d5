"""Layers that add noise in training."""

import math
from typing import Any

from .. import backend as K
from .._graph import Tensor
from ..engine import Layer as Layer
from ._options import Fraction, LayerWithOptions, NonNegative, inputs_of, sizes_of


class GaussianNoise(LayerWithOptions):
    """In training, x + n with n drawn for each element from the normal distribution N(0, sigma^2).

    Args:
        sigma: float >= 0, the standard deviation, in the units of the input.

    Input and output shape: any.
    """

    sigma: NonNegative
    input_spec = inputs_of()
    supports_masking = True
    uses_learning_phase = True

    def __init__(self, sigma: float, **kwargs: Any) -> None:
        self._store_options(locals())
        super().__init__(**kwargs)

    def call(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        noise = K.random_normal(sizes_of(x), mean=0.0, std=self.sigma, dtype=K.dtype(x))
        return K.in_train_phase(x + noise, x)


class GaussianDropout(LayerWithOptions):
    """In training, x * n with n drawn for each element from N(1, p / (1 - p)).

    The factors have the mean and the variance of those of `Dropout(p)`.

    Args:
        p: float, 0 <= p < 1.

    Input and output shape: any.

    Reference:
        Srivastava et al. 2014, JMLR 15, "Dropout: a simple way to prevent neural networks from
        overfitting", section 10.
    """

    p: Fraction
    input_spec = inputs_of()
    supports_masking = True

    def __init__(self, p: float, **kwargs: Any) -> None:
        self._store_options(locals())
        self.uses_learning_phase = self.p > 0
        super().__init__(**kwargs)

    def call(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        if self.p == 0:
            return x
        std = math.sqrt(self.p / (1 - self.p))
        noise = K.random_normal(sizes_of(x), mean=1.0, std=std, dtype=K.dtype(x))
        return K.in_train_phase(x * noise, x)
