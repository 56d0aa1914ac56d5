"""Safe extraction of untrusted .tar.gz archives.

Python's `tarfile` is not used: its filters were bypassed several times (CVE-2025-4517 and others), many
Python versions in use lack the fixes, and it takes a damaged header for the end of the archive. This module
creates only regular files and directories, neither follows nor creates links, and limits the size of the
contents before anything is written.

Reference:
    POSIX.1-2017, pax, "ustar Interchange Format" and "pax Header Block"; GNU tar manual, "Basic Tar
    Format".
"""

import gzip
import os
import zlib
from collections.abc import Iterator

from .._base.budget import Budget, OverBudget
from .._base.types import FilePath
from .atomic import temporary_beside

_BLOCK = 512
_CHUNK = 1 << 20
_MAX_DEPTH = 64  # the folder is removed by recursion if the archive is refused
_MAX_HEADER = 1 << 20
# Steps to read a header, and to make a file or folder (an inode) and remove it again.
_STEPS_PER_HEADER, _STEPS_PER_FILE, _STEPS_PER_FOLDER = 4, 70, 130
_MAX_LENGTH_DIGITS = 8  # of a record
_BYTES_PER_NAME = 400  # in the set of folders, besides the characters

_FILES = (b"0", b"\0", b"7")
_DIRECTORY = b"5"
_GNU_LONG_NAME, _PAX, _PAX_GLOBAL = b"L", b"x", b"g"
_REFUSED = {
    b"1": "a hard link",
    b"2": "a symbolic link",
    b"3": "a device",
    b"4": "a device",
    b"6": "a pipe",
    b"K": "a link with a long name",
    b"S": "a sparse file",
}


def extract_tar(archive: FilePath, target: str) -> None:
    """Extracts an archive beside `target`, and gives the results their names when all are complete.

    If the archive has a file or folder with the name of `target` at its top level, that becomes `target` and
    the rest is discarded; otherwise all that is at its top level is put beside `target`, which does not exist
    then: programs for Keras 1.2.2 look for it there. Owners, modes and times in the archive are ignored.

    Args:
        archive: path of a tar archive compressed by gzip.
        target: path of the file or folder to create; its parent folder exists. What exists already, or is
            created by another process in the meantime, is kept.

    Raises:
        ValueError: the archive is damaged, or it has a link, a device, a path that leaves the folder, a
            duplicate name, or too much data. Nothing is kept of it.
    """
    with temporary_beside(target, is_folder=True) as temporary:
        _extract_all(archive, temporary)
        parent, name = os.path.split(target)
        found = os.listdir(temporary)
        for entry in [name] if name in found else found:
            _move(os.path.join(temporary, entry), os.path.join(parent, entry))


def _move(source: str, target: str) -> None:
    """Renames a file or folder; an existing target is kept."""
    if os.path.exists(target):
        return
    try:
        os.rename(source, target)
    except OSError:
        if not os.path.exists(target):
            raise


def _extract_all(archive: FilePath, folder: str) -> None:
    source_name = os.fsdecode(archive)
    budget = Budget(source_name, os.path.getsize(archive))
    try:
        with gzip.open(archive, "rb") as file:
            source, writer = _Source(file, budget), _Writer(folder, budget)
            for path, is_directory, size in _members(source):
                writer.create(path, is_directory, size, source)
            source.skip_rest()  # gzip's own checksum is at the end
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise ValueError(f"{source_name} is damaged, or is not a .tar.gz archive: {error}") from error
    except OverBudget:
        raise
    except ValueError as error:
        raise ValueError(f"{source_name} is not extracted: {error}") from error


class _Source:
    """The bytes of an archive in order; each is charged before it is unpacked, as most are written."""

    def __init__(self, file: gzip.GzipFile, budget: Budget) -> None:
        self._file = file
        self.budget = budget

    def read(self, size: int) -> bytes:
        """Returns the next `size` bytes, fewer at the end of the archive."""
        self.budget.take_disk(size, "contents")
        return self._file.read(size)

    def chunks(self, size: int) -> Iterator[bytes]:
        """Yields the next `size` bytes in pieces, and skips the rest of the last block."""
        self.budget.take_disk(size, "contents")
        padding = -size % _BLOCK
        while size:
            chunk = self._file.read(min(size, _CHUNK))
            if not chunk:
                raise EOFError("it ends in the middle of a file")
            size -= len(chunk)
            yield chunk
        self.read(padding)

    def header_data(self, size: int) -> bytes:
        """Returns the whole data of an extra header."""
        if size > _MAX_HEADER:
            raise ValueError(f"a header of {size} bytes.")
        return b"".join(self.chunks(size))

    def skip_rest(self) -> None:
        """Reads to the end of the archive."""
        while self.read(_CHUNK):
            pass


