"""Files of the model, or of the whole state of the training, as it goes on."""

import os
import string
from typing import Any

import numpy as np

from ._base import Callback, warn
from ._monitor import comparison, grows, known_mode, worst


class ModelCheckpoint(Callback):
    """Saves the model after epochs. NaN is never the best value.

    Args:
        filepath: str, path of the file; it may hold the epoch (from 0) and numbers of the logs, as
            in 'weights.{epoch:02d}-{val_loss:.2f}.h5'. Its directory must exist.
        monitor: str, name of the number that says what is best.
        verbose: 0 or 1, whether to print what happens.
        save_best_only: bool, save only when `monitor` is better than ever before.
        save_weights_only: bool, `model.save_weights` instead of `model.save`.
        mode: 'min', 'max', or 'auto': 'max' for names with 'acc' or that start with 'fmeasure'.
        period: int, number of epochs between two savings.

    Raises:
        FileNotFoundError: at the start of training, the directory does not exist.
        ValueError: at the start of training, `filepath` holds a name that logs will not have.

    Example:
        >>> best = ModelCheckpoint('best.h5', monitor='val_acc', save_best_only=True)
    """

    state_attributes = ("best", "epochs_since_last_save")

    def __init__(
        self,
        filepath,
        monitor="val_loss",
        verbose=0,
        save_best_only=False,
        save_weights_only=False,
        mode="auto",
        period=1,
    ):
        super().__init__()
        self.filepath = os.fspath(filepath)
        self.monitor = monitor
        self.verbose = verbose
        self.save_best_only = save_best_only
        self.save_weights_only = save_weights_only
        self.period = period
        self.epochs_since_last_save = 0
        mode = known_mode(mode, "ModelCheckpoint")
        self.monitor_op = comparison(mode, grows(monitor) or monitor.startswith("fmeasure"))
        self.best = worst(self.monitor_op)

    def on_train_begin(self, logs=None):
        folder = os.path.dirname(self.filepath)
        if folder and "{" not in folder and not os.path.isdir(folder):
            raise FileNotFoundError(
                f"ModelCheckpoint: there is no directory {folder!r} for filepath "
                f"{self.filepath!r}. Make it first: os.makedirs({folder!r})."
            )
        params = self.params or {}
        if "metrics" in params and not params.get("open_logs"):
            _check_names(self.filepath, ["epoch", "lr", *params["metrics"]])

    def on_epoch_end(self, epoch, logs=None):
        logs = logs or {}
        self.epochs_since_last_save += 1
        if self.epochs_since_last_save < self.period:
            return
        self.epochs_since_last_save = 0
        filepath = self.filepath.format(epoch=epoch, **logs)
        if not self.save_best_only:
            self._tell(f"Epoch {epoch:05d}: saving model to {filepath}")
            self._save(filepath)
            return
        current = logs.get(self.monitor)
        if current is None:
            warn(f"Can save best model only with {self.monitor} available, skipping.")
        elif self.monitor_op(current, self.best):
            self._tell(
                f"Epoch {epoch:05d}: {self.monitor} improved from {self.best:.5f} to "
                f"{current:.5f}, saving model to {filepath}"
            )
            self.best = current
            self._save(filepath)
        else:
            self._tell(f"Epoch {epoch:05d}: {self.monitor} did not improve")

    def _tell(self, text):
        if self.verbose > 0:
            print(text)

    def _save(self, filepath):
        if self.save_weights_only:
            self.model.save_weights(filepath, overwrite=True)
        else:
            self.model.save(filepath, overwrite=True)


class TrainingCheckpoint(Callback):
    """Saves the whole state of the training, from which `fit(..., resume_from=filepath)` goes on.

    The file holds the weights (`model.load_weights` reads them), the optimizer's memory, the state of
    the random generators, the place in the data, and what the callbacks remember. Training that is
    resumed gives the numbers, bit for bit on a CPU, that it would have given without a break. A new
    file takes the old one's place only when it is complete.

    Of several processes (`keras.distributed`) process 0 alone writes; to resume, give all of them the file.

    Args:
        filepath: path of the file; its directory must exist.
        period: int, number of epochs between two savings; 0 for none at the end of epochs.
        batches: int, number of batches between two savings within an epoch; None for none.

    Raises:
        FileNotFoundError: at the start of training, the directory does not exist.

    Example:
        >>> checkpoint = TrainingCheckpoint('training.h5', batches=500)
        >>> resume_from = 'training.h5' if os.path.exists('training.h5') else None
        >>> model.fit(x, y, callbacks=[checkpoint], resume_from=resume_from)  # doctest: +SKIP
    """

    #: Where the training is; the training loop puts it here.
    training: Any = None

    def __init__(self, filepath, period=1, batches=None):
        super().__init__()
        self.filepath = os.fspath(filepath)
        self.period = _count("period", period, least=0)
        self.batches = None if batches is None else _count("batches", batches, least=1)

    def on_train_begin(self, logs=None):
        folder = os.path.dirname(self.filepath)
        if folder and not os.path.isdir(folder):
            raise FileNotFoundError(
                f"TrainingCheckpoint: there is no directory {folder!r} for filepath "
                f"{self.filepath!r}. Make it first: os.makedirs({folder!r})."
            )

    def on_batch_end(self, batch, logs=None):
        if self.batches and (batch + 1) % self.batches == 0:
            self._save()

    def on_epoch_end(self, epoch, logs=None):
        if self.period and (epoch + 1) % self.period == 0:
            self._save()

    def _save(self):
        self.training.save(self.filepath)


def _count(name, value, least):
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < least:
        raise ValueError(f"TrainingCheckpoint: {name} must be an int of {least} or more; got {value!r}.")
    return int(value)


def _check_names(filepath, known):
    """Raises ValueError unless every name in the pattern `filepath` is in the list `known`."""
    try:
        fields = [field for _, field, _, _ in string.Formatter().parse(filepath)]
    except ValueError as error:
        raise ValueError(
            f"ModelCheckpoint: filepath {filepath!r} is not a format string ({error}). Write {{{{ "
            "and }} for braces in the name."
        ) from error
    for field in fields:
        # 'x.real' and 'x[0]' are about 'x'; text without a name has None
        name = None if field is None else field.partition(".")[0].partition("[")[0]
        if name is not None and name not in known:
            raise ValueError(
                f"ModelCheckpoint: filepath {filepath!r} holds {name!r}, which the logs of this "
                f"training will not have; they have {', '.join(known)}. (Names that start with "
                "'val_' need validation data.)"
            )
