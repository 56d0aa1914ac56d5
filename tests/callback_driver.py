"""Drives callbacks by hand, with a model that only notes what callbacks ask of it."""

import types
from typing import Any

import numpy as np

from keras.callbacks import Callback, CallbackList


class FakeVariable:
    """A value with a name; the fixture `fake_backend` teaches `K.get_value` and `K.set_value` to use it."""

    def __init__(self, value: Any, name: str | None = None) -> None:
        self.value, self.name = np.float32(value), name


class FakeModel:
    """A model with a learning rate and one layer; `saved` lists the calls of its `save` methods."""

    def __init__(self, lr: float = 0.1) -> None:
        self.optimizer = types.SimpleNamespace(lr=FakeVariable(lr))
        self.stop_training = False
        self.saved: list[tuple[str, str, bool]] = []
        kernel = FakeVariable([[0.0, 1.0], [0.5, 0.25], [1.0, 0.0]], "dense_1_W")
        self.layers = [types.SimpleNamespace(weights=[kernel, FakeVariable([-1, 1], "dense_1_b")])]

    def save(self, filepath: str, overwrite: bool) -> None:
        self.saved.append(("all", filepath, overwrite))

    def save_weights(self, filepath: str, overwrite: bool) -> None:
        self.saved.append(("weights", filepath, overwrite))


def params(**changed: Any) -> dict[str, Any]:
    """Returns the parameters that `fit` passes to callbacks, some of them changed."""
    metrics = ["loss", "acc", "val_loss", "val_acc"]
    return {"metrics": metrics, "nb_epoch": 2, "nb_sample": 10, "verbose": 1} | changed


def drive(callback: Any, values: list[float], model: FakeModel | None = None) -> int:
    """Runs epochs that end with these values of the monitored quantity, until training is stopped.

    Returns:
        Index of the last epoch, from 0.
    """
    model = model or FakeModel()
    callback.set_params(params())
    callback.set_model(model)
    callback.on_train_begin({})
    epoch = -1
    for epoch, value in enumerate(values):
        callback.on_epoch_end(epoch, {callback.monitor: value})
        if model.stop_training:
            break
    callback.on_train_end({})
    return epoch


def fit(
    callbacks: list[Callback], sizes: list[int], validate: bool = False, epochs: int = 2, **changed: Any
) -> None:
    """Calls the hooks as `fit` does, with a loss of 0.3 * batch + epoch.

    Args:
        callbacks: the callbacks to drive.
        sizes: number of samples in each batch of an epoch.
        validate: whether the logs of an epoch have `val_loss`, which is 0.25.
        epochs: number of epochs.
        **changed: parameters that differ from those of `params`.
    """
    listed = CallbackList(callbacks)
    listed.set_model(FakeModel())
    listed.set_params(params(**changed))
    listed.on_train_begin()
    for epoch in range(epochs):
        listed.on_epoch_begin(epoch)
        for batch, size in enumerate(sizes):
            logs = {"batch": batch, "size": size}
            listed.on_batch_begin(batch, logs)
            listed.on_batch_end(batch, logs | {"loss": 0.3 * batch + epoch})
        listed.on_epoch_end(epoch, {"val_loss": 0.25} if validate else {})
    listed.on_train_end()
