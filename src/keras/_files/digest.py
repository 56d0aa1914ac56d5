"""A SHA-256 in the 512 bytes before an HDF5 file, by which damaged files are recognized.

HDF5 allows 512 bytes of user data before a file (its "user block"), which every reader skips. It has no
check of its own that is always on: with one flipped bit most files load, as another model, and some make the
library hang. The digest is therefore compared before HDF5 sees the file.

This protects against accidents, not against attackers, who can write a new digest.

    keras-classic 1
    sha256 <64 hexadecimal digits of all bytes behind the block>
    <zeros up to 512>

Reference:
    HDF5 File Format Specification 3.0, II.A "Superblock": it begins at byte 0, 512, 1024, 2048 ...
"""

import hashlib
from typing import Any

from .._base.types import FilePath

BLOCK_BYTES = 512
_MARK = b"keras-classic 1\n"
_HDF5_SIGNATURE = b"\x89HDF\r\n\x1a\n"
_CHANGED = (
    "its contents no longer match its SHA-256. If a program changed it on purpose, remove its first 512 "
    "bytes: tail -c +513 OLD > NEW"
)
_FOREIGN = "it begins neither like HDF5 nor like a file of keras-classic"


def seal(image: memoryview) -> None:
    """Writes the block into the first 512 bytes of `image`, a writable buffer with an HDF5 file."""
    image[:BLOCK_BYTES] = _block(hashlib.sha256(image[BLOCK_BYTES:]))


def check_seal(path: FilePath) -> None:
    """Compares a file with its block. Files without one, such as those of Keras 1, pass.

    Args:
        path: path of the file.

    Raises:
        OSError: the file is damaged, or begins neither with a block nor like HDF5.
    """
    with open(path, "rb") as file:
        block = file.read(BLOCK_BYTES)
        if block.startswith(_HDF5_SIGNATURE):
            return
        if block != _block(hashlib.file_digest(file, "sha256")):
            raise OSError(_CHANGED if block.startswith(_MARK) else _FOREIGN)


def _block(digest: Any) -> bytes:
    return (_MARK + f"sha256 {digest.hexdigest()}\n".encode()).ljust(BLOCK_BYTES, b"\0")
