"""The callbacks that every training has: averages, progress bar, history."""

from typing import Any

from .._base.progress import Progbar
from .._spelling import Batches
from ._base import NO_LOGS, Callback, Logs
from ._facts import Promise


class BaseLogger(Callback):
    """Averages the loss and the metrics of the batches over the epoch, weighted by samples.

    Part of every training. It writes the averages to the logs that the other callbacks receive.
    """

    state_attributes = ("seen", "totals")
    _promises = Promise.BATCH_HOOKS_MAY_LAG | Promise.DATA_UNCHANGED | Promise.LOGS_KNOWN

    def on_epoch_begin(self, epoch: int, logs: Logs = NO_LOGS) -> None:
        self.seen = 0
        self.totals: dict[str, Any] = {}

    def on_batch_end(self, batch: int, logs: Logs = NO_LOGS) -> None:
        logs = logs or {}
        size = logs.get("size", 0)
        self.seen += size
        for name, value in logs.items():
            self.totals[name] = self.totals.get(name, 0) + value * size

    def on_epoch_end(self, epoch: int, logs: Logs = NO_LOGS) -> None:
        if logs is None:
            return
        for name in self.params["metrics"]:
            if name in self.totals:
                logs[name] = self.totals[name] / self.seen


class ProgbarLogger(Callback):
    """Shows the progress of each epoch. Part of every training with `verbose`."""

    state_attributes = ("seen", "log_values")
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
        if self.seen < self.params["nb_sample"]:
            self.log_values = []

    def on_batch_end(self, batch: int, logs: Logs = NO_LOGS) -> None:
        logs = logs or {}
        self.seen += 1 if isinstance(self.params["nb_sample"], Batches) else logs.get("size", 0)
        self._take_values(logs)
        # The last batch is drawn at the end of the epoch, together with the validation results.
        if self.verbose and self.seen < self.params["nb_sample"]:
            self.progbar.update(self.seen, self.log_values)

    def on_epoch_end(self, epoch: int, logs: Logs = NO_LOGS) -> None:
        self._take_values(logs or {})
        if self.verbose:
            self.progbar.update(self.seen, self.log_values, force=True)

    def _take_values(self, logs: Logs) -> None:
        names = self.params["metrics"]
        self.log_values += [(name, logs[name]) for name in names if name in logs]


class History(Callback):
    """Records the logs of all epochs. `fit` returns it.

    Attributes:
        epoch: list of int, the numbers of the epochs, from 0.
        history: dict name -> list of values, one for each epoch.
    """

    epoch: list[int]
    history: dict[str, list[Any]]

    state_attributes = ("epoch", "history")
    _promises = Promise.DATA_UNCHANGED | Promise.LOGS_KNOWN

    def on_train_begin(self, logs: Logs = NO_LOGS) -> None:
        self.epoch = []
        self.history = {}

    def on_epoch_end(self, epoch: int, logs: Logs = NO_LOGS) -> None:
        self.epoch.append(epoch)
        for name, value in (logs or {}).items():
            self.history.setdefault(name, []).append(value)
