"""Records own_recurrent.npz: what recurrent layers of users answer in the original.

Needs the original (Keras 1.2.2 on TensorFlow 1.2, Python 3.6), not this project:

    KERAS_BACKEND=tensorflow python record_own_recurrent.py

The layers are in own_recurrent.py. The array CASE/i is the i-th of: output, gradient by the input, gradients
by the weights in the order of `trainable_weights`.
"""

import os

import numpy as np
from own_recurrent import CASES, answer, case_name

FOLDER = os.path.dirname(os.path.abspath(__file__))

if __name__ == "__main__":
    arrays = {}
    for case in CASES:
        found, names = answer(case)
        print(case_name(case), [array.shape for array in found], names)
        arrays.update({f"{case_name(case)}/{i}": array for i, array in enumerate(found)})
    np.savez_compressed(os.path.join(FOLDER, "own_recurrent.npz"), **arrays)
