"""The callbacks that every training has: averages, progress bar, history."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, ClassVar

import numpy as np

from .._base.displayed import Displayed
from .._base.progress import Progbar
from .._base.rooms import room
from .._spelling import Batches
from .._spelling import Logs as LogsUnderBothNames
from ._base import NO_LOGS, Callback, Logs
from ._facts import Promise
from ._state import count, counts, lists_by_name, named_numbers, numbers_by_name, sums_by_name


class BaseLogger(Callback):
    """Averages the loss and the metrics of the batches over the epoch, weighted by samples.

    Part of every training. It writes the averages to the logs that the other callbacks receive.
    """

    state_attributes = ("seen", "totals")
    _state_kinds: ClassVar = {"seen": count, "totals": numbers_by_name}
    _promises = Promise.BATCH_HOOKS_MAY_LAG | Promise.DATA_UNCHANGED | Promise.LOGS_KNOWN

    def on_epoch_begin(self, epoch: int, logs: Logs = NO_LOGS) -> None:
        self.seen = 0
        self.totals: dict[str, Any] = {}

    def on_batch_end(self, batch: int, logs: Logs = NO_LOGS) -> None:
        logs = logs or {}
        size = logs.get("size", 0)
        self.seen += size
        last = self.params.get("stateful_metrics", ())
        for name, value in logs.items():
            # The value of a metric over all data is that of all batches so far.
            self.totals[name] = value * self.seen if name in last else self.totals.get(name, 0) + value * size

    def on_epoch_end(self, epoch: int, logs: Logs = NO_LOGS) -> None:
        if logs is None:
            return
        for name in self.params["metrics"]:
            if name in self.totals:
                logs[name] = self.totals[name] / self.seen


class ProgbarLogger(Callback):
    """Shows the progress of each epoch. Part of every training with `verbose`."""

    state_attributes = ("seen", "log_values")
    _state_kinds: ClassVar = {"seen": count, "log_values": named_numbers, "sum_values": sums_by_name}
    _promises = Promise.BATCH_HOOKS_MAY_LAG | Promise.DATA_UNCHANGED | Promise.LOGS_KNOWN

    def get_state(self) -> dict[str, Any]:
        bar = getattr(self, "progbar", None)
        return {**super().get_state(), "sum_values": bar.sum_values if bar else {}}

    def set_state(self, state: dict[str, Any]) -> None:
        super().set_state(state)
        if hasattr(self, "progbar"):
            self.progbar.seen_so_far = self.seen
            self.progbar.sum_values = state["sum_values"]

    def on_train_begin(self, logs: Logs = NO_LOGS) -> None:
        self.verbose = self.params["verbose"]
        self.nb_epoch = self.params["nb_epoch"]

    def on_epoch_begin(self, epoch: int, logs: Logs = NO_LOGS) -> None:
        self.seen = 0
        self.log_values: list[tuple[str, Any]] = []
        if self.verbose:
            print(f"Epoch {epoch + 1}/{self.nb_epoch}")
            self.progbar = Progbar(target=self.params["nb_sample"], verbose=self.verbose)

    def on_batch_begin(self, batch: int, logs: Logs = NO_LOGS) -> None:
        samples = self.params["nb_sample"]
        if samples is None and self.verbose and self.seen:
            # Which batch is the last is not known before the end; see `on_batch_end`.
            self.progbar.update(self.seen, self.log_values)
        if samples is None or self.seen < samples:
            self.log_values = []

    def on_batch_end(self, batch: int, logs: Logs = NO_LOGS) -> None:
        logs = logs or {}
        samples = self.params["nb_sample"]
        self.seen += 1 if samples is None or isinstance(samples, Batches) else logs.get("size", 0)
        self._take_values(logs)
        # The last batch is drawn at the end of the epoch, together with the validation results.
        if self.verbose and samples is not None and self.seen < samples:
            self.progbar.update(self.seen, self.log_values)

    def on_epoch_end(self, epoch: int, logs: Logs = NO_LOGS) -> None:
        self._take_values(logs or {})
        if self.verbose:
            if self.progbar.target is None:
                self.progbar.target = self.seen
            self.progbar.update(self.seen, self.log_values, force=True)

    def show(self, text: str) -> None:
        """Shows a text in place of the bar until it is redrawn; see `Progbar.show`."""
        if getattr(self, "verbose", 0):
            self.progbar.show(text)

    def delay(self, seconds: float) -> None:
        """Leaves out a time in the estimate of what is left; see `Progbar.delay`."""
        if getattr(self, "verbose", 0):
            self.progbar.delay(seconds)

    def _take_values(self, logs: Logs) -> None:
        names = self.params["metrics"]
        self.log_values += [(name, logs[name]) for name in names if name in logs]


class History(Callback, Displayed):
    """Records the logs of all epochs. `fit` returns it.

    Attributes:
        epoch: list of int, the numbers of the epochs, from 0.
        history: dict name -> list of values, one for each epoch.
        seconds: dict, how long "compile", "data", "callbacks" and "steps" took, and the "total"; empty until
            `fit` has ended.
    """

    seconds: Mapping[str, float] = MappingProxyType({})

    epoch: list[int]
    history: dict[str, list[Any]]

    state_attributes = ("epoch", "history")
    _state_kinds: ClassVar = {"epoch": counts, "history": lists_by_name}
    _promises = Promise.DATA_UNCHANGED | Promise.LOGS_KNOWN

    @property
    def best_epoch(self) -> int | None:
        """int: the epoch, from 0, with the smallest 'val_loss', or else 'loss'; None if there is none."""
        values = self._curves().get("val_loss") or self._curves().get("loss") or []
        finite = [(value, epoch) for epoch, value in values if np.isfinite(value)]
        return min(finite)[1] if finite else None

    def plot(self, names: Sequence[str] | None = None) -> Any:
        """Draws the values over the epochs, those of training and validation in one panel each.

        Args:
            names: list of the values to draw, such as ['loss', 'acc']; None draws all.

        Returns:
            `matplotlib.figure.Figure`, which a notebook shows and `savefig` writes to a file.

        Raises:
            ImportError: matplotlib is not installed.
            ValueError: there is no value of a name, or no epoch yet.
        """
        return room("plots").plot_history(self, names)

    def _curves(self) -> dict[str, list[tuple[int, float]]]:
        """Returns name -> list of (epoch, value), for the values that are numbers.

        A value that a callback added late belongs to the last epochs.
        """
        epochs = getattr(self, "epoch", [])
        curves = {}
        for name, values in getattr(self, "history", {}).items():
            numeric = [np.size(v) == 1 and np.issubdtype(np.asarray(v).dtype, np.number) for v in values]
            if values and all(numeric):
                pairs = zip(epochs[-len(values) :], values, strict=False)
                curves[name] = [(epoch, float(np.asarray(value).reshape(()))) for epoch, value in pairs]
        return curves

    def __repr__(self) -> str:
        last = [f"{name}: {values[-1][1]:.4g}" for name, values in self._curves().items()]
        best = [] if self.best_epoch is None else [f"best epoch: {self.best_epoch + 1}"]
        count = len(getattr(self, "epoch", []))
        return f"<History of {', '.join([f'{count} epochs' if count != 1 else '1 epoch', *last, *best])}>"

    def on_train_begin(self, logs: Logs = NO_LOGS) -> None:
        self.epoch = []
        self.history = LogsUnderBothNames()

    def on_epoch_end(self, epoch: int, logs: Logs = NO_LOGS) -> None:
        self.epoch.append(epoch)
        for name, value in (logs or {}).items():
            self.history.setdefault(name, []).append(value)
