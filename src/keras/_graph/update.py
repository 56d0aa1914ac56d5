"""Updates of variables that are made as a whole: one at a time, and never cut in two by Ctrl-C."""

import threading

from .._host.interrupts import deferred_interrupts

#: Programs get the arrays of the variables they update, and JAX deletes these: until the new ones are
#: in place no other thread may start such a program, or read such a variable.
_lock = threading.RLock()


class whole_update(deferred_interrupts):
    """A block that no other one runs beside, in any thread, and that Ctrl-C does not leave half way."""

    def __enter__(self):
        super().__enter__()
        _lock.acquire()

    def __exit__(self, *_):
        _lock.release()
        super().__exit__()
