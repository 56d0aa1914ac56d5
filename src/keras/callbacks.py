"""Callbacks: objects that look on while a model trains, and may step in.

The training loop calls every callback at the start and end of training, of each epoch and of each
batch, with a dictionary `logs` of what is known then:

- batch begin: 'batch' (number in the epoch, from 0), 'size' (samples in it);
- batch end: these and the loss and metrics of the batch;
- epoch end: the averages over the epoch (from `BaseLogger`), and 'val_...' of the validation data.

Epochs are counted from 0, also in file names and messages, as in Keras 1.2.2.

A callback that remembers something from one hook to the next names it in `state_attributes`; a
`TrainingCheckpoint` then writes it down, and training that is resumed goes on with it.
"""

import collections
import csv
import http.client
import json
import math
import os
import string
import time
import urllib.error
import urllib.parse
import urllib.request
import warnings
from collections.abc import Iterable
from typing import Any

import numpy as np

from . import backend as K
from ._spelling import Batches
from .utils._graph_def import graph_def
from .utils.generic_utils import Progbar

_SLOW_SECONDS = 0.1
_MODES = ("auto", "min", "max")


class CallbackList:
    """Several callbacks that are called as one, in order.

    Args:
        callbacks: list of `Callback` objects, or None.
        queue_length: int, over how many of the last batches the time that the callbacks take is
            looked at, to warn of slow ones.

    Raises:
        TypeError: something in the list is not a `Callback`.
    """

    def __init__(self, callbacks=None, queue_length=10):
        self.callbacks = []
        for callback in callbacks or []:
            self.append(callback)
        self.queue_length = queue_length
        self._forget_times()

    def append(self, callback):
        """Adds a callback at the end; it is not told of the model and parameters set before."""
        if not isinstance(callback, Callback):
            hint = " Pass an object, not the class." if isinstance(callback, type) else ""
            raise TypeError(
                f"callbacks: expected keras.callbacks.Callback objects, got "
                f"{type(callback).__name__} {callback!r}.{hint}"
            )
        self.callbacks.append(callback)

    @property
    def watches_batches(self):
        """bool: whether a callback that is not built in looks at single batches.

        `BaseLogger`, `History` and `ProgbarLogger` do not count: they only need the batches' logs;
        nor does `TrainingCheckpoint`, see `batches_between_stops`. The training loop may run many
        steps as one device program when nobody watches.
        """
        own = {
            getattr(kind, name)
            for kind in (Callback, BaseLogger, History, ProgbarLogger, TrainingCheckpoint)
            for name in ("on_batch_begin", "on_batch_end")
        }
        return any(
            getattr(hook, "__func__", hook) not in own
            for callback in self.callbacks
            for hook in (callback.on_batch_begin, callback.on_batch_end)
        )

    @property
    def batches_between_stops(self):
        """int: after how many batches the state of the training is looked at, or None for never."""
        periods = [c.batches for c in self.callbacks if isinstance(c, TrainingCheckpoint) and c.batches]
        return math.gcd(*periods) or None

    def get_state(self):
        """The states of all callbacks by their names, a dict; for `set_state` of a list like this one."""
        return {name: callback.get_state() for name, callback in self._named()}

    def set_state(self, states):
        """Sets the callbacks' states; warns of a state that nobody is there for, and the other way."""
        own = dict(self._named())
        for name, state in states.items():
            if name in own:
                own[name].set_state(state)
        missing = [name for name in states if name not in own and states[name]]
        new = [name for name, callback in own.items() if name not in states and callback.get_state()]
        unimportant = (BaseLogger.__name__, ProgbarLogger.__name__, History.__name__)
        for name in missing + new:
            if name.partition(":")[0] not in unimportant:
                has, lacks = ("file", "callbacks") if name in missing else ("callbacks", "file")
                _warn(
                    f"Resuming: {name.partition(':')[0]} is in the {has}, but not in the {lacks}; "
                    "pass the callbacks of the training that is resumed, in the same order.",
                    UserWarning,
                )

    def _named(self):
        """Pairs (class name and number among those of the class, callback)."""
        seen = collections.Counter()
        for callback in self.callbacks:
            kind = type(callback).__name__
            yield f"{kind}:{seen[kind]}", callback
            seen[kind] += 1

    def set_params(self, params):
        """Hands the parameters of the training to every callback; see `Callback`."""
        # A user's callback may add numbers of its own to the logs; nobody knows their names.
        params = {**params, "open_logs": any(map(_may_add_logs, self.callbacks))}
        for callback in self.callbacks:
            callback.set_params(params)

    def set_model(self, model):
        """Hands the model to every callback."""
        for callback in self.callbacks:
            callback.set_model(model)

    def on_epoch_begin(self, epoch, logs=None):
        """Calls every callback's `on_epoch_begin`."""
        logs = {} if logs is None else logs
        for callback in self.callbacks:
            callback.on_epoch_begin(epoch, logs)
        self._forget_times()

    def on_epoch_end(self, epoch, logs=None):
        """Calls every callback's `on_epoch_end`."""
        logs = {} if logs is None else logs
        for callback in self.callbacks:
            callback.on_epoch_end(epoch, logs)

    def on_batch_begin(self, batch, logs=None):
        """Calls every callback's `on_batch_begin`; warns if they are slow."""
        logs = {} if logs is None else logs
        start = time.perf_counter()
        for callback in self.callbacks:
            callback.on_batch_begin(batch, logs)
        self._batch_start = time.perf_counter()
        self._note_time("on_batch_begin", self._begin_times, self._batch_start - start)

    def on_batch_end(self, batch, logs=None):
        """Calls every callback's `on_batch_end`; warns if they are slow."""
        logs = {} if logs is None else logs
        start = time.perf_counter()
        if self._batch_start is not None:
            self._batch_seconds = start - self._batch_start
        for callback in self.callbacks:
            callback.on_batch_end(batch, logs)
        self._note_time("on_batch_end", self._end_times, time.perf_counter() - start)

    def on_train_begin(self, logs=None):
        """Calls every callback's `on_train_begin`."""
        logs = {} if logs is None else logs
        for callback in self.callbacks:
            callback.on_train_begin(logs)

    def on_train_end(self, logs=None):
        """Calls every callback's `on_train_end`."""
        logs = {} if logs is None else logs
        for callback in self.callbacks:
            callback.on_train_end(logs)

    def _forget_times(self):
        self._batch_start = None
        self._batch_seconds = 0.0
        self._begin_times = collections.deque(maxlen=self.queue_length)
        self._end_times = collections.deque(maxlen=self.queue_length)

    def _note_time(self, hook, times, seconds):
        times.append(seconds)
        # A median costs more than a small step, so it is taken only when there is a suspicion.
        if seconds <= _SLOW_SECONDS or self._batch_seconds <= 0:
            return
        median = np.median(times)
        if median > max(_SLOW_SECONDS, 0.95 * self._batch_seconds):
            warnings.warn(
                f"Method {hook}() is slow compared to the batch update ({median:f}). Check your callbacks.",
                stacklevel=3,
            )


