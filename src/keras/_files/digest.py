"""A SHA-256 in the 512 bytes before an HDF5 file, so that a damaged file is never taken for a good one.

HDF5 lets 512 bytes of the user's own stand before a file (its "user block") and every reader passes over
them. It has no check of its own that is always on: with one bit turned most files load, as another model,
and some make the library hang. So the digest is compared before HDF5 sees the file.

This stops accidents. Whoever changes a file on purpose can write a new digest.

    keras-classic 1
    sha256 <64 hexadecimal digits of all bytes behind the block>
    <zeros up to 512>

This module imports nothing of keras.

Reference:
    HDF5 File Format Specification 3.0, II.A "Superblock": it stands at byte 0, 512, 1024, 2048 ...
"""

import hashlib

BLOCK_BYTES = 512
_MARK = b"keras-classic 1\n"
_HDF5_SIGNATURE = b"\x89HDF\r\n\x1a\n"
_CHANGED = (
    "what is in it has another SHA-256 than when it was written. If a program changed it on purpose, leave "
    "out its first 512 bytes: tail -c +513 OLD > NEW"
)
_FOREIGN = "it begins neither as HDF5 does nor as keras-classic writes it"


def seal(image):
    """Writes the block into the first 512 bytes of `image`, a writable buffer with an HDF5 file."""
    image[:BLOCK_BYTES] = _block(hashlib.sha256(image[BLOCK_BYTES:]))


def check_seal(path):
    """Compares a file with its block. A file without one, as Keras 1 wrote them, passes.

    Args:
        path: path of the file.

    Raises:
        OSError: the file is damaged, or begins neither with a block nor as HDF5 does.
    """
    with open(path, "rb") as file:
        block = file.read(BLOCK_BYTES)
        if block.startswith(_HDF5_SIGNATURE):
            return
        if block != _block(hashlib.file_digest(file, "sha256")):
            raise OSError(_CHANGED if block.startswith(_MARK) else _FOREIGN)


def _block(digest):
    return (_MARK + f"sha256 {digest.hexdigest()}\n".encode()).ljust(BLOCK_BYTES, b"\0")
