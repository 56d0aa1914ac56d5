"""Dropout, of single elements or of whole features."""

from .. import backend as K
from ..backend.common import check_dim_ordering
from ..engine import InputSpec, Layer
from ._options import config_of, fraction, unless_default


class Dropout(Layer):
    """In training, sets a random part of the input to zero and scales the rest up.

    Args:
        p: float, 0 <= p < 1, the part to drop.
        noise_shape: tuple that broadcasts to the input's shape, samples included; see `K.dropout`.
        seed: int, or None for one from numpy.random.

    Reference:
        Srivastava et al. 2014, JMLR 15, "Dropout: a simple way to prevent neural networks from
        overfitting".
    """

    input_spec = [InputSpec()]  # one input, of any shape

    def __init__(self, p, noise_shape=None, seed=None, **kwargs):
        self.p = fraction(self, "p", p)
        self.noise_shape = noise_shape
        self.seed = seed
        self.supports_masking = True
        super().__init__(**kwargs)

    def _get_noise_shape(self, x):
        return self.noise_shape

    def call(self, x, mask=None):
        if self.p == 0:
            return x
        dropped = K.dropout(x, self.p, self._get_noise_shape(x), seed=self.seed)
        return K.in_train_phase(dropped, x)

    def get_config(self):
        forgotten = unless_default(self, noise_shape=None, seed=None)
        return {**super().get_config(), **config_of(self, "p"), **forgotten}


class SpatialDropout1D(Dropout):
    """In training, drops whole features of sequences: all steps of a feature, or none.

    For neighbouring steps that say much the same, as after a convolution, where dropping single elements
    would hardly take anything away.

    Args:
        p: float, 0 <= p < 1, the part of the features to drop.

    Input and output shape: (samples, steps, features).

    Reference:
        Tompson, Goroshin, Jain, LeCun and Bregler 2014, arXiv:1411.4280.
    """

    def __init__(self, p, **kwargs):
        super().__init__(p, **kwargs)
        self.input_spec = [InputSpec(ndim=3)]

    def _get_noise_shape(self, x):
        return None, 1, None


class _SpatialDropout(Dropout):
    """In training, drops whole channels: all pixels of a channel, or none.

    Args:
        p: float, 0 <= p < 1, the part of the channels to drop.
        dim_ordering: "th" (channels first), "tf" (channels last) or "default" (what K is set to).

    Input and output shape: (samples, channels, *space), or channels last for "tf".

    Reference:
        Tompson, Goroshin, Jain, LeCun and Bregler 2014, arXiv:1411.4280.
    """

    rank = 2

    def __init__(self, p, dim_ordering="default", **kwargs):
        super().__init__(p, **kwargs)
        self.dim_ordering = check_dim_ordering(dim_ordering)
        self.input_spec = [InputSpec(ndim=self.rank + 2)]

    def _get_noise_shape(self, x):
        space = (1,) * self.rank
        return (None, None, *space) if self.dim_ordering == "th" else (None, *space, None)

    def get_config(self):
        return {**super().get_config(), "dim_ordering": self.dim_ordering}


class SpatialDropout2D(_SpatialDropout):
    __doc__ = _SpatialDropout.__doc__


class SpatialDropout3D(_SpatialDropout):
    __doc__ = _SpatialDropout.__doc__
    rank = 3
