"""Sequentials side by side under Merge: image and text, lambda modes, nested branches, embeddings dotted."""

from __future__ import print_function

import numpy as np

from keras import backend as K
from keras.layers.convolutional import Convolution2D
from keras.layers.core import Activation, Dense, Flatten, Merge, Permute, RepeatVector, Reshape
from keras.layers.embeddings import Embedding
from keras.layers.recurrent import GRU
from keras.models import Sequential, model_from_json


def fix(model, seed=0, scale=0.4):
    rng = np.random.RandomState(seed)
    model.set_weights([rng.uniform(-scale, scale, w.shape) for w in model.get_weights()])


def caption_model(max_caption_len=4, vocab_size=10):
    """Image captioning in the way of the old documentation."""
    image_model = Sequential()
    image_model.add(Convolution2D(3, 3, 3, border_mode="valid", input_shape=(1, 6, 6)))
    image_model.add(Activation("relu"))
    image_model.add(Flatten())
    image_model.add(Dense(8))
    image_model.add(RepeatVector(max_caption_len))
    language_model = Sequential()
    language_model.add(Embedding(vocab_size, 8, input_length=max_caption_len))
    language_model.add(GRU(output_dim=8, return_sequences=True))
    model = Sequential()
    model.add(Merge([image_model, language_model], mode="concat", concat_axis=-1))
    model.add(GRU(8, return_sequences=False))
    model.add(Dense(vocab_size))
    model.add(Activation("softmax"))
    return model


def factorization(users, items):
    """Ratings as dot products of embeddings, plus biases."""
    left = Sequential([Embedding(users, 3, input_length=1), Reshape((3,))])
    right = Sequential([Embedding(items, 3, input_length=1), Reshape((3,))])
    bias = Sequential([Embedding(items, 1, input_length=1), Flatten()])
    dot = Sequential([Merge([left, right], mode="dot", dot_axes=1)])
    return Sequential([Merge([dot, bias], mode="sum")])


def attention(steps=5, dim=3):
    """Weights over steps from one branch, values from another: mode as a function with output_shape."""
    values = Sequential([Dense(dim, input_shape=(steps, dim), activation="tanh")])
    weights = Sequential()
    weights.add(Flatten(input_shape=(steps, dim)))
    weights.add(Dense(steps, activation="softmax"))
    weights.add(RepeatVector(dim))
    weights.add(Permute((2, 1)))
    model = Sequential()
    model.add(
        Merge(
            [values, weights],
            mode=lambda x: K.sum(x[0] * x[1], axis=1),
            output_shape=lambda s: (s[0][0], s[0][2]),
        )
    )
    model.add(Dense(1))
    return model


def main(folder):
    rng = np.random.RandomState(1)
    facts = {}
    model = caption_model()
    fix(model)
    model.compile(loss="categorical_crossentropy", optimizer="rmsprop")
    images, captions = rng.normal(size=(40, 1, 6, 6)), rng.randint(0, 10, (40, 4))
    next_words = np.eye(10)[captions[:, 0]]
    before = model.evaluate([images, captions], next_words, verbose=0)
    model.fit([images, captions], next_words, batch_size=10, nb_epoch=3, verbose=0)
    assert model.evaluate([images, captions], next_words, verbose=0) < before
    facts["caption"] = float(before)
    again = model_from_json(model.to_json())
    again.set_weights(model.get_weights())
    np.testing.assert_allclose(
        again.predict([images, captions]), model.predict([images, captions]), rtol=1e-5
    )

    users, items = rng.randint(0, 6, (200, 1)), rng.randint(0, 7, (200, 1))
    U, V, b = rng.normal(size=(6, 3)), rng.normal(size=(7, 3)), rng.normal(size=7)
    ratings = (U[users[:, 0]] * V[items[:, 0]]).sum(axis=1) + b[items[:, 0]]
    model = factorization(6, 7)
    fix(model, 3, 1.0)
    model.compile(loss="mse", optimizer="adam")
    K.set_value(model.optimizer.lr, 0.05)
    facts["rating"] = float(model.evaluate([users, items, items], ratings, verbose=0))
    losses = model.fit([users, items, items], ratings, nb_epoch=30, verbose=0).history["loss"]
    assert losses[-1] < 0.05 * np.var(ratings)  # the mean rating alone would leave the variance

    model = attention()
    fix(model, 4)
    x = rng.normal(size=(64, 5, 3))
    model.compile("sgd", "mse")
    W, b, Wa, ba, Wo, bo = model.get_weights()
    scores = np.exp(x.reshape(64, -1).dot(Wa) + ba)
    scores /= scores.sum(axis=1, keepdims=True)
    by_hand = (np.tanh(x.dot(W) + b) * scores[:, :, None]).sum(axis=1).dot(Wo) + bo
    np.testing.assert_allclose(model.predict([x, x]), by_hand, rtol=1e-4, atol=1e-5)
    facts["attention"] = float(model.evaluate([x, x], x[:, 0, :1], verbose=0))
    assert model.fit([x, x], x[:, 0, :1], nb_epoch=3, verbose=0).history["loss"][-1] < facts["attention"]
    return facts
