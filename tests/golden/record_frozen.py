"""Records frozen/: files of models whose inner layers were frozen when they were saved.

Needs the original (Keras 1.2.2 on TensorFlow 1.2, Python 3.6), not this project:

    KERAS_BACKEND=tensorflow python record_frozen.py

`frozen_model` is the structure; the test builds it again. Each NAME.h5 is a model file of layers frozen by
their place (`FROZEN`), compiled and trained for two steps; NAME.npz has inputs `x`, targets `y`, the
predictions `before` and, after one more step, `after`.
"""

import os

import numpy as np

from keras.layers import BatchNormalization, Dense, Input
from keras.models import Model, Sequential

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "frozen")
FROZEN = {"first": [0], "last": [2], "two": [0, 2]}


def frozen_model(frozen):
    """Dense, BatchNormalization, Dense in a Sequential in a Model; weights of equal shapes in both Dense."""
    inner = Sequential(name="inner")
    inner.add(Dense(4, input_dim=4, activation="tanh", name="p"))
    inner.add(BatchNormalization(name="n"))
    inner.add(Dense(4, name="q"))
    for place in frozen:
        inner.layers[place].trainable = False
    x = Input((4,), name="x")
    return Model(x, Dense(2, name="top")(inner(x)))


if __name__ == "__main__":
    random = np.random.RandomState(0)
    os.makedirs(FOLDER, exist_ok=True)
    for name, frozen in sorted(FROZEN.items()):
        model = frozen_model(frozen)
        model.set_weights([random.uniform(0.2, 1, w.shape) for w in model.get_weights()])
        model.compile("adam", "mse")
        x, y = random.normal(size=(8, 4)), random.normal(size=(8, 2))
        for _ in range(2):
            model.train_on_batch(x, y)
        before = model.predict(x)
        model.save(os.path.join(FOLDER, name + ".h5"))
        model.train_on_batch(x, y)
        np.savez(os.path.join(FOLDER, name + ".npz"), x=x, y=y, before=before, after=model.predict(x))
