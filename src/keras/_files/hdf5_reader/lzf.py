"""LZF, the fast compression of h5py.

Compressed data is a sequence of two kinds of pieces. The first byte of a piece says which:

    000nnnnn                      n + 1 bytes follow, which are copied
    lllddddd dddddddd             l + 2 bytes are repeated from d + 1 bytes before (l is not 0)
    111ddddd llllllll dddddddd    the same with 7 + l + 2 bytes

Reference:
    Marc Lehmann, LibLZF (http://liblzf.plan9.de); h5py's filter 32000.
"""

from .errors import Damage


def unpack(data: bytes, size: int) -> bytes:
    """Unpacks LZF.

    Args:
        data: bytes, compressed.
        size: int, how many bytes must come out.

    Raises:
        Damage: other than `size` bytes come out, or a piece refers to bytes before the beginning.
    """
    found, position, end = bytearray(), 0, len(data)
    try:
        while position < end and len(found) <= size:
            control = data[position]
            if control < 32:
                following = position + 2 + control
                if following > end:
                    raise IndexError
                found += data[position + 1 : following]
                position = following
                continue
            length, position = (control >> 5) + 2, position + 1
            if length == 9:
                length, position = length + data[position], position + 1
            start = len(found) - ((control & 31) << 8) - data[position] - 1
            position += 1
            if start < 0:
                raise Damage("an LZF chunk refers to bytes before its beginning")
            piece = found[start : start + length]
            # A piece may run into the bytes that it adds, and then repeats itself.
            found += piece if len(piece) == length else (piece * (length // len(piece) + 1))[:length]
    except IndexError:
        raise Damage("an LZF chunk ends inside a piece") from None
    if len(found) != size:
        raise Damage(f"an LZF chunk unpacks to {_count(found, size)} bytes; wanted {size:,}")
    return bytes(found)


def _count(found: bytearray, size: int) -> str:
    return "more" if len(found) > size else f"{len(found):,}"
