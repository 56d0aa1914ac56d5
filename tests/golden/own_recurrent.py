"""Recurrent layers as users of Keras 1 wrote them in 2016, for the original and for this project alike.

Each overrides other methods of Recurrent, SimpleRNN, GRU and LSTM. `record_own_recurrent.py` records what
they answer in the original; tests/layers/test_own_recurrent.py compares.
"""

import numpy as np

from keras import activations, initializations
from keras import backend as K
from keras.engine import InputSpec
from keras.layers import GRU, LSTM, Recurrent, SimpleRNN


class AttentionLSTM(LSTM):
    """The output is weighted by its likeness to a vector: one more constant, after those of LSTM."""

    def __init__(self, output_dim, attention, **kwargs):
        self.attention = attention
        super().__init__(output_dim, **kwargs)

    def build(self, input_shape):
        super().build(input_shape)
        size = K.int_shape(self.attention)[1]
        self.U_a = self.inner_init((self.output_dim, self.output_dim), name=f"{self.name}_U_a")
        self.b_a = K.zeros((self.output_dim,), name=f"{self.name}_b_a")
        self.U_m = self.init((size, self.output_dim), name=f"{self.name}_U_m")
        self.trainable_weights += [self.U_a, self.b_a, self.U_m]

    def get_constants(self, x):
        constants = super().get_constants(x)
        constants.append(K.dot(self.attention, self.U_m))
        return constants

    def step(self, x, states):
        h, (h, c) = super().step(x, states)
        attention = states[4]
        h = h * K.sigmoid(K.tanh(K.dot(h, self.U_a) * attention + self.b_a))
        return h, [h, c]


class PeepholeLSTM(LSTM):
    """The gates also see the state of the cell: a `step` of its own, which reads x, B_U and the weights."""

    def build(self, input_shape):
        super().build(input_shape)
        self.P = self.add_weight((3, self.output_dim), initializer=self.init, name=f"{self.name}_P")

    def step(self, x, states):
        h, c, B_U, B_W = states[0], states[1], states[2], states[3]
        n = self.output_dim
        if self.consume_less == "gpu":
            z = K.dot(x * B_W[0], self.W) + K.dot(h * B_U[0], self.U) + self.b
            z_i, z_f, z_c, z_o = (z[:, k * n : (k + 1) * n] for k in range(4))
        else:
            if self.consume_less == "cpu":
                x_i, x_f, x_c, x_o = (x[:, k * n : (k + 1) * n] for k in range(4))
            else:
                x_i = K.dot(x * B_W[0], self.W_i) + self.b_i
                x_f = K.dot(x * B_W[1], self.W_f) + self.b_f
                x_c = K.dot(x * B_W[2], self.W_c) + self.b_c
                x_o = K.dot(x * B_W[3], self.W_o) + self.b_o
            z_i = x_i + K.dot(h * B_U[0], self.U_i)
            z_f = x_f + K.dot(h * B_U[1], self.U_f)
            z_c = x_c + K.dot(h * B_U[2], self.U_c)
            z_o = x_o + K.dot(h * B_U[3], self.U_o)
        i = self.inner_activation(z_i + c * self.P[0])
        f = self.inner_activation(z_f + c * self.P[1])
        c = f * c + i * self.activation(z_c)
        o = self.inner_activation(z_o + c * self.P[2])
        h = o * self.activation(c)
        return h, [h, c]


class ContextGRU(GRU):
    """A constant from all steps of the input, and inputs of `step` that are changed before."""

    def get_constants(self, x):
        return super().get_constants(x) + [K.mean(x, axis=1)[:, : self.output_dim]]

    def preprocess_input(self, x):
        return super().preprocess_input(x * 0.5)

    def step(self, x, states):
        h = states[0]
        context = states[3]
        output, _ = super().step(x, [h + 0.1 * context] + list(states[1:3]))
        return output, [output]


class ClockRNN(SimpleRNN):
    """A second state that counts the steps: `states` set in `build`, and initial states of its own."""

    def build(self, input_shape):
        super().build(input_shape)
        self.states = [None, None]

    def get_initial_states(self, x):
        zero = K.sum(K.zeros_like(x), axis=(1, 2))
        zero = K.tile(K.expand_dims(zero), [1, self.output_dim])
        return [zero + 0.25, zero]

    def step(self, x, states):
        h, clock = states[0], states[1]
        B_U, B_W = states[2], states[3]
        product = x if self.consume_less == "cpu" else K.dot(x * B_W, self.W) + self.b
        clock = clock + 1
        output = self.activation(product + K.dot(h * B_U, self.U)) / clock
        return output, [output, clock]


