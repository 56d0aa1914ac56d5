"""Sequence to sequence with cells: small objects that are stacked into one recurrent layer.

The layer calls the cells' `step` inside one K.rnn. The last output may be a state, so that a decoder reads
its own words.
"""

import numpy as np

from keras import activations, initializations
from keras import backend as K
from keras.engine.topology import InputSpec, Layer
from keras.layers import LSTM, Activation, Dense, Input, RepeatVector, TimeDistributed
from keras.layers.recurrent import Recurrent
from keras.models import Model, Sequential
from keras.optimizers import Adam


class Cell(object):
    """A step with weights: `build(size)`, `step(x, states) -> (output, states)`."""

    nb_states = 0

    def __init__(self, output_dim, activation="linear", init="glorot_uniform"):
        self.output_dim = output_dim
        self.activation = activations.get(activation)
        self.init = initializations.get(init)

    def weight(self, shape, name):
        self.weights.append(self.init(shape, name=name))
        return self.weights[-1]

    def build(self, size, name):
        self.weights = []


class DenseCell(Cell):
    def build(self, size, name):
        super().build(size, name)
        self.W = self.weight((size, self.output_dim), name + "_W")

    def step(self, x, states):
        return self.activation(K.dot(x, self.W)), []


class LSTMCell(Cell):
    nb_states = 2

    def build(self, size, name):
        super().build(size, name)
        self.W = self.weight((size, 4 * self.output_dim), name + "_W")
        self.U = self.weight((self.output_dim, 4 * self.output_dim), name + "_U")

    def step(self, x, states):
        h, c = states
        n = self.output_dim
        z = K.dot(x, self.W) + K.dot(h, self.U)
        i, f, o = [K.hard_sigmoid(z[:, k * n : (k + 1) * n]) for k in range(3)]
        c = f * c + i * K.tanh(z[:, 3 * n :])
        h = o * K.tanh(c)
        return h, [h, c]


class CellStack(Recurrent):
    """Runs cells one after the other at each step.

    With `decode=n` the input is one vector for each sample; the layer makes n steps, and each reads the
    output of the step before beside that vector.
    """

    def __init__(self, cells, decode=None, **kwargs):
        self.cells = cells
        self.decode = decode
        self.output_dim = cells[-1].output_dim
        super().__init__(**kwargs)
        if decode:
            self.return_sequences = True
            self.input_spec = [InputSpec(ndim=2)]

    def build(self, input_shape):
        self.input_spec = [InputSpec(shape=tuple([None] + list(input_shape[1:])))]
        size = input_shape[-1] + (self.output_dim if self.decode else 0)
        self.trainable_weights = []
        for number, cell in enumerate(self.cells):
            cell.build(size, "%s_cell_%d" % (self.name, number))
            self.trainable_weights += cell.weights
            size = cell.output_dim
        sizes = [cell.output_dim for cell in self.cells for _ in range(cell.nb_states)]
        self.state_sizes = sizes + ([self.output_dim] if self.decode else [])
        self.states = [None] * len(self.state_sizes)
        self.built = True

    def get_initial_states(self, x):
        zero = K.sum(K.zeros_like(x), axis=(1, 2))
        return [K.tile(K.expand_dims(zero), [1, size]) for size in self.state_sizes]

    def preprocess_input(self, x):
        return x

    def step(self, x, states):
        states = list(states)
        new_states = []
        if self.decode:
            x = K.concatenate([x, states.pop()])
        for cell in self.cells:
            own, states = states[: cell.nb_states], states[cell.nb_states :]
            x, own = cell.step(x, own)
            new_states += own
        return x, new_states + ([x] if self.decode else [])

    def call(self, x, mask=None):
        if self.decode:
            x = K.repeat(x, self.decode)
        last, outputs, states = K.rnn(
            self.step, x, self.get_initial_states(x), go_backwards=self.go_backwards, mask=None
        )
        return outputs if self.return_sequences else last

    def get_output_shape_for(self, input_shape):
        if self.decode:
            return (input_shape[0], self.decode, self.output_dim)
        return super().get_output_shape_for(input_shape)

    def compute_mask(self, input, mask=None):
        return None


