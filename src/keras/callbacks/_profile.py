"""The callback that records a trace of an epoch, with the names of layers."""

import glob
import gzip
import json
import os
import re
from typing import Any

import jax

from .._base.types import FilePath
from ._base import NO_LOGS, Callback, Logs
from ._facts import Promise

#: In the text of a compiled program: the name of a kernel, and the path of scopes that it was made from.
_KERNEL = re.compile(r'^\s*(?:ROOT )?%?([\w.\-]+) = .*metadata={[^}]*op_name="([^"]*)"', re.MULTILINE)
#: A scope that stands for a layer, within the derivatives that JAX names.
_LAYER = re.compile(r"Layer \\?'(.+?)\\?': ")


class Profile(Callback):
    """Records one epoch, and writes a trace that https://ui.perfetto.dev opens.

    The file is `trace.json.gz` in `log_dir`, beside the files of JAX's profiler, which TensorBoard shows. The
    name of each kernel begins with the layer that it computes. A kernel that computes several layers has the
    name of the one that it ends with.

    Args:
        log_dir: path of a folder; it is made if needed.
        epoch: int, the number of the epoch to record, from 0. By default 1, in which nothing is compiled any
            more; in a training of one epoch that one.

    Attributes:
        path: str, the path of the file; None until it is written.

    Example:
        >>> callbacks = [Profile('profile')]
    """

    _promises = Promise.DATA_UNCHANGED | Promise.LOGS_KNOWN | Promise.BATCH_HOOKS_MAY_LAG

    def __init__(self, log_dir: FilePath, epoch: int | None = None) -> None:
        super().__init__()
        self.log_dir = os.fspath(log_dir)
        self.epoch = epoch
        self.path: str | None = None
        self._recorded: int | None = None
        self._running = False

    def on_train_begin(self, logs: Logs = NO_LOGS) -> None:
        self._recorded = min(1, self.params["nb_epoch"] - 1) if self.epoch is None else self.epoch
        self._stop()  # of a training that ended with an error

    def on_epoch_begin(self, epoch: int, logs: Logs = NO_LOGS) -> None:
        if epoch == self._recorded:
            os.makedirs(self.log_dir, exist_ok=True)
            options = jax.profiler.ProfileOptions()
            options.python_tracer_level = 0  # an event for each Python call would hide the kernels
            jax.profiler.start_trace(self.log_dir, profiler_options=options)
            self._running = True

    def on_epoch_end(self, epoch: int, logs: Logs = NO_LOGS) -> None:
        if epoch == self._recorded:
            self._stop()
            self.path = self._write()

    def _stop(self) -> None:
        if self._running:
            self._running = False
            jax.profiler.stop_trace()

    def _write(self) -> str | None:
        """Writes the last recorded trace with the names of layers."""
        pattern = os.path.join(glob.escape(self.log_dir), "plugins", "profile", "*", "*.trace.json.gz")
        found = glob.glob(pattern)
        if not found:
            return None
        with gzip.open(max(found, key=os.path.getmtime), "rt", encoding="utf-8") as file:
            trace = json.load(file)
        layers = _layers_of_kernels()
        for event in trace.get("traceEvents", ()):
            details = event.get("args") or {}
            kernel = details.get("hlo_op", event.get("name"))
            layer = layers.get((details.get("hlo_module"), kernel))
            if layer:
                event["name"] = f"{layer}: {event['name']}"
        path = os.path.join(self.log_dir, "trace.json.gz")
        with gzip.open(path, "wt", encoding="utf-8") as file:
            json.dump(trace, file)
        return path


def _layers_of_kernels() -> dict[tuple[Any, str], str | None]:
    """Returns the layer of each kernel of the compiled programs in memory, by (program, kernel).

    Programs may have the same name; where they do not agree, a kernel has no layer.
    """
    layers: dict[tuple[Any, str], str | None] = {}
    for program in jax.devices()[0].client.live_executables():
        for module in program.hlo_modules():
            for kernel, scopes in _KERNEL.findall(module.to_string()):
                layer = next(reversed(_LAYER.findall(scopes)), None)
                key = module.name, kernel
                layers[key] = layer if layers.get(key, layer) == layer else None
    return layers
