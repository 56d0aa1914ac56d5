"""Records ctc.json: decoded labels, scores, costs and gradients of connectionist temporal classification.

Needs the original (Keras 1.2.2 on TensorFlow 1.2, Python 3.6), not this project:

    KERAS_BACKEND=tensorflow python record_ctc.py

Each entry has `probabilities` (samples, steps, classes) and `lengths`, and what was asked about them:
`decoded`: list of [greedy, beam_width, top_paths, labels, scores]; `costs`: list of [labels, label lengths,
cost, gradient of the summed cost with respect to the probabilities].
"""

import json
import os

import numpy as np

from keras import backend as K

FOLDER = os.path.dirname(os.path.abspath(__file__))
#: (samples, steps, classes, sharpness of the distributions)
SHAPES = [(2, 10, 3, 2), (3, 8, 6, 5)]
#: Narrow beams are left out: TensorFlow 1 loses its weakest beginning at the moment the beam gets full.
SETTINGS = [(True, 100, 1), (False, 100, 3)]
random = np.random.RandomState(5)


def draw(samples, steps, classes, sharpness):
    values = random.uniform(size=(samples, steps, classes)) ** sharpness
    if classes == 3:
        values[0] *= [1, 0.05, 0.6]  # the first label again and again
    return np.round(values / values.sum(-1, keepdims=True), 4)


def decode(probabilities, lengths, greedy, width, paths):
    y, n = K.placeholder((None, None, probabilities.shape[-1])), K.placeholder((None,), dtype="int32")
    labels, scores = K.ctc_decode(y, n, greedy, width, paths)
    *labels, scores = K.function([y, n], list(labels) + [scores])([probabilities, lengths])
    return [greedy, width, paths, [array.tolist() for array in labels], scores.tolist()]


def cost(probabilities, lengths, longest):
    samples, _, classes = probabilities.shape
    labels = random.randint(0, classes - 1, (samples, longest))
    counts = np.minimum(random.randint(1, longest + 1, samples), lengths // 2).reshape(-1, 1)
    values = [labels, probabilities, lengths.reshape(-1, 1), counts]
    inputs = [K.placeholder(a.shape, dtype="float32" if a is probabilities else "int32") for a in values]
    result = K.ctc_batch_cost(*inputs)
    answers = K.function(inputs, [result] + K.gradients(K.sum(result), [inputs[1]]))(values)
    return [labels.tolist(), counts.tolist()] + [np.round(a.astype("float64"), 6).tolist() for a in answers]


def main():
    entries = []
    for shape in SHAPES:
        probabilities = draw(*shape)
        lengths = random.randint(shape[1] // 2, shape[1] + 1, shape[0])
        lengths[0] = shape[1]
        entry = {"probabilities": probabilities.tolist(), "lengths": lengths.tolist()}
        entry["decoded"] = [decode(probabilities, lengths, *setting) for setting in SETTINGS]
        entry["costs"] = [cost(probabilities, lengths, longest) for longest in (1, 3)]
        entries.append(entry)
    with open(os.path.join(FOLDER, "ctc.json"), "w") as file:
        json.dump(entries, file)


if __name__ == "__main__":
    main()
