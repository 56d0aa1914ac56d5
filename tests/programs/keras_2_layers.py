"""What programs of 2017 to 2019 define: a layer, a loss of a layer, an attention, a metric, a Sequence.

Written for Keras 2.3.1. Here it runs with `keras.compat.set_version(2)`.
"""

import os

import numpy as np
from keras.engine.base_layer import InputSpec, Layer

from keras import backend as K
from keras import constraints, initializers, regularizers
from keras.callbacks import EarlyStopping, ModelCheckpoint
from keras.layers import (
    LSTM,
    RNN,
    Bidirectional,
    Concatenate,
    Conv1D,
    Dense,
    Dropout,
    Embedding,
    GlobalMaxPooling1D,
    Input,
    Lambda,
    TimeDistributed,
    concatenate,
)
from keras.metrics import Metric
from keras.models import Model, load_model
from keras.optimizers import RMSprop
from keras.utils import Sequence, to_categorical


class Attention(Layer):
    """A mean of the steps, weighted by a learned score; masked steps have no weight."""

    def __init__(self, units=None, W_regularizer=None, bias=True, **kwargs):
        self.supports_masking = True
        self.units = units
        self.init = initializers.get("glorot_uniform")
        self.W_regularizer = regularizers.get(W_regularizer)
        self.bias = bias
        super(Attention, self).__init__(**kwargs)

    def build(self, input_shape):
        assert len(input_shape) == 3
        self.W = self.add_weight(
            shape=(input_shape[-1],),
            initializer=self.init,
            name=self.name + "_W",
            regularizer=self.W_regularizer,
        )
        self.b = (
            self.add_weight(shape=(1,), initializer="zeros", name=self.name + "_b") if self.bias else None
        )
        super(Attention, self).build(input_shape)

    def call(self, x, mask=None):
        scores = K.squeeze(K.dot(x, K.expand_dims(self.W)), axis=-1)
        if self.bias:
            scores = scores + self.b
        weights = K.exp(K.tanh(scores))
        if mask is not None:
            weights *= K.cast(mask, K.floatx())
        weights /= K.cast(K.sum(weights, axis=1, keepdims=True) + K.epsilon(), K.floatx())
        return K.sum(x * K.expand_dims(weights), axis=1)

    def compute_mask(self, inputs, mask=None):
        return None

    def compute_output_shape(self, input_shape):
        return input_shape[0], input_shape[-1]

    def get_config(self):
        config = {"units": self.units, "bias": self.bias}
        config["W_regularizer"] = regularizers.serialize(self.W_regularizer)
        return dict(list(super(Attention, self).get_config().items()) + list(config.items()))


class ChainCRF(Layer):
    """Emissions and transitions of a chain of labels; the layer computes its own loss."""

    def __init__(self, units, **kwargs):
        self.units = units
        self.input_spec = [InputSpec(ndim=3)]
        super(ChainCRF, self).__init__(**kwargs)

    def build(self, input_shape):
        self.kernel = self.add_weight(
            name="kernel", shape=(input_shape[-1], self.units), initializer="glorot_uniform"
        )
        self.chain = self.add_weight(
            name="chain",
            shape=(self.units, self.units),
            initializer="zeros",
            constraint=constraints.get("max_norm"),
        )
        self.built = True

    def call(self, x):
        return K.dot(x, self.kernel)

    def compute_output_shape(self, input_shape):
        return input_shape[:-1] + (self.units,)

    def get_config(self):
        return dict(super(ChainCRF, self).get_config(), units=self.units)

    def log_partition(self, emissions):
        chain = K.expand_dims(self.chain, 0)

        def step(x, states):
            total = K.expand_dims(states[0], 2) + chain + K.expand_dims(x, 1)
            new = K.logsumexp(total, axis=1)
            return new, [new]

        last, _, _ = K.rnn(step, emissions[:, 1:], [emissions[:, 0]])
        return K.logsumexp(last, axis=1)

    def loss(self, y_true, y_pred):
        """Minus the log-likelihood of the labels."""
        here, there = y_true[:, :-1], y_true[:, 1:]
        moves = K.sum(K.dot(here, self.chain) * there, axis=[1, 2])
        score = K.sum(y_true * y_pred, axis=[1, 2]) + moves
        return self.log_partition(y_pred) - score

    def accuracy(self, y_true, y_pred):
        return K.mean(K.equal(K.argmax(y_true, -1), K.argmax(y_pred, -1)))


class ConditionedCell(Layer):
    """A cell that sees a constant: the encoding of something else."""

    def __init__(self, units, **kwargs):
        self.units = units
        self.state_size = units
        super(ConditionedCell, self).__init__(**kwargs)

    def build(self, input_shape):
        step, seen = input_shape
        self.kernel = self.add_weight(shape=(step[-1], self.units), initializer="uniform", name="kernel")
        self.recurrent = self.add_weight(
            shape=(self.units, self.units), initializer="orthogonal", name="recurrent"
        )
        self.from_seen = self.add_weight(shape=(seen[-1], self.units), initializer="uniform", name="seen")
        self.built = True

    def call(self, inputs, states, constants=None):
        h = K.dot(inputs, self.kernel) + K.dot(states[0], self.recurrent)
        h = K.tanh(h + K.dot(constants[0], self.from_seen))
        return h, [h]


