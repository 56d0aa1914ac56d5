"""Writing files and folders so that the last good one is never lost and nothing incomplete remains."""

import contextlib
import errno
import os
import re
import shutil
import stat
import time
import uuid
import warnings
from collections.abc import Iterator

from .._base.callers import levels_to_caller
from .._base.types import FilePath
from .._host.interrupts import deferred_interrupts

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None

_TEMPORARY = re.compile(r"\..*\.[0-9a-f]{32}\.keras\.tmp", re.DOTALL)
#: Seconds between attempts to replace a file that a reader has open on Windows, 13 seconds in all.
_WAITS = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 1, 2, 3, 5]
# What systems answer that cannot open a folder, or cannot flush one.
_NO_FOLDER_SYNC = {errno.EACCES, errno.EBADF, errno.EINVAL, errno.EISDIR}


@contextlib.contextmanager
def atomic_write(path: FilePath) -> Iterator[str]:
    """Provides a temporary path to write to, and moves the complete file to `path` at the end of the block.

    Until then, and if anything fails, the file at `path` stays as it was: the new file is written beside it,
    flushed to disk, and renamed over it. Files that a killed process left behind are removed by the next
    process that writes to the folder.

    The temporary file exists and is locked (flock) while it is being written. HDF5 would need a lock of its
    own for writing, so pass h5py an open file and not the path. A program that opens the complete file for
    reading is not kept out: the lock is a shared one, and other processes that look for abandoned files ask
    for an exclusive one.

    Windows has no such locks. There, nothing of a killed process is removed, as it could be another process's
    work.

    Args:
        path: path of the file to create or replace. A symbolic link is followed: its target is replaced. Of
            a file with several names (hard links) only this name leads to the new file, with a warning.

    Yields:
        str, the path to write to, in the same directory.

    Raises:
        FileNotFoundError: the directory does not exist.
        IsADirectoryError, PermissionError, OSError: `path` cannot be replaced.
        ValueError: `path` contains a zero byte.

    Example:
        >>> with atomic_write('weights.txt') as path:  # doctest: +SKIP
        ...     with open(path, 'w') as file:
        ...         file.write('1.0')
    """
    target = _checked_target(os.fsdecode(path))
    folder = os.path.dirname(target)
    with temporary_beside(target) as temporary:
        yield temporary
        with errors_that_name(target):
            _copy_owner_and_mode(target, temporary)
            _sync_file(temporary)
            _replace(temporary, target)
            _sync_folder(folder)


@contextlib.contextmanager
def temporary_beside(target: str, is_folder: bool = False) -> Iterator[str]:
    """Creates a hidden file or folder beside `target`, and removes it at the end of the block.

    Those that killed processes left behind are removed first.

    Args:
        target: path.
        is_folder: bool, whether to create a folder.

    Yields:
        str, its path. If it has been renamed by the end of the block, it stays.

    Raises:
        OSError: it cannot be created; the message names `target`.
    """
    folder, name = os.path.split(target)
    _remove_abandoned(folder)
    path, lock = "", None
    try:
        # An interrupt comes when this block ends: both variables are set by then.
        with errors_that_name(target), deferred_interrupts():
            path, lock = _create_locked(folder, name, is_folder)
        yield path
    finally:
        with deferred_interrupts():  # a lock that stays would keep HDF5 from opening the file
            _remove(path)
            if lock is not None:
                os.close(lock)


@contextlib.contextmanager
def errors_that_name(target: str) -> Iterator[None]:
    """Makes each OSError in the block state that `target` could not be written."""
    try:
        yield
    except OSError as error:
        raise OSError(error.errno, f"Cannot write {target}: {error.strerror or error}") from error


def _create_locked(folder: str, name: str, is_folder: bool) -> tuple[str, int | None]:
    while True:
        # Not tempfile: it makes files that only their owner can read, whatever the umask is.
        path = os.path.join(folder, f".{_shortened(name)}.{uuid.uuid4().hex}.keras.tmp")
        os.mkdir(path) if is_folder else os.close(os.open(path, os.O_CREAT | os.O_EXCL, 0o666))
        # Until it is locked, another process may consider it abandoned.
        with contextlib.suppress(FileNotFoundError):
            lock = _lock(path, shared=True)
            if os.path.exists(path):
                return path, lock
            if lock is not None:
                os.close(lock)


def _shortened(name: str) -> str:
    """Returns the beginning of a name, of at most 50 bytes: some file systems allow only 143."""
    return os.fsencode(name)[:50].decode(errors="ignore")


