"""Fill values: what the numbers of a dataset are where none were written (§ IV.A.2.e, IV.A.2.f)."""

from .cursor import Cursor
from .errors import Damage


def read_fill_value(cursor: Cursor, size: int) -> bytes:
    """Reads a fill value message of the new kind.

    Args:
        cursor: `Cursor` at the beginning of the message.
        size: int, bytes of one number.

    Returns:
        `size` bytes; zeros if the file states none.
    """
    version = cursor.version(1, 2, 3)
    if version == 3:
        flags = cursor.uint()
        stated = bool(flags & 0x20)
    else:
        cursor.skip(2)  # when space is allocated and filled
        stated = bool(cursor.uint()) or version == 1
    return read_old_fill_value(cursor, size) if stated else bytes(size)


def read_old_fill_value(cursor: Cursor, size: int) -> bytes:
    """Reads a fill value message of the old kind, which is a part of the new one as well."""
    stated_size = cursor.uint(4)
    if stated_size in (0, 0xFFFFFFFF):  # -1 for "undefined"
        return bytes(size)
    if stated_size != size:
        raise Damage(f"its fill value has {stated_size} bytes; its numbers have {size}")
    return cursor.take(size)