class TruePositiveRate(Metric):
    def __init__(self, name="tpr", **kwargs):
        super(TruePositiveRate, self).__init__(name=name, **kwargs)
        self.hits = self.add_weight(name="hits", initializer="zeros")
        self.all = self.add_weight(name="all", initializer="zeros")

    def update_state(self, y_true, y_pred, sample_weight=None):
        positive = K.cast(y_true[:, 1:], "float32")
        found = K.cast(K.greater(y_pred[:, 1:], 0.5), "float32")
        return [K.update_add(self.hits, K.sum(positive * found)), K.update_add(self.all, K.sum(positive))]

    def result(self):
        return self.hits / (self.all + K.epsilon())


class Batches(Sequence):
    def __init__(self, xs, y, size):
        self.xs, self.y, self.size = xs, y, size

    def __len__(self):
        return int(np.ceil(len(self.y) / float(self.size)))

    def __getitem__(self, index):
        part = slice(index * self.size, (index + 1) * self.size)
        return [x[part] for x in self.xs], self.y[part]

    def on_epoch_end(self):
        pass


def seeded(model, seed):
    rng = np.random.RandomState(seed)
    model.set_weights([rng.uniform(-0.5, 0.5, w.shape) for w in model.get_weights()])
    return model


def classifier():
    """Text and numbers side by side."""
    words = Input(shape=(7,), dtype="int32", name="words")
    numbers = Input(shape=(3,), name="numbers")
    x = Embedding(20, 6, mask_zero=True)(words)
    x = Bidirectional(LSTM(4, return_sequences=True, recurrent_activation="sigmoid"))(x)
    attended = Attention(W_regularizer=regularizers.l2(0.01), name="attention")(x)
    y = concatenate([attended, Dropout(0.0)(Dense(4, activation="relu")(numbers))])
    return Model(inputs=[words, numbers], outputs=Dense(2, activation="softmax")(y))


def tagger(rng, folder):
    facts = {}
    words = Input(shape=(6,), dtype="int32")
    x = Embedding(12, 5)(words)
    x = Concatenate()([x, TimeDistributed(Dense(3, activation="tanh"))(x)])
    crf = ChainCRF(3)
    model = seeded(Model(words, crf(Conv1D(4, 3, padding="same", activation="relu")(x))), 3)
    model.compile(optimizer=RMSprop(lr=0.02), loss=crf.loss, metrics=[crf.accuracy])
    ids = rng.randint(0, 12, (16, 6))
    tags = to_categorical(ids % 3, num_classes=3)
    first = model.evaluate(ids, tags, verbose=0)
    history = model.fit(ids, tags, epochs=3, batch_size=8, shuffle=False, verbose=0).history
    facts["crf_first"] = [float(value) for value in first]
    facts["crf_loss"] = [float(value) for value in history["loss"]]
    facts["crf"] = model.predict(ids[:2]).ravel().tolist()
    assert history["loss"][-1] < history["loss"][0]
    path = os.path.join(folder, "crf.h5")
    model.save_weights(path)
    seeded(model, 4).load_weights(path)
    np.testing.assert_allclose(model.predict(ids[:2]).ravel(), facts["crf"], rtol=1e-5, atol=1e-6)
    return facts


def conditioned(rng):
    steps, seen = Input(shape=(5, 3)), Input(shape=(4,))
    summary = Lambda(lambda x: K.mean(x, axis=1), output_shape=lambda shape: (shape[0], shape[2]))(steps)
    x = RNN(ConditionedCell(4), return_sequences=True)(steps, constants=concatenate([seen, summary]))
    model = seeded(Model([steps, seen], [x, GlobalMaxPooling1D()(x)]), 5)
    outputs = model.predict([rng.normal(size=(2, 5, 3)), rng.normal(size=(2, 4))])
    return {"conditioned": outputs[0].ravel().tolist(), "largest": outputs[1].ravel().tolist()}


def main(folder):
    rng = np.random.RandomState(0)
    words, numbers = rng.randint(1, 20, (24, 7)), rng.normal(size=(24, 3))
    words[::2, 5:] = 0
    labels = to_categorical((words[:, 0] > 10).astype(int), 2)
    facts = {}
    model = seeded(classifier(), 1)
    facts["classes"] = model.predict([words, numbers]).ravel().tolist()
    model.compile(RMSprop(lr=0.01), "categorical_crossentropy", metrics=["accuracy", TruePositiveRate()])
    facts["first"] = [float(value) for value in model.evaluate([words, numbers], labels, verbose=0)]
    path = os.path.join(folder, "best.h5")
    callbacks = [
        EarlyStopping(monitor="val_loss", patience=3, restore_best_weights=True),
        ModelCheckpoint(path, monitor="val_accuracy", save_best_only=False),
    ]
    history = model.fit_generator(
        Batches([words, numbers], labels, 8),
        epochs=4,
        validation_data=([words, numbers], labels),
        callbacks=callbacks,
        workers=2,
        max_queue_size=4,
        shuffle=False,
        verbose=0,
    ).history
    facts["loss"] = [float(value) for value in history["loss"]]
    facts["tpr"] = [float(value) for value in history["val_tpr"]]
    assert history["val_accuracy"][-1] >= history["val_accuracy"][0]
    again = load_model(path, custom_objects={"Attention": Attention}, compile=False)
    facts["after"] = again.predict([words, numbers]).ravel().tolist()
    facts.update(tagger(rng, folder))
    facts.update(conditioned(rng))
    return facts
