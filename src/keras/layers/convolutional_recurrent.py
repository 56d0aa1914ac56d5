"""Recurrent layers over sequences of images, with convolutions in place of products."""

import numpy as np

from .. import activations as activations
from .. import backend as K
from .. import initializations
from .. import regularizers as regularizers
from .._base.lengths import conv_output_length as conv_output_length
from .._graph import apply
from ..backend.common import check_dim_ordering
from ..engine import InputSpec, Layer
from ..engine.files.budget import charge
from ..engine.precision import in_float32
from ._conv import check_border_mode, conv_shape
from ._options import (
    activate,
    config_of,
    fraction,
    keep,
    positive_int,
    positive_ints,
    sizes_of,
    unless_default,
)


class ConvRecurrent2D(Layer):
    """Base of the recurrent layers over images. Use ConvLSTM2D, or derive from this.

    Args:
        weights: list of arrays to start with.
        nb_row, nb_col: int > 0, size of a filter.
        nb_filter: int > 0, the number of filters, channels of the output.
        return_sequences: whether to give the output of every step, not of the last one only.
        go_backwards: whether to start with the last step; outputs then come in that order.
        stateful: whether sample i of a batch goes on from the state in which sample i of the batch before
            ended; needs a known batch size and image size (`batch_input_shape`).
        dim_ordering: "th" (channels first), "tf" (channels last), or "default" or None (what K is set to).

    Input shape: (samples, steps, channels, rows, cols), or channels last for "tf". Output shape: (samples,
    nb_filter, new rows, new cols), or with steps for return_sequences; channels last for "tf". Steps that a
    mask leaves out do not change the state.
    """

    border_mode = "valid"
    subsample = (1, 1)

    def __init__(
        self,
        weights=None,
        nb_row=None,
        nb_col=None,
        nb_filter=None,
        return_sequences=False,
        go_backwards=False,
        stateful=False,
        dim_ordering=None,
        **kwargs,
    ):
        self.return_sequences = return_sequences
        self.go_backwards = go_backwards
        self.stateful = stateful
        self.initial_weights = weights
        self.nb_row = nb_row
        self.nb_col = nb_col
        self.nb_filter = nb_filter
        self.dim_ordering = check_dim_ordering(dim_ordering or "default")
        self.supports_masking = True
        self.input_spec = [InputSpec(ndim=5)]
        super().__init__(**kwargs)

    @property
    def nb_states(self):
        """How many tensors the state has."""
        return 1

    # --- running ---------------------------------------------------------------------------------

    def preprocess_input(self, x):
        """What `step` gets of the steps, for all of them at once; (samples, steps, ...)."""
        return x

    def get_initial_states(self, X):
        """Zeros in the shape of one step's output, for each state."""
        channels = K.int_shape(X)[2 if self.dim_ordering == "th" else 4]
        kernel = np.zeros(self._kernel_shape(channels), K.floatx())
        image = K.conv2d(X[:, 0], kernel, self.subsample, self.border_mode, self.dim_ordering)
        return [K.zeros_like(image)] * self.nb_states

    def get_constants(self, X, train=False):
        """List of the tensors that `step` gets besides the states."""
        return []

    def step(self, x, states):
        """One step: (x_t, states and constants) -> (output, new states)."""
        raise NotImplementedError(f"{type(self).__name__} must define step(x, states).")

    def call(self, x, mask=None):
        last, outputs, states = K.rnn(
            self.step,
            self.preprocess_input(x),
            self.states if self.stateful else in_float32(self, self.get_initial_states(x)),
            go_backwards=self.go_backwards,
            mask=_of_steps(mask),
            constants=self.get_constants(x),
        )
        if self.stateful:
            self.add_update(list(zip(self.states, states, strict=True)), x)
        return outputs if self.return_sequences else last

    def compute_mask(self, input, mask):
        return _of_steps(mask) if self.return_sequences else None

    # --- shapes ----------------------------------------------------------------------------------

    def _kernel_shape(self, channels) -> tuple:
        if self.dim_ordering == "th":
            return self.nb_filter, channels, self.nb_row, self.nb_col
        return self.nb_row, self.nb_col, channels, self.nb_filter

    def _image_shape(self, input_shape) -> tuple:
        """The shape of one step's output."""
        sizes, ordering = (self.nb_row, self.nb_col), self.dim_ordering
        image = (input_shape[0], *input_shape[2:])
        return conv_shape(self, image, sizes, self.subsample, ordering, self.nb_filter)

    def get_output_shape_for(self, input_shape):
        image = self._image_shape(input_shape)
        return (image[0], input_shape[1], *image[1:]) if self.return_sequences else image

    def get_config(self):
        config = {
            **super().get_config(),
            **config_of(self, "return_sequences", "go_backwards", "stateful"),
        }
        if self.stateful and self.inbound_nodes:
            config["batch_input_shape"] = self.inbound_nodes[0].input_shapes[0]
        return config


