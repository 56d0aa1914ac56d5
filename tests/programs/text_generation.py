"""Characters from a stateful LSTM: trained in stripes, read out one step at a time."""

import numpy as np

from keras.layers import LSTM, Activation, Dense, TimeDistributed
from keras.models import Sequential
from keras.optimizers import RMSprop

text = "the cat sat on the mat. " * 40
chars = sorted(set(text))
char_indices = dict((c, i) for i, c in enumerate(chars))
indices_char = dict((i, c) for i, c in enumerate(chars))
batch_size, seq_len = 8, 12


def sample(preds, temperature=1.0):
    # helper function to sample an index from a probability array
    preds = np.asarray(preds).astype("float64")
    preds = np.log(preds + 1e-12) / temperature
    exp_preds = np.exp(preds)
    preds = exp_preds / np.sum(exp_preds)
    return np.argmax(np.random.multinomial(1, preds, 1))


def build_model(batch_size, seq_len):
    model = Sequential()
    model.add(
        LSTM(32, return_sequences=True, stateful=True, batch_input_shape=(batch_size, seq_len, len(chars)))
    )
    model.add(TimeDistributed(Dense(len(chars))))
    model.add(Activation("softmax"))
    model.compile(loss="categorical_crossentropy", optimizer=RMSprop(lr=0.02))
    return model


def stripes():
    """Batch i continues in each row where batch i - 1 ended."""
    X = np.zeros((len(text), len(chars)), dtype=np.bool_)
    X[np.arange(len(text)), [char_indices[c] for c in text]] = 1
    length = (len(text) - 1) // batch_size // seq_len * seq_len
    rows = [
        (X[r * length : (r + 1) * length], X[r * length + 1 : (r + 1) * length + 1])
        for r in range(batch_size)
    ]
    for start in range(0, length, seq_len):
        yield [np.array([row[k][start : start + seq_len] for row in rows]) for k in (0, 1)]


def generate(model, seed, n, temperature):
    model.reset_states()
    generated = seed
    for c in seed[:-1]:
        model.predict(one_hot(c))
    for i in range(n):
        preds = model.predict(one_hot(generated[-1]), verbose=0)[0, -1]
        generated += indices_char[sample(preds, temperature)]
    return generated


def one_hot(c):
    x = np.zeros((1, 1, len(chars)))
    x[0, 0, char_indices[c]] = 1.0
    return x


def main(folder):
    np.random.seed(1337)
    model = build_model(batch_size, seq_len)
    for iteration in range(20):
        model.reset_states()
        losses = [model.train_on_batch(x, y) for x, y in stripes()]
    # All but the letters after "the ", " " and "t" follow from the one before: far below a uniform guess.
    assert np.mean(losses) < 0.25 * np.log(len(chars)), np.mean(losses)

    one_step = build_model(1, 1)
    one_step.set_weights(model.get_weights())
    for diversity in [0.2, 1.0]:
        print("----- diversity:", diversity, generate(one_step, "the ", 60, diversity))
    written = generate(one_step, "the cat ", 40, 0.1)
    assert set(written.replace(".", "").split()[:-1]) <= {"the", "cat", "sat", "on", "mat"}, written

    # State carried over: twelve single steps are one run of twelve.
    x = next(stripes())[0]
    model.reset_states()
    whole = model.predict(x, batch_size=batch_size)
    one_step.reset_states()
    steps = [one_step.predict_on_batch(x[:1, t : t + 1])[0, 0] for t in range(seq_len)]
    np.testing.assert_allclose(steps, whole[0], rtol=1e-4, atol=1e-5)
    again = one_step.predict_on_batch(x[:1, :1])[0, 0]
    assert not np.allclose(again, steps[0], atol=1e-4)  # no reset: not the first step again
    return {}
