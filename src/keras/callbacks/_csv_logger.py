"""The callback that writes logs to a CSV file."""

import csv
import os
from collections.abc import Iterable, Sequence
from typing import IO, Any, ClassVar

import numpy as np

from .._base.types import FilePath
from ._base import NO_LOGS, Callback, Logs
from ._facts import Promise
from ._state import count, names_or_none


class CSVLogger(Callback):
    """Writes the logs of each epoch to a line of a CSV file.

    The columns are the epoch, and the names in the logs of the first epoch, sorted.

    Args:
        filename: path of the file.
        separator: str, one character between columns.
        append: bool, whether to continue an existing file (the header is written only if the file is empty)
            or to replace it.

    Example:
        >>> csv_logger = CSVLogger('training.log', separator=';')
    """

    _promises = Promise.DATA_UNCHANGED | Promise.LOGS_KNOWN
    _state_kinds: ClassVar = {"keys": names_or_none, "bytes": count}

    def __init__(self, filename: FilePath, separator: str = ",", append: bool = False) -> None:
        super().__init__()
        self.filename = filename
        self.sep = separator
        self.append = append
        self.append_header = True
        self.keys: Sequence[str] | None = None
        self.writer: csv.DictWriter[str] | None = None
        self.csv_file: IO[str] | None = None

    def on_train_begin(self, logs: Logs = NO_LOGS) -> None:
        if self.csv_file is not None:
            self.csv_file.close()  # left open by a training that was interrupted
        keep = self.append or (self.params or {}).get("resumed")
        self.csv_file = open(self.filename, "a" if keep else "w", newline="")  # noqa: SIM115 - open until the end
        self.append_header = self.csv_file.tell() == 0
        self.writer = None

    def get_state(self) -> dict[str, Any]:
        started = self.writer is not None
        return {"keys": self.keys if started else None, "bytes": self._file.tell()}

    def set_state(self, state: dict[str, Any]) -> None:
        # Lines after the state belong to epochs that will run again.
        self._file.truncate(min(state["bytes"], self._file.tell()))
        self._file.seek(0, os.SEEK_END)
        self.append_header = self._file.tell() == 0
        if state["keys"] is not None:
            self._start_writer(state["keys"])

    def on_epoch_end(self, epoch: int, logs: Logs = NO_LOGS) -> None:
        logs = logs or {}
        writer = self.writer or self._start_writer(sorted(logs))
        writer.writerow({"epoch": epoch, **{key: _cell(logs[key]) for key in self.keys or ()}})
        self._file.flush()

    def on_train_end(self, logs: Logs = NO_LOGS) -> None:
        self._file.close()
        self.writer = None

    @property
    def _file(self) -> IO[str]:
        assert self.csv_file is not None, "CSVLogger: the file is opened by on_train_begin"
        return self.csv_file

    def _start_writer(self, keys: Sequence[str]) -> "csv.DictWriter[str]":
        self.keys = keys
        self.writer = csv.DictWriter(self._file, ["epoch", *keys], delimiter=self.sep)
        if self.append_header:
            self.writer.writeheader()
        return self.writer


def _cell(value: Any) -> Any:
    """Converts a value to a CSV cell: a sequence becomes text in brackets."""
    if isinstance(value, Iterable) and np.ndim(value) > 0:  # pyright: ignore[reportArgumentType]
        return f'"[{", ".join(map(str, value))}]"'
    return value
