"""Sequence to sequence: sums of numbers as text, read backwards and answered letter by letter."""

from __future__ import print_function

import numpy as np

from keras import backend as K
from keras.layers import Activation, Dense, RepeatVector, TimeDistributed, recurrent
from keras.models import Sequential

DIGITS, INVERT = 1, True
MAXLEN = DIGITS + 1 + DIGITS
RNN = recurrent.GRU


class CharacterTable(object):
    """Encodes a set of characters to one hot arrays, and decodes them or probabilities."""

    def __init__(self, chars, maxlen):
        self.chars = sorted(set(chars))
        self.char_indices = dict((c, i) for i, c in enumerate(self.chars))
        self.indices_char = dict((i, c) for i, c in enumerate(self.chars))
        self.maxlen = maxlen

    def encode(self, C, maxlen=None):
        X = np.zeros((maxlen if maxlen else self.maxlen, len(self.chars)))
        for i, c in enumerate(C):
            X[i, self.char_indices[c]] = 1
        return X

    def decode(self, X, calc_argmax=True):
        if calc_argmax:
            X = X.argmax(axis=-1)
        return "".join(self.indices_char[x] for x in X)


def main(folder):
    np.random.seed(1337)
    ctable = CharacterTable("0123456789+ ", MAXLEN)
    questions, expected = [], []
    for a in range(10):
        for b in range(10):
            q = "{}+{}".format(a, b)
            query = q + " " * (MAXLEN - len(q))
            questions.append(query[::-1] if INVERT else query)
            expected.append(str(a + b) + " " * (DIGITS + 1 - len(str(a + b))))
    X = np.array([ctable.encode(q) for q in questions], dtype=bool)
    y = np.array([ctable.encode(e, DIGITS + 1) for e in expected], dtype=bool)

    model = Sequential()
    model.add(RNN(48, input_shape=(MAXLEN, len(ctable.chars))))
    model.add(RepeatVector(DIGITS + 1))
    model.add(RNN(48, return_sequences=True))
    model.add(TimeDistributed(Dense(len(ctable.chars))))
    model.add(Activation("softmax"))
    rng = np.random.RandomState(3)
    model.set_weights([rng.normal(scale=0.15, size=w.shape) for w in model.get_weights()])
    model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
    K.set_value(model.optimizer.lr, 0.01)

    before = model.evaluate(X, y, verbose=0)
    model.fit(X, y, batch_size=20, nb_epoch=80, verbose=0)
    right = 0
    for ind in np.random.permutation(len(X))[:10]:
        rowX, rowy = X[np.array([ind])], y[np.array([ind])]
        preds = model.predict_classes(rowX, verbose=0)
        q, correct = ctable.decode(rowX[0]), ctable.decode(rowy[0])
        guess = ctable.decode(preds[0], calc_argmax=False)
        print("Q", q[::-1] if INVERT else q, "T", correct, "ok" if correct == guess else "no", guess)
        right += correct == guess
    accuracy = model.evaluate(X, y, verbose=0)[1]
    # Always "1" and then a blank is right for half of the letters.
    assert accuracy > 0.7 and right >= 2, (accuracy, right)
    return {"loss and accuracy before": [float(value) for value in before]}