def _members(source: _Source) -> Iterator[tuple[str, bool, int]]:
    """Yields (path, whether it is a directory, size in bytes); the caller reads the data from `source`."""
    following: dict[str, str] = {}  # path and size of the next member, from an extra header
    while True:
        source.budget.take_steps(_STEPS_PER_HEADER, "headers")
        block = source.read(_BLOCK)
        if not block.strip(b"\0"):
            return
        if len(block) < _BLOCK:
            raise EOFError("it ends in the middle of a header")
        _check_sum(block)
        kind, size = block[156:157], _number(block[124:136])
        if kind == _PAX:
            following |= _pax_records(source.header_data(size), source.budget)
        elif kind == _PAX_GLOBAL:
            if _pax_records(source.header_data(size), source.budget):
                raise ValueError("a header sets one name or size for all members.")
        elif kind == _GNU_LONG_NAME:
            following["path"] = _text(source.header_data(size))
        else:
            path = following.get("path") or _path(block)
            if kind in _REFUSED or kind not in (*_FILES, _DIRECTORY):
                what = _REFUSED.get(kind, f"of an unknown kind, {kind!r}")
                raise ValueError(f"{path!r} is {what}; only files and directories are extracted.")
            is_directory = kind == _DIRECTORY or path.endswith("/")
            # A directory has no data, whatever its header states.
            yield path, is_directory, 0 if is_directory else _size(following, size)
            following = {}


def _check_sum(block: bytes) -> None:
    as_written = _number(block[148:156])
    if as_written != sum(block[:148]) + sum(block[156:]) + 8 * ord(" "):
        raise EOFError("a header has a wrong checksum")


def _number(field: bytes) -> int:
    """Decodes a number of a header: octal digits, or binary after a byte 0x80."""
    if field[0] == 0x80:
        return int.from_bytes(field[1:], "big")
    digits = field.strip(b" \0") or b"0"
    if not digits.isdigit() or max(digits) > ord("7"):
        raise ValueError(f"a header has {field!r} in place of a number.")
    return int(digits, 8)


def _size(following: dict[str, str], size: int) -> int:
    given = following.get("size")
    if given is None:
        return size
    if not (given.isascii() and given.isdigit() and len(given) < 20):
        raise ValueError(f"a header gives the size {given!r}.")
    return int(given)


def _path(block: bytes) -> str:
    name = _text(block[:100])
    # GNU tar has another magic, and other data in place of the prefix.
    prefix = _text(block[345:500]) if block[257:263] == b"ustar\0" else ""
    return f"{prefix}/{name}" if prefix else name


def _text(field: bytes) -> str:
    try:
        return field.partition(b"\0")[0].decode("utf-8")
    except UnicodeDecodeError:
        raise ValueError(f"a name is not in UTF-8: {field!r:.80}") from None


def _pax_records(data: bytes, budget: Budget) -> dict[str, str]:
    """Returns the path and the size in a pax header, {"path": str, "size": str}; ignores other records."""
    found: dict[str, str] = {}
    place = 0
    while place < len(data):
        budget.take_steps(1, "records of pax headers")
        blank = data.find(b" ", place, place + _MAX_LENGTH_DIGITS + 1)
        length = data[place:blank] if blank > 0 else b""
        end = place + (int(length) if length.isdigit() else 0)
        record = data[blank + 1 : end]
        if not place < end <= len(data) or not record.endswith(b"\n"):
            raise ValueError("a pax header is damaged.")
        key, _, value = record[:-1].partition(b"=")
        if key.startswith(b"GNU.sparse"):
            raise ValueError("it has a sparse file; only plain files and directories are extracted.")
        if key in (b"path", b"size"):
            if b"\0" in value:
                raise ValueError("a name in a pax header has a NUL character.")
            found[key.decode()] = _text(value)
        place = end
    return found


class _Writer:
    """Makes the files and folders of an archive inside a folder; each costs an inode."""

    def __init__(self, folder: str, budget: Budget) -> None:
        self._folder = folder
        self._budget = budget
        self._made: set[str] = set()  # paths of folders

    def create(self, path: str, is_directory: bool, size: int, source: _Source) -> None:
        """Makes a folder, or a file with the next `size` bytes of the archive, and the folders above it."""
        self._budget.take_steps(path.count("/"), "parts of paths")
        parts = _safe_parts(path)
        name = parts[-1] if parts else "."
        try:
            parent = self._make_folders(parts if is_directory else parts[:-1])
            if is_directory:
                return
            self._budget.take_steps(_STEPS_PER_FILE, "files")
            with open(os.path.join(parent, name), "xb") as file:
                for chunk in source.chunks(size):
                    file.write(chunk)
        except (FileExistsError, NotADirectoryError, IsADirectoryError):
            raise ValueError(f"{name!r:.200} occurs twice, or as a file and a folder.") from None

    def _make_folders(self, parts: list[str]) -> str:
        """Makes folders inside of each other; returns the path of the innermost."""
        path = self._folder
        for part in parts:
            path = os.path.join(path, part)
            self._budget.take_steps(1, "parts of paths")
            if path not in self._made:
                self._budget.take_steps(_STEPS_PER_FOLDER, "folders")
                self._budget.take_memory(_BYTES_PER_NAME + 4 * len(path), "names of folders")
                try:
                    os.mkdir(path)
                except FileExistsError:
                    if not os.path.isdir(path):  # names that differ in case may be one folder
                        raise
                self._made.add(path)
        return path


def _safe_parts(path: str) -> list[str]:
    """Returns the parts of a path that stays inside the folder."""
    parts = [part for part in path.split("/") if part not in ("", ".")]
    # Backslash and colon lead elsewhere on Windows; backslashes are refused everywhere.
    unsafe = "\\" in path or (os.name == "nt" and ":" in path)
    if path.startswith("/") or ".." in parts or unsafe or len(parts) > _MAX_DEPTH:
        raise ValueError(f"{path!r:.200} would lead out of the folder, or is too deep.")
    return parts
