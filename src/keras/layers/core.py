"""The basic layers; Dense, dropout, reshaping and Lambda are in files of their own beside this one."""

from typing import Any

from .. import activations as activations
from .. import backend as K
from .. import constraints as constraints
from .. import initializations as initializations
from .. import regularizers
from .._base.byte_code import func_dump as func_dump
from .._base.byte_code import func_load as func_load
from .._base.names import get_from_module as get_from_module
from .._graph import Tensor, apply
from ..engine import InputSpec as InputSpec
from ..engine import Layer as Layer
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
from ._options import (
    Activation as _ActivationFunction,
)
from ._options import LayerWithOptions, NameOrFunction, NonNegative, Option, inputs_of
from ._reshaping import Flatten as Flatten
from ._reshaping import Permute as Permute
from ._reshaping import RepeatVector as RepeatVector
from ._reshaping import Reshape as Reshape


class Masking(LayerWithOptions):
    """Masks the steps in which every feature equals the mask value; later layers skip them.

    Args:
        mask_value: float.

    Input and output shape: (samples, steps, features).
    """

    mask_value: Option[float]
    input_spec = inputs_of()
    supports_masking = True

    def __init__(self, mask_value: float = 0.0, **kwargs: Any) -> None:
        self._store_options(locals())
        super().__init__(**kwargs)

    def compute_mask(self, x: Tensor, input_mask: Tensor | None = None) -> Tensor:
        return K.any(K.not_equal(x, self.mask_value), axis=-1)

    def call(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        kept = K.any(K.not_equal(x, self.mask_value), axis=-1, keepdims=True)
        return K.switch(kept, x, K.zeros_like(x))  # a product with 0 would leave NaN of infinity


class Activation(LayerWithOptions):
    """Applies an activation function.

    Args:
        activation: name such as "relu", or a function written with K functions or in plain JAX.

    Input and output shape: any.
    """

    activation: _ActivationFunction
    input_spec = inputs_of()
    supports_masking = True

    def __init__(self, activation: NameOrFunction, **kwargs: Any) -> None:
        self._store_options(locals())
        super().__init__(**kwargs)

    def call(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        return apply(self.activation, x)


class ActivityRegularization(LayerWithOptions):
    """Returns its input, and adds sum(l1 |x| + l2 x^2) over all elements to the loss.

    Args:
        l1: float >= 0.
        l2: float >= 0.

    Input and output shape: any.
    """

    l1: NonNegative
    l2: NonNegative
    input_spec = inputs_of()
    supports_masking = True

    def __init__(self, l1: float = 0.0, l2: float = 0.0, **kwargs: Any) -> None:
        self._store_options(locals())
        super().__init__(**kwargs)
        self.activity_regularizer = regularizers.L1L2Regularizer(l1=l1, l2=l2) if l1 or l2 else None
