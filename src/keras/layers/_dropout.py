"""Dropout, of single elements or of whole features."""

from typing import Any

from .. import backend as K
from .._base.types import Shape
from .._graph import Tensor
from ._options import DimOrdering, Fraction, LayerWithOptions, Option, UnlessDefault, inputs_of


class Dropout(LayerWithOptions):
    """In training, sets a random fraction of the input to zero and scales the rest up by 1 / (1 - p).

    Args:
        p: float, 0 <= p < 1, the fraction to drop.
        noise_shape: tuple that broadcasts to the shape of the input, samples included; see `K.dropout`.
        seed: int; None to draw one from numpy.random.

    Input and output shape: any.

    Reference:
        Srivastava et al. 2014, JMLR 15, "Dropout: a simple way to prevent neural networks from
        overfitting".
    """

    p: Fraction
    noise_shape: UnlessDefault[Option[Shape | None]]
    seed: UnlessDefault[Option[int | None]]
    input_spec = inputs_of()
    supports_masking = True

    def __init__(
        self, p: float, noise_shape: Shape | None = None, seed: int | None = None, **kwargs: Any
    ) -> None:
        self._store_options(locals())
        self.uses_learning_phase = self.p > 0
        super().__init__(**kwargs)

    def _get_noise_shape(self, x: Tensor) -> Shape | None:
        return self.noise_shape

    def call(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        if self.p == 0:
            return x
        dropped = K.dropout(x, self.p, self._get_noise_shape(x), seed=self.seed)
        return K.in_train_phase(dropped, x)


class SpatialDropout1D(Dropout):
    """In training, drops whole features of sequences: all steps of a feature, or none.

    Use it where neighboring steps are strongly correlated, as after a convolution: dropping single
    elements would remove little information there.

    Args:
        p: float, 0 <= p < 1, the fraction of the features to drop.

    Input and output shape: (samples, steps, features).

    Reference:
        Tompson, Goroshin, Jain, LeCun and Bregler 2014, arXiv:1411.4280.
    """

    input_spec = inputs_of(ndim=3)

    def __init__(self, p: float, **kwargs: Any) -> None:
        super().__init__(p, **kwargs)

    def _get_noise_shape(self, x: Tensor) -> Shape | None:
        return None, 1, None


class _SpatialDropout(Dropout):
    """In training, drops whole channels: all pixels of a channel, or none.

    Args:
        p: float, 0 <= p < 1, the fraction of the channels to drop.
        dim_ordering: "th" (channels first), "tf" (channels last) or "default" (the setting of K).

    Input and output shape: (samples, channels, *space), or channels last for "tf".

    Reference:
        Tompson, Goroshin, Jain, LeCun and Bregler 2014, arXiv:1411.4280.
    """

    rank = 2
    dim_ordering: DimOrdering

    def __init__(self, p: float, dim_ordering: str = "default", **kwargs: Any) -> None:
        self._store_options(locals())
        super().__init__(p, **kwargs)

    def _get_noise_shape(self, x: Tensor) -> Shape | None:
        space = (1,) * self.rank
        return (None, None, *space) if self.dim_ordering == "th" else (None, *space, None)


class SpatialDropout2D(_SpatialDropout):
    __doc__ = _SpatialDropout.__doc__
    input_spec = inputs_of(ndim=4)


class SpatialDropout3D(_SpatialDropout):
    __doc__ = _SpatialDropout.__doc__
    rank = 3
    input_spec = inputs_of(ndim=5)
