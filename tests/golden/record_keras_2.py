"""Records keras2/records.npz: what layers, optimizers, losses and metrics of Keras 2.3.1 compute.

Needs Keras 2.3.1 on TensorFlow 1.15 (Python 3.6), not this project:

    KERAS_BACKEND=tensorflow python record_keras_2.py

The cases are in keras2_cases.py. Keys: "layers/NAME/input_0", "weight_0" (in the order of `get_weights`),
"output", "cotangent", "grad_0" ... (of sum(output * cotangent), for the inputs, then the trainable weights);
"optimizers/NAME/loss", "weight_0" (after training); "losses/NAME", "loss_objects/NAME", "metrics/NAME".
"""

import os

import numpy as np
from keras2_cases import LAYERS, LOSS_OBJECTS, LOSSES, METRICS, OPTIMIZERS

from keras import backend as K
from keras import layers as L
from keras import losses as S
from keras import metrics as M
from keras import optimizers as O
from keras.models import Model, Sequential

NAMES = {"L": L, "O": O, "S": S, "M": M}
random = np.random.RandomState(0)


def numbers(*shape):
    return random.uniform(-1, 1, shape).astype("float32")


def record_layer(expression, shapes):
    layer = eval(expression, NAMES)
    inputs = [L.Input(shape) for shape in shapes]
    model = Model(inputs, layer(inputs if len(inputs) > 1 else inputs[0]))
    model.set_weights(
        [w if "variance" in v.name else numbers(*w.shape) for w, v in zip(model.get_weights(), model.weights)]
    )
    arrays = {f"input_{i}": numbers(3, *shape) for i, shape in enumerate(shapes)}
    arrays.update({f"weight_{i}": w for i, w in enumerate(model.get_weights())})
    xs = [arrays[f"input_{i}"] for i in range(len(shapes))]
    arrays["output"] = model.predict(xs)
    arrays["cotangent"] = numbers(*arrays["output"].shape)
    loss = K.sum(model.output * K.constant(arrays["cotangent"]))
    grads = K.gradients(loss, inputs + model.trainable_weights)
    values = K.function(inputs + [K.learning_phase()], grads)(xs + [0])
    arrays.update({f"grad_{i}": g for i, g in enumerate(values)})
    return arrays


def record_optimizer(expression, x, y, weights):
    model = Sequential([L.Dense(4, activation="tanh", input_shape=(5,)), L.Dense(2)])
    model.set_weights(weights)
    model.compile(eval(expression, NAMES), "mse")
    history = model.fit(x, y, batch_size=4, epochs=6, shuffle=False, verbose=0)
    arrays = {"loss": np.array(history.history["loss"])}
    arrays.update({f"weight_{i}": w for i, w in enumerate(model.get_weights())})
    return arrays


def main():
    found = {}
    for name, (expression, shapes) in sorted(LAYERS.items()):
        K.clear_session()
        found.update({f"layers/{name}/{key}": a for key, a in record_layer(expression, shapes).items()})
    x, y = numbers(12, 5), numbers(12, 2)
    weights = [numbers(5, 4), numbers(4), numbers(4, 2), numbers(2)]
    found.update({"train/x": x, "train/y": y})
    found.update({f"train/weight_{i}": w for i, w in enumerate(weights)})
    for name, expression in sorted(OPTIMIZERS.items()):
        K.clear_session()
        recorded = record_optimizer(expression, x, y, weights)
        found.update({f"optimizers/{name}/{key}": a for key, a in recorded.items()})
    labels = np.eye(3, dtype="float32")[random.randint(0, 3, 12)]
    predicted = random.uniform(0.05, 1, (12, 3)).astype("float32")
    predicted /= predicted.sum(axis=-1, keepdims=True)
    found.update({"labels": labels, "predicted": predicted})
    K.clear_session()
    for name, expression in sorted(LOSSES.items()):
        loss = eval(expression, NAMES)
        found["losses/" + name] = K.eval(loss(K.constant(labels), K.constant(predicted)))
    for name, expression in sorted(LOSS_OBJECTS.items()):
        loss = eval(expression, NAMES)
        found["loss_objects/" + name] = K.eval(loss(K.constant(labels), K.constant(predicted)))
    for name, expression in sorted(METRICS.items()):
        K.clear_session()
        model = Sequential([L.Activation("linear", input_shape=(3,))])
        model.compile("sgd", "mse", metrics=[eval(expression, NAMES)])
        found["metrics/" + name] = np.array(model.evaluate(predicted, labels, batch_size=5, verbose=0)[1])
    folder = os.path.dirname(os.path.abspath(__file__))
    np.savez_compressed(os.path.join(folder, "keras2", "records.npz"), **found)
    print(len(found), "arrays")


if __name__ == "__main__":
    main()
