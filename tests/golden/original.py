"""What the recorders share. Runs with the original (Keras 1.2.2 on TensorFlow 1.2, Python 3.6) only."""

import json
import os

import numpy as np

from keras import backend as K
from keras.backend import tensorflow_backend

FOLDER = os.environ.get("GOLDEN", os.path.dirname(os.path.abspath(__file__)))
os.environ.setdefault("OMP_NUM_THREADS", "1")  # one thread: sums in one order
tf = K.tf


class OrderedFunction(tensorflow_backend.Function):
    """All new values are computed before one is written, as on Theano; TensorFlow leaves it to chance."""

    def __init__(self, inputs, outputs, updates=()):
        pairs = [update for update in updates if isinstance(update, tuple)]
        others = [update for update in updates if not isinstance(update, tuple)]
        super().__init__(inputs, outputs)
        with tf.control_dependencies(self.outputs):
            # A variable is copied, since its buffer may be written before the value is used.
            values = [value + 0 if value.dtype._is_ref_dtype else tf.identity(value) for _, value in pairs]
        with tf.control_dependencies(self.outputs + values):
            writes = [tf.assign(variable, value) for (variable, _), value in zip(pairs, values)]
        self.updates_op = tf.group(*(writes + others))


def moving_average(variable, value, momentum):
    return variable, variable * momentum + value * (1.0 - momentum)


def order_updates():
    """Makes the original's updates pairs, and its functions `OrderedFunction`s."""
    for module in (K, tensorflow_backend):
        module.update = lambda x, new_x: (x, tf.convert_to_tensor(new_x))
        module.update_add = lambda x, increment: (x, x + increment)
        module.update_sub = lambda x, decrement: (x, x - decrement)
        module.moving_average_update = moving_average
    tensorflow_backend.Function = OrderedFunction


def write(name, entries, arrays):
    """Writes NAME.json and NAME.npz, whole: they may be read while the recorder goes on."""
    new = os.path.join(FOLDER, "new")
    with open(new + ".json", "w") as file:
        json.dump(entries, file, indent=1, sort_keys=True, default=lambda number: number.item())
    np.savez_compressed(new + ".npz", **arrays)
    for kind in (".json", ".npz"):
        os.replace(new + kind, os.path.join(FOLDER, name + kind))
    print(len(entries), "recorded in", name)
