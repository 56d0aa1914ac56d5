"""Compiled programs kept on disk for the next process."""

import contextlib
import hashlib
import os
import platform
from pathlib import Path

import jax

#: What the compiled programs may take on the disk when a process starts.
MAX_BYTES = 2 * 2**30


def use_compile_cache(folder):
    """Keeps compiled programs below `folder`, in a folder for this kind of CPU.

    The environment variable KERAS_COMPILE_CACHE names another folder, or switches the cache off when
    it is 0. Nothing happens where the user has already told JAX where to keep its cache.

    JAX's own limit (`jax_compilation_cache_max_size`) would need another package, so the oldest programs
    are deleted here when there are more than `MAX_BYTES`.

    Args:
        folder: path of the folder; made when the first program is written.
    """
    setting = os.environ.get("KERAS_COMPILE_CACHE", "")
    if setting == "0" or jax.config.jax_compilation_cache_dir:
        return
    place = Path(setting or folder) / _cpu_name()
    prune(place, MAX_BYTES)
    jax.config.update("jax_compilation_cache_dir", str(place))
    # JAX's own bar of one second would leave out nearly all of the programs of small models.
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.1)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", 0)


def prune(folder, max_bytes):
    """Deletes the oldest files of a folder until those that are left take at most `max_bytes`."""
    try:
        files = [(entry.stat(), entry.path) for entry in os.scandir(folder) if entry.is_file()]
    except OSError:
        return  # not there yet
    total = sum(stat.st_size for stat, _ in files)
    for stat, path in sorted(files, key=lambda file: file[0].st_mtime):
        if total <= max_bytes:
            return
        with contextlib.suppress(OSError):  # another process may do the same
            os.unlink(path)
        total -= stat.st_size


def _cpu_name():
    """A short name for the CPU's abilities: programs compiled for another one may crash on this one."""
    try:
        text = next(
            line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("flags")
        )
    except (OSError, StopIteration):
        text = platform.processor()
    return f"{platform.machine()}-{hashlib.sha256(text.encode()).hexdigest()[:12]}"
