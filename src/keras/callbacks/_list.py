"""`CallbackList`: several callbacks that are called as one."""

import collections
import math
import time
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Self

from ._base import Callback, Logs, warn
from ._facts import Promise, class_promises, defines, hook_promises
from ._standard import BaseLogger, History, ProgbarLogger
from ._timing import HookTimer


class CallbackList:
    """Several callbacks that are called as one, in order.

    Args:
        callbacks: list of `Callback` objects, or None.
        queue_length: int, the number of batches over which the median time of the callbacks is taken, to
            warn of slow ones.

    Raises:
        TypeError: an element of the list is not a `Callback`.
    """

    callbacks: list[Callback]

    def __init__(self, callbacks: Iterable[Callback] | None = None, queue_length: int = 10) -> None:
        self.callbacks = []
        for callback in callbacks or []:
            self.append(callback)
        self.queue_length = queue_length
        self._timer = HookTimer(queue_length)

    @classmethod
    def for_training(
        cls, callbacks: Sequence[Callback] | None, history: History, params: dict[str, Any]
    ) -> Self:
        """Creates the list of all callbacks of a training.

        The order is: the averages over the epoch, the progress bar (with `verbose`), the callbacks of the
        user, the history, and the `TrainingCheckpoint`s, which save the state of all others.

        Args:
            callbacks: list of the user's callbacks, or None.
            history: the `History` of the training.
            params: dict, the parameters of the training; see `Callback`.

        Raises:
            TypeError: `callbacks` is a single callback, or one of its elements is not a callback.
        """
        if isinstance(callbacks, Callback):
            raise TypeError(
                f"callbacks must be a list of callbacks; got one, {callbacks!r}: write [callback]."
            )
        standard: list[Callback] = [BaseLogger(), *([ProgbarLogger()] if params["verbose"] else [])]
        others: list[Callback] = [*(callbacks or []), history]
        # An element that is not a callback has no such attribute; `append` raises the error.
        others.sort(key=lambda callback: getattr(callback, "_runs_last", False))
        return cls(standard + others)

    def append(self, callback: Callback) -> None:
        """Adds a callback at the end; it does not receive a model or parameters that were set before.

        Raises:
            TypeError: `callback` is not a `Callback`.
        """
        if not isinstance(callback, Callback):
            hint = " Pass an object, not the class." if isinstance(callback, type) else ""
            raise TypeError(
                f"callbacks: expected keras.callbacks.Callback objects, got "
                f"{type(callback).__name__} {callback!r}.{hint}"
            )
        self.callbacks.append(callback)

    @property
    def bar(self) -> ProgbarLogger | None:
        """The callback that shows the progress, once it has begun an epoch."""
        bars = [
            each for each in self.callbacks if isinstance(each, ProgbarLogger) and hasattr(each, "progbar")
        ]
        return bars[0] if bars else None

    @property
    def seconds(self) -> float:
        """float: the time of all hooks so far."""
        return self._timer.seconds

    # --- read by the training loop before it starts

    @property
    def watches_batches(self) -> bool:
        """bool: whether a batch hook must be called before the next batch runs.

        If not, the training loop may run many batches as one program and call the hooks afterwards.
        """
        return not all(
            Promise.BATCH_HOOKS_MAY_LAG in hook_promises(callback, hook)
            for callback in self.callbacks
            for hook in ("on_batch_begin", "on_batch_end")
        )

    @property
    def has_others(self) -> bool:
        """bool: whether a callback may write to the arrays of training or validation data.

        This is so for callbacks that are not built in, and for `LambdaCallback`.
        """
        return not all(Promise.DATA_UNCHANGED in class_promises(callback) for callback in self.callbacks)

    @property
    def batches_between_stops(self) -> int | None:
        """int: after how many batches the state of the training may be saved; None if only between epochs."""
        periods = [callback._batches_between_stops() for callback in self.callbacks]
        return math.gcd(*(period for period in periods if period)) or None

    def check_monitors(self, params: dict[str, Any]) -> None:
        """Checks, before training starts, that the logs which callbacks monitor will exist.

        Only built-in callbacks are checked. A subclass may add the log itself.

        Args:
            params: dict, the parameters of the training; see `Callback`.

        Raises:
            ValueError: a callback needs a validation result, and there are no validation data.
        """
        for callback in self.callbacks:
            log = callback._required_log() if defines(callback, "_required_log") else None
            if isinstance(log, str) and log.startswith("val_") and not params["do_validation"]:
                raise ValueError(
                    f"{type(callback).__name__} monitors {log!r}, but there are no validation data. Pass "
                    f"validation_data or validation_split to fit, or monitor one of {params['metrics']}."
                )

    # --- the state of the training

    def get_state(self) -> dict[str, dict[str, Any]]:
        """Returns the states of all callbacks, by class name and number, for `set_state` of an equal list."""
        return {name: callback.get_state() for name, callback in self._named()}

    def check_states(self, states: dict[str, Any]) -> None:
        """Checks what `set_state` would be given, and changes nothing.

        Raises:
            ValueError: a state is not one that its callback returned, or one that every training has is
                missing.
        """
        for name in (f"{BaseLogger.__name__}:0", f"{History.__name__}:0"):
            if name not in states:
                raise ValueError(f"it has no state of {name.partition(':')[0]}")
        own = dict(self._named())
        for name, state in states.items():
            try:
                if not isinstance(state, dict):
                    raise ValueError(f"it is {state!r:.80}; wanted a dict")
                if name in own:
                    own[name]._check_state(state)
            except ValueError as error:
                raise ValueError(f"the state of {name.partition(':')[0]:.80}: {error}") from error

    def set_state(self, states: dict[str, dict[str, Any]]) -> None:
        """Restores the states of the callbacks; warns of states without callback, and the reverse."""
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
                warn(
                    f"Resuming: {name.partition(':')[0]} is in the {has}, but not in the {lacks}; "
                    "pass the callbacks of the training that is resumed, in the same order.",
                    UserWarning,
                )

    def _named(self) -> Iterator[tuple[str, Callback]]:
        """Yields pairs of a name, made of the class name and a number, and a callback."""
        seen: collections.Counter[str] = collections.Counter()
        for callback in self.callbacks:
            kind = type(callback).__name__
            yield f"{kind}:{seen[kind]}", callback
            seen[kind] += 1

    # --- calls that are passed on to every callback

    def set_params(self, params: dict[str, Any]) -> None:
        """Passes the parameters of the training to every callback; see `Callback`."""
        # A user's callback may add logs under names that are not known beforehand.
        open_logs = not all(
            Promise.LOGS_KNOWN in hook_promises(callback, "on_epoch_end") for callback in self.callbacks
        )
        params = {**params, "open_logs": open_logs}
        for callback in self.callbacks:
            callback.set_params(params)

    def set_model(self, model: Any) -> None:
        """Passes the model to every callback."""
        for callback in self.callbacks:
            callback.set_model(model)

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Calls `on_epoch_begin` of every callback."""
        logs = {} if logs is None else logs
        start = time.perf_counter()
        for callback in self.callbacks:
            callback.on_epoch_begin(epoch, logs)
        self._timer.seconds += time.perf_counter() - start
        self._timer.begin_epoch(self.queue_length)

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Calls `on_epoch_end` of every callback."""
        logs = {} if logs is None else logs
        start = time.perf_counter()
        for callback in self.callbacks:
            callback.on_epoch_end(epoch, logs)
        self._timer.seconds += time.perf_counter() - start

    def on_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Calls `on_batch_begin` of every callback, and warns if this is slow."""
        logs = {} if logs is None else logs
        start = time.perf_counter()
        for callback in self.callbacks:
            callback.on_batch_begin(batch, logs)
        self._timer.batch_begin_hooks_ended(start)

    def on_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Calls `on_batch_end` of every callback, and warns if this is slow."""
        logs = {} if logs is None else logs
        start = time.perf_counter()
        for callback in self.callbacks:
            callback.on_batch_end(batch, logs)
        self._timer.batch_end_hooks_ended(start)

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Calls `on_train_begin` of every callback."""
        logs = {} if logs is None else logs
        start = time.perf_counter()
        for callback in self.callbacks:
            callback.on_train_begin(logs)
        self._timer.seconds += time.perf_counter() - start

    def on_train_end(self, logs: Logs | None = None) -> None:
        """Calls `on_train_end` of every callback."""
        logs = {} if logs is None else logs
        start = time.perf_counter()
        for callback in self.callbacks:
            callback.on_train_end(logs)
        self._timer.seconds += time.perf_counter() - start
