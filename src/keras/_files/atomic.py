"""Writing files and folders so that the last good one is never lost, and nothing half-made stays.

This module imports nothing of keras but `_interrupts`.
"""

import contextlib
import os
import re
import shutil
import uuid

from .._host.interrupts import deferred_interrupts

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None

_TEMPORARY = re.compile(r"\..*\.[0-9a-f]{32}\.keras\.tmp", re.DOTALL)


@contextlib.contextmanager
def atomic_write(path):
    """Gives a temporary path to write to, and puts the complete file at `path` in the end.

    Until then, and if anything fails, what was at `path` stays as it was: the new file is written
    beside it, forced to the disk, and renamed over it. What a process that is killed leaves behind is
    removed by the next one that writes to the folder.

    The temporary file is there and locked (flock) while it is being written. HDF5 wants a lock of its own
    and does not get it, so give h5py an open file and not the path.

    Args:
        path: path of the file to make or replace. A symbolic link is followed.

    Yields:
        str, the path to write to, in the same directory.

    Raises:
        FileNotFoundError: the directory does not exist.
        IsADirectoryError, PermissionError, OSError: `path` may not be replaced.

    Example:
        >>> with atomic_write('weights.txt') as path:  # doctest: +SKIP
        ...     with open(path, 'w') as file:
        ...         file.write('1.0')
    """
    target = os.path.realpath(os.fsdecode(path))
    folder = os.path.dirname(target)
    _check_target(target, folder)
    with temporary_beside(target) as temporary:
        yield temporary
        with naming(target):
            _sync(temporary, os.O_RDWR)
            if os.path.exists(target):
                shutil.copymode(target, temporary)
            os.replace(temporary, target)
            if os.name == "posix":
                _sync(folder, os.O_RDONLY)


@contextlib.contextmanager
def temporary_beside(target, is_folder=False):
    """Makes a hidden file or folder beside `target`, which is gone at the end of the block.

    Those that processes left behind which were killed are removed first.

    Args:
        target: path.
        is_folder: bool, whether to make a folder.

    Yields:
        str, its path. What has been renamed to another name by the end stays.

    Raises:
        OSError: it cannot be made; the message names `target`.
    """
    folder, name = os.path.split(target)
    _remove_abandoned(folder)
    path, lock = "", None
    try:
        with naming(target), deferred_interrupts():  # and if one comes as the block ends, both are known
            path, lock = _make_locked(folder, name, is_folder)
        yield path
    finally:
        with deferred_interrupts():  # a lock that is left would keep HDF5 from the file
            _remove(path)
            if lock is not None:
                os.close(lock)


def _make_locked(folder, name, is_folder):
    while True:
        # Not tempfile: its files are readable by their owner only, whatever the umask says.
        path = os.path.join(folder, f".{name[:50]}.{uuid.uuid4().hex}.keras.tmp")
        os.mkdir(path) if is_folder else os.close(os.open(path, os.O_CREAT | os.O_EXCL, 0o666))
        # Until it is locked, another process may take it for abandoned.
        with contextlib.suppress(FileNotFoundError):
            lock = _lock(path, wait=True)
            if os.path.exists(path):
                return path, lock
            if lock is not None:
                os.close(lock)


@contextlib.contextmanager
def naming(target):
    """Lets an OSError in the block say that `target` could not be written."""
    try:
        yield
    except OSError as error:
        raise OSError(error.errno, f"Cannot write {target}: {error.strerror or error}") from error


def _remove_abandoned(folder):
    """Removes temporary files and folders here that no living process holds."""
    if fcntl is None:
        return
    try:
        with os.scandir(folder) as entries:
            found = [entry.path for entry in entries if _TEMPORARY.fullmatch(entry.name)]
    except OSError:
        return
    for path in found:
        with contextlib.suppress(OSError):
            lock = _lock(path, wait=False)
            if lock is not None:
                _remove(path)
                os.close(lock)


def _lock(path, wait):
    """A handle that holds the lock of `path`; None where files cannot be locked, or another has it."""
    if fcntl is None:
        return None
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        return handle
    except OSError:  # some network file systems have no locks
        os.close(handle)
        return None


def _remove(path):
    if os.path.isdir(path):
        shutil.rmtree(path, ignore_errors=True)
    else:
        with contextlib.suppress(OSError):
            os.unlink(path)


def _check_target(target, folder):
    if not os.path.isdir(folder):
        raise FileNotFoundError(f"Cannot write {target}: there is no directory {folder}.")
    if os.path.isdir(target):
        raise IsADirectoryError(f"Cannot write {target}: it is a directory; pass a file name.")
    if os.path.exists(target) and not os.path.isfile(target):
        raise OSError(f"Cannot write {target}: it is a device or pipe, not a regular file.")
    if os.path.exists(target) and not os.access(target, os.W_OK):
        raise PermissionError(f"Cannot write {target}: no permission to write.")


def _sync(path, flags):
    """Returns when the file or directory has reached the disk."""
    handle = os.open(path, flags)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
