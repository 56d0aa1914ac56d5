"""What the kernels ask of the machine, in one place."""

import ctypes
import functools
import os
import sys
import threading
import time

import jax
from jax.experimental.xla_metadata import set_xla_metadata

_CPU_OPTIONS = {
    # XLA's CPU back end has two libraries of kernels. For convolutions without padding it takes YNNPACK, up
    # to five times slower there than Eigen; this leaves it the matrix products only. See docs/decisions/0008.
    "xla_cpu_experimental_ynn_fusion_type": "LIBRARY_FUSION_TYPE_DOT",
    # LLVM's levels above cost up to a quarter of the time to compile, and gain nothing in the steps of
    # benchmarks/.
    "xla_backend_optimization_level": 1,
}


def on_cpu():
    """Whether programs run on the CPU; everywhere else the forms are XLA's own."""
    return jax.default_backend() == "cpu"


@functools.cache
def compiler_options():
    """The options to compile programs with, a dict for `jax.jit`; None where this XLA does not know them."""
    if not on_cpu():
        return None
    try:
        jax.jit(lambda: 0, compiler_options=_CPU_OPTIONS).lower().compile()
    except Exception:  # an option may go with any version of XLA, and with it goes its error's type
        return None
    return _CPU_OPTIONS


#: What marks a call that XLA must not dissolve.
APART = {"inlineable": "false"}


def apart(function, static=()):
    """`function` as a part of its own of a program: what it reads is made once, before.

    XLA's CPU back end makes an operand anew in each operation that reads it, if it is the result of
    operations on single elements. That is right for an addition, and wrong for a few dozen operations that
    ten others read. Parts that are the same are also compiled once.

    Args:
        function: function of arrays.
        static: names of arguments that are not arrays; they are passed by name.
    """

    def body(*arrays, **options):
        with set_xla_metadata(**dict.fromkeys(APART)):  # not the calls inside
            return function(*arrays, **options)

    compiled = jax.jit(body, static_argnames=static)

    @functools.wraps(function)
    def call(*arrays, **options):
        with set_xla_metadata(**APART):
            return compiled(*arrays, **options)

    return call


# glibc gives large blocks back to the system as soon as they are free. A program's buffers then are new pages
# at each run, which the kernel has to clear: up to a third of the time of a training step. The two functions
# below let the process keep what a program has taken once. `K.clear_session` gives back what is free of it.
#
# The environment variable KERAS_KEEP_MEMORY=0 leaves glibc as it is, and so do its own MALLOC_ variables.

#: mallopt's parameters (malloc.h), and the value that stands for "never".
_TRIM_THRESHOLD, _MMAP_MAX, _ARENA_MAX, _NEVER = -1, -4, -8, -1


def share_memory():
    """Lets all threads of the process share one heap: in those of their own, large blocks have no room.

    To be called before JAX starts its threads.
    """
    _mallopt(_ARENA_MAX, 1)


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
    if _glibc() and not _left_alone():
        _glibc().mallopt(parameter, value)


def _left_alone():
    """Whether the user looks after glibc's memory."""
    variables = os.environ
    return variables.get("KERAS_KEEP_MEMORY") == "0" or any(name.startswith("MALLOC_") for name in variables)


def give_back_freed_memory():
    """Gives memory that is free back to the system."""
    if _glibc():
        _glibc().malloc_trim(0)


class HeapWatch:
    """Keeps the runs of one program from leaving gaps in the heap.

    A program works in one large block. If that of the last run is not free yet when the next run begins - XLA
    frees it in a thread of its own, after the results are there - or if glibc does not find the gap that it
    has left (an aligned block asks for a little more than it has), the next one lies elsewhere, and the
    process keeps both. So the next run waits for the block, and when there are two, both are given back.
    """

    #: Programs with a block of fewer bytes are watched in their first runs only.
    LARGE = 64 * 2**20
    FIRST_RUNS = 8
    #: Longest wait for the last run's block (seconds); each look takes some microseconds.
    LONGEST_WAIT = 0.005

    def __init__(self):
        self._lock = threading.Lock()  # threads may run one program
        self._runs = 0
        self._block = 0  # bytes by which the first run let the heap grow

    def before_run(self):
        """To be called before each run."""
        with self._lock:
            self._before_run()

    def _before_run(self):
        self._runs += 1
        is_over = self._runs > self.FIRST_RUNS and self._block < self.LARGE
        if is_over or _left_alone() or (now := heap_figures()) is None:
            return
        if self._runs == 1:
            self._used = now.uordblks
        elif self._runs == 2:
            self._block = now.arena - self._heap
            self._resident = _resident_bytes()
        if self._block >= self.LARGE:
            self._give_back_second_block(is_free=self._wait_until_free())
        elif self._runs > 1 and now.arena > self._heap:
            give_back_freed_memory()
        self._heap = now.arena

    def _wait_until_free(self):
        """Whether the block is free at the end of the wait."""
        end = time.perf_counter() + self.LONGEST_WAIT
        while (used := heap_figures().uordblks) > self._used + self._block / 2:
            if time.perf_counter() > end:
                self._used = used  # what is in use is something else: arrays of the user's, say
                return False
            time.sleep(1e-4)
        return True

    def _give_back_second_block(self, is_free):
        if _resident_bytes() > self._resident + self._block / 2:
            give_back_freed_memory()
            self._resident = max(self._resident, _resident_bytes() + is_free * self._block)


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
    """`struct mallinfo2` (malloc.h): `arena` is the size of the heap, `uordblks` what is in use; bytes."""

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
    return library
