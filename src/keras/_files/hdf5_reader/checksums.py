"""The two checksums of HDF5: lookup3 for its own structures, Fletcher's for the numbers of a dataset."""

import struct

import numpy as np

_MASK = 0xFFFFFFFF
_WORDS = 2**16  # 16-bit words that are summed at a time, so that their products fit into 64 bits


def lookup3(data: bytes) -> int:
    """Returns the 32-bit hash "lookup3" of some bytes.

    It mixes three words a, b, c with each 12 bytes and returns c.

    Reference:
        Bob Jenkins, lookup3.c (2006), function hashlittle with initial value 0; § III.A of the specification
        names it.
    """
    a = b = c = (0xDEADBEEF + len(data)) & _MASK
    if not data:
        return c
    words = struct.iter_unpack("<III", data + bytes(-len(data) % 12))
    x, y, z = next(words)
    for following in words:
        a, b, c = _mixed(a + x, b + y, c + z)
        x, y, z = following
    return _finished((a + x) & _MASK, (b + y) & _MASK, (c + z) & _MASK)


def _mixed(a: int, b: int, c: int) -> tuple[int, int, int]:
    """One round. A rotation by k of a 32-bit word w is (w << k | w >> 32 - k) & mask."""
    b &= _MASK
    c &= _MASK
    a = ((a - c) ^ (c << 4 | c >> 28)) & _MASK
    c = (c + b) & _MASK
    b = ((b - a) ^ (a << 6 | a >> 26)) & _MASK
    a = (a + c) & _MASK
    c = ((c - b) ^ (b << 8 | b >> 24)) & _MASK
    b = (b + a) & _MASK
    a = ((a - c) ^ (c << 16 | c >> 16)) & _MASK
    c = (c + b) & _MASK
    b = ((b - a) ^ (a << 19 | a >> 13)) & _MASK
    a = (a + c) & _MASK
    c = ((c - b) ^ (b << 4 | b >> 28)) & _MASK
    b = (b + a) & _MASK
    return a, b, c


def _finished(a: int, b: int, c: int) -> int:
    c = ((c ^ b) - (b << 14 | b >> 18)) & _MASK
    a = ((a ^ c) - (c << 11 | c >> 21)) & _MASK
    b = ((b ^ a) - (a << 25 | a >> 7)) & _MASK
    c = ((c ^ b) - (b << 16 | b >> 16)) & _MASK
    a = ((a ^ c) - (c << 4 | c >> 28)) & _MASK
    b = ((b ^ a) - (a << 14 | a >> 18)) & _MASK
    return ((c ^ b) - (b << 24 | b >> 8)) & _MASK


def fletcher32(data: bytes) -> tuple[int, int]:
    """Returns Fletcher's two sums of big-endian 16-bit words, modulo 65535.

    With words w_1 .. w_n: first = w_1 + ... + w_n, second = n w_1 + (n - 1) w_2 + ... + w_n. HDF5 stores
    (second << 16) + first, each as a number up to 65535 that may stand for 0.

    Reference:
        J. G. Fletcher, An arithmetic checksum for serial transmissions, IEEE Trans. Comm. 30 (1982).
    """
    first = second = 0
    for start in range(0, len(data), 2 * _WORDS):
        piece = data[start : start + 2 * _WORDS]
        words = np.frombuffer(piece + bytes(len(piece) % 2), ">u2").astype(np.uint64)
        weights = np.arange(len(words), 0, -1, dtype=np.uint64)
        second = (second + len(words) * first + int(words @ weights)) % 65535
        first = (first + int(words.sum())) % 65535
    return first, second