class Peek(Layer):
    """Adds a learnt fraction of a second sequence; one InputSpec for both inputs."""

    def __init__(self, **kwargs):
        self.input_spec = [InputSpec(ndim=3)]
        super().__init__(**kwargs)

    def build(self, input_shape):
        self.a = K.variable(np.array(0.5), name=self.name + "_a")
        self.trainable_weights = [self.a]

    def call(self, x, mask=None):
        return x[0] + self.a * x[1]

    def get_output_shape_for(self, input_shape):
        return input_shape[0]


def seeded(model, seed):
    rng = np.random.RandomState(seed)
    model.set_weights([rng.uniform(-0.6, 0.6, w.shape) for w in model.get_weights()])
    return model


def by_hand(weights, vectors, steps):
    """The decoder of `main` in NumPy: LSTMCell(6), DenseCell(4, softmax)."""
    W, U, V = weights
    n = U.shape[0]
    h, c, y = np.zeros((len(vectors), n)), np.zeros((len(vectors), n)), np.zeros((len(vectors), V.shape[1]))
    outputs = []
    for _ in range(steps):
        z = np.concatenate([vectors, y], axis=1).dot(W) + h.dot(U)
        i, f, o = [np.clip(0.2 * z[:, k * n : (k + 1) * n] + 0.5, 0, 1) for k in range(3)]
        c = f * c + i * np.tanh(z[:, 3 * n :])
        h = o * np.tanh(c)
        e = np.exp(h.dot(V) - h.dot(V).max(axis=1, keepdims=True))
        y = e / e.sum(axis=1, keepdims=True)
        outputs.append(y)
    return np.stack(outputs, axis=1)


def main(folder):
    rng = np.random.RandomState(0)
    np.random.seed(0)
    words = np.eye(4)[rng.randint(0, 4, (64, 3))]
    backwards = words[:, ::-1]

    x = Input(shape=(3, 4))
    encoded = CellStack([LSTMCell(6)], name="encoder")(x)
    decoded = CellStack([LSTMCell(6), DenseCell(4, "softmax")], decode=3, name="decoder")(encoded)
    model = seeded(Model(x, decoded), 1)
    assert model.output_shape == (None, 3, 4)
    facts = {"seq2seq": model.predict(words[:4]).ravel().tolist()}
    encoder = Model(x, encoded)
    vectors = encoder.predict(words)
    facts["encoder"] = vectors[:4].ravel().tolist()
    np.testing.assert_allclose(
        model.predict(words),
        by_hand(model.get_layer("decoder").get_weights(), vectors, 3),
        rtol=1e-4,
        atol=1e-5,
    )
    model.compile(Adam(lr=0.03), "categorical_crossentropy", metrics=["accuracy"])
    before = model.evaluate(words, backwards, verbose=0)
    facts["loss"] = float(before[0])
    model.fit(words, backwards, nb_epoch=40, batch_size=16, verbose=0)
    after = model.evaluate(words, backwards, verbose=0)
    assert after[0] < 0.9 * before[0] and after[1] > before[1]

    # The same cells in a stack of layers, and beside the layers of Keras.
    plain = Sequential()
    plain.add(CellStack([LSTMCell(5), DenseCell(3, "tanh")], return_sequences=True, input_shape=(3, 4)))
    plain.add(LSTM(4))
    plain.add(RepeatVector(3))
    plain.add(CellStack([DenseCell(4)], go_backwards=True, return_sequences=True))
    plain.add(TimeDistributed(Dense(4)))
    plain.add(Activation("softmax"))
    facts["plain"] = seeded(plain, 2).predict(words[:4]).ravel().tolist()

    other = Input(shape=(3, 4))
    peek = seeded(Model([x, other], Peek()([x, other])), 3)
    facts["peek"] = peek.predict([words[:2], backwards[:2]]).ravel().tolist()
    return facts
