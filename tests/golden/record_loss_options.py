"""Records loss_options.json and loss_options.npz: objectives and metrics that losses.json does not cover.

Needs the original (Keras 1.2.2 on TensorFlow 1.2, Python 3.6), not this project:

    KERAS_BACKEND=tensorflow python record_loss_options.py

The form is that of losses.json; besides, `kwargs` of the function, and for objectives `grad`: the gradient
for `y_pred` of the sum of value * `cotangent`. What the original cannot compute is printed and left out.
"""

import numpy as np
from original import write

from keras import backend as K
from keras import metrics, objectives

OBJECTIVES = (
    *("mean_squared_error", "mean_absolute_error", "mean_absolute_percentage_error"),
    *("mean_squared_logarithmic_error", "squared_hinge", "hinge", "categorical_crossentropy"),
    *("binary_crossentropy", "kullback_leibler_divergence", "poisson", "cosine_proximity"),
)
COUNTS = ("matthews_correlation", "precision", "recall", "fbeta_score", "fmeasure")


def normal(random, *shape):
    return random.standard_normal(shape).astype("float32")


def parts(random, *shape):
    return random.uniform(0, 1, shape).astype("float32")


def classes(random, *shape):
    return np.eye(shape[-1], dtype="float32")[random.randint(0, shape[-1], shape[:-1])]


def probabilities(random, *shape):
    values = np.exp(normal(random, *shape))
    return (values / values.sum(-1, keepdims=True)).astype("float32")


def edges(random, *shape):
    return random.choice([0.0, 1.0, 0.5], shape).astype("float32")


def signs(random, *shape):
    return random.choice([-1.0, 1.0], shape).astype("float32")


def grid(random, *shape):
    return (np.round(2 * normal(random, *shape)) / 2).astype("float32")


def ids(random, *shape):
    return random.randint(0, 4, shape).astype("float32")


PAIRS = [
    (normal, normal, (5, 3)),
    (grid, grid, (6, 4)),
    (signs, grid, (5, 3)),
    (classes, probabilities, (2, 3, 4)),
    (classes, edges, (5, 3)),
    (edges, edges, (6, 4)),
    (parts, parts, (2, 3, 2, 3)),
    (parts, normal, (4, 1)),
    (classes, normal, (5, 3)),
]


def cases():
    """Yields (kind, name, kwargs, y_true, y_pred)."""
    for number, (true, predicted, shape) in enumerate(PAIRS):
        random = np.random.RandomState(number)
        y_true, y_pred = true(random, *shape), predicted(random, *shape)
        for name in OBJECTIVES:
            yield "objectives", name, {}, y_true, y_pred
        for name in OBJECTIVES + COUNTS + ("binary_accuracy", "categorical_accuracy"):
            yield "metrics", name, {}, y_true, y_pred
        for k in (1, 2, 3, 5):
            yield "metrics", "top_k_categorical_accuracy", {"k": k}, y_true, y_pred
        for beta in (0, 0.5, 2):
            yield "metrics", "fbeta_score", {"beta": beta}, y_true, y_pred
    random = np.random.RandomState(99)
    for true, pred in (((6, 1), (6, 4)), ((2, 3, 1), (2, 3, 4)), ((6,), (6, 4)), ((2, 3), (2, 3, 4))):
        for draw in (probabilities, edges):
            y_true, y_pred = ids(random, *true), draw(random, *pred)
            yield "objectives", "sparse_categorical_crossentropy", {}, y_true, y_pred
            yield "metrics", "sparse_categorical_crossentropy", {}, y_true, y_pred
            yield "metrics", "sparse_categorical_accuracy", {}, y_true, y_pred


def answer(kind, name, kwargs, y_true, y_pred):
    """The arrays of a case."""
    K.clear_session()
    true, pred = (K.placeholder((None,) + y.shape[1:]) for y in (y_true, y_pred))
    function = getattr(objectives if kind == "objectives" else metrics, name)
    value = function(true, pred, **kwargs)
    found = K.function([true, pred], [value])([y_true, y_pred])[0]
    arrays = {"y_true": y_true, "y_pred": y_pred, "value": found}
    if kind == "objectives":
        cotangent = np.random.RandomState(found.size).standard_normal(found.shape).astype("float32")
        (gradient,) = K.gradients(K.sum(value * cotangent), [pred])
        arrays.update(cotangent=cotangent, grad=K.function([true, pred], [gradient])([y_true, y_pred])[0])
    return arrays


def main():
    entries, stored = [], {}
    for number, case in enumerate(cases()):
        kind, name, kwargs = case[:3]
        try:
            arrays = answer(*case)
        except Exception as error:
            reason = str(error).split("\n")[0][:150]
            print("left out:", kind, name, kwargs, [y.shape for y in case[3:]], type(error).__name__, reason)
            continue
        stored.update({f"{number}/{key}": value for key, value in arrays.items()})
        entry = {"id": number, "kind": kind, "name": name, "kwargs": kwargs}
        entries.append(dict(entry, arrays=dict.fromkeys(arrays)))
    write("loss_options", entries, stored)


if __name__ == "__main__":
    main()
