"""Atomic updates of variables: one thread at a time, and never interrupted half way by Ctrl-C."""

import threading

from .._host.interrupts import deferred_interrupts

#: A program takes the arrays of the variables that it updates, and JAX deletes them: until the new arrays are
#: in place, no other thread may start such a program, or read such a variable.
_lock = threading.RLock()


class whole_update(deferred_interrupts):
    """A `with` block that one thread runs at a time, and that Ctrl-C does not interrupt."""

    def __enter__(self) -> None:
        super().__enter__()
        _lock.acquire()

    def __exit__(self, *_: object) -> None:
        _lock.release()
        super().__exit__()