class ConvLSTM2D(ConvRecurrent2D):
    """Long short-term memory over images: `LSTM` with convolutions in place of products.

    i, f, o = s(W * x + b + U * h), each with weights of its own; c' = f c + i a(W_c * x + b_c + U_c * h);
    h' = o a(c'), with * the convolution, s the inner activation and a the activation. There are no
    peephole connections.

    Args:
        nb_filter: int > 0, the number of filters, channels of the output.
        nb_row, nb_col: int > 0, size of a filter.
        init, inner_init: names or functions of the initial W and U.
        forget_bias_init: name or function of the initial b of the forget gate; the others are zeros.
        activation, inner_activation: names or functions; the latter is that of the gates.
        dim_ordering: "th" (channels first), "tf" (channels last) or "default" (what K is set to).
        border_mode: of the convolutions of the input: "valid" (filters stay inside) or "same" (zeros
            around). Those of the state are "same".
        subsample: pair of int > 0, the step of the filters over the input's rows and columns.
        W_regularizer, U_regularizer, b_regularizer: penalties on the weights.
        dropout_W, dropout_U: floats, 0 <= p < 1, the part of the inputs and of the states to drop, the same
            in all steps of a sequence (Gal and Ghahramani 2015, arXiv:1512.05287).

    The other arguments and the shapes are those of `ConvRecurrent2D`.

    Reference:
        Shi et al. 2015, arXiv:1506.04214.
    """

    #: Names of the gates in the order of the weights.
    gates = ("i", "c", "f", "o")

    def __init__(
        self,
        nb_filter,
        nb_row,
        nb_col,
        init="glorot_uniform",
        inner_init="orthogonal",
        forget_bias_init="one",
        activation="tanh",
        inner_activation="hard_sigmoid",
        dim_ordering="default",
        border_mode="valid",
        subsample=(1, 1),
        W_regularizer=None,
        U_regularizer=None,
        b_regularizer=None,
        dropout_W=0.0,
        dropout_U=0.0,
        **kwargs,
    ):
        kwargs["nb_filter"] = positive_int(self, "nb_filter", nb_filter)
        kwargs["nb_row"] = positive_int(self, "nb_row", nb_row)
        kwargs["nb_col"] = positive_int(self, "nb_col", nb_col)
        self.border_mode = check_border_mode(self, border_mode)
        self.subsample = positive_ints(self, "subsample", subsample, 2)
        self.dropout_W = fraction(self, "dropout_W", dropout_W)
        self.dropout_U = fraction(self, "dropout_U", dropout_U)
        keep(
            self,
            init=init,
            inner_init=inner_init,
            forget_bias_init=forget_bias_init,
            activation=activation,
            inner_activation=inner_activation,
            W_regularizer=W_regularizer,
            U_regularizer=U_regularizer,
            b_regularizer=b_regularizer,
        )
        super().__init__(dim_ordering=dim_ordering, **kwargs)

    @property
    def nb_states(self):
        """How many tensors the state has."""
        return 2

    # --- weights ---------------------------------------------------------------------------------

    def build(self, input_shape):
        first = self.dim_ordering == "th"
        channels = input_shape[2 if first else 4]
        self.get_output_shape_for(input_shape)
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

    def _add_gate(self, gate):
        bias_init = self.forget_bias_init if gate == "f" else initializations.zero
        of_kinds = (
            ("W", self.W_shape, self.init),
            ("U", self.U_shape, self.inner_init),
            ("b", (self.nb_filter,), bias_init),
        )
        for kind, shape, init in of_kinds:
            weight = self.add_weight(
                shape,
                init,
                name=f"{self.name}_{kind}_{gate}",
                regularizer=getattr(self, f"{kind}_regularizer"),
            )
            setattr(self, f"{kind}_{gate}", weight)

    def _of_gates(self, kind):
        """W, U or b of each gate, as a list."""
        return [getattr(self, f"{kind}_{gate}") for gate in self.gates]

    def reset_states(self):
        """Sets the kept states to zero.

        Raises:
            RuntimeError: if the layer is not stateful.
            ValueError: if the batch size or the size of the images is not known.
        """
        if not self.stateful:
            raise RuntimeError(f"Layer {self.name!r} must be stateful to reset its states.")
        shape = self.input_spec[0].shape
        if not shape or None in (shape[0], *shape[2:]):
            raise ValueError(
                "If a RNN is stateful, a complete input_shape must be provided (including batch size): "
                f"layer {self.name!r} needs batch_input_shape, or Input(batch_shape=...); the input shape is "
                f"{shape}."
            )
        charge(self.name, "states", (self.nb_states, *self._image_shape(shape)), stored=False)
        zeros = np.zeros(self._image_shape(shape))
        if self.states[0] is None:
            self.states = [K.variable(zeros) for _ in range(self.nb_states)]
        for state in self.states:
            K.set_value(state, zeros)

    # --- running ---------------------------------------------------------------------------------

    def conv_step(self, x, W, b=None, border_mode="valid"):
        """The convolution of inputs: x (samples, *image) with W, plus b."""
        output = K.conv2d(x, W, self.subsample, border_mode, self.dim_ordering)
        if b is None:
            return output
        return output + (K.reshape(b, (1, -1, 1, 1)) if self.dim_ordering == "th" else b)

    def conv_step_hidden(self, x, W, border_mode="valid"):
        """The convolution of states: x (samples, *image) with W; the steps of the filters are 1."""
        return K.conv2d(x, W, (1, 1), border_mode, self.dim_ordering)

    def preprocess_input(self, x):
        """W * x + b for all steps and gates in one convolution; channels are those of all gates."""
        weights, biases = self._of_gates("W"), self._of_gates("b")
        if not self.dropout_W:
            return self._convolve_steps(x, self._side_by_side(weights), K.concatenate(biases))
        # One draw for each gate, the same in all steps.
        ones = K.ones_like(x[:, :1])
        parts = []
        for W, b in zip(weights, biases, strict=True):
            kept = K.in_train_phase(K.dropout(ones, self.dropout_W), ones)
            parts.append(self._convolve_steps(x * kept, W, b))
        return K.concatenate(parts, axis=2 if self.dim_ordering == "th" else -1)

    def _convolve_steps(self, x, W, b):
        """`conv_step` on the steps of all samples as one batch."""
        sizes = sizes_of(x)
        images = K.reshape(x, (-1, *sizes[2:]))
        output = self.conv_step(images, W, b, border_mode=self.border_mode)
        samples = -1 if K.int_shape(x)[1] is not None else sizes[0]
        return K.reshape(output, (samples, sizes[1], *sizes_of(output)[1:]))

    def _side_by_side(self, kernels):
        return K.concatenate(kernels, axis=0 if self.dim_ordering == "th" else -1)

    def _split(self, x):
        """The channels of an image (samples, *image) that belong to each gate, as a list."""
        slices = [slice(i * self.nb_filter, (i + 1) * self.nb_filter) for i in range(len(self.gates))]
        return [x[:, part] if self.dim_ordering == "th" else x[..., part] for part in slices]

    def get_constants(self, x):
        """Dropout masks for the states, (samples, *image of the output), one for each gate."""
        if not self.dropout_U:
            return []
        ones = K.ones_like(self.get_initial_states(x)[0])
        return [K.in_train_phase(K.dropout(ones, self.dropout_U), ones) for _ in self.gates]

    def _hidden_products(self, h, masks):
        """U * h for each gate."""
        kernels = self._of_gates("U")
        if not masks:
            return self._split(self.conv_step_hidden(h, self._side_by_side(kernels), border_mode="same"))
        return [
            self.conv_step_hidden(h * mask, U, border_mode="same")
            for mask, U in zip(masks, kernels, strict=True)
        ]

    def step(self, x, states):
        h, c, masks = states[0], states[1], states[2:]
        products = self._hidden_products(h, masks)
        x_i, x_c, x_f, x_o = (a + b for a, b in zip(self._split(x), products, strict=True))
        i = apply(self.inner_activation, x_i)
        f = apply(self.inner_activation, x_f)
        c = f * c + i * activate(self, x_c)
        o = apply(self.inner_activation, x_o)
        h = o * activate(self, c)
        return h, [h, c]

    def get_config(self):
        names = ("nb_filter", "nb_row", "nb_col", "init", "inner_init", "forget_bias_init", "activation")
        names += ("dim_ordering", "border_mode", "inner_activation")
        nothing = {"W_regularizer": None, "U_regularizer": None, "b_regularizer": None}
        forgotten = unless_default(self, subsample=(1, 1), dropout_W=0.0, dropout_U=0.0, **nothing)
        return {**super().get_config(), **config_of(self, *names), **forgotten}


def _of_steps(mask):
    """A mask of steps, (samples, steps); a step counts if any place of its image does."""
    if mask is None or K.ndim(mask) == 2:
        return mask
    return K.any(mask, axis=list(range(2, K.ndim(mask))))
