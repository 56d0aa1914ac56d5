"""Updates of variables that are made as a whole: one at a time, and never cut in two by Ctrl-C."""

import signal
import threading

#: Programs get the arrays of the variables they update, and JAX deletes these: until the new ones are
#: in place no other thread may start such a program, or read such a variable.
_lock = threading.RLock()


class whole_update:
    """A `with` block that no other one runs beside, in any thread, and that Ctrl-C does not leave half way.

    KeyboardInterrupt (or whatever the program does at SIGINT) comes at the end of the block.
    """

    def __enter__(self):
        self._handler = self._pending = None
        # Python runs handlers of signals in the main thread only, and only there they can be set.
        if threading.current_thread() is threading.main_thread():
            handler = signal.getsignal(signal.SIGINT)
            if callable(handler):
                self._handler = handler
                signal.signal(signal.SIGINT, self._note)
        _lock.acquire()

    def __exit__(self, *_):
        _lock.release()
        if self._handler is not None:
            signal.signal(signal.SIGINT, self._handler)
            if self._pending is not None:
                self._handler(*self._pending)

    def _note(self, *signal_and_frame):
        self._pending = signal_and_frame
