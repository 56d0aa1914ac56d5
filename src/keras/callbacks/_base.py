"""What a callback is, and those that every training has."""

import warnings

from .._base.progress import Progbar
from .._spelling import Batches


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


def warn(message, category=RuntimeWarning):
    warnings.warn(message, category, stacklevel=3)
