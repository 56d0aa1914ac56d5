"""Filters: what the chunks of a dataset went through when they were written (§ IV.A.2.l).

Filters are undone from the last to the first. The number of bytes is known before and after each step, since
only one of the filters of a dataset may be a compression: nothing larger than a chunk is ever made.
"""

import zlib
from dataclasses import dataclass

import numpy as np

from . import lzf
from .checksums import fletcher32
from .cursor import Cursor
from .errors import Damage, Unsupported
from .source import Source

_DEFLATE, _SHUFFLE, _FLETCHER32, _LZF = 1, 2, 3, 32_000
_SUPPORTED = {_DEFLATE, _SHUFFLE, _FLETCHER32, _LZF}
_CHECKSUM = 4
_BYTES_PER_STEP = 1024  # unpacking them takes about a microsecond; a small file may claim large chunks
_LZF_BYTES_PER_STEP = 4  # of compressed data: about a piece in two steps


@dataclass(frozen=True)
class Filter:
    """A filter and its parameters."""

    number: int
    values: tuple[int, ...]


def read_filters(cursor: Cursor) -> list[Filter]:
    """Reads a filter pipeline message.

    Raises:
        Unsupported: a filter is not one of those that h5py has by itself, or is there twice.
    """
    version, count = cursor.version(1, 2), cursor.uint()
    cursor.skip(6 if version == 1 else 0)
    filters = [_read_filter(cursor, version) for _ in range(count)]
    numbers = [filter.number for filter in filters]
    if not set(numbers) <= _SUPPORTED:
        unknown = sorted(set(numbers) - _SUPPORTED)
        raise Unsupported(f"is compressed by HDF5 filters {unknown}, which are not supported")
    if len(set(numbers)) < len(numbers) or {_DEFLATE, _LZF} <= set(numbers):
        raise Unsupported(
            f"went through HDF5 filters {numbers}; wanted each at most once, and one compression"
        )
    return filters


def _read_filter(cursor: Cursor, version: int) -> Filter:
    number = cursor.uint(2)
    has_name = version == 1 or number >= 256
    name_size = cursor.uint(2) if has_name else 0
    cursor.skip(2)  # whether it may be left out
    count = cursor.uint(2)
    cursor.skip(name_size)
    values = tuple(cursor.uint(4) for _ in range(count))
    cursor.skip(4 if version == 1 and count % 2 else 0)
    return Filter(number, values)


def unfiltered(source: Source, data: bytes, filters: list[Filter], mask: int, size: int) -> bytes:
    """Undoes the filters of a chunk.

    Args:
        source: the file, whose budget is charged.
        data: bytes of the chunk in the file.
        filters: list of `Filter`.
        mask: int; bit i is set if filter i was left out.
        size: int, the bytes of the chunk.

    Returns:
        `size` bytes.

    Raises:
        Damage: a step gives another number of bytes, or a checksum differs.
    """
    source.budget.take_steps(size // _BYTES_PER_STEP, "unpacked chunks")
    steps = [filter for i, filter in enumerate(filters) if not mask >> i & 1]
    for i, step in reversed(list(enumerate(steps))):
        # Checksums that were added before this filter are still there when it is undone.
        expected = size + _CHECKSUM * sum(before.number == _FLETCHER32 for before in steps[:i])
        if step.number == _DEFLATE:
            data = _inflated(data, expected)
        elif step.number == _LZF:
            source.budget.take_steps(len(data) // _LZF_BYTES_PER_STEP, "LZF chunks")
            data = lzf.unpack(data, expected)
        elif step.number == _FLETCHER32:
            data = _verified(data)
        else:
            data = _unshuffled(data, step)
    if len(data) != size:
        raise Damage(f"a chunk has {len(data):,} bytes; wanted {size:,}")
    return data


def _inflated(data: bytes, size: int) -> bytes:
    stream = zlib.decompressobj()
    try:
        found = stream.decompress(data, size + 1)
    except zlib.error as error:
        raise Damage(f"a chunk is no deflate stream: {error}") from error
    if len(found) != size or not stream.eof:
        count = "more" if len(found) > size else f"{len(found):,}"
        raise Damage(
            f"a chunk unpacks to {count} bytes{'' if stream.eof else ' and has no end'}; wanted {size:,}"
        )
    return found


def _verified(data: bytes) -> bytes:
    """Removes the checksum of fletcher32 after comparing it."""
    if len(data) < _CHECKSUM:
        raise Damage(f"a chunk with a checksum has {len(data)} bytes")
    numbers, stored = data[:-_CHECKSUM], int.from_bytes(data[-_CHECKSUM:], "little")
    first, second = fletcher32(numbers)
    if (stored & 0xFFFF) % 65535 != first or (stored >> 16) % 65535 != second:
        raise Damage(f"a chunk does not have its fletcher32 checksum, {stored:#010x}")
    return numbers


def _unshuffled(data: bytes, step: Filter) -> bytes:
    """Puts together the numbers whose first bytes, second bytes ... are stored together."""
    number_size = step.values[0] if step.values else 0
    if not number_size:
        raise Damage("a shuffle filter has numbers of no bytes")
    count = len(data) // number_size
    whole = count * number_size
    columns = np.frombuffer(data, np.uint8, whole).reshape(number_size, count)
    return columns.T.tobytes() + data[whole:]
