"""Measures how long callbacks take for a batch, and warns if they are slow."""

import collections
import time
import warnings

import numpy as np

_SLOW_SECONDS = 0.1


class HookTimer:
    """Compares the time that the batch hooks take with the time of the batch itself, within one epoch.

    Args:
        queue_length: int, the number of batches over which the median time of the hooks is taken.
    """

    #: The time (seconds) of all hooks so far, also of those for epochs.
    seconds: float = 0.0

    def __init__(self, queue_length: int) -> None:
        self.begin_epoch(queue_length)

    def begin_epoch(self, queue_length: int) -> None:
        """Forgets the times of the batches before."""
        self._batch_start: float | None = None
        self._batch_seconds = 0.0
        self._begin_seconds: collections.deque[float] = collections.deque(maxlen=queue_length)
        self._end_seconds: collections.deque[float] = collections.deque(maxlen=queue_length)

    def batch_begin_hooks_ended(self, start: float) -> None:
        """Records the time since `start`, when the hooks `on_batch_begin` were called."""
        self._batch_start = time.perf_counter()
        self._note("on_batch_begin", self._begin_seconds, self._batch_start - start)

    def batch_end_hooks_ended(self, start: float) -> None:
        """Records the time since `start`, when the batch had ended and `on_batch_end` was called."""
        if self._batch_start is not None:
            self._batch_seconds = start - self._batch_start
        self._note("on_batch_end", self._end_seconds, time.perf_counter() - start)

    def _note(self, hook: str, times: collections.deque[float], seconds: float) -> None:
        times.append(seconds)
        self.seconds += seconds
        # A median costs more than a small step; it is computed only after a slow call.
        if seconds <= _SLOW_SECONDS or self._batch_seconds <= 0:
            return
        median = np.median(times)
        if median > max(_SLOW_SECONDS, 0.95 * self._batch_seconds):
            warnings.warn(
                f"Method {hook}() is slow compared to the batch update ({median:f}). Check your callbacks.",
                stacklevel=4,  # the code that called the method of `CallbackList`
            )
