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

from .._base.types import FilePath
from .atomic import temporary_beside

_BLOCK = 512
_CHUNK = 1 << 20
_MAX_MEMBERS = 100_000
_MAX_DEPTH = 64
_MAX_HEADER = 1 << 20
# The contents may have this many times the bytes of the archive, with an allowance for small archives.
_MAX_RATIO = 100
_SPARE = 64 << 20
_MAX_TOTAL = 64 << 30

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
    """Extracts an archive beside `target`, and renames the result to `target` when it is complete.

    If the archive has a file or folder with the name of `target` at its top level, that becomes `target` and
    the rest is discarded; otherwise `target` becomes a folder with all contents of the archive. Owners, modes
    and times in the archive are ignored.

    Args:
        archive: path of a tar archive compressed by gzip.
        target: path of the file or folder to create; its parent folder exists. If another process has
            created it in the meantime, that one is kept.

    Raises:
        ValueError: the archive is damaged, or it has a link, a device, a path that leaves the folder, a
            duplicate name, or too much data. Nothing is kept of it.
    """
    with temporary_beside(target, is_folder=True) as temporary:
        _extract_all(archive, temporary)
        inner = os.path.join(temporary, os.path.basename(target))
        try:
            os.rename(inner if os.path.exists(inner) else temporary, target)
        except OSError:
            if not os.path.exists(target):
                raise


def _extract_all(archive: FilePath, folder: str) -> None:
    limit = min(_MAX_TOTAL, _MAX_RATIO * os.path.getsize(archive) + _SPARE)
    try:
        with gzip.open(archive, "rb") as file:
            source = _Source(file, limit)
            for path, is_directory, size in _members(source):
                _create(_safe_path(folder, path), is_directory, size, source)
            source.skip_rest()  # gzip's own checksum is at the end
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise ValueError(f"{archive} is damaged, or is not a .tar.gz archive: {error}") from error
    except ValueError as error:
        raise ValueError(f"{archive} is not extracted: {error}") from error


class _Source:
    """The bytes of an archive in order, up to a limit."""

    def __init__(self, file: gzip.GzipFile, limit: int) -> None:
        self._file = file
        self._left = limit

    def require(self, size: int) -> None:
        """Raises ValueError if `size` more bytes would exceed the limit."""
        if size > self._left:
            raise ValueError(
                f"its contents are more than {_MAX_RATIO} times its size, or {_MAX_TOTAL} bytes."
            )

    def read(self, size: int) -> bytes:
        """Returns the next `size` bytes, fewer at the end of the archive."""
        self.require(size)
        data = self._file.read(size)
        self._left -= len(data)
        return data

    def chunks(self, size: int) -> Iterator[bytes]:
        """Yields the next `size` bytes in pieces, and skips the rest of the last block."""
        self.require(size)
        padding = -size % _BLOCK
        while size:
            chunk = self.read(min(size, _CHUNK))
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
        while self.read(min(_CHUNK, self._left) or 1):
            pass


def _members(source: _Source) -> Iterator[tuple[str, bool, int]]:
    """Yields (path, whether it is a directory, size in bytes); the caller reads the data from `source`."""
    following: dict[str, str] = {}  # path and size of the next member, from an extra header
    for _ in range(_MAX_MEMBERS):
        block = source.read(_BLOCK)
        if not block.strip(b"\0"):
            return
        if len(block) < _BLOCK:
            raise EOFError("it ends in the middle of a header")
        _check_sum(block)
        kind, size = block[156:157], _number(block[124:136])
        if kind == _PAX:
            following |= _pax_records(source.header_data(size))
        elif kind == _PAX_GLOBAL:
            if _pax_records(source.header_data(size)):
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
    raise ValueError(f"it has more than {_MAX_MEMBERS} members.")


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


def _pax_records(data: bytes) -> dict[str, str]:
    """Returns the path and the size in a pax header, {"path": str, "size": str}; ignores other records."""
    found: dict[str, str] = {}
    while data:
        length = data.partition(b" ")[0]
        end = int(length) if length.isdigit() and len(length) < 9 else 0
        record = data[len(length) + 1 : end]
        if end > len(data) or not record.endswith(b"\n"):
            raise ValueError("a pax header is damaged.")
        key, _, value = record[:-1].partition(b"=")
        if key.startswith(b"GNU.sparse"):
            raise ValueError("it has a sparse file; only plain files and directories are extracted.")
        if key in (b"path", b"size"):
            if b"\0" in value:
                raise ValueError("a name in a pax header has a NUL character.")
            found[key.decode()] = _text(value)
        data = data[end:]
    return found


def _safe_path(folder: str, path: str) -> str:
    """Returns the path of a member inside `folder`."""
    parts = [part for part in path.split("/") if part not in ("", ".")]
    # Backslash and colon lead elsewhere on Windows; backslashes are refused everywhere.
    unsafe = "\\" in path or (os.name == "nt" and ":" in path)
    if path.startswith("/") or ".." in parts or unsafe or len(parts) > _MAX_DEPTH:
        raise ValueError(f"{path!r} would lead out of the folder, or is too deep.")
    return os.path.join(folder, *parts)


def _create(path: str, is_directory: bool, size: int, source: _Source) -> None:
    try:
        if is_directory:
            os.makedirs(path, exist_ok=True)
            return
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "xb") as file:
            for chunk in source.chunks(size):
                file.write(chunk)
    except (FileExistsError, NotADirectoryError, IsADirectoryError):
        raise ValueError(f"{os.path.basename(path)!r} occurs twice, or as a file and a folder.") from None
