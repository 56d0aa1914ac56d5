"""Trackers by duck typing; with the real MLflow and wandb where they are installed."""

import types

import numpy as np
import pytest

from keras.callbacks import Tracker
from keras.layers import Dense, Input
from keras.models import Model

X, Y = np.ones((4, 3), "float32"), np.ones((4, 1), "float32")


def fit(run, **options):
    x = Input(shape=(3,))
    model = Model(input=x, output=Dense(1)(x))
    model.compile(optimizer="sgd", loss="mse")
    tracker = Tracker(run, **options)
    return model.fit(X, Y, nb_epoch=2, verbose=0, validation_data=(X, Y), callbacks=[tracker]).history


class Recorder:
    """Notes the calls of its methods, whose names are given."""

    def __init__(self, *names):
        self.calls = []
        for name in names:
            setattr(self, name, lambda *args, _name=name, **kwargs: self.calls.append((_name, args, kwargs)))

    def named(self, name):
        return [(args, kwargs) for called, args, kwargs in self.calls if called == name]


def test_wandb():
    run = Recorder("log")
    run.config = config = Recorder("update")
    history = fit(run, settings={"width": 3})
    expected = [({name: values[i] for name, values in history.items()},) for i in (0, 1)]
    assert [args for args, _ in run.named("log")] == expected
    assert [kwargs for _, kwargs in run.named("log")] == [{"step": 0}, {"step": 1}]
    settings = config.named("update")[0][0][0]
    assert settings["width"] == 3
    assert settings["optimizer"] == "SGD"
    assert settings["nb_epoch"] == 2
    assert settings["optimizer_lr"] == pytest.approx(0.01)


def test_mlflow():
    run = Recorder("log_metrics", "log_params", "log")
    history = fit(run)
    assert run.named("log_metrics")[1] == (
        ({name: values[1] for name, values in history.items()},),
        {"step": 1},
    )
    assert run.named("log_params")[0][0][0]["batch_size"] == 32
    assert not run.named("log")


def test_aim():
    run = Recorder("track")
    items = {}
    type(run).__setitem__ = lambda self, key, value: items.update({key: value})
    try:
        history = fit(run)
    finally:
        del type(run).__setitem__
    subsets = {(args[0], kwargs["context"]["subset"]) for args, kwargs in run.named("track")}
    assert subsets == {(v, "train") for v in history["loss"]} | {(v, "val") for v in history["val_loss"]}
    assert {kwargs["name"] for _, kwargs in run.named("track")} == {"loss"}
    assert items["hparams"]["optimizer"] == "SGD"


def test_function():
    rows = []
    history = fit(lambda logs, step: rows.append((step, logs["loss"])))
    assert rows == [(0, history["loss"][0]), (1, history["loss"][1])]


def test_anything_else_is_refused():
    with pytest.raises(
        TypeError, match="wanted a run of wandb, the module mlflow, a run of Aim, or a function"
    ):
        Tracker(types.SimpleNamespace())


def test_real_mlflow(tmp_path):
    mlflow = pytest.importorskip("mlflow")
    mlflow.set_tracking_uri(f"sqlite:///{tmp_path}/runs.db")
    with mlflow.start_run() as run:
        history = fit(mlflow)
    found = mlflow.get_run(run.info.run_id).data
    assert found.metrics["val_loss"] == pytest.approx(history["val_loss"][-1])
    assert found.params["optimizer"] == "SGD"


def test_real_wandb(tmp_path):
    wandb = pytest.importorskip("wandb")
    run = wandb.init(mode="offline", dir=str(tmp_path), project="test")
    history = fit(run)
    assert run.summary["val_loss"] == pytest.approx(history["val_loss"][-1])
    assert run.config["optimizer"] == "SGD"
    run.finish()
