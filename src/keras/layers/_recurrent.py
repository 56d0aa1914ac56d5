"""`Recurrent`, what the recurrent layers share: states, masks, shapes, gates."""

import warnings

import numpy as np

from .. import backend as K
from .. import initializations
from .._graph import op
from .._kernels import sums
from ..engine import InputSpec, Layer
from ..engine.files.budget import charge
from ..engine.precision import in_float32
from ._options import config_of, fraction, keep, positive_int


@op
def _add_bias(x, bias):
    return sums.add_bias(x, bias) if x.dtype == bias.dtype else x + bias


class Recurrent(Layer):
    """Base of the recurrent layers. Use SimpleRNN, GRU or LSTM, or derive from this.

    Args:
        weights: list of arrays to start with.
        return_sequences: whether to give the output of every step, not of the last one only.
        go_backwards: whether to start with the last step; outputs then come in that order.
        stateful: whether sample i of a batch goes on from the state in which sample i of the batch before
            ended; needs a known batch size (`batch_input_shape`).
        unroll: whether to write out every step in the program; needs a known number of steps.
        consume_less: "cpu" and "mem" give each gate weights of its own; "gpu" puts the gates of LSTM and
            GRU in one W, U and b. Results are the same, but for penalties; files are not.
        input_dim: int, features of the input, for the first layer of a Sequential.
        input_length: int, steps of the input, where they are always the same.

    Input shape: (samples, steps, features). Output shape: (samples, output_dim), or (samples, steps,
    output_dim) with return_sequences. Steps that a mask leaves out do not change the state.
    """

    #: Names of the gates in the order of the weights; a layer with one "gate" has no suffix.
    gates: tuple[str, ...] = ("",)

    def __init__(
        self,
        weights=None,
        return_sequences=False,
        go_backwards=False,
        stateful=False,
        unroll=False,
        consume_less="cpu",
        input_dim=None,
        input_length=None,
        **kwargs,
    ):
        self.return_sequences = return_sequences
        self.initial_weights = weights
        self.go_backwards = go_backwards
        self.stateful = stateful
        self.unroll = unroll
        if consume_less not in ("cpu", "mem", "gpu"):
            raise ValueError(
                f'{type(self).__name__}: consume_less must be "cpu", "mem" or "gpu"; got {consume_less!r}.'
            )
        self.consume_less = consume_less
        self.supports_masking = True
        self.input_spec = [InputSpec(ndim=3)]
        self.input_dim = input_dim
        self.input_length = input_length
        if input_dim:
            kwargs["input_shape"] = (input_length, input_dim)
        super().__init__(**kwargs)

    # --- weights ---------------------------------------------------------------------------------

    def _keep_options(self, output_dim, dropout_W, dropout_U, **options):
        self.output_dim = positive_int(self, "output_dim", output_dim)
        self.dropout_W = fraction(self, "dropout_W", dropout_W)
        self.dropout_U = fraction(self, "dropout_U", dropout_U)
        keep(self, **options)

    def build(self, input_shape):
        self.input_spec = [InputSpec(shape=tuple(input_shape))]
        self.input_dim = input_shape[2]
        if self.stateful:
            self.reset_states()
        else:
            self.states = [None] * self.nb_states
        if self.consume_less == "gpu" and len(self.gates) > 1:
            self._add_fused_weights()
        else:
            self._warn_of_penalties()
            for gate in self.gates:
                self._add_gate(gate)
        # The spec of a built layer asks for the features only: other lengths and batches may follow.
        batch = input_shape[0] if self.stateful else None
        self.input_spec = [InputSpec(shape=(batch, None, self.input_dim))]
        self.built = True

    def _warn_of_penalties(self):
        penalties = config_of(self, "U_regularizer", "W_regularizer")
        if len(self.gates) > 1 and penalties["U_regularizer"] not in (None, penalties["W_regularizer"]):
            warnings.warn(
                f"Layer {self.name!r}: as in Keras 1.2.2, the U of each gate gets the penalty W_regularizer, "
                'and U_regularizer does not count. consume_less="gpu" gives W and U their own.',
                stacklevel=2,
            )

    def _add_gate(self, gate):
        suffix = f"_{gate}" if gate else ""
        shapes = {"W": (self.input_dim, self.output_dim), "U": (self.output_dim, self.output_dim)}
        for kind, init in (("W", self.init), ("U", self.inner_init), ("b", self._bias_init(gate))):
            weight = self.add_weight(
                shapes.get(kind, (self.output_dim,)),
                init,
                name=f"{self.name}_{kind}{suffix}",
                # In the original the U of a gate gets the penalty of W, and trained models depend on it.
                regularizer=getattr(self, f"{'W' if kind == 'U' and gate else kind}_regularizer"),
            )
            setattr(self, kind + suffix, weight)

    def _add_fused_weights(self):
        """One W, U and b with the gates side by side, in the order of the original's "gpu" mode."""
        count, units = len(self.gates), self.output_dim

        def side_by_side(init, of_gate):
            def make(shape, name=None):
                parts = [
                    K.get_value((of_gate(gate) if of_gate else init)((*shape[:-1], units)))
                    for gate in self._fused_gates()
                ]
                return K.variable(np.concatenate(parts, axis=-1), name=name)

            return make

        options = (
            ("W", (self.input_dim, count * units), side_by_side(self.init, None)),
            ("U", (units, count * units), side_by_side(self.inner_init, None)),
            ("b", (count * units,), side_by_side(None, self._bias_init)),
        )
        for kind, shape, init in options:
            weight = self.add_weight(
                shape,
                init,
                name=f"{self.name}_{kind}",
                regularizer=getattr(self, f"{kind}_regularizer"),
            )
            setattr(self, kind, weight)

    def _fused_gates(self):
        """The gates in the order in which "gpu" files have them."""
        return self.gates

    def _bias_init(self, gate):
        return initializations.zero

    def gate_weights(self, kind):
        """W, U or b of all gates side by side, in the order of `gates`; shape (..., gates * output_dim)."""
        if len(self.gates) == 1:
            return getattr(self, kind)
        if self.consume_less == "gpu":
            fused = getattr(self, kind)
            if self._fused_gates() == self.gates:
                return fused
            parts = dict(zip(self._fused_gates(), self.split(fused), strict=True))
            return K.concatenate([parts[gate] for gate in self.gates])
        return K.concatenate([getattr(self, f"{kind}_{gate}") for gate in self.gates])

    def split(self, x):
        """The parts of a tensor that belong to the gates, along its last axis."""
        units = self.output_dim
        return [x[..., i * units : (i + 1) * units] for i in range(len(self.gates))]

    # --- running ---------------------------------------------------------------------------------

    @property
    def nb_states(self):
        """How many tensors the state has."""
        return 1

    def preprocess_input(self, x):
        """W x + b for all steps and gates; (samples, steps, gates * output_dim)."""
        return _add_bias(self.input_products(x), self.gate_weights("b"))

    def input_products(self, x):
        """W x for all steps and gates in one product; (samples, steps, gates * output_dim)."""
        if not self.dropout_W:
            return K.dot(x, self.gate_weights("W"))
        # One draw for each gate, the same in all steps.
        ones = K.ones_like(x[:, :1, :])
        parts = []
        for W in self.split(self.gate_weights("W")):
            kept = K.in_train_phase(K.dropout(ones, self.dropout_W), ones)
            parts.append(K.dot(x * kept, W))
        return K.concatenate(parts) if len(parts) > 1 else parts[0]

    def recurrent_products(self, h, constants):
        """U h for all gates side by side, (samples, gates * output_dim).

        Args:
            constants: list with one dropout mask for each gate, or empty.
        """
        if not constants:
            return K.dot(h, self.gate_weights("U"))
        weights = self.split(self.gate_weights("U"))
        products = [K.dot(h * mask, U) for mask, U in zip(constants, weights, strict=True)]
        return K.concatenate(products) if len(products) > 1 else products[0]

    def get_constants(self, x):
        """Dropout masks for the recurrent products, one for each gate; empty without dropout_U."""
        if not self.dropout_U:
            return []
        ones = K.ones_like(K.tile(x[:, 0, :1], (1, self.output_dim)))
        return [K.in_train_phase(K.dropout(ones, self.dropout_U), ones) for _ in self.gates]

    def get_initial_states(self, x):
        """Zeros of shape (samples, output_dim) for each state."""
        zeros = K.zeros_like(K.tile(x[:, 0, :1], (1, self.output_dim)))
        return [zeros] * self.nb_states

    def step(self, x, states):
        """One step: (x_t, states and constants) -> (output, new states)."""
        raise NotImplementedError(f"{type(self).__name__} must define step(x, states).")

    def call(self, x, mask=None):
        if self.unroll and K.int_shape(x)[1] is None:
            raise ValueError(
                f"Cannot unroll {type(self).__name__} {self.name!r}: the number of steps is unknown. Pass "
                "input_length, or a shape with the steps, or unroll=False."
            )
        initial = self.states if self.stateful else in_float32(self, self.get_initial_states(x))
        last, outputs, states = self.run(x, initial, mask)
        if self.stateful:
            self.add_update(list(zip(self.states, states, strict=True)), x)
        return outputs if self.return_sequences else last

    def run(self, x, initial, mask):
        """All steps: (x, initial states, mask or None) -> (last output, outputs, last states)."""
        return K.rnn(
            self.step,
            self.preprocess_input(x),
            initial,
            go_backwards=self.go_backwards,
            mask=mask,
            constants=self.get_constants(x),
            unroll=self.unroll,
            input_length=K.int_shape(x)[1],
        )

    def compute_mask(self, input, mask):
        return mask if self.return_sequences else None

    def get_output_shape_for(self, input_shape):
        if self.return_sequences:
            return input_shape[0], input_shape[1], self.output_dim
        return input_shape[0], self.output_dim

    def reset_states(self):
        """Sets the kept states to zero.

        Raises:
            RuntimeError: if the layer is not stateful.
            ValueError: if the batch size is not known.
        """
        if not self.stateful:
            raise RuntimeError(f"Layer {self.name!r} must be stateful to reset its states.")
        batch = self.input_spec[0].shape[0] if self.input_spec[0].shape else None
        if not batch:
            raise ValueError(
                f"If a RNN is stateful, a complete input_shape must be provided (including batch size): "
                f"layer {self.name!r} needs batch_input_shape, or Input(batch_shape=...)."
            )
        if getattr(self, "states", None) is not None and hasattr(self.states[0], "set_value"):
            for state in self.states:
                K.set_value(state, np.zeros((batch, self.output_dim)))
        else:
            charge(self.name, "states", (self.nb_states, batch, self.output_dim), stored=False)
            self.states = [K.zeros((batch, self.output_dim)) for _ in range(self.nb_states)]

    def get_config(self):
        names = ("return_sequences", "go_backwards", "stateful", "unroll", "consume_less")
        config = {**super().get_config(), **config_of(self, *names)}
        if self.stateful and self.built:
            shape = self.inbound_nodes[0].input_shapes[0] if self.inbound_nodes else None
            config["batch_input_shape"] = shape or self.input_spec[0].shape
        else:
            config.update(config_of(self, "input_dim", "input_length"))
        return config
