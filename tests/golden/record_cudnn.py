"""Records keras2/cudnn.npz: weights of CuDNN layers, and what Keras 2.3.1 makes of them for plain layers.

Needs Keras 2.3.1 on TensorFlow 1.15 (Python 3.7), not this project:

    KERAS_BACKEND=tensorflow python record_cudnn.py

CuDNN layers need a GPU to run, but not to hold weights: the conversion is that of `load_weights`. Keys:
"NAME/cudnn_0" ... (kernel, recurrent kernel, bias), "NAME/plain_0" ..., "NAME/output" for "x".
"""

import os

import numpy as np
from keras.engine.saving import preprocess_weights_for_loading

from keras.layers import GRU, LSTM, Bidirectional, Input
from keras.models import Model

random = np.random.RandomState(0)
X = random.uniform(-1, 1, (3, 5, 4)).astype("float32")
UNITS = 3


def cudnn_weights(gates):
    shapes = [(4, gates * UNITS), (UNITS, gates * UNITS), (2 * gates * UNITS,)]
    return [random.uniform(-1, 1, shape).astype("float32") for shape in shapes]


def main():
    found = {"x": X}
    lstm = LSTM(UNITS, recurrent_activation="sigmoid")
    gru = GRU(UNITS, recurrent_activation="sigmoid", reset_after=True, return_sequences=True)
    both = Bidirectional(LSTM(UNITS, recurrent_activation="sigmoid", return_sequences=True))
    for name, layer, stored in (
        ("lstm", lstm, cudnn_weights(4)),
        ("gru", gru, cudnn_weights(3)),
        ("bidirectional", both, cudnn_weights(4) + cudnn_weights(4)),
    ):
        x = Input((5, 4))
        model = Model(x, layer(x))
        plain = preprocess_weights_for_loading(layer, stored, "2.3.1", "tensorflow")
        layer.set_weights(plain)
        found[name + "/output"] = model.predict(X)
        found.update({f"{name}/cudnn_{i}": w for i, w in enumerate(stored)})
        found.update({f"{name}/plain_{i}": w for i, w in enumerate(plain)})
    folder = os.path.dirname(os.path.abspath(__file__))
    np.savez_compressed(os.path.join(folder, "keras2", "cudnn.npz"), **found)
    print(len(found), "arrays")


if __name__ == "__main__":
    main()
