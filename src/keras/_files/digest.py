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
from io import BufferedReader

BLOCK_BYTES = 512
_MARK, _NAME, _DIGITS = b"keras-classic 1\n", b"sha256 ", 64
_HDF5_SIGNATURE = b"\x89HDF\r\n\x1a\n"
_CHANGED = (
    "its contents no longer match its SHA-256. If a program changed it on purpose, remove its first 512 "
    "bytes: tail -c +513 OLD > NEW"
)
_FOREIGN = (
    "it has 512 bytes before its HDF5 data that are not those of keras-classic, or no longer. To read it "
    "without a check, remove them: tail -c +513 OLD > NEW"
)


def seal(image: memoryview) -> None:
    """Writes the block into the first 512 bytes of `image`, a writable buffer with an HDF5 file."""
    image[:BLOCK_BYTES] = _block(hashlib.sha256(image[BLOCK_BYTES:]).hexdigest().encode())


def check_seal(file: BufferedReader) -> None:
    """Compares a file with its block. Files without one, such as those of Keras 1, pass.

    A large file that cannot be one of ours is refused after a few reads: the whole file is read only if a
    block of the right form stands before the signature of HDF5.

    Args:
        file: the file, open for reading in binary mode.

    Raises:
        OSError: the file is damaged, or has another block of this size.
    """
    file.seek(0)
    block, behind = file.read(BLOCK_BYTES), file.read(len(_HDF5_SIGNATURE))
    if not block.startswith(_MARK):
        if behind == _HDF5_SIGNATURE and not block.startswith(_HDF5_SIGNATURE):
            raise OSError(_FOREIGN)  # it may be our own block, damaged
        return
    stated = block[len(_MARK) + len(_NAME) :][:_DIGITS]
    file.seek(BLOCK_BYTES)
    if (
        behind != _HDF5_SIGNATURE
        or block != _block(stated)
        or stated != hashlib.file_digest(file, "sha256").hexdigest().encode()
    ):
        raise OSError(_CHANGED)


def _block(digest: bytes) -> bytes:
    return (_MARK + _NAME + digest + b"\n").ljust(BLOCK_BYTES, b"\0")
