"""Networks over networks: a row encoder inside a column encoder, and hierarchical attention for documents."""

import numpy as np

from keras import backend as K
from keras import initializations
from keras.engine.topology import Layer
from keras.layers import GRU, LSTM, Bidirectional, Dense, Embedding, Input, TimeDistributed
from keras.models import Model


class AttLayer(Layer):
    """Attention with one context vector, in the way of 2016: weights made by hand in build."""

    def __init__(self, **kwargs):
        self.init = initializations.get("normal")
        super().__init__(**kwargs)

    def build(self, input_shape):
        assert len(input_shape) == 3
        self.W = self.init((input_shape[-1],))
        self.trainable_weights = [self.W]
        super().build(input_shape)  # be sure you call this somewhere!

    def call(self, x, mask=None):
        eij = K.tanh(K.sum(x * self.W, axis=-1))
        ai = K.exp(eij)
        weights = ai / K.expand_dims(K.sum(ai, axis=1))
        weighted_input = x * K.expand_dims(weights)
        return K.sum(weighted_input, axis=1)

    def get_output_shape_for(self, input_shape):
        return (input_shape[0], input_shape[-1])


def pixels():
    """Hierarchical RNN: each row of pixels becomes a vector, the rows become an image vector."""
    row, col, pixel = 6, 5, 1
    x = Input(shape=(row, col, pixel))
    encoded_rows = TimeDistributed(LSTM(output_dim=4))(x)
    encoded_columns = LSTM(4)(encoded_rows)
    prediction = Dense(2, activation="softmax")(encoded_columns)
    model = Model(input=x, output=prediction)
    rng = np.random.RandomState(5)
    model.set_weights([rng.uniform(-0.5, 0.5, w.shape) for w in model.get_weights()])
    model.compile(loss="categorical_crossentropy", optimizer="rmsprop", metrics=["accuracy"])
    images = rng.uniform(size=(40, row, col, pixel))
    labels = np.eye(2)[np.arange(40) % 2]
    images[::2, :3] += 1
    before = model.evaluate(images, labels, verbose=0)[0]
    model.fit(images, labels, batch_size=8, nb_epoch=3, verbose=0)
    assert model.evaluate(images, labels, verbose=0)[0] < before
    # The folded loop is the loop: rows one at a time through the inner layer.
    inner = Input(shape=(col, pixel))
    row_model = Model(inner, model.layers[1].layer(inner))
    rows = K.function([model.input, K.learning_phase()], [encoded_rows])([images, 0])[0]
    by_hand = np.stack([row_model.predict(images[:, r]) for r in range(row)], axis=1)
    np.testing.assert_allclose(rows, by_hand, rtol=1e-4, atol=1e-6)
    return float(before)


def documents():
    """Words -> sentence vectors -> a document vector; the class is whether a key word occurs anywhere."""
    MAX_SENTS, MAX_SENT_LENGTH, words = 3, 5, 20
    data = np.random.randint(2, words, (300, MAX_SENTS, MAX_SENT_LENGTH))
    labels = np.arange(300) % 2
    data[labels == 1, np.random.randint(0, MAX_SENTS, 150), np.random.randint(0, MAX_SENT_LENGTH, 150)] = 1

    sentence_input = Input(shape=(MAX_SENT_LENGTH,), dtype="int32")
    embedded_sequences = Embedding(words, 8, input_length=MAX_SENT_LENGTH, trainable=True)(sentence_input)
    l_lstm = Bidirectional(GRU(8, return_sequences=True))(embedded_sequences)
    l_dense = TimeDistributed(Dense(8))(l_lstm)
    sentEncoder = Model(sentence_input, AttLayer()(l_dense))

    review_input = Input(shape=(MAX_SENTS, MAX_SENT_LENGTH), dtype="int32")
    review_encoder = TimeDistributed(sentEncoder)(review_input)
    l_lstm_sent = Bidirectional(GRU(8, return_sequences=True))(review_encoder)
    l_dense_sent = TimeDistributed(Dense(8))(l_lstm_sent)
    preds = Dense(2, activation="softmax")(AttLayer()(l_dense_sent))
    model = Model(review_input, preds)
    model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["acc"])
    K.set_value(model.optimizer.lr, 0.02)
    model.fit(
        data[:200],
        np.eye(2)[labels[:200]],
        validation_data=(data[200:], np.eye(2)[labels[200:]]),
        nb_epoch=8,
        batch_size=20,
        verbose=2,
    )
    assert model.evaluate(data[200:], np.eye(2)[labels[200:]], verbose=0)[1] > 0.85  # chance is 0.5


def main(folder):
    np.random.seed(1337)
    loss = pixels()
    documents()
    return {"loss over rows": loss}
