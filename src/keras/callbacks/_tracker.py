"""`Tracker`: one callback for wandb, MLflow and Aim."""

import numbers
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ._base import NO_LOGS, Callback, Logs
from ._facts import Promise


class Tracker(Callback):
    """Sends the logs of each epoch, and the settings of the training, to an experiment tracker.

    It imports none of them: what it is given decides by its methods how it is called.

    - wandb: `Tracker(wandb.init(project='mine'))`, a run with `log` and `config`;
    - MLflow: `Tracker(mlflow)` within `mlflow.start_run()`, or anything with `log_metrics` and `log_params`;
    - Aim: `Tracker(aim.Run())`, with `track`;
    - a function (logs, step), for all others.

    The run stays open: finish it as usual.

    Args:
        run: one of these.
        settings: dict of further settings to send when training begins, such as {'width': 32}.

    Raises:
        TypeError: `run` is none of these.

    Example:
        >>> rows = []
        >>> tracker = Tracker(lambda logs, step: rows.append((step, logs)))
        >>> tracker.on_epoch_end(0, {'loss': 0.5})
        >>> rows
        [(0, {'loss': 0.5})]
    """

    _promises = Promise.DATA_UNCHANGED | Promise.LOGS_KNOWN | Promise.BATCH_HOOKS_MAY_LAG

    def __init__(self, run: Any, settings: Mapping[str, Any] | None = None) -> None:
        super().__init__()
        self.run = run
        self.settings = dict(settings or {})
        self._log, self._set = _calls_of(run)

    def on_train_begin(self, logs: Logs = NO_LOGS) -> None:
        names = ("nb_epoch", "batch_size", "nb_sample")
        found = {name: self.params[name] for name in names if self.params.get(name) is not None}
        optimizer = getattr(self.model, "optimizer", None)
        if optimizer is not None:
            found["optimizer"] = type(optimizer).__name__
            found |= {
                f"optimizer_{name}": value if isinstance(value, numbers.Real) else str(value)
                for name, value in optimizer.get_config().items()
            }
        self._set({name: _plain(value) for name, value in {**found, **self.settings}.items()})

    def on_epoch_end(self, epoch: int, logs: Logs = NO_LOGS) -> None:
        found = {name: _plain(value) for name, value in (logs or {}).items()}
        self._log({name: value for name, value in found.items() if isinstance(value, float | int)}, epoch)


def _calls_of(run: Any) -> tuple[Callable[..., Any], Callable[[dict[str, Any]], Any]]:
    """Returns (function of (logs, step), function of settings)."""
    if callable(getattr(run, "log_metrics", None)) and callable(getattr(run, "log_params", None)):  # MLflow
        return lambda logs, step: run.log_metrics(logs, step=step), run.log_params
    if callable(getattr(run, "track", None)):  # Aim

        def track(logs: dict[str, Any], step: int) -> None:
            for name, value in logs.items():
                subset = "val" if name.startswith("val_") else "train"
                run.track(
                    value, name=name.removeprefix("val_"), step=step, epoch=step, context={"subset": subset}
                )

        return track, lambda settings: run.__setitem__("hparams", settings)
    if callable(getattr(run, "log", None)):  # wandb
        config = getattr(run, "config", None)
        return lambda logs, step: run.log(logs, step=step), getattr(config, "update", lambda settings: None)
    if callable(run) and not isinstance(run, type):
        return run, lambda settings: None
    raise TypeError(
        f"Tracker: wanted a run of wandb, the module mlflow, a run of Aim, or a function (logs, step); got "
        f"{run!r:.100}."
    )


def _plain(value: Any) -> Any:
    """Returns a NumPy number as one of Python."""
    return value.item() if isinstance(value, np.generic | np.ndarray) and np.ndim(value) == 0 else value
