"""A translator of sequences, letter by letter: trained as one model, used as an encoder and a decoder.

Written for Keras 2.3.1. Here it runs with `keras.compat.set_version(2)`.
"""

import os

import numpy as np

from keras.layers import GRU, LSTM, Dense, Input
from keras.models import Model, load_model
from keras.optimizers import RMSprop

LETTERS, UNITS, STEPS = 6, 5, 4


def seeded(model, seed):
    rng = np.random.RandomState(seed)
    model.set_weights([rng.uniform(-0.7, 0.7, w.shape) for w in model.get_weights()])
    return model


def models(layer_class):
    """The model for training, and the encoder and the decoder that share its layers."""
    source = Input(shape=(None, LETTERS), name="source")
    _, *states = layer_class(UNITS, return_state=True, name="encoder")(source)
    target = Input(shape=(None, LETTERS), name="target")
    decoder, dense = (
        layer_class(UNITS, return_sequences=True, return_state=True, name="decoder"),
        Dense(LETTERS, activation="softmax", name="letters"),
    )
    outputs = decoder(target, initial_state=states)
    whole = Model([source, target], dense(outputs[0]))
    given = [Input(shape=(UNITS,)) for _ in states]
    outputs = decoder(target, initial_state=given)
    return whole, Model(source, states), Model([target] + given, [dense(outputs[0])] + outputs[1:])


def decode(encoder, decoder, source):
    states = encoder.predict(source)
    states = states if isinstance(states, list) else [states]
    letter, found = np.zeros((len(source), 1, LETTERS)), []
    letter[:, 0, 0] = 1
    for _ in range(STEPS):
        shares, *states = decoder.predict([letter] + states)
        found.append(shares[:, 0])
        letter = np.eye(LETTERS)[shares[:, 0].argmax(axis=-1)][:, None]
    return np.stack(found, axis=1)


def main(folder):
    rng = np.random.RandomState(0)
    letters = rng.randint(1, LETTERS, (16, STEPS))
    source, wanted = np.eye(LETTERS)[letters], np.eye(LETTERS)[letters[:, ::-1]]
    target = np.concatenate([np.eye(LETTERS)[np.zeros((16, 1), int)], wanted[:, :-1]], axis=1)
    facts = {}
    for layer_class in (LSTM, GRU):
        whole, encoder, decoder = models(layer_class)
        seeded(whole, 1)
        whole.compile(RMSprop(lr=0.02), "categorical_crossentropy")
        history = whole.fit(
            [source, target], wanted, epochs=3, batch_size=8, shuffle=False, verbose=0
        ).history
        assert history["loss"][-1] < history["loss"][0]
        name = layer_class.__name__
        facts[name + "_loss"] = [float(value) for value in history["loss"]]
        facts[name + "_decoded"] = decode(encoder, decoder, source[:2]).ravel().tolist()
        path = os.path.join(folder, name + ".h5")
        whole.save(path)
        again = load_model(path)
        np.testing.assert_allclose(
            again.predict([source, target]), whole.predict([source, target]), rtol=1e-4, atol=1e-6
        )
    return facts