class Callback:
    """What every callback is: override the hooks that you need.

    Attributes:
        params: dict of the training: 'batch_size' (or None), 'nb_epoch', 'nb_sample' (samples in
            an epoch), 'verbose', 'do_validation', 'metrics' (names that logs may have), 'resumed'
            (whether training goes on from a `TrainingCheckpoint`).
        model: the model in training.
        state_attributes: tuple of str, the attributes that must be kept for training that is
            resumed: None, bools, numbers, strings, NumPy arrays, and lists and dicts of them.

    Example:
        >>> class LossHistory(Callback):
        ...     state_attributes = ('losses',)
        ...     def on_train_begin(self, logs=None):
        ...         self.losses = []
        ...     def on_batch_end(self, batch, logs=None):
        ...         self.losses.append(logs['loss'])
    """

    params = None
    model = None
    state_attributes = ()

    def __init__(self):
        pass

    def get_state(self):
        """What the callback remembers, a dict of plain data: the values of `state_attributes`."""
        return {name: getattr(self, name) for name in self.state_attributes if hasattr(self, name)}

    def set_state(self, state):
        """Takes what `get_state` gave.

        It is called when training is resumed: after `on_train_begin` and, within an epoch, after
        `on_epoch_begin` of that epoch.
        """
        for name, value in state.items():
            if name in self.state_attributes:
                setattr(self, name, value)

    def set_params(self, params):
        """Takes the parameters of the training."""
        self.params = params

    def set_model(self, model):
        """Takes the model."""
        self.model = model

    def on_epoch_begin(self, epoch, logs=None):
        """Before epoch `epoch`, counted from 0; `logs` is empty."""

    def on_epoch_end(self, epoch, logs=None):
        """After epoch `epoch`; `logs` has its averages and the validation results."""

    def on_batch_begin(self, batch, logs=None):
        """Before batch `batch` of the epoch, counted from 0; `logs` has 'batch' and 'size'."""

    def on_batch_end(self, batch, logs=None):
        """After batch `batch`; `logs` has also its loss and metrics."""

    def on_train_begin(self, logs=None):
        """Before the first epoch; `logs` is empty."""

    def on_train_end(self, logs=None):
        """After the last epoch; `logs` is empty."""


