"""Records keras2/masks.npz: what layers of Keras 2.3.1 do with a mask of the steps.

Needs Keras 2.3.1 on TensorFlow 1.15 (Python 3.7), not this project:

    KERAS_BACKEND=tensorflow python record_keras_2_masks.py

Each layer is called on `Masking()(x)`. Keys: "NAME/refused" (a bool); for a layer that takes the mask
"NAME/output", "NAME/weight_0" ... and "NAME/mask", the mask of the output, empty if it has none.
"""

import os

import numpy as np
from keras2_cases import MASKS

from keras import backend as K
from keras import layers as L
from keras.models import Model

random = np.random.RandomState(0)
X = random.uniform(-1, 1, (3, 5, 4)).astype("float32")
X[0, 3:] = X[1, :2] = X[2, 1] = 0


def record(expression):
    K.clear_session()
    x = L.Input(X.shape[1:])
    try:
        y = eval(expression, {"L": L})(L.Masking()(x))
    except TypeError:
        return {"refused": np.array(True)}
    model = Model(x, y)
    model.set_weights([random.uniform(-1, 1, w.shape) for w in model.get_weights()])
    found = {"refused": np.array(False), "output": model.predict(X), "mask": np.zeros(0)}
    layer, node, place = y._keras_history
    mask = layer._inbound_nodes[node].output_masks[place]
    if mask is not None:
        found["mask"] = K.function([x], [mask])([X])[0]
    found.update({f"weight_{i}": w for i, w in enumerate(model.get_weights())})
    return found


def main():
    found = {"x": X}
    for name, expression in sorted(MASKS.items()):
        found.update({f"{name}/{key}": value for key, value in record(expression).items()})
    folder = os.path.dirname(os.path.abspath(__file__))
    np.savez_compressed(os.path.join(folder, "keras2", "masks.npz"), **found)
    for name in sorted(MASKS):
        print(name, "refused" if found[name + "/refused"] else found[name + "/mask"].shape)


if __name__ == "__main__":
    main()
