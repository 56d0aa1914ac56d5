"""Recurrent layers over sequences of images, with convolutions in place of products."""

from collections.abc import Sequence
from typing import Annotated, Any

import numpy as np

from .. import activations as activations
from .. import backend as K
from .. import initializations as initializations
from .. import regularizers as regularizers
from .._base.lengths import conv_output_length as conv_output_length
from .._base.types import ArrayLike, Config, Shape
from .._graph import Tensor, Variable, apply
from ..backend.common import check_dim_ordering
from ..engine import InputSpec
from ..engine import Layer as Layer
from ._conv import channels_of, conv_shape
from ._options import (
    Activation,
    BorderMode,
    Constraint,
    Fraction,
    Initializer,
    Kind,
    NameOrFunction,
    Option,
    PositiveInt,
    PositivePair,
    Regularizer,
    UnlessDefault,
    inputs_of,
    sizes_of,
)
from ._steps import StepLayer, dropout_masks, keeps_all


class ConvRecurrent2D(StepLayer):
    """Base of the recurrent layers over images. Use ConvLSTM2D, or derive from this.

    Args:
        weights: list of arrays, the initial weights.
        nb_row, nb_col: int > 0, the size of a filter.
        nb_filter: int > 0, the number of filters, which is the number of channels of the output.
        return_sequences: bool, whether to return the output of every step, or of the last step only.
        go_backwards: bool, whether to start with the last step; the outputs are then in that order.
        stateful: bool, whether sample i of a batch starts from the last state of sample i of the previous
            batch; needs a known batch size and image size (`batch_input_shape`).
        dim_ordering: "th" (channels first), "tf" (channels last), or "default" or None (the setting of K).

    Input shape: (samples, steps, channels, rows, cols), or channels last for "tf". Output shape: (samples,
    nb_filter, new rows, new cols), with steps after the samples for return_sequences; channels last for
    "tf". Masked steps do not change the state.
    """

    border_mode: str = "valid"
    subsample: tuple[int, int] = (1, 1)
    nb_row: Any
    nb_col: Any
    nb_filter: Any
    dim_ordering: str
    input_spec = inputs_of(ndim=5)
    _axes_before_image = 2  # samples and steps
    atrous_rate: Any = (1, 1)

    def __init__(
        self,
        weights: Sequence[ArrayLike] | None = None,
        nb_row: int | None = None,
        nb_col: int | None = None,
        nb_filter: int | None = None,
        return_sequences: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        dim_ordering: str | None = None,
        return_state: bool = False,
        **kwargs: Any,
    ) -> None:
        self._store_options(locals())
        # In Keras 1 these are not in the config of this class, but in those of derived classes.
        self.nb_row, self.nb_col, self.nb_filter = nb_row, nb_col, nb_filter
        self.dim_ordering = check_dim_ordering(dim_ordering or "default")
        super().__init__(**kwargs)

    # --- running ---------------------------------------------------------------------------------

    def get_initial_states(self, X: Tensor) -> list[Tensor]:
        """Returns zeros in the shape of the output of one step, for each state."""
        channels = K.int_shape(X)[2 if self.dim_ordering == "th" else 4]
        kernel = np.zeros(self._kernel_shape(channels), K.floatx())
        options = (self.subsample, self.border_mode, self.dim_ordering)
        image = K.conv2d(X[:, 0], kernel, *options, filter_dilation=self.atrous_rate)
        return [K.zeros_like(image)] * self.nb_states

    def get_constants(self, X: Tensor, train: bool = False) -> list[Tensor]:
        """Returns the tensors that `step` receives after the states."""
        return []

    def run(
        self, x: Tensor, initial: list[Tensor], mask: Tensor | None
    ) -> tuple[Tensor, Tensor, list[Tensor]]:
        return super().run(x, initial, _of_steps(mask))

    def compute_mask(self, input: Any, mask: Any) -> Any:
        return super().compute_mask(input, _of_steps(mask[0] if isinstance(mask, list) else mask))

    # --- shapes ----------------------------------------------------------------------------------

    def _kernel_shape(self, channels: int | None) -> Any:
        if self.dim_ordering == "th":
            return self.nb_filter, channels, self.nb_row, self.nb_col
        return self.nb_row, self.nb_col, channels, self.nb_filter

    def _state_shape(self, input_shape: Shape) -> Shape:
        """Returns the shape of the output of one step."""
        sizes, ordering = (self.nb_row, self.nb_col), self.dim_ordering
        image = (input_shape[0], *input_shape[2:])
        return conv_shape(self, image, sizes, self.subsample, ordering, self.nb_filter, self.atrous_rate)

    def get_output_shape_for(self, input_shape: Shape) -> Shape:
        image = self._state_shape(input_shape)
        return (image[0], input_shape[1], *image[1:]) if self.return_sequences else image

    def get_config(self) -> Config:
        config = super().get_config()
        if not (self.stateful and self.inbound_nodes):
            return config
        items = list(config.items())
        after = list(config).index("stateful") + 1
        items.insert(after, ("batch_input_shape", self.inbound_nodes[0].input_shapes[0]))
        return dict(items)


