"""Callbacks that control the training: they stop it or change its learning rate."""

import inspect
from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np

from .. import backend as K
from ._base import NO_LOGS, Callback, Logs, warn
from ._facts import Promise
from ._monitor import comparison, known_mode, worst
from ._state import arrays_or_none, check_state, count, number


class EarlyStopping(Callback):
    """Stops training when a log no longer improves. NaN is never an improvement.

    Args:
        monitor: str, name of the log to watch.
        min_delta: float >= 0, the smallest change that counts as an improvement.
        patience: int, number of epochs without improvement that are tolerated. Training stops at the next
            one: with 0 at the first epoch without improvement, with 1 at the second.
        verbose: 0 or 1, whether to print a message when training was stopped.
        mode: 'min', 'max', or 'auto', which follows the name of the log: 'max' for accuracies, precision,
            recall, F scores, AUC, IoU, Dice, R2 and the like, 'min' for losses and errors. For an unknown
            name it is 'min', with a warning.
        baseline: float; only epochs whose log is better than this, and than ever before, end the wait.
        restore_best_weights: bool, whether training ends with the weights of the best epoch, also if it was
            not stopped.
        start_from_epoch: int, the first epoch to watch, from 0.

    Attributes:
        stopped_epoch: int, the epoch at whose end training was stopped; 0 if it was not.
        best: the best value of the log.
        best_weights: list of arrays, with `restore_best_weights` the weights of the best epoch; else None.

    Example:
        >>> stopping = EarlyStopping(monitor='val_loss', patience=2, restore_best_weights=True)
    """

    state_attributes = ("best", "wait", "stopped_epoch")
    _state_kinds: ClassVar = {"best": number, "wait": count, "stopped_epoch": count}
    _promises = Promise.DATA_UNCHANGED | Promise.LOGS_KNOWN

    best: Any

    def __init__(
        self,
        monitor: str = "val_loss",
        min_delta: float = 0,
        patience: int = 0,
        verbose: int = 0,
        mode: str = "auto",
        baseline: float | None = None,
        restore_best_weights: bool = False,
        start_from_epoch: int = 0,
    ) -> None:
        super().__init__()
        self.monitor = monitor
        self.patience = patience
        self.verbose = verbose
        self.baseline = baseline
        self.restore_best_weights = restore_best_weights
        self.start_from_epoch = start_from_epoch
        self.best_weights: list[np.ndarray] | None = None
        self.wait = 0
        self.stopped_epoch = 0
        mode = known_mode(mode, "EarlyStopping")
        self.monitor_op = comparison(mode, monitor, "EarlyStopping")
        self.min_delta = min_delta if self.monitor_op is np.greater else -min_delta

    def on_train_begin(self, logs: Logs = NO_LOGS) -> None:
        self.wait = 0
        self.stopped_epoch = 0
        self.best = worst(self.monitor_op)
        self.best_weights = None

    def get_state(self) -> dict[str, Any]:
        state = super().get_state()
        return {**state, "best_weights": self.best_weights} if self.restore_best_weights else state

    def set_state(self, state: dict[str, Any]) -> None:
        super().set_state(state)
        self.best_weights = state.get("best_weights")

    def _check_state(self, state: dict[str, Any]) -> None:
        super()._check_state(state)
        if self.restore_best_weights:
            check_state({"best_weights": None, **state}, {"best_weights": arrays_or_none})

    def on_epoch_end(self, epoch: int, logs: Logs = NO_LOGS) -> None:
        current = (logs or {}).get(self.monitor)
        if current is None:
            warn(f"Early stopping requires {self.monitor} available!")
        elif epoch < self.start_from_epoch:
            return
        elif self._is_better(current, self.best):
            self.best = current
            if self.restore_best_weights:
                self.best_weights = self.model.get_weights()
            if self.baseline is None or self._is_better(current, self.baseline):
                self.wait = 0
            else:
                self._wait(epoch)
        else:
            self._wait(epoch)

    def on_train_end(self, logs: Logs = NO_LOGS) -> None:
        if self.stopped_epoch > 0 and self.verbose > 0:
            print(f"Epoch {self.stopped_epoch:05d}: early stopping")
        if self.best_weights is not None:
            self.model.set_weights(self.best_weights)

    def _is_better(self, current: Any, than: Any) -> bool:
        return bool(self.monitor_op(current - self.min_delta, than))

    def _wait(self, epoch: int) -> None:
        if self.wait >= self.patience:
            self.stopped_epoch = epoch
            self.model.stop_training = True
        self.wait += 1

    def _required_log(self) -> str | None:
        return self.monitor


