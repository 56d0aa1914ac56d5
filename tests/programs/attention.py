"""Recurrent layers that look at something else at each step: classes derived from LSTM and GRU.

The constants that get_constants adds come after the two of dropout (`B_U, B_W`) in the states of step.
"""

import os

import numpy as np

from keras import backend as K
from keras.engine.topology import InputSpec
from keras.layers import GRU, LSTM, Dense, Embedding, Input, Masking
from keras.models import Model


class GatedByVector(LSTM):
    """The output of each step is scaled by a gate that sees a vector, such as the encoding of a question."""

    def __init__(self, output_dim, vector, **kwargs):
        self.vector = vector
        super().__init__(output_dim, **kwargs)

    def build(self, input_shape):
        super().build(input_shape)
        units = self.vector._keras_shape[1]
        self.U_a = self.inner_init((self.output_dim, self.output_dim), name=self.name + "_U_a")
        self.b_a = K.zeros((self.output_dim,), name=self.name + "_b_a")
        self.U_m = self.init((units, self.output_dim), name=self.name + "_U_m")
        self.U_s = self.init((self.output_dim, 1), name=self.name + "_U_s")
        self.trainable_weights += [self.U_a, self.b_a, self.U_m, self.U_s]
        if self.initial_weights is not None:
            self.set_weights(self.initial_weights)
            del self.initial_weights

    def step(self, x, states):
        h, (h, c) = super().step(x, states)
        seen = states[4]
        s = K.sigmoid(K.dot(K.tanh(K.dot(h, self.U_a) + seen + self.b_a), self.U_s))
        h = h * K.repeat_elements(s, self.output_dim, axis=1)
        return h, [h, c]

    def get_constants(self, x):
        constants = super().get_constants(x)
        constants.append(K.dot(self.vector, self.U_m))
        return constants


class AttentionGRU(GRU):
    """Called on [sequence, memory]; each step reads a mean of the memory, weighted by similarity to h."""

    def __init__(self, output_dim, **kwargs):
        super().__init__(output_dim, **kwargs)
        self.input_spec = [InputSpec(ndim=3)]

    def build(self, input_shape):
        (samples, steps, features), (_, _, size) = input_shape
        super().build((samples, steps, features))
        self.input_spec = [InputSpec(ndim=3), InputSpec(ndim=3)]
        self.R_q = self.add_weight((self.output_dim, size), self.init, name=self.name + "_R_q")
        self.R_r = self.add_weight((size, self.output_dim), self.init, name=self.name + "_R_r")

    def call(self, x, mask=None):
        sequence, self.memory = x
        return super().call(sequence, mask[0] if mask is not None else None)

    def compute_mask(self, input, mask):
        return super().compute_mask(input[0], mask[0] if mask is not None else None)

    def get_output_shape_for(self, input_shape):
        return super().get_output_shape_for(input_shape[0])

    def get_constants(self, x):
        return super().get_constants(x) + [self.memory]

    def step(self, x, states):
        h, memory = states[0], states[3]
        scores = K.sum(memory * K.expand_dims(K.dot(h, self.R_q), 1), axis=2)
        read = K.sum(memory * K.expand_dims(K.softmax(scores)), axis=1)
        output, (new,) = super().step(x, [h] + list(states[1:3]))
        new = new + K.dot(read, self.R_r)
        return new, [new]


def seeded(model, seed, largest=0.5):
    rng = np.random.RandomState(seed)
    model.set_weights([rng.uniform(-largest, largest, w.shape) for w in model.get_weights()])
    return model


def question_model(mode, **kwargs):
    story = Input(shape=(6,), dtype="int32")
    question = Input(shape=(4,), dtype="int32")
    words = Embedding(20, 5, mask_zero=True)
    encoder = LSTM(3, consume_less=mode)
    x = GatedByVector(4, encoder(words(question)), consume_less=mode, **kwargs)(words(story))
    seeded(encoder, 7, largest=3)  # not a layer of the model: the vector reaches it past Keras' graph
    return Model([story, question], Dense(2, activation="softmax")(x))


def memory_model(**kwargs):
    sequence, memory = Input(shape=(5, 3)), Input(shape=(4, 2))
    h = AttentionGRU(4, return_sequences=True, name="reader", **kwargs)([Masking()(sequence), memory])
    return Model([sequence, memory], Dense(1)(GRU(3)(h)))


def main(folder):
    rng = np.random.RandomState(0)
    story, question = rng.randint(1, 20, (8, 6)), rng.randint(1, 20, (8, 4))
    story[::2, 4:] = 0
    question[::3, 2:] = 0
    facts = {}
    for mode in ("cpu", "gpu"):
        model = seeded(question_model(mode), 1)
        facts["gated_" + mode] = model.predict([story, question]).ravel().tolist()
        # Another question gives other answers: the vector is read.
        assert np.abs(model.predict([story, question[::-1]]) - model.predict([story, question])).max() > 1e-4
    wanted = (story[:, 0] > 10).astype(int).reshape(-1, 1)
    np.random.seed(0)
    model = seeded(question_model("cpu", dropout_W=0.2, dropout_U=0.2), 2)
    model.compile("adam", "sparse_categorical_crossentropy")
    first = model.evaluate([story, question], wanted, verbose=0)
    facts["gated_loss"] = float(first)
    model.fit([story, question], wanted, nb_epoch=8, batch_size=8, verbose=0)
    assert model.evaluate([story, question], wanted, verbose=0) < first

    x, memory = rng.normal(size=(8, 5, 3)), rng.normal(size=(8, 4, 2))
    x[::2, 3:] = 0
    model = seeded(memory_model(), 3)
    facts["memory"] = model.predict([x, memory]).ravel().tolist()
    reader = Model(model.input, model.get_layer("reader").output)
    facts["reader"] = reader.predict([x, memory]).ravel().tolist()
    model.compile("adam", "mse")
    first = model.evaluate([x, memory], memory[:, 0, :1], verbose=0)
    model.fit([x, memory], memory[:, 0, :1], nb_epoch=8, batch_size=8, verbose=0)
    assert model.evaluate([x, memory], memory[:, 0, :1], verbose=0) < first
    path = os.path.join(folder, "weights.h5")
    model.save_weights(path)
    other = memory_model()
    other.load_weights(path)
    np.testing.assert_allclose(other.predict([x, memory]), model.predict([x, memory]), rtol=1e-5, atol=1e-6)
    return facts
