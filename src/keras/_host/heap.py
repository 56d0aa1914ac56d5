"""The heap of glibc, between the runs of programs.

glibc gives large blocks back to the system as soon as they are free. A program's buffers then are new pages
at each run, which the kernel has to clear: up to a third of the time of a training step. Here the process
keeps what a program has taken once, for its next run. `K.clear_session` gives back what is free of it.

The environment variable KERAS_KEEP_MEMORY=0 leaves glibc as it is, and so do its own MALLOC_ variables.
"""

import ctypes
import functools
import os
import sys
import threading

import jax

from .platform import on_cpu

#: mallopt's parameters (malloc.h), and the value that stands for "never".
_TRIM_THRESHOLD, _MMAP_MAX, _ARENA_MAX, _NEVER = -1, -4, -8, -1


def share_memory():
    """Lets all threads of the process share one heap: in those of their own, large blocks have no room.

    And lets programs run in the thread that calls them, which waits for them anyway: XLA's own thread would
    free a program's block some time after its results are there, maybe when the next run has begun and has
    taken another block.

    To be called before JAX starts its threads.
    """
    if _mallopt(_ARENA_MAX, 1):
        jax.config.update("jax_cpu_enable_async_dispatch", False)


@functools.cache
def keep_freed_memory():
    """Lets the process keep the memory that programs free, for their next run.

    To be called before the first program: the weights that are there by then lie apart from the heap, and
    leave no gaps in it when they are freed.
    """
    if on_cpu():
        _mallopt(_TRIM_THRESHOLD, _NEVER)
        _mallopt(_MMAP_MAX, 0)


def _mallopt(parameter, value):
    """Whether glibc is there, and ours to set."""
    ours = _glibc() is not None and not _left_alone()
    if ours:
        _glibc().mallopt(parameter, value)
    return ours


@functools.cache
def _left_alone():
    """Whether the user looks after glibc's memory."""
    variables = os.environ
    return variables.get("KERAS_KEEP_MEMORY") == "0" or any(name.startswith("MALLOC_") for name in variables)


def give_back_freed_memory():
    """Gives memory that is free back to the system."""
    GAPS.open()
    _trim()


def _trim():
    if _glibc():
        _glibc().malloc_trim(0)


class HeapWatch:
    """Looks after the heap between the runs of one program.

    What compiling and the first run have left is given back, and its gaps are closed. A large program works
    in one block: if glibc does not find the gap that the last run's has left (an aligned block asks for a
    little more than it has), the next one lies elsewhere, and the process keeps both. Then both are given
    back.
    """

    #: A block of fewer bytes is not worth a look before each run.
    LARGE = 64 * 2**20

    def __init__(self):
        self._lock = threading.Lock()  # threads may run one program
        self._runs = 0
        self._block = 0  # bytes that the second run has left resident; all else was given back before

    def before_run(self):
        """To be called before each run."""
        if not _left_alone():
            with self._lock:
                self._before_run()

    def _before_run(self):
        self._runs += 1
        if self._runs == 1:
            GAPS.open()
            return
        GAPS.close()  # also where another program has been compiled
        if self._runs == 2:
            _trim()
            self._resident = _resident_bytes()
        elif self._runs == 3:
            self._block = _resident_bytes() - self._resident
            self._resident += self._block
        elif self._block > self.LARGE and _resident_bytes() > self._resident + self._block / 2:
            _trim()
            self._resident = max(self._resident, _resident_bytes() + self._block)


class Gaps:
    """The gaps that compiling leaves in the heap.

    Compiling a large program leaves tens of thousands, of many sizes. To each request for more than a
    kilobyte glibc walks through a list of them, while other threads wait for the heap: a step of video
    question answering took 500 ms in the process that had compiled it, and 425 elsewhere. So the gaps are
    taken, until something is compiled again. What they have of memory is given back first.
    """

    #: With fewer free pieces in the heap it is left as it is.
    MANY = 2000
    #: Sizes (bytes) to look for, each three quarters of the one before.
    LARGEST, SMALLEST = 4 * 2**20, 2**10

    def __init__(self):
        self._lock = threading.Lock()
        self._taken = []
        self._are_open = True

    def close(self):
        """Takes the gaps, if they are open; some 40 ms for 30,000."""
        with self._lock:
            if self._are_open:
                self._are_open = False
                self._close()

    def _close(self):
        figures = heap_figures()
        if figures is None or figures.ordblks < self.MANY:
            return
        _trim()
        # Beyond the last piece of the heap is what nothing has used yet.
        end = _glibc().sbrk(0) - heap_figures().keepcost
        size = self.LARGEST
        while size >= self.SMALLEST:
            while (piece := _glibc().malloc(size)) and piece < end:
                self._taken.append(piece)
            _glibc().free(piece)
            size = size * 3 // 4

    def open(self):
        """Gives the gaps back to the heap; to be called before something is compiled."""
        with self._lock:
            self._are_open = True
            while self._taken:
                _glibc().free(self._taken.pop())


GAPS = Gaps()


def _resident_bytes():
    """How much memory the process has in use; 0 where Linux does not tell."""
    try:
        with open("/proc/self/statm") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


def heap_figures():
    """What glibc (2.33 and later) tells of its heap, a `HeapFigures`; None from other C libraries."""
    return _glibc().mallinfo2() if hasattr(_glibc(), "mallinfo2") else None


class HeapFigures(ctypes.Structure):
    """`struct mallinfo2` (malloc.h): bytes, but for `ordblks`.

    `uordblks` is what is in use, `keepcost` what is free at the end of the heap; `ordblks`
    counts the free pieces.
    """

    _fields_ = [
        (name, ctypes.c_size_t)
        for name in "arena ordblks smblks hblks hblkhd usmblks fsmblks uordblks fordblks keepcost".split()
    ]


@functools.cache
def _glibc():
    """The C library of this process, where it is glibc; else None."""
    if not sys.platform.startswith("linux"):
        return None
    library = ctypes.CDLL(None)
    if not hasattr(library, "gnu_get_libc_version"):
        return None
    if hasattr(library, "mallinfo2"):  # glibc 2.33 and later
        library.mallinfo2.restype = HeapFigures
    library.malloc.restype = library.sbrk.restype = ctypes.c_void_p
    library.malloc.argtypes, library.sbrk.argtypes = [ctypes.c_size_t], [ctypes.c_ssize_t]
    library.free.argtypes = [ctypes.c_void_p]
    return library
