"""Metrics that need all samples of an epoch, such as the area under a curve."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from .._base.names import name_of
from ._base import NO_LOGS, Callback, Logs
from ._facts import Promise


class EpochMetrics(Callback):
    """Computes metrics once over all data, after each epoch, and adds them to the logs.

    The metrics of `compile` are means over batches. For a mean of squares that is the same; for an area
    under a curve, an F score or a correlation it is another number.

    Callbacks that read these logs, such as `EarlyStopping`, must come after it in the list.

    Args:
        metrics: function (y_true, y_pred) -> number of NumPy arrays, such as those of `sklearn.metrics`; or a
            list of them, or a dict name -> function.
        data: (x, y), arrays or lists of arrays; by default the validation data of `fit`, and the names begin
            with 'val_'.
        batch_size: int, samples to predict at once.

    Raises:
        ValueError: after an epoch, there are neither `data` nor validation data in arrays.

    Example:
        >>> def peak(y_true, y_pred):
        ...     return abs(y_true - y_pred).max()
        >>> callbacks = [EpochMetrics(peak)]
    """

    # The logs are known: `set_params` adds their names to those of the training.
    _promises = Promise.BATCH_HOOKS_MAY_LAG | Promise.DATA_UNCHANGED | Promise.LOGS_KNOWN

    metrics: Mapping[str, Callable[..., Any]] = MappingProxyType({})
    data: Any = None

    def __init__(self, metrics: Any, data: Any = None, batch_size: int = 32) -> None:
        super().__init__()
        if callable(metrics):
            metrics = [metrics]
        named = metrics.items() if isinstance(metrics, Mapping) else [(name_of(one), one) for one in metrics]
        self.metrics = dict(named)
        self.data = data
        self.batch_size = batch_size

    def set_params(self, params: dict[str, Any]) -> None:
        super().set_params(params)
        known = params.setdefault("metrics", [])
        known += [name for name in map(self._log, self.metrics) if name not in known]

    def on_epoch_end(self, epoch: int, logs: Logs = NO_LOGS) -> None:
        x, y = self._data()
        y_pred = self.model.predict(x, batch_size=self.batch_size)
        for name, function in self.metrics.items():
            logs[self._log(name)] = float(np.asarray(function(y, y_pred)))

    def _log(self, name: str) -> str:
        return f"val_{name}" if self.data is None else name

    def _data(self) -> tuple[Any, Any]:
        if self.data is not None:
            x, y = self.data
            return x, y
        arrays = getattr(self.model, "validation_data", None)
        if not arrays:
            raise ValueError(
                f"EpochMetrics: {', '.join(self.metrics)} need data; pass validation data in arrays to fit, "
                "or EpochMetrics(metrics, data=(x, y))."
            )
        inputs, outputs = len(self.model.inputs), len(self.model.outputs)
        x, y = arrays[:inputs], arrays[inputs : inputs + outputs]
        return (x[0] if inputs == 1 else x), (y[0] if outputs == 1 else y)
