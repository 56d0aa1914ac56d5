"""The basic layers; Dense, dropout, reshaping and Lambda are in files of their own beside this one."""

from .. import activations as activations
from .. import backend as K
from .. import constraints as constraints
from .. import initializations as initializations
from .. import regularizers
from .._base.byte_code import func_dump as func_dump
from .._base.byte_code import func_load as func_load
from .._base.names import get_from_module as get_from_module
from ..engine import InputSpec, Layer
from ..engine import Merge as Merge
from ._dense import Dense as Dense
from ._dense_variants import Highway as Highway
from ._dense_variants import MaxoutDense as MaxoutDense
from ._dense_variants import TimeDistributedDense as TimeDistributedDense
from ._dropout import Dropout as Dropout
from ._dropout import SpatialDropout1D as SpatialDropout1D
from ._dropout import SpatialDropout2D as SpatialDropout2D
from ._dropout import SpatialDropout3D as SpatialDropout3D
from ._lambda import Lambda as Lambda
from ._options import activate, config_of, keep, number
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


class ActivityRegularization(Layer):
    """Gives its input on, and adds sum(l1 |x| + l2 x^2) over all its elements to the loss.

    Args:
        l1: float >= 0.
        l2: float >= 0.

    Input and output shape: any.
    """

    input_spec = [InputSpec()]  # one input, of any shape

    def __init__(self, l1=0.0, l2=0.0, **kwargs):
        self.supports_masking = True
        self.l1 = number(self, "l1", l1, least=0)
        self.l2 = number(self, "l2", l2, least=0)
        super().__init__(**kwargs)
        self.activity_regularizer = regularizers.L1L2Regularizer(l1=l1, l2=l2) if l1 or l2 else None

    def get_config(self):
        return {**super().get_config(), **config_of(self, "l1", "l2")}
