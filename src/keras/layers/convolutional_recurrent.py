"""Recurrent layers whose products are convolutions."""

import functools

import numpy as np

from .. import backend as K
from .. import initializations
from .._graph import apply
from ..backend.common import check_dim_ordering
from ..engine import InputSpec, Layer
from ..utils.np_utils import conv_output_length
from ._conv import check_border_mode, conv_shape
from ._options import activate, config_of, fraction, keep, positive_int


class ConvRecurrent2D(Layer):
    """Base of the convolutional recurrent layers. Use ConvLSTM2D, or derive from this.

    Args:
        weights: list of arrays to start with.
        nb_row, nb_col: int > 0, size of a filter.
        nb_filter: int > 0, channels of the output.
        return_sequences, go_backwards, stateful: as in `Recurrent`.
        dim_ordering: "th", "tf" or "default".

    Input shape: (samples, steps, channels, rows, cols), or channels last for "tf".
    Output shape: (samples, nb_filter, new rows, new cols), with the steps with return_sequences.
    """

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
        self.nb_row = positive_int(self, "nb_row", nb_row)
        self.nb_col = positive_int(self, "nb_col", nb_col)
        self.nb_filter = positive_int(self, "nb_filter", nb_filter)
        self.return_sequences = return_sequences
        self.initial_weights = weights
        self.go_backwards = go_backwards
        self.stateful = stateful
        self.dim_ordering = check_dim_ordering(dim_ordering or "default")
        self.supports_masking = True
        self.input_spec = [InputSpec(ndim=5)]
        super().__init__(**kwargs)

    def compute_mask(self, input, mask):
        return mask if self.return_sequences else None

    def get_output_shape_for(self, input_shape):
        sizes, ordering = (self.nb_row, self.nb_col), self.dim_ordering
        step = (input_shape[0], *input_shape[2:])
        shape = conv_shape(self, step, sizes, self.subsample, ordering, self.nb_filter)
        return (shape[0], input_shape[1], *shape[1:]) if self.return_sequences else shape

    def get_initial_states(self, X):
        """Zeros in the shape of a step's output, for each state."""
        raise NotImplementedError(f"{type(self).__name__} must define get_initial_states(X).")

    def get_constants(self, X, train=False):
        """Tensors handed to every step."""
        return []

    def preprocess_input(self, x):
        """What the steps are taken of."""
        return x

    def step(self, x, states):
        """One step: (x_t, states and constants) -> (output, new states)."""
        raise NotImplementedError(f"{type(self).__name__} must define step(x, states).")

    def call(self, x, mask=None):
        initial = self.states if self.stateful else self.get_initial_states(x)
        last, outputs, states = K.rnn(
            self.step,
            self.preprocess_input(x),
            initial,
            go_backwards=self.go_backwards,
            mask=mask,
            constants=self.get_constants(x),
        )
        if self.stateful:
            self.add_update(list(zip(self.states, states, strict=True)), x)
        return outputs if self.return_sequences else last

    def get_config(self):
        names = ("return_sequences", "go_backwards", "stateful")
        config = {**super().get_config(), **config_of(self, *names)}
        if self.stateful and self.inbound_nodes:
            config["batch_input_shape"] = self.inbound_nodes[0].input_shapes[0]
        return config


