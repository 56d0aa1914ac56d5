"""Convolutions over the steps of sequences."""

from collections.abc import Sequence
from typing import Annotated, Any, ClassVar

from .. import backend as K
from .._base.types import ArrayLike, Shape
from .._graph import Tensor
from ..engine import InputSpec
from ._conv import ConvLayer, conv_shape, finish
from ._options import NameOrFunction, Option, PositiveInt, for_base, inputs_of, one_of


class Convolution1D(ConvLayer):
    """Slides `nb_filter` filters over the steps of a sequence.

    Args:
        nb_filter: int > 0, the number of filters, which is the number of features of the output.
        filter_length: int > 0, the number of steps that a filter spans.
        init, activation, weights, W_regularizer, b_regularizer, activity_regularizer, W_constraint,
            b_constraint, bias: as in `Dense`. W has the shape (filter_length, 1, input_dim, nb_filter).
        border_mode: "valid" (filters stay inside the sequence) or "same" (zero padding; with steps of 1
            the output is as long as the input). Or "causal", as in Keras 2: zeros in front, so that no
            output depends on later steps.
        subsample_length: int > 0, the step of the filters.
        input_dim: int, the number of features of the input, for the first layer of a Sequential.
        input_length: int, the number of steps of the input; None if it varies.

    Input shape: (samples, steps, input_dim). Output shape: (samples, new steps, nb_filter).
    """

    filter_length: PositiveInt
    border_mode: Annotated[str, one_of("valid", "same", "causal")]
    subsample_length: PositiveInt
    input_dim: Option[int | None]
    input_length: Option[int | None]
    input_spec = inputs_of(ndim=3)
    atrous_rate: int = 1
    #: Keras 1.0 has W in the shape (nb_filter, input_dim, filter_length, 1).
    _former_axes: ClassVar = {0: (2, 3, 1, 0)}

    def __init__(
        self,
        nb_filter: int,
        filter_length: int,
        init: NameOrFunction = "glorot_uniform",
        activation: NameOrFunction | None = None,
        weights: Sequence[ArrayLike] | None = None,
        border_mode: str = "valid",
        subsample_length: int = 1,
        W_regularizer: NameOrFunction | None = None,
        b_regularizer: NameOrFunction | None = None,
        activity_regularizer: NameOrFunction | None = None,
        W_constraint: NameOrFunction | None = None,
        b_constraint: NameOrFunction | None = None,
        bias: bool = True,
        input_dim: int | None = None,
        input_length: int | None = None,
        **kwargs: Any,
    ) -> None:
        self._store_options(locals())
        self.subsample = (self.subsample_length, 1)
        if input_dim:
            kwargs["input_shape"] = (input_length, input_dim)
        super().__init__(**kwargs)

    def build(self, input_shape: Shape) -> None:
        self.input_spec = [InputSpec(shape=(None, None, input_shape[2]))]
        self.get_output_shape_for(input_shape)  # raises if a filter does not fit
        # Keras 1.2.2 counts the inputs and outputs of this W as if it were laid out channels first; the
        # scale of the initial weights depends on it.
        self._add_weights((self.filter_length, 1, input_shape[2], self.nb_filter), ordering="th")
        self.built = True

    def call(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        if self.border_mode == "causal":
            x = K.asymmetric_temporal_padding(x, self._reach_back, 0)
        images = K.expand_dims(x, 2)
        dilation = (self.atrous_rate, 1)
        output = K.conv2d(images, self.W, self.subsample, self._padding, "tf", filter_dilation=dilation)
        return finish(K.squeeze(output, 2), self.b, self.activation)

    def get_output_shape_for(self, input_shape: Shape) -> Shape:
        sizes, strides, rates = (self.filter_length,), (self.subsample_length,), (self.atrous_rate,)
        samples, steps, features = input_shape
        if self.border_mode == "causal" and steps is not None:
            input_shape = (samples, steps + self._reach_back, features)
        return conv_shape(self, input_shape, sizes, strides, "tf", self.nb_filter, rates, self._padding)

    @property
    def _padding(self) -> str:
        return "valid" if self.border_mode == "causal" else self.border_mode

    @property
    def _reach_back(self) -> int:
        """How many steps before its own an output depends on, if it is causal."""
        return (self.filter_length - 1) * self.atrous_rate


class AtrousConvolution1D(Convolution1D):
    """A dilated convolution over steps: the elements of a filter are `atrous_rate` steps apart.

    Args:
        atrous_rate: int > 0.

    The other arguments and the shapes are those of `Convolution1D`.

    Reference:
        Yu and Koltun 2015, arXiv:1511.07122.
    """

    atrous_rate: PositiveInt

    def __init__(
        self,
        nb_filter: int,
        filter_length: int,
        init: NameOrFunction = "glorot_uniform",
        activation: NameOrFunction | None = None,
        weights: Sequence[ArrayLike] | None = None,
        border_mode: str = "valid",
        subsample_length: int = 1,
        atrous_rate: int = 1,
        W_regularizer: NameOrFunction | None = None,
        b_regularizer: NameOrFunction | None = None,
        activity_regularizer: NameOrFunction | None = None,
        W_constraint: NameOrFunction | None = None,
        b_constraint: NameOrFunction | None = None,
        bias: bool = True,
        **kwargs: Any,
    ) -> None:
        self._store_options(locals())
        super().__init__(**for_base(locals(), "atrous_rate"))
