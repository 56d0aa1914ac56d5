"""Several callbacks as one."""

import collections
import math
import time
import warnings

import numpy as np

from ._base import BaseLogger, Callback, History, LambdaCallback, ProgbarLogger, warn
from ._checkpoints import TrainingCheckpoint

_SLOW_SECONDS = 0.1


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
    def has_others(self):
        """bool: whether a callback is not built in, or of functions: it may write to the data."""
        package = __name__.rpartition(".")[0] + "."
        return any(
            isinstance(callback, LambdaCallback) or not type(callback).__module__.startswith(package)
            for callback in self.callbacks
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
                warn(
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


def _may_add_logs(callback):
    hook = callback.on_epoch_end
    return not str(getattr(hook, "__module__", None)).startswith("keras.callbacks.")