class BaseLogger(Callback):
    """Averages the batches' numbers over the epoch, each batch weighted by its samples.

    Part of every training; it adds the averages to the logs that other callbacks get.
    """

    state_attributes = ("seen", "totals")

    def on_epoch_begin(self, epoch, logs=None):
        self.seen = 0
        self.totals = {}

    def on_batch_end(self, batch, logs=None):
        logs = logs or {}
        size = logs.get("size", 0)
        self.seen += size
        for name, value in logs.items():
            self.totals[name] = self.totals.get(name, 0) + value * size

    def on_epoch_end(self, epoch, logs=None):
        if logs is None:
            return
        for name in self.params["metrics"]:
            if name in self.totals:
                logs[name] = self.totals[name] / self.seen


class ProgbarLogger(Callback):
    """Shows the progress of each epoch; part of every training with `verbose`."""

    state_attributes = ("seen", "log_values")

    def get_state(self):
        bar = getattr(self, "progbar", None)
        return {**super().get_state(), "sum_values": bar.sum_values if bar else {}}

    def set_state(self, state):
        super().set_state(state)
        if hasattr(self, "progbar"):
            self.progbar.seen_so_far = self.seen
            self.progbar.sum_values = state["sum_values"]

    def on_train_begin(self, logs=None):
        self.verbose = self.params["verbose"]
        self.nb_epoch = self.params["nb_epoch"]

    def on_epoch_begin(self, epoch, logs=None):
        self.seen = 0
        self.log_values = []
        if self.verbose:
            print(f"Epoch {epoch + 1}/{self.nb_epoch}")
            self.progbar = Progbar(target=self.params["nb_sample"], verbose=self.verbose)

    def on_batch_begin(self, batch, logs=None):
        if self.seen < self.params["nb_sample"]:
            self.log_values = []

    def on_batch_end(self, batch, logs=None):
        logs = logs or {}
        self.seen += 1 if isinstance(self.params["nb_sample"], Batches) else logs.get("size", 0)
        self._take_values(logs)
        # The last batch is drawn at the end of the epoch, together with the validation.
        if self.verbose and self.seen < self.params["nb_sample"]:
            self.progbar.update(self.seen, self.log_values)

    def on_epoch_end(self, epoch, logs=None):
        self._take_values(logs or {})
        if self.verbose:
            self.progbar.update(self.seen, self.log_values, force=True)

    def _take_values(self, logs):
        names = self.params["metrics"]
        self.log_values += [(name, logs[name]) for name in names if name in logs]


class History(Callback):
    """Keeps the logs of all epochs; `fit` returns it.

    Attributes:
        epoch: list of int, the epochs.
        history: dict name -> list of values, one per epoch.
    """

    state_attributes = ("epoch", "history")

    def on_train_begin(self, logs=None):
        self.epoch = []
        self.history = {}

    def on_epoch_end(self, epoch, logs=None):
        self.epoch.append(epoch)
        for name, value in (logs or {}).items():
            self.history.setdefault(name, []).append(value)


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
        mode = _known_mode(mode, "ModelCheckpoint")
        self.monitor_op = _comparison(mode, _grows(monitor) or monitor.startswith("fmeasure"))
        self.best = _worst(self.monitor_op)

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
            _warn(f"Can save best model only with {self.monitor} available, skipping.")
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
        mode = _known_mode(mode, "EarlyStopping")
        self.monitor_op = _comparison(mode, _grows(monitor) or monitor.startswith("fmeasure"))
        self.min_delta = min_delta if self.monitor_op is np.greater else -min_delta

    def on_train_begin(self, logs=None):
        self.wait = 0
        self.stopped_epoch = 0
        self.best = _worst(self.monitor_op)

    def on_epoch_end(self, epoch, logs=None):
        current = (logs or {}).get(self.monitor)
        if current is None:
            _warn(f"Early stopping requires {self.monitor} available!")
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


