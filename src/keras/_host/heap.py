"""The heap of glibc, between the runs of programs.

glibc returns large blocks to the system as soon as they are free. The buffers of a program are then new pages
at each run, which the kernel has to clear: up to a third of the time of a training step. Here the process
keeps the memory of a program for its next run. `K.clear_session` returns the free part of it.

With KERAS_KEEP_MEMORY=0 in the environment, or any of glibc's own MALLOC_ variables, glibc's settings are not
changed. With other C libraries, and on systems other than Linux, all functions here do nothing.
"""

import ctypes
import functools
import os
import sys
import threading

import jax

from .platform import on_cpu

#: Parameters of mallopt (malloc.h), and the value that means "never".
_TRIM_THRESHOLD, _MMAP_MAX, _ARENA_MAX, _NEVER = -1, -4, -8, -1


def share_memory() -> None:
    """Makes all threads of the process share one heap: per-thread arenas cannot hold large blocks.

    Programs also run in the thread that calls them, which waits for them anyway: XLA's own thread would free
    a program's block some time after its results are ready, perhaps when the next run has already allocated
    another one.

    Call it before JAX starts its threads.
    """
    if _mallopt(_ARENA_MAX, 1):
        jax.config.update("jax_cpu_enable_async_dispatch", False)


@functools.cache
def keep_freed_memory() -> None:
    """Makes the process keep the memory that programs free, for their next run.

    Call it before the first program, not earlier: weights allocated before the call are outside the heap, and
    leave no gaps in it when they are freed.
    """
    if on_cpu():
        _mallopt(_TRIM_THRESHOLD, _NEVER)
        _mallopt(_MMAP_MAX, 0)


def _mallopt(parameter: int, value: int) -> bool:
    """Sets a parameter of glibc; returns whether that was possible and the user has not forbidden it."""
    library = _glibc()
    if library is None or _left_alone():
        return False
    library.mallopt(parameter, value)
    return True


@functools.cache
def _left_alone() -> bool:
    """Whether the user has set glibc's parameters, or has asked not to change them."""
    variables = os.environ
    return variables.get("KERAS_KEEP_MEMORY") == "0" or any(name.startswith("MALLOC_") for name in variables)


def give_back_freed_memory() -> None:
    """Returns free memory to the system."""
    GAPS.open()
    _trim()


def _trim() -> None:
    library = _glibc()
    if library is not None:
        library.malloc_trim(0)


class HeapWatch:
    """Maintains the heap between the runs of one program.

    Memory that compiling and the first run leave free is returned, and its gaps are closed. A large program
    allocates one block for each run. If glibc does not reuse the gap that the block of the last run has left
    (an aligned block requests a little more than it has), the process holds two such blocks. Then both are
    returned.
    """

    #: Smaller blocks (bytes) are not worth a check before each run.
    LARGE = 64 * 2**20

    def __init__(self) -> None:
        self._lock = threading.Lock()  # several threads may run the same program
        self._runs = 0
        self._block = 0  # bytes that the second run has left resident; the rest was returned before
        self._resident = 0

    def before_run(self) -> None:
        """Maintains the heap; called before each run."""
        if not _left_alone():
            with self._lock:
                self._before_run()

    def _before_run(self) -> None:
        self._runs += 1
        if self._runs == 1:
            GAPS.open()
            return
        GAPS.close()  # again, as another program may have been compiled
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

    Compiling a large program leaves tens of thousands of gaps, of many sizes. For each request of more than a
    kilobyte glibc searches a list of them, while other threads wait for the heap: a step of video question
    answering took 500 ms in the process that had compiled it, and 425 ms in another. So the gaps are
    allocated until something is compiled again. Their memory is returned first.
    """

    #: A heap with fewer free pieces is not changed.
    MANY = 2000
    #: Sizes (bytes) to allocate, each three quarters of the one before.
    LARGEST, SMALLEST = 4 * 2**20, 2**10

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._taken: list[int] = []
        self._are_open = True

    def close(self) -> None:
        """Allocates the gaps, if they are open; takes some 40 ms for 30,000."""
        with self._lock:
            if self._are_open:
                self._are_open = False
                self._close()

    def _close(self) -> None:
        library, figures = _glibc(), heap_figures()
        if library is None or figures is None or figures.ordblks < self.MANY:
            return
        _trim()
        # Beyond the last piece of the heap is memory that nothing has used yet.
        trimmed = heap_figures()
        assert trimmed is not None
        end = library.sbrk(0) - trimmed.keepcost
        size = self.LARGEST
        while size >= self.SMALLEST:
            while (piece := library.malloc(size)) and piece < end:
                self._taken.append(piece)
            library.free(piece)
            size = size * 3 // 4

    def open(self) -> None:
        """Frees the gaps; called before something is compiled."""
        library = _glibc()
        with self._lock:
            self._are_open = True
            while self._taken and library is not None:
                library.free(self._taken.pop())


GAPS = Gaps()


def _resident_bytes() -> int:
    """The resident memory of the process; 0 if Linux does not report it, and on other systems."""
    if not sys.platform.startswith("linux"):  # others have no /proc, and Windows has no os.sysconf
        return 0
    try:
        with open("/proc/self/statm") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


class HeapFigures(ctypes.Structure):
    """`struct mallinfo2` (malloc.h), in bytes except for `ordblks`.

    `uordblks` is the memory in use, `keepcost` the free memory at the end of the heap; `ordblks` is the
    number of free pieces.
    """

    _fields_ = [
        (name, ctypes.c_size_t)
        for name in "arena ordblks smblks hblks hblkhd usmblks fsmblks uordblks fordblks keepcost".split()
    ]


def heap_figures() -> HeapFigures | None:
    """The figures of the heap from glibc 2.33 and later; None from other C libraries."""
    library = _glibc()
    return library.mallinfo2() if library is not None and hasattr(library, "mallinfo2") else None


@functools.cache
def _glibc() -> ctypes.CDLL | None:
    """The C library of this process if it is glibc; else None."""
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
