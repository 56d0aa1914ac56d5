"""What the kernels ask of the machine, in one place."""

import ctypes
import functools
import os
import sys

import jax

#: XLA's CPU back end has two libraries of kernels. For convolutions without padding it takes YNNPACK, up to
#: five times slower there than Eigen; this leaves it the matrix products only. See docs/decisions/0008.
_CPU_OPTIONS = {"xla_cpu_experimental_ynn_fusion_type": "LIBRARY_FUSION_TYPE_DOT"}


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


#: mallopt's parameters (malloc.h), and the largest value it takes.
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _LARGEST = -1, -3, 2**31 - 1


@functools.cache
def keep_freed_memory():
    """Lets the C library keep the memory that programs free, for their next run.

    glibc gives large blocks back to the system at once. A program's buffers then are new pages at each run,
    which the kernel has to clear: a third of a training step of the shared LSTM in the guide. What a program
    has taken once, the process keeps, up to 2 GiB; `give_back_freed_memory` gives it back.

    The environment variable KERAS_KEEP_MEMORY=0 leaves the C library as it is, and so do its own variables
    MALLOC_MMAP_THRESHOLD_ and MALLOC_TRIM_THRESHOLD_. Other C libraries are left alone.
    """
    named = {"MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_"} & set(os.environ)
    if on_cpu() and not named and os.environ.get("KERAS_KEEP_MEMORY") != "0" and _glibc():
        _glibc().mallopt(_MMAP_THRESHOLD, _LARGEST)
        _glibc().mallopt(_TRIM_THRESHOLD, _LARGEST)


def give_back_freed_memory():
    """Gives memory that is free back to the system."""
    if _glibc():
        _glibc().malloc_trim(0)


@functools.cache
def _glibc():
    """The C library of this process, where it is glibc; else None."""
    if not sys.platform.startswith("linux"):
        return None
    library = ctypes.CDLL(None)
    return library if hasattr(library, "gnu_get_libc_version") else None