class RemoteMonitor(Callback):
    """Posts the logs of each epoch to a server, as one form field that holds JSON.

    Args:
        root: str, address of the server.
        path: str, path at the server.
        field: str, name of the form field.
        headers: dict of HTTP headers; None means to accept and announce JSON.
    """

    def __init__(
        self,
        root="http://localhost:9000",
        path="/publish/epoch/end/",
        field="data",
        headers=None,
    ):
        super().__init__()
        self.root = root
        self.path = path
        self.field = field
        if headers is None:
            headers = {"Accept": "application/json", "Content-Type": "application/json"}
        self.headers = headers

    def on_epoch_end(self, epoch, logs=None):
        report = json.dumps({"epoch": epoch, **(logs or {})}, default=float)  # NumPy numbers
        request = urllib.request.Request(
            self.root + self.path,
            data=urllib.parse.urlencode({self.field: report}).encode(),
            headers=self.headers,
        )
        try:
            # Without a time limit, a server that hangs would stop the training.
            urllib.request.urlopen(request, timeout=10).close()
        except urllib.error.HTTPError as error:
            error.close()  # the server was reached; what it answers is its own affair
        except (OSError, http.client.HTTPException):
            _warn(f"could not reach RemoteMonitor root server at {self.root}", UserWarning)


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


class TensorBoard(Callback):
    """Writes logs for TensorBoard, without TensorFlow: look with `tensorboard --logdir=./logs`.

    Needs the package tensorboardX: `pip install keras-classic[tensorboard]`.

    Args:
        log_dir: str, directory of the log files.
        histogram_freq: int, number of epochs between two histograms of each weight; 0 for none.
        write_graph: bool, write the graph of the model's layers when training starts.
        write_images: bool, write each weight of rank 1 or 2 as an image too, with the histograms.

    Raises:
        ImportError: when training starts, tensorboardX is not installed.
    """

    def __init__(self, log_dir="./logs", histogram_freq=0, write_graph=True, write_images=False):
        super().__init__()
        self.log_dir = log_dir
        self.histogram_freq = histogram_freq
        self.write_graph = write_graph
        self.write_images = write_images

    def set_model(self, model):
        super().set_model(model)
        try:
            from tensorboardX import SummaryWriter
        except ImportError as error:
            raise ImportError(
                "The TensorBoard callback needs the package tensorboardX. Install it with "
                "`pip install keras-classic[tensorboard]`."
            ) from error
        self.writer = SummaryWriter(self.log_dir)
        if self.write_graph:
            self._write_graph()

    def on_epoch_end(self, epoch, logs=None):
        for name, value in (logs or {}).items():
            if name not in ("batch", "size"):
                self.writer.add_scalar(name, float(value), epoch)
        if self.histogram_freq and epoch % self.histogram_freq == 0:
            self._write_weights(epoch)
        self.writer.flush()

    def on_train_end(self, _):
        self.writer.close()

    def _write_graph(self):
        from tensorboardX.proto.event_pb2 import Event

        depths = self.model.nodes_by_depth
        nodes = [node for depth in sorted(depths, reverse=True) for node in depths[depth]]
        event = Event(graph_def=graph_def(nodes).SerializeToString())
        self.writer.file_writer.add_event(event)

    def _write_weights(self, epoch):
        for weight in (weight for layer in self.model.layers for weight in layer.weights):
            value = np.asarray(K.get_value(weight), dtype="float64")
            self.writer.add_histogram(weight.name, value, epoch)
            image = np.squeeze(value)
            if self.write_images and image.ndim in (1, 2):
                self.writer.add_image(weight.name, _grey(image), epoch, dataformats="HW")


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
        self.mode = _known_mode(mode, "Learning Rate Plateau Reducing")
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
            _warn(f"Learning Rate Plateau Reducing requires {self.monitor} available!")
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
        self.monitor_op = _comparison(self.mode, _grows(self.monitor))
        self.best = _worst(self.monitor_op)
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


