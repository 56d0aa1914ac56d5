"""The basic layers; Dense, the reshaping layers and Lambda are in files of their own beside this one."""

from .. import backend as K
from ..engine import InputSpec, Layer
from ..engine import Merge as Merge
from ._dense import Dense as Dense
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
