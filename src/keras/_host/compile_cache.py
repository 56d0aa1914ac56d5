"""A cache of compiled programs on disk, for later processes."""

import contextlib
import hashlib
import os
import platform
from pathlib import Path

import jax

#: Size (bytes) to which the cache is reduced when a process starts.
MAX_BYTES = 2 * 2**30


def use_compile_cache(folder: str | os.PathLike[str]) -> None:
    """Keeps compiled programs below `folder`, in a subfolder for this type of CPU.

    The environment variable KERAS_COMPILE_CACHE names another folder, or switches the cache off when
    it is 0. Nothing changes if the user has already set JAX's cache folder.

    JAX's own limit (`jax_compilation_cache_max_size`) needs another package, so the oldest programs
    are deleted here when they take more than `MAX_BYTES`.

    Args:
        folder: path of the folder; created when the first program is written.
    """
    setting = os.environ.get("KERAS_COMPILE_CACHE", "")
    set_by_user = jax.config.jax_compilation_cache_dir  # pyright: ignore[reportAttributeAccessIssue] - made at import
    if setting == "0" or set_by_user:
        return
    place = Path(setting or folder) / _cpu_name()
    prune(place, MAX_BYTES)
    jax.config.update("jax_compilation_cache_dir", str(place))
    # JAX's default threshold of one second would leave out nearly all programs of small models.
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.1)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", 0)


def prune(folder: str | os.PathLike[str], max_bytes: int) -> None:
    """Deletes the oldest files of a folder until the others take at most `max_bytes`."""
    try:
        files = [(entry.stat(), entry.path) for entry in os.scandir(folder) if entry.is_file()]
    except OSError:
        return  # the folder does not exist yet
    total = sum(stat.st_size for stat, _ in files)
    for stat, path in sorted(files, key=lambda file: file[0].st_mtime):
        if total <= max_bytes:
            return
        # Another process may delete the same file, and on Windows a file in use cannot be deleted.
        with contextlib.suppress(OSError):
            os.unlink(path)
        total -= stat.st_size


def _cpu_name() -> str:
    """A short name for the CPU's instruction sets: programs compiled for others may crash on this one."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        text = next(line for line in lines if line.startswith("flags"))
    except (OSError, StopIteration):  # not Linux, or another processor than x86
        text = platform.processor()
    return f"{platform.machine()}-{hashlib.sha256(text.encode()).hexdigest()[:12]}"