class ConvLSTM2D(ConvRecurrent2D):
    """`LSTM` on images: its products are convolutions, its states are images.

    Args:
        nb_filter, nb_row, nb_col, border_mode, subsample, dim_ordering: as in `Convolution2D`, for the
            convolution of the input; that of the state has border_mode "same" and step 1.
        init, inner_init, forget_bias_init, activation, inner_activation, W_regularizer, U_regularizer,
            b_regularizer, dropout_W, dropout_U: as in `LSTM`.
        Further arguments: see `ConvRecurrent2D`.

    Reference:
        Shi et al. 2015, arXiv:1506.04214, equation 3, without the peepholes.
    """

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
        self.border_mode = check_border_mode(self, border_mode)
        self.subsample = tuple(positive_int(self, "subsample", step) for step in subsample)
        self.dropout_W = fraction(self, "dropout_W", dropout_W)
        self.dropout_U = fraction(self, "dropout_U", dropout_U)
        sizes = {"nb_filter": nb_filter, "nb_row": nb_row, "nb_col": nb_col}
        super().__init__(**sizes, dim_ordering=dim_ordering, **kwargs)

    def build(self, input_shape):
        first = self.dim_ordering == "th"
        channels = input_shape[2 if first else 4]
        self.W_shape = self._kernel_shape(channels)
        self.get_output_shape_for(input_shape)
        self.input_spec = [InputSpec(shape=(input_shape[0] if self.stateful else None, *input_shape[1:]))]
        if self.stateful:
            self.reset_states()
        else:
            self.states = [None, None]
        for gate in self.gates:
            bias_init = self.forget_bias_init if gate == "f" else initializations.zero
            options = (
                ("W", self._kernel_shape(channels), self._ordered(self.init)),
                ("U", self._kernel_shape(self.nb_filter), self._ordered(self.inner_init)),
                ("b", (self.nb_filter,), bias_init),
            )
            for kind, shape, init in options:
                weight = self.add_weight(
                    shape,
                    init,
                    name=f"{self.name}_{kind}_{gate}",
                    regularizer=getattr(self, f"{kind}_regularizer"),
                )
                setattr(self, f"{kind}_{gate}", weight)
        # Only what the weights depend on stays demanded.
        sizes = (None, None, *([channels, None, None] if first else [None, None, channels]))
        if not self.stateful:
            self.input_spec = [InputSpec(shape=sizes)]
        self.built = True

    def _kernel_shape(self, channels):
        sizes = (self.nb_row, self.nb_col)
        if self.dim_ordering == "th":
            return (self.nb_filter, channels, *sizes)
        return (*sizes, channels, self.nb_filter)

    def _ordered(self, init):
        return functools.partial(init, dim_ordering=self.dim_ordering)

    def conv_step(self, x, W, b=None, border_mode="valid"):
        """The convolution of an input image: (samples, channels, rows, cols) to the state's size."""
        output = K.conv2d(x, W, self.subsample, border_mode, self.dim_ordering)
        if b is None:
            return output
        return output + (K.reshape(b, (1, -1, 1, 1)) if self.dim_ordering == "th" else b)

    def conv_step_hidden(self, x, W, border_mode="valid"):
        """The convolution of the state, which keeps its size under border_mode "same"."""
        return K.conv2d(x, W, (1, 1), border_mode, self.dim_ordering)

    def get_initial_states(self, X):
        # A convolution with zeros has the shape of a step's output, also where sizes are unknown.
        zeros = self.conv_step(X[:, 0] * 0, K.zeros_like(self.W_i), border_mode=self.border_mode)
        return [zeros, zeros]

    def get_constants(self, x):
        """Dropout masks: four for the input, four for the state; none where nothing is dropped."""
        h = self.get_initial_states(x)[0]
        return self._masks(x[:, 0], self.dropout_W) + self._masks(h, self.dropout_U)

    def _masks(self, like, p):
        ones = K.ones_like(like)
        if not p:
            return []
        return [K.in_train_phase(K.dropout(ones, p), ones) for _ in self.gates]

    def step(self, x, states):
        h, c, constants = states[0], states[1], list(states[2:])
        input_masks = [constants.pop(0) for _ in self.gates] if self.dropout_W else [1.0] * 4
        state_masks = constants or [1.0] * 4
        parts = []
        for gate, input_mask, state_mask in zip(self.gates, input_masks, state_masks, strict=True):
            W, U, b = (getattr(self, f"{kind}_{gate}") for kind in "WUb")
            part = self.conv_step(x * input_mask, W, b, self.border_mode)
            parts.append(part + self.conv_step_hidden(h * state_mask, U, "same"))
        x_i, x_c, x_f, x_o = parts
        i = apply(self.inner_activation, x_i)
        f = apply(self.inner_activation, x_f)
        c = f * c + i * activate(self, x_c)
        o = apply(self.inner_activation, x_o)
        h = o * activate(self, c)
        return h, [h, c]

    def reset_states(self):
        """Sets the kept states to zero.

        Raises:
            RuntimeError: if the layer is not stateful.
            ValueError: if the batch size or the size of the images is not known.
        """
        if not self.stateful:
            raise RuntimeError(f"Layer {self.name!r} must be stateful to reset its states.")
        shape = self._state_shape()
        states: list = getattr(self, "states", None) or [K.zeros(shape), K.zeros(shape)]
        for state in states:
            K.set_value(state, np.zeros(shape))
        self.states = states

    def _state_shape(self) -> tuple:
        shape = self.input_spec[0].shape
        first = self.dim_ordering == "th"
        space = None if shape is None else shape[3:] if first else shape[2:4]
        if space is None or shape[0] is None or None in space:
            raise ValueError(
                f"If a RNN is stateful, a complete input_shape must be provided (including batch size): "
                f"layer {self.name!r} needs batch_input_shape, or Input(batch_shape=...)."
            )
        sizes = [
            conv_output_length(size, span, self.border_mode, stride)
            for size, span, stride in zip(space, (self.nb_row, self.nb_col), self.subsample, strict=True)
        ]
        return (shape[0], self.nb_filter, *sizes) if first else (shape[0], *sizes, self.nb_filter)

    def get_config(self):
        names = ("nb_filter", "nb_row", "nb_col", "init", "inner_init", "forget_bias_init", "activation")
        names += ("inner_activation", "dim_ordering", "border_mode", "subsample", "W_regularizer")
        names += ("U_regularizer", "b_regularizer", "dropout_W", "dropout_U")
        return {**super().get_config(), **config_of(self, *names)}
