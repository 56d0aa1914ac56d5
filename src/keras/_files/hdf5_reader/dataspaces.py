"""Dataspaces: the shapes of attributes and datasets (§ IV.A.2.b)."""

import math
from dataclasses import dataclass

from .cursor import Cursor
from .errors import Damage

_MOST_AXES = 32  # the limit of HDF5
_MOST_NUMBERS = 2**60  # sizes beyond make no sense and overflow in NumPy
_NULL = 2


@dataclass(frozen=True)
class Dataspace:
    """A shape.

    Attributes:
        shape: tuple of ints, () for a single value, or None if there is no value at all.
        max_shape: tuple of ints to which a dataset may grow; None on an axis without a limit.
    """

    shape: tuple[int, ...] | None
    max_shape: tuple[int | None, ...] = ()

    @property
    def count(self) -> int:
        """The number of values."""
        return 0 if self.shape is None else math.prod(self.shape)


def read_dataspace(cursor: Cursor) -> Dataspace:
    """Reads a dataspace message."""
    version, rank, flags = cursor.version(1, 2), cursor.uint(), cursor.uint()
    kind = cursor.uint()
    if version == 1:
        cursor.skip(4)
    elif kind == _NULL:
        return Dataspace(None)
    if rank > _MOST_AXES:
        raise Damage(f"it has {rank} axes; HDF5 allows {_MOST_AXES}")
    shape = tuple(cursor.length() for _ in range(rank))
    unlimited = (1 << 8 * cursor.length_size) - 1
    limits = tuple(cursor.length() for _ in range(rank)) if flags & 1 else shape
    max_shape = tuple(None if size == unlimited else size for size in limits)
    # Without the zeros: NumPy multiplies the others too.
    if math.prod(max(size, 1) for size in shape) > _MOST_NUMBERS:
        raise Damage(f"it has the impossible shape {shape}")
    if any(most is not None and size > most for size, most in zip(shape, max_shape, strict=True)):
        raise Damage(f"it has shape {shape}, beyond its own limit {max_shape}")
    return Dataspace(shape, max_shape)
