"""The basic layers; Dense, the reshaping layers and Lambda are in files of their own beside this one."""

from .. import backend as K
from .. import regularizers
from ..backend.common import check_dim_ordering
from ..engine import InputSpec, Layer
from ..engine import Merge as Merge
from ._dense import Dense as Dense
from ._dense_variants import Highway as Highway
from ._dense_variants import MaxoutDense as MaxoutDense
from ._dense_variants import TimeDistributedDense as TimeDistributedDense
from ._lambda import Lambda as Lambda
from ._options import activate, config_of, fraction, keep
from ._reshaping import Flatten as Flatten
from ._reshaping import Permute as Permute
from ._reshaping import RepeatVector as RepeatVector
from ._reshaping import Reshape as Reshape


class Masking(Layer):
    """Leaves out steps: those in which every feature has the mask value are skipped by later layers.

    Args:
        mask_value: float.

    Input and output shape: (samples, steps, features).
    """

    input_spec = [InputSpec()]  # one input, of any shape

    def __init__(self, mask_value=0.0, **kwargs):
        self.supports_masking = True
        self.mask_value = mask_value
        super().__init__(**kwargs)

    def compute_mask(self, x, input_mask=None):
        return K.any(K.not_equal(x, self.mask_value), axis=-1)

    def call(self, x, mask=None):
        kept = K.any(K.not_equal(x, self.mask_value), axis=-1, keepdims=True)
        return x * K.cast(kept, K.dtype(x))

    def get_config(self):
        return {**super().get_config(), "mask_value": self.mask_value}


class Dropout(Layer):
    """In training, sets a random part of the input to zero and scales the rest up.

    Args:
        p: float, 0 <= p < 1, the part to drop.
        noise_shape: tuple that broadcasts to the input's shape, samples included; see `K.dropout`.
        seed: int, or None for one from numpy.random.
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
        return {**super().get_config(), "p": self.p}


class Activation(Layer):
    """Applies an activation function.

    Args:
        activation: name such as "relu", or a function written with K functions or in plain JAX.
    """

    input_spec = [InputSpec()]  # one input, of any shape

    def __init__(self, activation, **kwargs):
        self.supports_masking = True
        keep(self, activation=activation)
        super().__init__(**kwargs)

    def call(self, x, mask=None):
        return activate(self, x)

    def get_config(self):
        return {**super().get_config(), **config_of(self, "activation")}


class SpatialDropout1D(Dropout):
    """Dropout of whole features of a sequence: an element is dropped at all steps or at none.

    Args:
        p: float, 0 <= p < 1, the part of the features to drop.

    Input and output shape: (samples, steps, features).

    Reference:
        Tompson et al. 2014, arXiv:1411.4280, section 3.2.
    """

    def __init__(self, p, **kwargs):
        super().__init__(p, **kwargs)
        self.input_spec = [InputSpec(ndim=3)]

    def _get_noise_shape(self, x):
        return (None, 1, None)


class SpatialDropout2D(Dropout):
    """Dropout of whole channels of an image; see `SpatialDropout1D`.

    Args:
        p: float, 0 <= p < 1, the part of the channels to drop.
        dim_ordering: "th", "tf" or "default".
    """

    rank = 2

    def __init__(self, p, dim_ordering="default", **kwargs):
        super().__init__(p, **kwargs)
        self.dim_ordering = check_dim_ordering(dim_ordering)
        self.input_spec = [InputSpec(ndim=self.rank + 2)]

    def _get_noise_shape(self, x):
        space = (1,) * self.rank
        return (None, None, *space) if self.dim_ordering == "th" else (None, *space, None)


class SpatialDropout3D(SpatialDropout2D):
    """Dropout of whole channels of a volume; see `SpatialDropout2D`."""

    rank = 3


class ActivityRegularization(Layer):
    """Hands its input on, and adds a penalty on it to the loss.

    Args:
        l1: float, factor of the sum of absolute values.
        l2: float, factor of the sum of squares.

    Input and output shape: any, the same.
    """

    def __init__(self, l1=0.0, l2=0.0, **kwargs):
        self.supports_masking = True
        self.l1 = l1
        self.l2 = l2
        super().__init__(**kwargs)
        self.activity_regularizer = regularizers.L1L2Regularizer(l1=l1, l2=l2)

    def get_config(self):
        return {**super().get_config(), "l1": self.l1, "l2": self.l2}
