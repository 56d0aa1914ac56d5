"""Layers, optimizers, losses and metrics compute what Keras 2.3.1 recorded, after `set_version(2)`.

golden/keras2/records.npz was written by golden/record_keras_2.py under Keras 2.3.1 on TensorFlow 1.15; the
cases are in golden/keras2_cases.py.
"""

import runpy

import numpy as np
import pytest
from recorded import GOLDEN, OUTPUT, TRAJECTORY

import keras.compat
from keras import backend as K
from keras import layers, losses, metrics, optimizers
from keras.models import Model, Sequential

RECORDED = np.load(GOLDEN / "keras2" / "records.npz")
CASES = runpy.run_path(str(GOLDEN / "keras2_cases.py"))
NAMES = {"L": layers, "O": optimizers, "S": losses, "M": metrics}


@pytest.fixture(autouse=True)
def version_2():
    with keras.compat.set_version(2):
        yield


#: TensorFlow 1.15 reads the step count of these after its increment, so that they begin at step 1 there.
BEGIN_AT_1 = ("rmsprop_decay", "adam", "adam_amsgrad", "adam_clipvalue", "adamax", "nadam")


def evaluated(expression):
    return eval(expression, dict(NAMES))  # the text of this repository


def arrays(prefix):
    """Returns the recorded arrays PREFIX_0, PREFIX_1, ..."""
    found = []
    while f"{prefix}_{len(found)}" in RECORDED:
        found.append(RECORDED[f"{prefix}_{len(found)}"])
    return found


@pytest.mark.parametrize("name", CASES["LAYERS"])
def test_layer_has_the_recorded_weights_outputs_and_gradients(name):
    expression, shapes = CASES["LAYERS"][name]
    layer = evaluated(expression)
    inputs = [layers.Input(shape=shape) for shape in shapes]
    model = Model(inputs=inputs, outputs=layer(inputs if len(inputs) > 1 else inputs[0]))
    weights = in_order_of_keras_1(layer, arrays(f"layers/{name}/weight"))
    model.set_weights([w.reshape(own.shape) for w, own in zip(weights, model.get_weights(), strict=True)])
    xs = arrays(f"layers/{name}/input")
    np.testing.assert_allclose(model.predict(xs), RECORDED[f"layers/{name}/output"], **OUTPUT)
    loss = K.sum(model.outputs[0] * K.constant(RECORDED[f"layers/{name}/cotangent"]))
    gradients = K.function(inputs, K.gradients(loss, inputs))(xs)
    for gradient, recorded in zip(gradients, arrays(f"layers/{name}/grad"), strict=False):
        np.testing.assert_allclose(gradient, recorded, **TRAJECTORY)


def in_order_of_keras_1(layer, weights):
    """Splits the gates of a ConvLSTM2D, whose layout of weights is that of Keras 1."""
    if isinstance(layer, layers.ConvLSTM2D):
        parts = [dict(zip("ifco", np.split(w, 4, axis=-1), strict=True)) for w in weights]
        return [part[gate] for gate in layer.gates for part in parts]
    if isinstance(layer, layers.Conv2DTranspose):
        return [w.swapaxes(2, 3) if w.ndim == 4 else w for w in weights]
    return weights


@pytest.mark.parametrize("name", CASES["OPTIMIZERS"])
def test_optimizer_trains_as_recorded(name):
    model = Sequential([layers.Dense(4, activation="tanh", input_shape=(5,)), layers.Dense(2)])
    model.set_weights(arrays("train/weight"))
    model.compile(evaluated(CASES["OPTIMIZERS"][name]), "mse")
    if name in BEGIN_AT_1:
        K.set_value(model.optimizer.iterations, 1)
    x, y = RECORDED["train/x"], RECORDED["train/y"]
    history = model.fit(x, y, batch_size=4, epochs=6, shuffle=False, verbose=0)
    np.testing.assert_allclose(history.history["loss"], RECORDED[f"optimizers/{name}/loss"], **TRAJECTORY)
    for weight, recorded in zip(model.get_weights(), arrays(f"optimizers/{name}/weight"), strict=True):
        np.testing.assert_allclose(weight, recorded, **TRAJECTORY)


@pytest.mark.parametrize("group, name", [(g, n) for g in ("LOSSES", "LOSS_OBJECTS") for n in CASES[g]])
def test_loss_is_the_recorded_one(group, name):
    loss = evaluated(CASES[group][name])
    value = K.eval(loss(K.constant(RECORDED["labels"]), K.constant(RECORDED["predicted"])))
    np.testing.assert_allclose(value, RECORDED[f"{group.lower()}/{name}"], **OUTPUT)


@pytest.mark.parametrize("name", CASES["METRICS"])
def test_metric_over_all_data_is_the_recorded_one(name):
    model = Sequential([layers.Activation("linear", input_shape=(3,))])
    model.compile("sgd", "mse", metrics=[evaluated(CASES["METRICS"][name])])
    value = model.evaluate(RECORDED["predicted"], RECORDED["labels"], batch_size=5, verbose=0)[1]
    np.testing.assert_allclose(value, RECORDED[f"metrics/{name}"], **OUTPUT)
