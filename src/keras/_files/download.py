"""Downloads, which are kept in the folder of Keras."""

import hashlib
import http.client
import os
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from typing import Any

from .._base.paths import keras_home
from .._base.progress import Progbar
from .._base.types import FilePath
from .archives import extract_tar
from .atomic import atomic_write

# Seconds without a byte after which the connection is given up.
_TIMEOUT = 60
_CHUNK = 1 << 16
_SCHEMES = ("http", "https", "file")
# Hexadecimal digits of a hash -> its name for hashlib.
_HASHES = {32: "md5", 64: "sha256"}


def get_file(
    fname: str,
    origin: str,
    untar: bool = False,
    md5_hash: str | None = None,
    cache_subdir: str = "datasets",
) -> str:
    """Downloads a file unless it is in the cache.

    A file appears under its name only when it is complete and has the expected hash, so several processes
    may request the same file at once. To work offline, put the file there by hand.

    Args:
        fname: str, name of the file; with `untar`, name of the file or folder in the archive, which itself
            is kept as `fname`.tar.gz.
        origin: str, URL of the file: http, https or file. Redirections from https to anything else, and to
            files, are refused.
        untar: bool, whether the file is a .tar.gz archive to extract. If it has no file or folder `fname`,
            its contents are put beside that path, as in Keras 1.2.2. An archive with anything but regular
            files and directories, or with paths that lead elsewhere, is refused.
        md5_hash: str, hexadecimal MD5 (32 digits) or SHA-256 (64 digits) of the download; a cached file with
            another hash is downloaded again. None means no check.
        cache_subdir: str, folder for the file inside KERAS_HOME, or inside `~/.keras` if that is not set.

    Returns:
        str, path of the file or folder.

    Raises:
        OSError: the file cannot be downloaded or written; the message names the path to put it by hand.
        ValueError: the download has another hash, `md5_hash` or `origin` is invalid, or the archive is
            damaged or refused.
    """
    if md5_hash is not None:
        _hash_name(md5_hash)
    path = os.path.join(keras_home(), cache_subdir, fname)
    # What has this name in an archive appears in one step, by a rename, so it is complete if it exists.
    if untar and os.path.exists(path):
        return path
    download = f"{path}.tar.gz" if untar else path
    if not _is_cached(download, md5_hash):
        _download(origin, download, md5_hash)
    if untar:
        print("Untaring file...")
        extract_tar(download, path)
    return path


def validate_file(fpath: FilePath, md5_hash: str) -> bool:
    """Returns whether a file has the given hash.

    Args:
        fpath: path of the file.
        md5_hash: str, hexadecimal MD5 (32 digits) or SHA-256 (64 digits).

    Returns:
        bool.

    Raises:
        ValueError: `md5_hash` is neither.
        OSError: the file cannot be read.
    """
    digest = _new_hash(md5_hash)
    with open(fpath, "rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest() == md5_hash.lower()


def _hash_name(md5_hash: str) -> str:
    name = _HASHES.get(len(md5_hash))
    if name is None or not set(md5_hash.lower()) <= set("0123456789abcdef"):
        raise ValueError(
            f"md5_hash: got {md5_hash!r}; wanted 32 hexadecimal digits (MD5) or 64 (SHA-256), or None."
        )
    return name


def _new_hash(md5_hash: str) -> Any:
    # The hash identifies a file; systems that forbid MD5 for security allow this use.
    return hashlib.new(_hash_name(md5_hash), usedforsecurity=False)


def _is_cached(path: str, md5_hash: str | None) -> bool:
    if not os.path.exists(path):
        return False
    if md5_hash is None or validate_file(path, md5_hash):
        return True
    print("A local file was found, but it seems to be incomplete or outdated.")
    return False


def _download(origin: str, path: str, md5_hash: str | None) -> None:
    """Downloads to `path` through a temporary file beside it."""
    scheme = urllib.parse.urlsplit(origin).scheme
    if scheme not in _SCHEMES:
        raise ValueError(f"get_file: got the URL {origin!r}; wanted one of {', '.join(_SCHEMES)}.")
    _make_folder(os.path.dirname(path))
    print("Downloading data from", origin)
    digest = _new_hash(md5_hash) if md5_hash else None
    with atomic_write(path) as temporary:
        with open(temporary, "wb") as file:
            for chunk in _chunks(origin, path):
                file.write(chunk)
                if digest:
                    digest.update(chunk)
        if md5_hash and digest and digest.hexdigest() != md5_hash.lower():
            raise ValueError(
                f"get_file: the download from {origin} has the {digest.name} {digest.hexdigest()}; wanted "
                f"{md5_hash}. It is not kept. Either the file at the origin has changed, or it was altered "
                f"on the way. You can put a file with the right hash at {path} by hand."
            )


def _make_folder(folder: str) -> None:
    try:
        os.makedirs(folder, exist_ok=True)
        if os.access(folder, os.W_OK):
            return
    except PermissionError:
        pass
    # Keras 1.2.2 falls back to /tmp/.keras, where any user of the machine may place files for others.
    raise PermissionError(
        f"get_file: no permission to write to {folder}. Set the environment variable KERAS_HOME to a "
        "folder that you may write to."
    )


class _SafeRedirects(urllib.request.HTTPRedirectHandler):
    """Follows redirections within http and https, and never from https to http."""

    def redirect_request(
        self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        scheme = urllib.parse.urlsplit(newurl).scheme
        if scheme == "https" or scheme == req.type == "http":
            return super().redirect_request(req, fp, code, msg, headers, newurl)
        raise urllib.error.URLError(f"it redirects to {newurl}, which is less safe, and is refused")


def _chunks(origin: str, path: str) -> Iterator[bytes]:
    """Yields the bytes of a URL and shows the progress of the download."""
    received = 0
    try:
        request = urllib.request.Request(origin, headers={"User-Agent": "keras-classic"})
        opener = urllib.request.build_opener(_SafeRedirects)
        with opener.open(request, timeout=_TIMEOUT) as response:
            length = response.headers.get("Content-Length") or ""
            total = int(length) if length.isdigit() else None
            progbar = Progbar(total, verbose=1 if total else 0)
            while chunk := response.read(_CHUNK):
                received += len(chunk)
                if total:
                    progbar.update(received)
                yield chunk
        if total is not None and received != total:
            raise ConnectionError(f"the connection ended after {received} of {total} bytes")
    except (OSError, http.client.HTTPException) as error:
        reason = getattr(error, "reason", None) or error
        code = f"HTTP status {error.code}, " if isinstance(error, urllib.error.HTTPError) else ""
        raise OSError(
            f"get_file: cannot download {origin} ({code}{reason}). Without a connection to it, get the file "
            f"elsewhere and put it at {path}"
        ) from error
