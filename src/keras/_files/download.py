"""Files from the network, kept in the folder of Keras."""

import hashlib
import http.client
import os
import urllib.error
import urllib.parse
import urllib.request

from .._base.paths import keras_home
from .._base.progress import Progbar
from .archives import extract_tar
from .atomic import atomic_write

# Seconds without a byte after which a server counts as gone.
_TIMEOUT = 60
_CHUNK = 1 << 16
_SCHEMES = ("http", "https", "file")
# Hexadecimal digits of a hash -> its name for hashlib.
_HASHES = {32: "md5", 64: "sha256"}


def get_file(fname, origin, untar=False, md5_hash=None, cache_subdir="datasets"):
    """Downloads a file unless it is there already.

    A file appears under its name only when it is complete and has the hash that was asked for; several
    processes may ask for one file at a time. To work without a connection, put the file there by hand.

    Args:
        fname: str, name of the file; with `untar`, name of the file or folder that comes out of the
            archive, which itself is kept as `fname`.tar.gz.
        origin: str, URL of the file: http, https or file. A redirection from https to anything else is
            refused, as is any to a file.
        untar: bool, whether the file is a .tar.gz archive to be taken apart. Only regular files and
            directories are: an archive with links, devices or paths that lead elsewhere is refused.
        md5_hash: str, hexadecimal MD5 (32 digits) or SHA-256 (64 digits) of the download; a file that is
            there with another hash is downloaded anew. None checks nothing.
        cache_subdir: str, folder for the file inside KERAS_HOME or else `~/.keras`.

    Returns:
        str, path of the file or folder.

    Raises:
        OSError: the file cannot be downloaded or written; the message says where to put it by hand.
        ValueError: the download has another hash, `md5_hash` or `origin` cannot be used, or an archive is
            damaged or refused.
    """
    if md5_hash is not None:
        _hash_name(md5_hash)
    path = os.path.join(keras_home(), cache_subdir, fname)
    # What comes out of an archive is renamed in one step, so if it is there it is complete.
    if untar and os.path.exists(path):
        return path
    download = f"{path}.tar.gz" if untar else path
    if not _is_there(download, md5_hash):
        _download(origin, download, md5_hash)
    if untar:
        print("Untaring file...")
        extract_tar(download, path)
    return path


def validate_file(fpath, md5_hash):
    """Says whether a file has a hash.

    Args:
        fpath: path of the file.
        md5_hash: str, hexadecimal MD5 (32 digits) or SHA-256 (64 digits).

    Returns:
        bool.

    Raises:
        ValueError: `md5_hash` is no such text.
        OSError: the file cannot be read.
    """
    digest = _new_hash(md5_hash)
    with open(fpath, "rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest() == md5_hash.lower()


def _hash_name(md5_hash):
    name = _HASHES.get(len(md5_hash))
    if name is None or not set(md5_hash.lower()) <= set("0123456789abcdef"):
        raise ValueError(
            f"md5_hash: got {md5_hash!r}; wanted 32 hexadecimal digits (MD5) or 64 (SHA-256), or None."
        )
    return name


def _new_hash(md5_hash):
    # Here a hash tells files apart; systems that forbid MD5 for secrets allow that.
    return hashlib.new(_hash_name(md5_hash), usedforsecurity=False)


def _is_there(path, md5_hash):
    if not os.path.exists(path):
        return False
    if md5_hash is None or validate_file(path, md5_hash):
        return True
    print("A local file was found, but it seems to be incomplete or outdated.")
    return False


def _download(origin, path, md5_hash):
    """Downloads to `path`, by way of a temporary file beside it."""
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
        if digest and digest.hexdigest() != md5_hash.lower():
            raise ValueError(
                f"get_file: what {origin} sends has the {digest.name} {digest.hexdigest()}; wanted "
                f"{md5_hash}. It is not kept. Either the file at the origin is another one now, or it was "
                f"changed on the way. A file with the right hash may be put at {path} by hand."
            )


def _make_folder(folder):
    try:
        os.makedirs(folder, exist_ok=True)
        if os.access(folder, os.W_OK):
            return
    except PermissionError:
        pass
    # Keras 1.2.2 takes /tmp/.keras then, where any user of the machine may put files for others.
    raise PermissionError(
        f"get_file: no permission to write to {folder}. Set the environment variable KERAS_HOME to a "
        "folder of yours."
    )


class _SafeRedirects(urllib.request.HTTPRedirectHandler):
    """Follows redirections within http and https, and never from https to http."""

    def redirect_request(self, req, fp, code, msg, headers, newurl):
        scheme = urllib.parse.urlsplit(newurl).scheme
        if scheme == "https" or scheme == req.type == "http":
            return super().redirect_request(req, fp, code, msg, headers, newurl)
        raise urllib.error.URLError(f"it redirects to {newurl}, which is less safe, and is refused")


def _chunks(origin, path):
    """Yields the bytes of a URL, and shows how far the download is."""
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
