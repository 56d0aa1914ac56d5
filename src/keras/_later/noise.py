"""AlphaDropout."""

from collections.abc import Sequence
from typing import Any

from .. import backend as K
from .._graph import Tensor
from ..layers._options import Fraction, LayerWithOptions, Option

#: What SELU tends to for large negative inputs, -alpha times scale.
_LOWEST = -1.6732632423543772 * 1.0507009873554805


class AlphaDropout(LayerWithOptions):
    """Dropout that keeps mean and variance of its inputs, for networks of `selu` units.

    Args:
        rate: float, the fraction to drop, as in `Dropout`.
        noise_shape: tuple, the shape of the mask; None for that of the input.
        seed: int, or None.

    Reference:
        Klambauer, Unterthiner, Mayr and Hochreiter 2017, arXiv:1706.02515.
    """

    rate: Fraction
    noise_shape: Option[Any]
    seed: Option[int | None]
    supports_masking = True

    def __init__(
        self, rate: float, noise_shape: Sequence[int] | None = None, seed: int | None = None, **kwargs: Any
    ) -> None:
        self._store_options(locals())
        super().__init__(**kwargs)
        self.uses_learning_phase = self.rate > 0

    def call(self, x: Tensor, mask: Any = None) -> Tensor:
        if not self.rate:
            return x
        kept = K.random_binomial(self.noise_shape or K.shape(x), p=1.0 - self.rate, seed=self.seed)
        a = ((1 - self.rate) * (1 + self.rate * _LOWEST**2)) ** -0.5
        b = -a * _LOWEST * self.rate
        return K.in_train_phase(a * (x * kept + _LOWEST * (1 - kept)) + b, x)