def _remove_abandoned(folder: str) -> None:
    """Removes the temporary files and folders here that no living process holds."""
    if fcntl is None:
        return
    try:
        with os.scandir(folder) as entries:
            found = [entry.path for entry in entries if _TEMPORARY.fullmatch(entry.name)]
    except OSError:
        return
    for path in found:
        with contextlib.suppress(OSError):
            lock = _lock(path, shared=False)
            if lock is not None:
                _remove(path)
                os.close(lock)


def _lock(path: str, shared: bool) -> int | None:
    """Returns a handle that locks `path`; None if files cannot be locked here, or another process has it.

    Args:
        path: path of the file or folder.
        shared: whether others may have a shared lock at the same time. It is waited for; an exclusive lock,
            by which an abandoned file is recognized, is not.
    """
    if fcntl is None:
        return None
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        fcntl.flock(handle, fcntl.LOCK_SH if shared else fcntl.LOCK_EX | fcntl.LOCK_NB)
        return handle
    except OSError:  # some network file systems have no locks
        os.close(handle)
        return None


def _remove(path: str) -> None:
    if os.path.isdir(path):
        shutil.rmtree(path, ignore_errors=True)
    else:
        with contextlib.suppress(OSError):
            os.unlink(path)


def _checked_target(path: str) -> str:
    """Returns the path of the file to replace, to which a symbolic link at `path` may lead."""
    if "\0" in path:
        raise ValueError(f"Cannot write {path!r}: a file name cannot contain a zero byte.")
    target = os.path.realpath(path)
    folder = os.path.dirname(target)
    if not os.path.isdir(folder):
        raise FileNotFoundError(f"Cannot write {target}: there is no directory {folder}.")
    with errors_that_name(path):
        found = _status(path)
    if found is None:
        return target
    if stat.S_ISDIR(found.st_mode):
        raise IsADirectoryError(f"Cannot write {target}: it is a directory; pass a file name.")
    if not stat.S_ISREG(found.st_mode):
        raise OSError(f"Cannot write {target}: it is a device or pipe, not a regular file.")
    if not os.access(target, os.W_OK):
        raise PermissionError(f"Cannot write {target}: no permission to write.")
    if found.st_nlink > 1:
        warnings.warn(
            f"{target} has {found.st_nlink} names (hard links). The new file gets this one; the others keep "
            "the old file. Use symbolic links for several names of the newest file.",
            stacklevel=levels_to_caller(),
        )
    return target


def _status(path: str) -> os.stat_result | None:
    """Returns what a path or the link there leads to, or None if there is nothing yet.

    Raises:
        OSError: links lead to each other in a loop, or the name is too long.
    """
    try:
        return os.stat(path)
    except FileNotFoundError:
        return None


def _copy_owner_and_mode(source: str, target: str) -> None:
    """Gives a file the owner, group and permissions of another one, if that exists."""
    status = _status(source)
    if status is None:
        return
    if hasattr(os, "chown"):
        # Only root may give files away, and other users only to their own groups.
        for owner, group in ((-1, status.st_gid), (status.st_uid, -1)):
            with contextlib.suppress(OSError):
                os.chown(target, owner, group)
    shutil.copymode(source, target)


def _replace(source: str, target: str) -> None:
    """Renames a file over another one, which on Windows waits until no program has that one open."""
    for wait in _WAITS if os.name == "nt" else ():
        try:
            os.replace(source, target)
            return
        except PermissionError:
            time.sleep(wait)
    os.replace(source, target)


def _sync_file(path: str) -> None:
    """Returns when the file has reached the disk."""
    handle = os.open(path, os.O_RDWR)  # Windows flushes only what may be written
    try:
        _sync(handle)
    finally:
        os.close(handle)


def _sync_folder(path: str) -> None:
    """Returns when the names in the folder have reached the disk, on systems that flush folders.

    Windows opens none, and some file systems flush none; they keep names safe by other means.

    Reference:
        PostgreSQL, src/common/file_utils.c, `fsync_fname`, ignores the same errors.
    """
    if os.name != "posix":
        return
    try:
        handle = os.open(path, os.O_RDONLY)
        try:
            _sync(handle)
        finally:
            os.close(handle)
    except OSError as error:
        if error.errno not in _NO_FOLDER_SYNC:
            raise


def _sync(handle: int) -> None:
    # On macOS, fsync leaves data in the cache of the drive; F_FULLFSYNC does not, where the drive has it.
    full = getattr(fcntl, "F_FULLFSYNC", None)
    if fcntl is not None and full is not None:
        with contextlib.suppress(OSError):
            fcntl.fcntl(handle, full)
            return
    os.fsync(handle)
