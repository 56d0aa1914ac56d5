"""Callbacks that stop training or change the learning rate, driven by hand.

"1.2.2" marks an answer of Keras 1.2.2 to the same calls.
"""

import functools
import types

import numpy as np
import pytest
from callback_driver import FakeModel, drive

from keras.callbacks import (
    EarlyStopping,
    LearningRateScheduler,
    ModelCheckpoint,
    ReduceLROnPlateau,
    TerminateOnNaN,
)

NAN = float("nan")
pytestmark = pytest.mark.usefixtures("fake_backend")


@pytest.mark.parametrize(
    "patience, min_delta, stopped",
    [(0, 0, 2), (1, 0, 3), (2, 0, 4), (0, 0.2, 1), (1, 0.2, 2)],
)
def test_patience_counts_epochs_without_improvement(patience, min_delta, stopped):  # 1.2.2
    stopping = EarlyStopping(patience=patience, min_delta=min_delta)
    assert drive(stopping, [1.0, 0.9, 0.9, 0.95, 0.9, 0.9]) == stopped
    assert stopping.stopped_epoch == stopped


def test_improvement_resets_patience():  # 1.2.2
    assert drive(EarlyStopping(patience=1), [1.0, 1.0, 0.9, 0.9, 0.9, 0.9]) == 4


@pytest.mark.parametrize(
    "monitor, mode, stopped",
    [
        ("val_acc", "auto", 3),
        ("fmeasure_x", "auto", 3),
        ("val_loss", "auto", 1),
        ("val_acc", "min", 1),
        ("val_loss", "max", 3),
    ],
)
def test_mode_auto_follows_the_name_of_the_metric(monitor, mode, stopped):  # 1.2.2
    assert drive(EarlyStopping(monitor, mode=mode), [0.1, 0.2, 0.3, 0.3]) == stopped


def test_early_stopping_verbose_prints_the_epoch(capsys):  # 1.2.2
    drive(EarlyStopping(verbose=1), [1.0, 0.5, 0.5])
    assert capsys.readouterr().out == "Epoch 00002: early stopping\n"


def test_early_stopping_never_takes_nan_as_best():
    assert drive(EarlyStopping(patience=1), [NAN, 1.0, NAN, NAN, 0.5]) == 3


def test_early_stopping_can_be_reused(capsys):
    stopping = EarlyStopping(verbose=1)
    drive(stopping, [1.0, 0.5, 0.5])
    capsys.readouterr()
    assert drive(stopping, [2.0, 1.0]) == 1
    assert stopping.stopped_epoch == 0 and capsys.readouterr().out == ""


def test_early_stopping_warns_if_the_metric_is_missing():  # 1.2.2 warned, and then failed
    with pytest.warns(RuntimeWarning, match="Early stopping requires val_loss available!"):
        EarlyStopping().on_epoch_end(0, {"loss": 1.0})


@pytest.mark.parametrize(
    "make, name",
    [
        (EarlyStopping, "EarlyStopping"),
        (functools.partial(ModelCheckpoint, "w.h5"), "ModelCheckpoint"),
        (ReduceLROnPlateau, "Learning Rate Plateau Reducing"),
    ],
)
def test_unknown_mode_warns_and_means_auto(make, name):  # 1.2.2; its EarlyStopping failed here
    with pytest.warns(RuntimeWarning, match=f"{name} mode down is unknown, fallback to auto mode."):
        assert make(mode="down").monitor_op is np.less


def test_scheduler_sets_the_learning_rate():
    scheduler, model = LearningRateScheduler(lambda epoch: 0.5**epoch), FakeModel()
    scheduler.set_model(model)
    scheduler.on_epoch_begin(2)
    assert model.optimizer.lr.value == 0.25


@pytest.mark.parametrize("result", [1, None, "0.1"])
def test_schedule_must_return_a_float(result):  # 1.2.2
    scheduler = LearningRateScheduler(lambda epoch: result)
    scheduler.set_model(FakeModel())
    with pytest.raises(ValueError, match='output of the "schedule" function should be float'):
        scheduler.on_epoch_begin(0)


def test_scheduler_refuses_an_optimizer_without_lr():
    scheduler = LearningRateScheduler(lambda epoch: 0.1)
    scheduler.set_model(types.SimpleNamespace(optimizer=object()))
    with pytest.raises(ValueError, match='must have a "lr" attribute'):
        scheduler.on_epoch_begin(0)


def learning_rates(values, **kwargs):
    """Returns the learning rate after each epoch; it starts at 0.1."""
    model, rates = FakeModel(), []
    reducer = ReduceLROnPlateau(**kwargs)
    reducer.set_model(model)
    reducer.on_train_begin()
    for epoch, value in enumerate(values):
        reducer.on_epoch_end(epoch, {reducer.monitor: value})
        rates.append(round(float(model.optimizer.lr.value), 6))
    return rates