class ConvLSTM2D(ConvRecurrent2D):
    """Long short-term memory over images: `LSTM` with convolutions in place of products.

    i, f, o = s(W * x + b + U * h), each with its own weights; c' = f c + i a(W_c * x + b_c + U_c * h);
    h' = o a(c'), with * the convolution, s the inner activation and a the activation. There are no
    peephole connections.

    Args:
        nb_filter: int > 0, the number of filters, which is the number of channels of the output.
        nb_row, nb_col: int > 0, the size of a filter.
        init, inner_init: names or functions, the initial values of W and U.
        forget_bias_init: name or function, the initial b of the forget gate; the others are zeros.
        activation, inner_activation: names or functions; the latter is that of the gates.
        dim_ordering: "th" (channels first), "tf" (channels last) or "default" (the setting of K).
        border_mode: the mode of the convolutions of the input: "valid" (filters stay inside the image) or
            "same" (zero padding). The convolutions of the state are always "same".
        subsample: pair of int > 0, the step of the filters over the input's rows and columns.
        W_regularizer, U_regularizer, b_regularizer: penalties on the weights.
        dropout_W, dropout_U: floats, 0 <= p < 1, the fraction of the inputs and of the states to drop, the
            same in all steps of a sequence (Gal and Ghahramani 2015, arXiv:1512.05287).
        use_bias, bias_init: whether there are biases, and the initial b of the gates but the forget gate.
        W_constraint, U_constraint, b_constraint: functions applied to the weights after each update.
        atrous_rate: pair of int > 0, the distance between the elements of a filter over the input.
        activity_regularizer: penalty on the output.

    The other arguments and the shapes are those of `ConvRecurrent2D`.

    Reference:
        Shi et al. 2015, arXiv:1506.04214.
    """

    #: Names of the gates in the order of the weights.
    gates = ("i", "c", "f", "o")

    nb_filter: PositiveInt
    nb_row: PositiveInt
    nb_col: PositiveInt
    init: Initializer
    inner_init: Initializer
    forget_bias_init: Initializer
    activation: Activation
    inner_activation: Activation
    dim_ordering: Annotated[str, Kind(lambda layer, name, value: check_dim_ordering(value or "default"))]
    border_mode: BorderMode
    subsample: UnlessDefault[PositivePair]
    W_regularizer: UnlessDefault[Regularizer]
    U_regularizer: UnlessDefault[Regularizer]
    b_regularizer: UnlessDefault[Regularizer]
    dropout_W: UnlessDefault[Fraction]
    dropout_U: UnlessDefault[Fraction]
    use_bias: UnlessDefault[Option[bool]]
    bias_init: UnlessDefault[Initializer]
    W_constraint: UnlessDefault[Constraint]
    U_constraint: UnlessDefault[Constraint]
    b_constraint: UnlessDefault[Constraint]
    atrous_rate: UnlessDefault[PositivePair]
    activity_regularizer: UnlessDefault[Regularizer]
    _config_order = (
        *("nb_filter", "nb_row", "nb_col", "init", "inner_init", "forget_bias_init", "activation"),
        *("dim_ordering", "border_mode", "inner_activation"),
    )

    def __init__(
        self,
        nb_filter: int,
        nb_row: int,
        nb_col: int,
        init: NameOrFunction = "glorot_uniform",
        inner_init: NameOrFunction = "orthogonal",
        forget_bias_init: NameOrFunction = "one",
        activation: NameOrFunction = "tanh",
        inner_activation: NameOrFunction = "hard_sigmoid",
        dim_ordering: str = "default",
        border_mode: str = "valid",
        subsample: Sequence[int] = (1, 1),
        W_regularizer: NameOrFunction | None = None,
        U_regularizer: NameOrFunction | None = None,
        b_regularizer: NameOrFunction | None = None,
        dropout_W: float = 0.0,
        dropout_U: float = 0.0,
        use_bias: bool = True,
        bias_init: NameOrFunction = "zero",
        W_constraint: NameOrFunction | None = None,
        U_constraint: NameOrFunction | None = None,
        b_constraint: NameOrFunction | None = None,
        atrous_rate: Sequence[int] = (1, 1),
        activity_regularizer: NameOrFunction | None = None,
        **kwargs: Any,
    ) -> None:
        self._store_options(locals())
        sizes = {"nb_filter": self.nb_filter, "nb_row": self.nb_row, "nb_col": self.nb_col}
        super().__init__(dim_ordering=dim_ordering, **sizes, **kwargs)

    @property
    def nb_states(self) -> int:
        return 2

    # --- weights ---------------------------------------------------------------------------------

    def build(self, input_shape: Shape) -> None:
        first = self.dim_ordering == "th"
        channels = channels_of(self, input_shape[1:])
        self.get_output_shape_for(input_shape)  # raises if a filter does not fit
        self.states = [None] * self.nb_states
        if self.stateful:
            self.input_spec = [InputSpec(shape=(input_shape[0], None, *input_shape[2:]))]
            self.reset_states()
        else:
            image = (channels, None, None) if first else (None, None, channels)
            self.input_spec = [InputSpec(shape=(None, None, *image))]
        self.W_shape, self.U_shape = self._kernel_shape(channels), self._kernel_shape(self.nb_filter)
        for gate in self.gates:
            self._add_gate(gate)
        self.built = True

    def _add_gate(self, gate: str) -> None:
        bias_init = self.forget_bias_init if gate == "f" else self.bias_init
        for kind, shape, init, regularizer in (
            ("W", self.W_shape, self.init, self.W_regularizer),
            ("U", self.U_shape, self.inner_init, self.U_regularizer),
            ("b", (self.nb_filter,), bias_init, self.b_regularizer),
        ):
            name, constraint = f"{kind}_{gate}", getattr(self, f"{kind}_constraint")
            if kind == "b" and not self.use_bias:
                self.b_i = self.b_c = self.b_f = self.b_o = None
                continue
            options = {"regularizer": regularizer, "constraint": constraint}
            weight = self.add_weight(shape, init, name=f"{self.name}_{name}", **options)
            setattr(self, name, weight)

    def _of_gates(self, kind: str) -> list[Variable]:
        """Returns W, U or b of each gate."""
        if kind == "b" and not self.use_bias:
            return [K.zeros((self.nb_filter,))] * len(self.gates)
        return [getattr(self, f"{kind}_{gate}") for gate in self.gates]

    # --- running ---------------------------------------------------------------------------------

    def conv_step(self, x: Tensor, W: Tensor, b: Tensor | None = None, border_mode: str = "valid") -> Tensor:
        """Returns the convolution of inputs, x of shape (samples, *image), with W, plus b."""
        options = (self.subsample, border_mode, self.dim_ordering)
        output = K.conv2d(x, W, *options, filter_dilation=self.atrous_rate)
        if b is None:
            return output
        return output + (K.reshape(b, (1, -1, 1, 1)) if self.dim_ordering == "th" else b)

    def conv_step_hidden(self, x: Tensor, W: Tensor, border_mode: str = "valid") -> Tensor:
        """Returns the convolution of states, x of shape (samples, *image), with W, in steps of 1."""
        return K.conv2d(x, W, (1, 1), border_mode, self.dim_ordering)

    def input_sums(self, x: Tensor) -> Tensor:
        """Returns W * x + b for all steps, one convolution, with the channels of all gates."""
        weights, biases = self._of_gates("W"), self._of_gates("b")
        if not self.dropout_W:
            return self._convolve_steps(x, self._side_by_side(weights), K.concatenate(biases))
        # One draw for each gate, the same in all steps.
        masks = self._masks(K.ones_like(x[:, :1]), self.dropout_W)
        parts = [
            self._convolve_steps(x * mask, W, b) for mask, W, b in zip(masks, weights, biases, strict=True)
        ]
        return K.concatenate(parts, axis=2 if self.dim_ordering == "th" else -1)

    def _convolve_steps(self, x: Tensor, W: Tensor, b: Tensor) -> Tensor:
        """Applies `conv_step` to the steps of all samples as one batch."""
        sizes = sizes_of(x)
        images = K.reshape(x, (-1, *sizes[2:]))
        output = self.conv_step(images, W, b, border_mode=self.border_mode)
        samples = -1 if K.int_shape(x)[1] is not None else sizes[0]
        return K.reshape(output, (samples, sizes[1], *sizes_of(output)[1:]))

    def _side_by_side(self, kernels: Sequence[Tensor]) -> Tensor:
        return K.concatenate(kernels, axis=0 if self.dim_ordering == "th" else -1)

    def _channels_together(self, images: Sequence[Tensor]) -> Tensor:
        return K.concatenate(images, axis=1 if self.dim_ordering == "th" else -1)

    def _split(self, x: Tensor) -> list[Tensor]:
        """Returns the channels of images (samples, *image) that belong to each gate."""
        slices = [slice(i * self.nb_filter, (i + 1) * self.nb_filter) for i in range(len(self.gates))]
        return [x[:, part] if self.dim_ordering == "th" else x[..., part] for part in slices]

    def get_constants(self, x: Tensor) -> list[Any]:
        """Returns [B_U, B_W], the dropout masks of the states and of the inputs, a list over the gates each.

        A mask is the number 1 if it drops nothing. A derived class appends its own constants: its `step`
        finds them after the states, B_U and B_W.
        """
        return [self._recurrent_masks(x), self._masks(K.ones_like(x[:, 0]), self.dropout_W)]

    def _recurrent_masks(self, x: Tensor) -> list[Any]:
        """Returns dropout masks for the states, (samples, *image of the output), one for each gate."""
        return self._masks(K.ones_like(self.get_initial_states(x)[0]), self.dropout_U)

    def _masks(self, ones: Tensor, dropped: float) -> list[Any]:
        return dropout_masks(ones, dropped, len(self.gates))

    def _hidden_products(self, h: Tensor, masks: Sequence[Any]) -> list[Tensor]:
        """Returns U * h for each gate."""
        kernels = self._of_gates("U")
        if all(keeps_all(mask) for mask in masks):
            return self._split(self.conv_step_hidden(h, self._side_by_side(kernels), border_mode="same"))
        return [
            self.conv_step_hidden(h * mask, U, border_mode="same")
            for mask, U in zip(masks, kernels, strict=True)
        ]

    def step(self, x: Tensor, states: list[Any]) -> tuple[Tensor, list[Tensor]]:
        """Computes one step: (images of the step; the states, B_U and B_W) -> (output, new states)."""
        B_W = states[3]
        parts = [
            self.conv_step(x * mask, W, b, border_mode=self.border_mode)
            for mask, W, b in zip(B_W, self._of_gates("W"), self._of_gates("b"), strict=True)
        ]
        return self.step_of_sums(self._channels_together(parts), states[:3])

    def step_of_sums(self, x: Tensor, states: list[Any]) -> tuple[Tensor, list[Tensor]]:
        """Computes one step from W * x + b of all gates: (x, states and B_U) -> (output, new states)."""
        h, c, B_U = states
        products = self._hidden_products(h, B_U)
        x_i, x_c, x_f, x_o = (a + b for a, b in zip(self._split(x), products, strict=True))
        i = apply(self.inner_activation, x_i)
        f = apply(self.inner_activation, x_f)
        c = f * c + i * apply(self.activation, x_c)
        o = apply(self.inner_activation, x_o)
        h = o * apply(self.activation, c)
        return h, [h, c]


def _of_steps(mask: Tensor | None) -> Tensor | None:
    """Returns the mask of steps, (samples, steps), of a mask of pixels: a step counts if any pixel does."""
    if mask is None or K.ndim(mask) == 2:
        return mask
    return K.any(mask, axis=list(range(2, K.ndim(mask))))
