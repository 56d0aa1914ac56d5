"""Callbacks that save the model, or the whole state of the training, while it runs."""

import os
import string
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from .._base.types import FilePath
from .._files.formats import refuse_other_suffix
from .._spelling import Logs as LogsUnderBothNames
from .._spelling import other_name
from ._base import NO_LOGS, Callback, Logs, warn
from ._facts import Promise
from ._monitor import comparison, known_mode, worst
from ._state import count, number


class ModelCheckpoint(Callback):
    """Saves the model after epochs.

    Args:
        filepath: path of the file. It may contain the epoch (from 0) and logs as format fields, as in
            'weights.{epoch:02d}-{val_loss:.2f}.h5'. Its directory must exist.
        monitor: str, name of the log that decides what is best.
        verbose: 0 or 1, whether to print a message for each epoch.
        save_best_only: bool, whether to save only when the monitored log is better than ever before. NaN is
            never the best value.
        save_weights_only: bool, whether to call `model.save_weights` instead of `model.save`.
        mode: 'min', 'max', or 'auto', which follows the name of the log: 'max' for accuracies, precision,
            recall, F scores, AUC, IoU, Dice, R2 and the like, 'min' for losses and errors. For an unknown
            name it is 'min', with a warning.
        period: int, number of epochs from one save to the next.

    Raises:
        FileNotFoundError: at the start of training, the directory does not exist.
        ValueError: the suffix of `filepath` means another format than HDF5, such as '.keras'; or, at the
            start of training, it has a field that logs will not have.

    Example:
        >>> best = ModelCheckpoint('best.h5', monitor='val_acc', save_best_only=True)
    """

    state_attributes = ("best", "epochs_since_last_save")
    _state_kinds: ClassVar = {"best": number, "epochs_since_last_save": count}
    _promises = Promise.DATA_UNCHANGED | Promise.LOGS_KNOWN

    def __init__(
        self,
        filepath: FilePath,
        monitor: str = "val_loss",
        verbose: int = 0,
        save_best_only: bool = False,
        save_weights_only: bool = False,
        mode: str = "auto",
        period: int = 1,
    ) -> None:
        super().__init__()
        self.filepath = os.fspath(filepath)
        refuse_other_suffix(self.filepath, "ModelCheckpoint")
        self.monitor = monitor
        self.verbose = verbose
        self.save_best_only = save_best_only
        self.save_weights_only = save_weights_only
        self.period = period
        self.epochs_since_last_save = 0
        mode = known_mode(mode, "ModelCheckpoint")
        self.monitor_op = comparison(mode, monitor, "ModelCheckpoint" if save_best_only else None)
        self.best: Any = worst(self.monitor_op)

    def on_train_begin(self, logs: Logs = NO_LOGS) -> None:
        if "{" not in os.path.dirname(self.filepath):
            _check_directory(self.filepath, "ModelCheckpoint")
        params = self.params or {}
        if "metrics" in params and not params.get("open_logs"):
            _check_fields(self.filepath, ["epoch", "lr", *params["metrics"]])

    def on_epoch_end(self, epoch: int, logs: Logs = NO_LOGS) -> None:
        logs = logs or {}
        self.epochs_since_last_save += 1
        if self.epochs_since_last_save < self.period:
            return
        self.epochs_since_last_save = 0
        filepath = string.Formatter().vformat(self.filepath, (), LogsUnderBothNames(logs, epoch=epoch))
        if not self.save_best_only:
            self._print(f"Epoch {epoch:05d}: saving model to {filepath}")
            self._save(filepath)
            return
        current = logs.get(self.monitor)
        if current is None:
            warn(f"Can save best model only with {self.monitor} available, skipping.")
        elif self.monitor_op(current, self.best):
            self._print(
                f"Epoch {epoch:05d}: {self.monitor} improved from {self.best:.5f} to "
                f"{current:.5f}, saving model to {filepath}"
            )
            self.best = current
            self._save(filepath)
        else:
            self._print(f"Epoch {epoch:05d}: {self.monitor} did not improve")

    def _required_log(self) -> str | None:
        return self.monitor if self.save_best_only else None

    def _print(self, text: str) -> None:
        if self.verbose > 0:
            print(text)

    def _save(self, filepath: str) -> None:
        if self.save_weights_only:
            self.model.save_weights(filepath, overwrite=True)
        else:
            self.model.save(filepath, overwrite=True)


