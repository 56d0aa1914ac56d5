"""Callbacks that step in: they end the training or change its learning rate."""

import numpy as np

from .. import backend as K
from ._base import Callback, warn
from ._monitor import comparison, grows, known_mode, worst


class EarlyStopping(Callback):
    """Stops training when a number no longer gets better. NaN is never better.

    Args:
        monitor: str, name of the number to watch.
        min_delta: float >= 0, the least change that counts as better.
        patience: int, how many epochs without improvement are let pass. Training stops at the one
            after these: with 0 at the first, with 1 at the second.
        verbose: 0 or 1, whether to print that training was stopped.
        mode: 'min', 'max', or 'auto': 'max' for names with 'acc' or that start with 'fmeasure'.

    Attributes:
        stopped_epoch: int, the epoch at whose end training was stopped; 0 if it was not.
    """

    state_attributes = ("best", "wait", "stopped_epoch")

    def __init__(self, monitor="val_loss", min_delta=0, patience=0, verbose=0, mode="auto"):
        super().__init__()
        self.monitor = monitor
        self.patience = patience
        self.verbose = verbose
        self.wait = 0
        self.stopped_epoch = 0
        mode = known_mode(mode, "EarlyStopping")
        self.monitor_op = comparison(mode, grows(monitor) or monitor.startswith("fmeasure"))
        self.min_delta = min_delta if self.monitor_op is np.greater else -min_delta

    def on_train_begin(self, logs=None):
        self.wait = 0
        self.stopped_epoch = 0
        self.best = worst(self.monitor_op)

    def on_epoch_end(self, epoch, logs=None):
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

    def on_train_end(self, logs=None):
        if self.stopped_epoch > 0 and self.verbose > 0:
            print(f"Epoch {self.stopped_epoch:05d}: early stopping")


class LearningRateScheduler(Callback):
    """Sets the learning rate before each epoch.

    Args:
        schedule: function, epoch (int, from 0) -> learning rate (float).

    Raises:
        ValueError: at the start of an epoch, `schedule` gave no float, or the optimizer has no
            attribute `lr`.
    """

    def __init__(self, schedule):
        super().__init__()
        self.schedule = schedule

    def on_epoch_begin(self, epoch, logs=None):
        if not hasattr(self.model.optimizer, "lr"):
            raise ValueError(
                f"LearningRateScheduler: optimizer {type(self.model.optimizer).__name__} must have "
                'a "lr" attribute.'
            )
        lr = self.schedule(epoch)
        if not isinstance(lr, (float, np.floating)):
            raise ValueError(
                'LearningRateScheduler: the output of the "schedule" function should be float; for '
                f"epoch {epoch} it gave {lr!r}."
            )
        K.set_value(self.model.optimizer.lr, lr)


class ReduceLROnPlateau(Callback):
    """Lowers the learning rate when a number no longer gets better. NaN is never better.

    Args:
        monitor: str, name of the number to watch.
        factor: float < 1, what the learning rate is multiplied by.
        patience: int, how many epochs without improvement are let pass first.
        verbose: 0 or 1, whether to print each reduction.
        mode: 'min', 'max', or 'auto': 'max' for names with 'acc'.
        epsilon: float, the least change that counts as better.
        cooldown: int, for how many epochs after a reduction none is made.
        min_lr: float, the learning rate is never made lower.

    Raises:
        ValueError: `factor` is 1 or more.

    Example:
        >>> slower = ReduceLROnPlateau(monitor='val_loss', factor=0.2, patience=5, min_lr=0.001)
    """

    state_attributes = ("best", "wait", "cooldown_counter")

    def __init__(
        self,
        monitor="val_loss",
        factor=0.1,
        patience=10,
        verbose=0,
        mode="auto",
        epsilon=1e-4,
        cooldown=0,
        min_lr=0,
    ):
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

    def on_train_begin(self, logs=None):
        self._reset()

    def on_epoch_end(self, epoch, logs=None):
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

    def in_cooldown(self):
        """bool: whether a reduction was made so lately that none is made now."""
        return self.cooldown_counter > 0

    def _reset(self):
        self.monitor_op = comparison(self.mode, grows(self.monitor))
        self.best = worst(self.monitor_op)
        self.wait = 0
        self.cooldown_counter = 0
        self.lr_epsilon = self.min_lr * 1e-4

    def _reduce(self, epoch):
        old = float(K.get_value(self.model.optimizer.lr))
        if old <= self.min_lr + self.lr_epsilon:
            return
        new = max(old * self.factor, self.min_lr)
        K.set_value(self.model.optimizer.lr, new)
        if self.verbose > 0:
            print(f"\nEpoch {epoch:05d}: reducing learning rate to {new}.")
        self.cooldown_counter = self.cooldown
        self.wait = 0
