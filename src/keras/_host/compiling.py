"""Hears when this thread compiles, and tells it while it does."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import jax.monitoring

# JAX reports how long a step of a compilation took when it ends. What follows this one is XLA's part.
_STEPS = "/jax/core/compile/"
_BEFORE = f"{_STEPS}jaxpr_to_mlir_module_duration"
_AFTER = f"{_STEPS}backend_compile_duration"
#: A compilation that takes at most this time (seconds) is not mentioned.
PATIENCE = 1.0

_log = logging.getLogger("keras")


@contextmanager
def hearing_compilations(hear: Callable[[str, float], None]) -> Iterator[None]:
    """Context manager: calls a function with each step of a compilation of this thread, when it ends.

    Args:
        hear: function of JAX's name of the step, and of the seconds that it took.
    """
    owner = threading.get_ident()

    def listener(event: str, duration_secs: float, **_: Any) -> None:
        if event.startswith(_STEPS) and threading.get_ident() == owner:
            hear(event, duration_secs)

    jax.monitoring.register_event_duration_secs_listener(listener)
    try:
        yield
    finally:
        jax.monitoring.unregister_event_duration_listener(listener)


@contextmanager
def telling_compilations(show: Callable[[str], None], ended: Callable[[float], None]) -> Iterator[None]:
    """Context manager: says in the block that this thread compiles, such as "compiling, 4 s".

    Args:
        show: function of a text, called once a second from the second second on, by another thread.
        ended: function of a time that a compilation, or the step before it, took, in seconds.
    """
    clock = _Clock(show, ended)
    with hearing_compilations(clock.hear):
        try:
            yield
        finally:
            clock.stop()


class _Clock:
    """Hears JAX's reports, and calls a function once a second during a compilation."""

    def __init__(self, show: Callable[[str], None], ended: Callable[[float], None]) -> None:
        self._show, self._ended = show, ended
        self._over = threading.Event()
        self._ticking: threading.Thread | None = None

    def hear(self, event: str, seconds: float) -> None:
        if event == _BEFORE:
            self.stop()
            self._ended(seconds)
            self._over = threading.Event()
            self._ticking = threading.Thread(target=self._tick, args=(self._over,), daemon=True)
            self._ticking.start()
        elif event == _AFTER:
            self.stop()
            self._ended(seconds)
            if seconds > PATIENCE:
                _log.info("compiled in %.0f s", seconds)

    def _tick(self, over: threading.Event) -> None:
        start = time.monotonic()
        while not over.wait(PATIENCE):
            self._show(f"compiling, {time.monotonic() - start:.0f} s")

    def stop(self) -> None:
        """Ends the compilation's thread, which shows nothing after this."""
        self._over.set()
        if self._ticking is not None:
            self._ticking.join()
            self._ticking = None
