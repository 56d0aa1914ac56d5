"""Ctrl-C that comes neither too early nor never.

This module imports nothing of keras.
"""

import contextlib
import functools
import signal
import sys
import threading

_lost = threading.Event()


class deferred_interrupts:
    """A `with` block that Ctrl-C does not leave half way.

    KeyboardInterrupt (or whatever the program does at SIGINT) comes at the end of the block. Blocks may lie
    in each other; keep them short.
    """

    def __enter__(self):
        self._handler = self._pending = None
        # Python runs handlers of signals in the main thread only, and only there they can be set.
        if threading.current_thread() is threading.main_thread():
            handler = signal.getsignal(signal.SIGINT)
            if callable(handler):
                self._handler = handler
                signal.signal(signal.SIGINT, self._note)

    def __exit__(self, *_):
        if self._handler is not None:
            signal.signal(signal.SIGINT, self._handler)
            if self._pending is not None:
                self._handler(*self._pending)
            _raise_lost()

    def _note(self, *signal_and_frame):
        self._pending = signal_and_frame


def _raise_lost():
    if _lost.is_set():
        _lost.clear()
        raise KeyboardInterrupt


def no_interrupt_lost(function):
    """A function in which a KeyboardInterrupt that Python drops comes at the end of the next block.

    Python cannot raise in a callback of a weak reference, of the garbage collector, or in `__del__`. An
    interrupt that falls into one is reported to `sys.unraisablehook` and forgotten: training would go on
    as if nobody had pressed Ctrl-C.
    """

    @functools.wraps(function)
    def heeding(*arguments, **options):
        with _lost_interrupts_noted():
            result = function(*arguments, **options)
            _raise_lost()
            return result

    return heeding


@contextlib.contextmanager
def _lost_interrupts_noted():
    if threading.current_thread() is not threading.main_thread():  # others are never interrupted
        yield
        return
    before = sys.unraisablehook

    def hook(unraisable):
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