class TerminateOnNaN(Callback):
    """Stops training at the first batch whose loss is NaN or infinite.

    `fit` reports the layer in which such a loss began, too, unless `check_numerics=False`. With
    `check_numerics="raise"` it raises an error before the weights change.
    """

    # Only with `check_numerics=False` may batches have run before the hook: see `Steps._full_batches`.
    _promises = Promise.BATCH_HOOKS_MAY_LAG | Promise.DATA_UNCHANGED | Promise.LOGS_KNOWN

    def on_batch_end(self, batch: int, logs: Logs = NO_LOGS) -> None:
        loss = (logs or {}).get("loss")
        if loss is not None and not np.isfinite(loss):
            print(f"Batch {batch}: Invalid loss, terminating training")
            self.model.stop_training = True


class LearningRateScheduler(Callback):
    """Sets the learning rate before each epoch.

    Args:
        schedule: function that takes the epoch (int, from 0) and returns the learning rate (float). It may
            take the current learning rate as a second argument.
        verbose: 0 or 1, whether to print a message for each epoch.

    Raises:
        ValueError: at the start of an epoch, `schedule` did not return a float, or the optimizer has no
            attribute `lr`.

    Example:
        >>> halving = LearningRateScheduler(lambda epoch: 0.1 * 0.5 ** epoch)
    """

    _promises = Promise.DATA_UNCHANGED | Promise.LOGS_KNOWN

    def __init__(self, schedule: Callable[..., float], verbose: int = 0) -> None:
        super().__init__()
        self.schedule = schedule
        self.verbose = verbose

    def on_epoch_begin(self, epoch: int, logs: Logs = NO_LOGS) -> None:
        if not hasattr(self.model.optimizer, "lr"):
            raise ValueError(
                f"LearningRateScheduler: optimizer {type(self.model.optimizer).__name__} must have "
                'a "lr" attribute.'
            )
        lr = self.schedule(epoch, *self._current_lr())
        if not isinstance(lr, (float, np.floating)):
            raise ValueError(
                'LearningRateScheduler: the output of the "schedule" function should be float; for '
                f"epoch {epoch} it returned {lr!r}."
            )
        K.set_value(self.model.optimizer.lr, lr)
        if self.verbose > 0:
            print(f"\nEpoch {epoch + 1:05d}: LearningRateScheduler setting learning rate to {lr}.")

    def _current_lr(self) -> tuple[float, ...]:
        """Returns the learning rate, if the schedule needs it as a second argument, as Keras 2 passes it."""
        try:
            parameters = list(inspect.signature(self.schedule).parameters.values())
        except (TypeError, ValueError):
            return ()
        needed = [p for p in parameters if p.default is p.empty and p.kind is p.POSITIONAL_OR_KEYWORD]
        return (float(K.get_value(self.model.optimizer.lr)),) if len(needed) == 2 else ()


class ReduceLROnPlateau(Callback):
    """Reduces the learning rate when a log no longer improves. NaN is never an improvement.

    Args:
        monitor: str, name of the log to watch.
        factor: float < 1, by which the learning rate is multiplied.
        patience: int, number of epochs without improvement that are tolerated before a reduction.
        verbose: 0 or 1, whether to print a message for each reduction.
        mode: 'min', 'max', or 'auto', which follows the name of the log as in `EarlyStopping`.
        epsilon: float, the smallest change that counts as an improvement.
        cooldown: int, number of epochs after a reduction in which there is no other.
        min_lr: float, lower bound of the learning rate.

    Raises:
        ValueError: `factor` is 1 or more.

    Example:
        >>> slower = ReduceLROnPlateau(monitor='val_loss', factor=0.2, patience=5, min_lr=0.001)
    """

    state_attributes = ("best", "wait", "cooldown_counter")
    _state_kinds: ClassVar = {"best": number, "wait": count, "cooldown_counter": count}
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
        self.monitor_op = comparison(self.mode, monitor, "ReduceLROnPlateau")
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
