"""Callbacks that control the training: they stop it or change its learning rate."""

from collections.abc import Callable
from typing import Any

import numpy as np

from .. import backend as K
from ._base import NO_LOGS, Callback, Logs, warn
from ._facts import Promise
from ._monitor import comparison, is_accuracy, known_mode, worst


class EarlyStopping(Callback):
    """Stops training when a log no longer improves. NaN is never an improvement.

    Args:
        monitor: str, name of the log to watch.
        min_delta: float >= 0, the smallest change that counts as an improvement.
        patience: int, number of epochs without improvement that are tolerated. Training stops at the next
            one: with 0 at the first epoch without improvement, with 1 at the second.
        verbose: 0 or 1, whether to print a message when training was stopped.
        mode: 'min', 'max', or 'auto', which is 'max' for names that contain 'acc' or start with 'fmeasure',
            and 'min' for others.

    Attributes:
        stopped_epoch: int, the epoch at whose end training was stopped; 0 if it was not.

    Example:
        >>> stopping = EarlyStopping(monitor='val_loss', patience=2)
    """

    state_attributes = ("best", "wait", "stopped_epoch")
    _promises = Promise.DATA_UNCHANGED | Promise.LOGS_KNOWN

    best: Any

    def __init__(
        self,
        monitor: str = "val_loss",
        min_delta: float = 0,
        patience: int = 0,
        verbose: int = 0,
        mode: str = "auto",
    ) -> None:
        super().__init__()
        self.monitor = monitor
        self.patience = patience
        self.verbose = verbose
        self.wait = 0
        self.stopped_epoch = 0
        mode = known_mode(mode, "EarlyStopping")
        self.monitor_op = comparison(mode, is_accuracy(monitor) or monitor.startswith("fmeasure"))
        self.min_delta = min_delta if self.monitor_op is np.greater else -min_delta

    def on_train_begin(self, logs: Logs = NO_LOGS) -> None:
        self.wait = 0
        self.stopped_epoch = 0
        self.best = worst(self.monitor_op)

    def on_epoch_end(self, epoch: int, logs: Logs = NO_LOGS) -> None:
        current = (logs or {}).get(self.monitor)
        if current is None:
            warn(f"Early stopping requires {self.monitor} available!")
        elif self.monitor_op(current - self.min_delta, self.best):
            self.best = current
            self.wait = 0
        else:
            if self.wait >= self.patience:
                self.stopped_epoch = epoch
                self.model.stop_training = True
            self.wait += 1

    def on_train_end(self, logs: Logs = NO_LOGS) -> None:
        if self.stopped_epoch > 0 and self.verbose > 0:
            print(f"Epoch {self.stopped_epoch:05d}: early stopping")

    def _required_log(self) -> str | None:
        return self.monitor


class LearningRateScheduler(Callback):
    """Sets the learning rate before each epoch.

    Args:
        schedule: function that takes the epoch (int, from 0) and returns the learning rate (float).

    Raises:
        ValueError: at the start of an epoch, `schedule` did not return a float, or the optimizer has no
            attribute `lr`.

    Example:
        >>> halving = LearningRateScheduler(lambda epoch: 0.1 * 0.5 ** epoch)
    """

    _promises = Promise.DATA_UNCHANGED | Promise.LOGS_KNOWN

    def __init__(self, schedule: Callable[[int], float]) -> None:
        super().__init__()
        self.schedule = schedule

    def on_epoch_begin(self, epoch: int, logs: Logs = NO_LOGS) -> None:
        if not hasattr(self.model.optimizer, "lr"):
            raise ValueError(
                f"LearningRateScheduler: optimizer {type(self.model.optimizer).__name__} must have "
                'a "lr" attribute.'
            )
        lr = self.schedule(epoch)
        if not isinstance(lr, (float, np.floating)):
            raise ValueError(
                'LearningRateScheduler: the output of the "schedule" function should be float; for '
                f"epoch {epoch} it returned {lr!r}."
            )
        K.set_value(self.model.optimizer.lr, lr)


class ReduceLROnPlateau(Callback):
    """Reduces the learning rate when a log no longer improves. NaN is never an improvement.

    Args:
        monitor: str, name of the log to watch.
        factor: float < 1, by which the learning rate is multiplied.
        patience: int, number of epochs without improvement that are tolerated before a reduction.
        verbose: 0 or 1, whether to print a message for each reduction.
        mode: 'min', 'max', or 'auto', which is 'max' for names that contain 'acc' and 'min' for others.
        epsilon: float, the smallest change that counts as an improvement.
        cooldown: int, number of epochs after a reduction in which there is no other.
        min_lr: float, lower bound of the learning rate.

    Raises:
        ValueError: `factor` is 1 or more.

    Example:
        >>> slower = ReduceLROnPlateau(monitor='val_loss', factor=0.2, patience=5, min_lr=0.001)
    """

    state_attributes = ("best", "wait", "cooldown_counter")
    _promises = Promise.DATA_UNCHANGED | Promise.LOGS_KNOWN

    def __init__(
        self,
        monitor: str = "val_loss",
        factor: float = 0.1,
        patience: int = 10,
        verbose: int = 0,
        mode: str = "auto",
        epsilon: float = 1e-4,
        cooldown: int = 0,
        min_lr: float = 0,
    ) -> None:
        super().__init__()
        if factor >= 1.0:
            raise ValueError(
                f"ReduceLROnPlateau does not support a factor >= 1.0; got {factor}. The learning "
                "rate is multiplied by it."
            )
        self.monitor = monitor
        self.factor = factor
        self.patience = patience
        self.verbose = verbose
        self.mode = known_mode(mode, "Learning Rate Plateau Reducing")
        self.epsilon = epsilon
        self.cooldown = cooldown
        self.min_lr = min_lr
        self._reset()

    def on_train_begin(self, logs: Logs = NO_LOGS) -> None:
        self._reset()

    def on_epoch_end(self, epoch: int, logs: Logs = NO_LOGS) -> None:
        logs = {} if logs is None else logs
        logs["lr"] = K.get_value(self.model.optimizer.lr)
        current = logs.get(self.monitor)
        if current is None:
            warn(f"Learning Rate Plateau Reducing requires {self.monitor} available!")
            return
        if self.in_cooldown():
            self.cooldown_counter -= 1
            self.wait = 0
        margin = self.epsilon if self.monitor_op is np.greater else -self.epsilon
        if self.monitor_op(current, self.best + margin):
            self.best = current
            self.wait = 0
        elif not self.in_cooldown():
            if self.wait >= self.patience:
                self._reduce(epoch)
            self.wait += 1

    def in_cooldown(self) -> bool:
        """Whether the last reduction was less than `cooldown` epochs ago."""
        return self.cooldown_counter > 0

    def _required_log(self) -> str | None:
        return self.monitor

    def _reset(self) -> None:
        self.monitor_op = comparison(self.mode, is_accuracy(self.monitor))
        self.best: Any = worst(self.monitor_op)
        self.wait = 0
        self.cooldown_counter = 0
        self.lr_epsilon = self.min_lr * 1e-4

    def _reduce(self, epoch: int) -> None:
        old = float(K.get_value(self.model.optimizer.lr))
        if old <= self.min_lr + self.lr_epsilon:
            return
        new = max(old * self.factor, self.min_lr)
        K.set_value(self.model.optimizer.lr, new)
        if self.verbose > 0:
            print(f"\nEpoch {epoch:05d}: reducing learning rate to {new}.")
        self.cooldown_counter = self.cooldown
        self.wait = 0