class LSTMDecoder(LSTM):
    """Feeds its output back for some steps: a `call` of its own that runs K.rnn on the parts of LSTM."""

    def __init__(self, output_dim, output_length, **kwargs):
        self.output_length = output_length
        super().__init__(output_dim, return_sequences=True, **kwargs)
        self.input_spec = [InputSpec(ndim=2)]

    def build(self, input_shape):
        super().build((input_shape[0], self.output_length, input_shape[1]))
        self.input_spec = [InputSpec(shape=input_shape)]

    def get_output_shape_for(self, input_shape):
        return input_shape[0], self.output_length, self.output_dim

    def compute_mask(self, input, mask=None):
        return None

    def step(self, x, states):
        y = states[2]
        out, (h, c) = super().step(x, states[:2] + states[3:])
        return out + 0.5 * y, [h, c, out]

    def call(self, x, mask=None):
        steps = K.repeat(x, self.output_length)
        states = self.get_initial_states(steps)
        states = states + [states[0]]
        _, outputs, _ = K.rnn(
            self.step,
            self.preprocess_input(steps),
            states,
            constants=self.get_constants(steps),
            unroll=False,
            input_length=self.output_length,
        )
        return outputs


class MinimalGRU(Recurrent):
    """From the base class, with weights and constants of its own alone."""

    def __init__(self, output_dim, init="glorot_uniform", activation="tanh", **kwargs):
        self.output_dim = output_dim
        self.init = initializations.get(init)
        self.activation = activations.get(activation)
        super().__init__(**kwargs)

    def build(self, input_shape):
        self.input_spec = [InputSpec(shape=input_shape)]
        self.states = [None]
        size = input_shape[2]
        self.W = self.init((size, 2 * self.output_dim), name=f"{self.name}_W")
        self.U = self.init((self.output_dim, 2 * self.output_dim), name=f"{self.name}_U")
        self.trainable_weights = [self.W, self.U]

    def get_constants(self, x):
        return [K.max(x, axis=1)[:, :1]]

    def step(self, x, states):
        h, top, n = states[0], states[1], self.output_dim
        sums = K.dot(x, self.W)
        f = K.sigmoid(sums[:, :n] + K.dot(h, self.U[:, :n]))
        candidate = self.activation(sums[:, n:] + K.dot(f * h, self.U[:, n:]) + top)
        h = (1 - f) * h + f * candidate
        return h, [h]


#: (class, keyword arguments, whether the input is masked)
CASES = [
    (cls, dict(more, consume_less=mode), masked)
    for cls, more in (
        (AttentionLSTM, {}),
        (PeepholeLSTM, {"return_sequences": True}),
        (ContextGRU, {"activation": "tanh"}),
        (ClockRNN, {"return_sequences": True}),
    )
    for mode, masked in (("cpu", True), ("mem", False), ("gpu", True))
]
CASES += [(LSTMDecoder, {"output_length": 3, "consume_less": mode}, False) for mode in ("cpu", "mem", "gpu")]
CASES += [(MinimalGRU, {"go_backwards": True}, False), (MinimalGRU, {"unroll": True}, True)]


def case_name(case):
    cls, options, masked = case
    return "-".join([cls.__name__, options.get("consume_less", "own")] + ["masked"] * masked)


def answer(case):
    """Returns the output, and the gradients of a loss by input and weights, of a layer with set weights.

    The input is (3, 4, 5), that of LSTMDecoder (3, 5); a mask leaves out steps at both ends.
    """
    from keras.layers import Input, Masking

    cls, options, masked = case
    random = np.random.RandomState(7)
    shape = (3, 5) if cls is LSTMDecoder else (3, 4, 5)
    data = random.uniform(-1, 1, shape).astype("float32")
    x = Input(batch_shape=shape)
    given, values = [x], [data]
    if masked:
        data[0, 3] = data[1, 0] = data[2, :2] = 0
    if cls is AttentionLSTM:
        given.append(Input(batch_shape=(3, 2)))
        values.append(random.uniform(-1, 1, (3, 2)).astype("float32"))
        options = dict(options, attention=given[1])
    layer = cls(output_dim=4, **options)
    y = layer(Masking()(x) if masked else x)
    weights = layer.trainable_weights
    for weight in weights:
        K.set_value(weight, 0.7 * random.uniform(-1, 1, K.get_value(weight).shape))
    loss = K.sum(K.square(y - 0.3))
    found = K.function(given + [K.learning_phase()], [y] + K.gradients(loss, [x] + weights))(values + [0])
    return [np.asarray(array) for array in found], [weight.name for weight in weights]
