"""Ctrl-C: deferred while variables are updated, and never lost."""

import contextlib
import functools
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

_lost = threading.Event()


class deferred_interrupts:
    """A `with` block that Ctrl-C does not interrupt.

    KeyboardInterrupt is raised (or the program's own handler of SIGINT is called) at the end of the block.
    Blocks may be nested; keep them short.
    """

    def __enter__(self) -> Any:
        self._handler: Callable[..., Any] | None = None
        self._pending: tuple[Any, ...] | None = None
        # Python runs signal handlers in the main thread only, and only there can they be set.
        if threading.current_thread() is threading.main_thread():
            handler = signal.getsignal(signal.SIGINT)
            if callable(handler):
                self._handler = handler
                signal.signal(signal.SIGINT, self._note)

    def __exit__(self, *_: object) -> None:
        if self._handler is not None:
            signal.signal(signal.SIGINT, self._handler)
            if self._pending is not None:
                self._handler(*self._pending)
            _raise_lost()

    def _note(self, *signal_and_frame: Any) -> None:
        self._pending = signal_and_frame


def _raise_lost() -> None:
    if _lost.is_set():
        _lost.clear()
        raise KeyboardInterrupt


def no_interrupt_lost(function: Callable[P, R]) -> Callable[P, R]:
    """Decorates a function so that an interrupt which Python drops is raised after the next block.

    Python cannot raise exceptions in a callback of a weak reference or of the garbage collector, or in
    `__del__`. A KeyboardInterrupt there is reported to `sys.unraisablehook` and dropped: training would
    continue. The decorated function raises it at the end of the next
    `deferred_interrupts` block, or when it returns.
    """

    @functools.wraps(function)
    def raising(*arguments: P.args, **options: P.kwargs) -> R:
        with _lost_interrupts_noted():
            result = function(*arguments, **options)
            _raise_lost()
            return result

    return raising


@contextlib.contextmanager
def _lost_interrupts_noted() -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():  # other threads are never interrupted
        yield
        return
    before = sys.unraisablehook

    def hook(unraisable: Any) -> None:
        if issubclass(unraisable.exc_type, KeyboardInterrupt):
            _lost.set()
        else:
            before(unraisable)

    sys.unraisablehook = hook
    try:
        yield
    finally:
        sys.unraisablehook = before
        _lost.clear()