class TrainingCheckpoint(Callback):
    """Saves the whole state of the training, so that `fit(..., resume_from=filepath)` can continue it.

    The file holds the weights (`model.load_weights` reads them), the state of the optimizer, the state of the
    random generators, the position in the data, and the state of the callbacks. On a CPU, a resumed training
    computes bit for bit the numbers of an uninterrupted one. A new file replaces the old one only when it is
    complete.

    Of several processes (`keras.distributed`) only process 0 writes. To resume, give the file to all of them.

    Args:
        filepath: path of the file. Its directory must exist.
        period: int, number of epochs from one save to the next; 0 for no saves at the end of epochs.
        batches: int, number of batches from one save to the next within an epoch; None for no such saves.

    Raises:
        ValueError: `period` or `batches` is not an int, or is too small; or the suffix of `filepath` means
            another format than HDF5.
        FileNotFoundError: at the start of training, the directory does not exist.

    Example:
        >>> checkpoint = TrainingCheckpoint('training.h5', batches=500)
        >>> resume_from = 'training.h5' if os.path.exists('training.h5') else None
        >>> model.fit(x, y, callbacks=[checkpoint], resume_from=resume_from)  # doctest: +SKIP
    """

    #: State of the training, with a method `save(filepath)`; the training loop sets it.
    training: Any = None
    #: Path of a file that `fit` continues from if `resume_from` is None, or None.
    file_to_resume: str | None = None

    # The hooks may lag, because the loop stops after every `batches` batches to call them.
    _promises = Promise.BATCH_HOOKS_MAY_LAG | Promise.DATA_UNCHANGED | Promise.LOGS_KNOWN
    # Last, because the state to save includes what the other callbacks do at this batch or epoch.
    _runs_last = True

    def __init__(self, filepath: FilePath, period: int = 1, batches: int | None = None) -> None:
        super().__init__()
        self.filepath = os.fspath(filepath)
        refuse_other_suffix(self.filepath, "TrainingCheckpoint")
        self.period = _count("period", period, least=0)
        self.batches = None if batches is None else _count("batches", batches, least=1)

    def on_train_begin(self, logs: Logs = NO_LOGS) -> None:
        _check_directory(self.filepath, "TrainingCheckpoint")

    def on_batch_end(self, batch: int, logs: Logs = NO_LOGS) -> None:
        if self.batches and (batch + 1) % self.batches == 0:
            self._save()

    def on_epoch_end(self, epoch: int, logs: Logs = NO_LOGS) -> None:
        if self.period and (epoch + 1) % self.period == 0:
            self._save()

    def _batches_between_stops(self) -> int | None:
        return self.batches

    def _save(self) -> None:
        self.training.save(self.filepath)


class BackupAndRestore(TrainingCheckpoint):
    """`TrainingCheckpoint` under the name and with the habits of later versions of Keras.

    If the folder has the file of a training that was interrupted, `fit` continues it, without `resume_from`.
    At the end of a training the file is removed.

    Args:
        backup_dir: path of the folder of the file 'training.h5'; it is made if needed.
        save_freq: 'epoch', or int, number of batches from one save to the next.
        delete_checkpoint: bool, whether to remove the file at the end of the training.

    Raises:
        ValueError: `save_freq` is neither.

    Example:
        >>> callbacks = [BackupAndRestore('backup', save_freq=500)]
    """

    _promises = Promise.BATCH_HOOKS_MAY_LAG | Promise.DATA_UNCHANGED | Promise.LOGS_KNOWN

    def __init__(
        self, backup_dir: FilePath, save_freq: str | int = "epoch", delete_checkpoint: bool = True
    ) -> None:
        if isinstance(save_freq, str) and save_freq != "epoch":
            raise ValueError(
                f"BackupAndRestore: save_freq must be 'epoch' or a number of batches; got {save_freq!r}."
            )
        batches = None if isinstance(save_freq, str) else save_freq
        super().__init__(os.path.join(os.fspath(backup_dir), "training.h5"), batches=batches)
        self.backup_dir = os.fspath(backup_dir)
        self.save_freq = save_freq
        self.delete_checkpoint = delete_checkpoint

    @property
    def file_to_resume(self) -> str | None:
        return self.filepath if os.path.exists(self.filepath) else None

    def on_train_begin(self, logs: Logs = NO_LOGS) -> None:
        os.makedirs(self.backup_dir, exist_ok=True)

    def on_train_end(self, logs: Logs = NO_LOGS) -> None:
        if self.delete_checkpoint and os.path.exists(self.filepath):
            os.remove(self.filepath)


def _count(name: str, value: Any, least: int) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < least:
        raise ValueError(f"TrainingCheckpoint: {name} must be an int of {least} or more; got {value!r}.")
    return int(value)


def _check_directory(filepath: str, owner: str) -> None:
    """Raises FileNotFoundError if the directory of a file does not exist."""
    folder = os.path.dirname(filepath)
    if folder and not os.path.isdir(folder):
        raise FileNotFoundError(
            f"{owner}: there is no directory {folder!r} for filepath {filepath!r}. "
            f"Make it first: os.makedirs({folder!r})."
        )


def _check_fields(filepath: str, known: Sequence[str]) -> None:
    """Raises ValueError unless all fields of the format string `filepath` are in `known`."""
    try:
        fields = [field for _, field, _, _ in string.Formatter().parse(filepath)]
    except ValueError as error:
        raise ValueError(
            f"ModelCheckpoint: filepath {filepath!r} is not a format string ({error}). Write {{{{ "
            "and }} for braces in the name."
        ) from error
    for field in fields:
        # The fields 'x.real' and 'x[0]' refer to 'x'. Text without a field has None.
        name = None if field is None else field.partition(".")[0].partition("[")[0]
        if name is not None and name not in known and other_name(name) not in known:
            raise ValueError(
                f"ModelCheckpoint: filepath {filepath!r} contains {name!r}, which the logs of this "
                f"training will not have; they have {', '.join(known)}. (Names that start with "
                "'val_' need validation data.)"
            )