class CSVLogger(Callback):
    """Writes the logs of each epoch as a line of a CSV file; columns: epoch, then sorted names.

    Args:
        filename: str, path of the file.
        separator: str, one character between columns.
        append: bool, continue a file (the header is written if it is empty) instead of replacing.

    Example:
        >>> csv_logger = CSVLogger('training.log', separator=';')
    """

    def __init__(self, filename, separator=",", append=False):
        super().__init__()
        self.filename = filename
        self.sep = separator
        self.append = append
        self.keys = None
        self.writer = None
        self.csv_file = None

    def on_train_begin(self, logs=None):
        if self.csv_file is not None:
            self.csv_file.close()  # where the training before was broken off
        keep = self.append or (self.params or {}).get("resumed")
        self.csv_file = open(self.filename, "a" if keep else "w", newline="")
        self.append_header = self.csv_file.tell() == 0
        self.writer = None

    def get_state(self):
        started = self.writer is not None
        return {"keys": self.keys if started else None, "bytes": self.csv_file.tell()}

    def set_state(self, state):
        # Lines after the state are of epochs that will come again.
        self.csv_file.truncate(min(state["bytes"], self.csv_file.tell()))
        self.csv_file.seek(0, os.SEEK_END)
        self.append_header = self.csv_file.tell() == 0
        if state["keys"] is not None:
            self._start_writer(state["keys"])

    def on_epoch_end(self, epoch, logs=None):
        logs = logs or {}
        if self.writer is None:
            self._start_writer(sorted(logs))
        self.writer.writerow({"epoch": epoch, **{key: _cell(logs[key]) for key in self.keys}})
        self.csv_file.flush()

    def _start_writer(self, keys):
        self.keys = keys
        self.writer = csv.DictWriter(self.csv_file, ["epoch", *keys], delimiter=self.sep)
        if self.append_header:
            self.writer.writeheader()

    def on_train_end(self, logs=None):
        self.csv_file.close()
        self.writer = None


class LambdaCallback(Callback):
    """A callback made of functions.

    Args:
        on_epoch_begin, on_epoch_end: functions of (epoch, logs), or None.
        on_batch_begin, on_batch_end: functions of (batch, logs), or None.
        on_train_begin, on_train_end: functions of (logs), or None.
        **kwargs: further attributes of the object.

    Example:
        >>> show = LambdaCallback(on_epoch_end=lambda epoch, logs: print(epoch, logs['loss']))
        >>> show.on_epoch_end(0, {'loss': 0.5})
        0 0.5
    """

    def __init__(
        self,
        on_epoch_begin=None,
        on_epoch_end=None,
        on_batch_begin=None,
        on_batch_end=None,
        on_train_begin=None,
        on_train_end=None,
        **kwargs,
    ):
        super().__init__()
        self.__dict__.update(kwargs)
        hooks = {
            "on_epoch_begin": on_epoch_begin,
            "on_epoch_end": on_epoch_end,
            "on_batch_begin": on_batch_begin,
            "on_batch_end": on_batch_end,
            "on_train_begin": on_train_begin,
            "on_train_end": on_train_end,
        }
        self.__dict__.update({name: hook for name, hook in hooks.items() if hook is not None})


# --- what the callbacks share -------------------------------------------------------------------


def _warn(message, category=RuntimeWarning):
    warnings.warn(message, category, stacklevel=3)


def _count(name, value, least):
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < least:
        raise ValueError(f"TrainingCheckpoint: {name} must be an int of {least} or more; got {value!r}.")
    return int(value)


def _known_mode(mode, owner):
    if mode in _MODES:
        return mode
    _warn(f"{owner} mode {mode} is unknown, fallback to auto mode.")
    return "auto"


def _grows(monitor):
    """Whether a larger value of what is monitored is better, judged by its name."""
    return "acc" in monitor


def _comparison(mode, grows):
    """The NumPy comparison that says 'better'. It is False for NaN, which so is never best."""
    return np.greater if mode == "max" or (mode == "auto" and grows) else np.less


def _worst(comparison):
    return -np.inf if comparison is np.greater else np.inf


def _may_add_logs(callback):
    hook = callback.on_epoch_end
    return getattr(hook, "__module__", None) != __name__


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


def _grey(weight):
    """A weight as image: bytes, wider than high; 0 is mid-grey if there are negative values."""
    image = np.atleast_2d(weight).astype(float)
    if image.shape[0] > image.shape[1]:
        image = image.T
    largest = np.max(np.abs(image), initial=0) or 1.0
    if np.min(image, initial=0) < 0:
        return np.uint8(127 + 127 * image / largest)
    return np.uint8(255 * image / largest)


def _cell(value):
    """A value as CSV cell: sequences become text in brackets."""
    if isinstance(value, Iterable) and np.ndim(value) > 0:
        return f'"[{", ".join(map(str, value))}]"'
    return value
