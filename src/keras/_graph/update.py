"""Updates of variables as a whole: one at a time, and never interrupted half way by Ctrl-C."""

import threading

from .._host.interrupts import deferred_interrupts

#: Programs get the arrays of the variables they update, and JAX deletes these: until the new ones are
#: in place no other thread may start such a program, or read such a variable.
_lock = threading.RLock()


class whole_update(deferred_interrupts):
    """A `with` block that at most one thread runs at a time, and that Ctrl-C does not leave half way."""

    def __enter__(self) -> None:
        super().__enter__()
        _lock.acquire()

    def __exit__(self, *_: object) -> None:
        _lock.release()
        super().__exit__()
