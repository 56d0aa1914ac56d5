"""Callbacks together: schedule, early stopping, checkpoints, plateau, CSV log; sample and class weights."""

from __future__ import print_function

import csv
import os

import numpy as np

from keras import backend as K
from keras.callbacks import (
    Callback,
    CSVLogger,
    EarlyStopping,
    LambdaCallback,
    LearningRateScheduler,
    ModelCheckpoint,
    ReduceLROnPlateau,
)
from keras.layers import Dense, Input
from keras.models import Model, Sequential, load_model
from keras.optimizers import SGD


def fix(model):
    rng = np.random.RandomState(0)
    model.set_weights([rng.uniform(-0.3, 0.3, w.shape) for w in model.get_weights()])


class EvaluateInputTensor(Callback):
    def on_epoch_end(self, epoch, logs=None):
        logs["training"] = self.model.evaluate(self.x, self.y, verbose=0)[0]


def step_decay(epoch):
    return 0.2 * 0.5 ** (epoch // 3)


def main(folder):
    rng = np.random.RandomState(2)
    x = rng.normal(size=(80, 4))
    y = (x[:, 0] + 0.5 * x[:, 1] > 0).astype(int)
    model = Sequential([Dense(6, input_dim=4, activation="tanh"), Dense(1, activation="sigmoid")])
    fix(model)
    model.compile(optimizer=SGD(lr=0.2, momentum=0.5), loss="binary_crossentropy", metrics=["accuracy"])
    filepath = os.path.join(folder, "weights.{epoch:02d}-{val_loss:.2f}.hdf5")
    best = os.path.join(folder, "best.h5")
    extra, epochs = EvaluateInputTensor(), []
    extra.x, extra.y = x, y
    rates = LambdaCallback(
        on_epoch_begin=lambda epoch, logs: epochs.append(float(K.get_value(model.optimizer.lr)))
    )
    callbacks = [
        LearningRateScheduler(step_decay), rates, extra, CSVLogger(os.path.join(folder, "log.csv")),
        ModelCheckpoint(filepath, save_weights_only=True),
        ModelCheckpoint(best, monitor="val_loss", save_best_only=True, mode="min", verbose=0),
        EarlyStopping(monitor="val_loss", patience=3, min_delta=0.002, verbose=1),
    ]  # fmt: skip
    hist = model.fit(
        x[:60], y[:60], batch_size=10, nb_epoch=30, shuffle=False, verbose=2,
        validation_data=(x[60:], y[60:]), callbacks=callbacks, class_weight={0: 1.0, 1: 2.0},
    )  # fmt: skip
    assert len(hist.history["training"]) == len(hist.history["loss"])
    losses = hist.history["val_loss"]
    ran = len(losses)
    assert ran < 30 and hist.epoch == list(range(ran))
    np.testing.assert_allclose(epochs, [step_decay(e) for e in range(ran)], rtol=1e-6)
    assert len([name for name in os.listdir(folder) if name.startswith("weights.")]) == ran
    restored = load_model(best)
    np.testing.assert_allclose(restored.evaluate(x[60:], y[60:], verbose=0)[0], min(losses), rtol=1e-4)
    with open(os.path.join(folder, "log.csv")) as f:
        rows = list(csv.DictReader(f))
    assert len(rows) == ran and abs(float(rows[0]["val_loss"]) - losses[0]) < 1e-6

    # A plateau that cannot be left: the rate falls by its factor until its floor.
    flat = Sequential([Dense(1, input_dim=4)])
    fix(flat)
    flat.compile(SGD(lr=1.0), "mse")
    reduce_lr = ReduceLROnPlateau(
        monitor="loss", factor=0.1, patience=1, min_lr=0.005, cooldown=0, epsilon=1e9
    )
    fell = flat.fit(x * 0, y * 0, nb_epoch=8, verbose=0, callbacks=[reduce_lr]).history
    assert "lr" in fell and abs(K.get_value(flat.optimizer.lr) - 0.005) < 1e-6

    # Two outputs, weights of samples, and the recipe for gradients: targets, sample_weights, total_loss.
    inp = Input(shape=(4,), name="data")
    two = Model(inp, [Dense(1, name="a")(inp), Dense(2, name="b", activation="softmax")(inp)])
    fix(two)
    two.compile(
        "sgd",
        {"a": "mse", "b": "categorical_crossentropy"},
        loss_weights={"a": 1.0, "b": 0.5},
        metrics={"b": "accuracy"},
    )
    weight = rng.uniform(size=80)
    targets = {"a": x[:, 1], "b": np.eye(2)[y]}
    values = two.evaluate({"data": x}, targets, sample_weight={"a": weight}, verbose=0, batch_size=80)
    named = dict(zip(two.metrics_names, values))
    assert abs(named["loss"] - named["a_loss"] - 0.5 * named["b_loss"]) < 1e-5
    gradients = two.optimizer.get_gradients(two.total_loss, two.trainable_weights)
    get_gradients = K.function(
        two.inputs + two.sample_weights + two.targets + [K.learning_phase()], gradients
    )
    found = get_gradients([x, weight, np.ones(80), x[:, 1:2], np.eye(2)[y], 0])
    W, b = two.get_layer("a").get_weights()
    error = (x.dot(W) + b)[:, 0] - x[:, 1]
    by_hand = 2 * (x * (error * weight)[:, None]).mean(axis=0)
    index = [w is two.get_layer("a").W for w in two.trainable_weights].index(True)
    np.testing.assert_allclose(found[index][:, 0], by_hand, rtol=1e-4, atol=1e-5)
    return {"two outputs": [float(v) for v in values]}