@pytest.mark.parametrize(
    "kwargs, rates",
    [
        ({"patience": 0}, [0.1, 0.05, 0.025, 0.0125, 0.00625, 0.003125]),
        ({"patience": 1}, [0.1, 0.1, 0.05, 0.025, 0.0125, 0.00625]),
        ({"patience": 2}, [0.1, 0.1, 0.1, 0.05, 0.05, 0.025]),
        ({"patience": 0, "cooldown": 2}, [0.1, 0.05, 0.05, 0.025, 0.025, 0.0125]),
        ({"patience": 0, "min_lr": 0.03}, [0.1, 0.05, 0.03, 0.03, 0.03, 0.03]),
    ],
)
def test_plateau_reduces_the_rate_after_patience(kwargs, rates):  # 1.2.2
    assert learning_rates([1.0] * 6, factor=0.5, **kwargs) == rates


def test_plateau_ignores_changes_below_epsilon():
    assert learning_rates([1.0, 0.95], patience=0, epsilon=0.1)[-1] == 0.01
    assert learning_rates([1.0, 0.85], patience=0, epsilon=0.1)[-1] == 0.1


def test_plateau_of_an_accuracy_expects_growth():
    assert learning_rates([0.1, 0.2, 0.2], patience=0, monitor="val_acc") == [0.1, 0.1, 0.01]


def test_nan_is_not_an_improvement_for_reduce_lr_on_plateau():
    assert learning_rates([1.0, NAN, 0.5], patience=0, factor=0.5) == [0.1, 0.05, 0.05]


def test_plateau_verbose_prints_the_rate_and_logs_lr(capsys):  # 1.2.2
    reducer, logs = ReduceLROnPlateau(patience=0, factor=0.5, verbose=1), {"val_loss": 1.0}
    reducer.set_model(FakeModel(lr=0.5))
    reducer.on_epoch_end(0, dict(logs))
    reducer.on_epoch_end(1, logs)
    assert capsys.readouterr().out == "\nEpoch 00001: reducing learning rate to 0.25.\n"
    assert logs["lr"] == 0.5  # the one the epoch was trained with


def test_plateau_warns_if_the_metric_is_missing():  # 1.2.2
    reducer = ReduceLROnPlateau()
    reducer.set_model(FakeModel())
    with pytest.warns(RuntimeWarning, match="Plateau Reducing requires val_loss available!"):
        reducer.on_epoch_end(0, {})


def test_plateau_refuses_a_factor_of_1_or_more():  # 1.2.2
    with pytest.raises(ValueError, match="factor >= 1.0; got 1.5"):
        ReduceLROnPlateau(factor=1.5)


class WeightsModel(FakeModel):
    """A model whose weights are the number of the epochs so far."""

    def __init__(self):
        super().__init__()
        self.weights = 0

    def get_weights(self):
        self.weights += 1
        return [np.array(self.weights)]

    def set_weights(self, weights):
        self.restored = weights


def test_early_stopping_ends_with_the_best_weights():
    for values, best in (([3.0, 1.0, 2.0, 2.0], 2), ([3.0, 2.0, 1.0], 3)):  # stopped, and not stopped
        model = WeightsModel()
        drive(EarlyStopping(patience=1, restore_best_weights=True), values, model)
        assert model.restored == [np.array(best)]


def test_early_stopping_waits_for_the_baseline():
    assert drive(EarlyStopping(baseline=0.5, patience=1), [3.0, 2.0, 1.0, 0.4]) == 1
    assert drive(EarlyStopping(baseline=2.5, patience=1), [3.0, 2.0, 1.0, 1.0, 1.0, 1.0]) == 4


def test_early_stopping_ignores_the_first_epochs():
    assert drive(EarlyStopping(start_from_epoch=2), [1.0, 2.0, 3.0, 4.0]) == 3


def test_best_weights_are_part_of_the_state():
    stopping = EarlyStopping(patience=9, restore_best_weights=True)
    drive(stopping, [1.0], WeightsModel())
    state = stopping.get_state()
    stopping._check_state(state)
    assert state["best_weights"] == [np.array(1)]
    with pytest.raises(ValueError, match="best_weights is 3; wanted a list of arrays, or None"):
        stopping._check_state({**state, "best_weights": 3})
    assert "best_weights" not in EarlyStopping().get_state()


def test_terminate_on_nan_stops_at_the_batch(capsys):
    callback = TerminateOnNaN()
    callback.set_model(FakeModel())
    callback.on_batch_end(0, {"loss": 1.0})
    assert not callback.model.stop_training
    callback.on_batch_end(1, {"loss": np.nan})
    assert callback.model.stop_training
    assert capsys.readouterr().out == "Batch 1: Invalid loss, terminating training\n"
