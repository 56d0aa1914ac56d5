"""Datatypes: numbers and text; every other kind has a name only (§ IV.A.2.d)."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from .cursor import Cursor
from .errors import Damage

_VERSIONS = 1, 2, 3, 4, 5
_FIXED_POINT, _FLOATING_POINT, _STRING, _ENUMERATION, _VARIABLE_LENGTH = 0, 1, 3, 8, 9
_OTHERS = {
    2: "time",
    4: "bit field",
    5: "opaque",
    6: "compound",
    7: "reference",
    9: "variable-length list",
    10: "array",
    11: "complex",
}
# (precision, position of the exponent, its bits, position of the mantissa, its bits, bias): IEEE 754.
_FLOATS = {
    2: (16, 10, 5, 0, 10, 15),
    4: (32, 23, 8, 0, 23, 127),
    8: (64, 52, 11, 0, 52, 1023),
}
_BFLOAT16 = (16, 7, 8, 0, 7, 127)
_INTEGER_TYPES = {bytes([version << 4 | _FIXED_POINT]) for version in _VERSIONS}
_MOST_BOOL_BYTES = 64  # of the names and values in h5py's type of bools


@dataclass(frozen=True)
class Numbers:
    """A type of NumPy.

    Attributes:
        dtype: np.dtype in the byte order of the file.
        boolean: bool, whether these bytes are bools; h5py stores them as an enumeration FALSE, TRUE.
    """

    dtype: np.dtype
    boolean: bool = False

    @property
    def size(self) -> int:
        return self.dtype.itemsize

    def __str__(self) -> str:
        return "bool" if self.boolean else str(self.dtype)


@dataclass(frozen=True)
class Text:
    """Strings: of a fixed size, or of any length in a global heap.

    Attributes:
        size: int, bytes of one string, or of its place in the heap.
        padding: int, 0 for a zero at the end, 1 for zeros, 2 for spaces.
        variable: bool, whether they lie in a global heap.
    """

    size: int
    padding: int
    variable: bool

    def __str__(self) -> str:
        return "text"


@dataclass(frozen=True)
class Other:
    """A type that is not read."""

    size: int
    name: str

    def __str__(self) -> str:
        return self.name


Datatype: TypeAlias = Numbers | Text | Other


def read_datatype(cursor: Cursor) -> Datatype:
    """Reads a datatype message."""
    class_and_version = cursor.uint()
    bits, size = cursor.uint(3), cursor.uint(4)
    kind, version = class_and_version & 15, class_and_version >> 4
    if version not in _VERSIONS:
        raise Damage(f"{cursor.what} has version {version}; wanted 1 to 5")
    if kind == _FIXED_POINT:
        return _integers(cursor, bits, size)
    if kind == _FLOATING_POINT:
        return _floats(cursor, bits, size)
    if kind == _STRING:
        return Text(size, bits & 15, variable=False)
    if kind == _ENUMERATION:
        return _enumeration(cursor, bits, size)
    if kind == _VARIABLE_LENGTH and bits & 15 == 1:
        return Text(size, padding=0, variable=True)
    return Other(size, _OTHERS.get(kind, f"unknown class {kind}"))


def _integers(cursor: Cursor, bits: int, size: int) -> Numbers | Other:
    offset, precision = cursor.uint(2), cursor.uint(2)
    if size not in (1, 2, 4, 8) or (offset, precision) != (0, 8 * size):
        return Other(size, f"int with {precision} bits from {offset} on in {size} bytes")
    return Numbers(np.dtype(f"{_byte_order(bits)}{'i' if bits & 8 else 'u'}{size}"))


def _floats(cursor: Cursor, bits: int, size: int) -> Numbers | Other:
    offset, precision = cursor.uint(2), cursor.uint(2)
    exponent, exponent_bits, mantissa, mantissa_bits = (cursor.uint() for _ in range(4))
    found = precision, exponent, exponent_bits, mantissa, mantissa_bits, cursor.uint(4)
    if size == 2 and found == _BFLOAT16:
        return Other(size, "bfloat16")
    if size not in _FLOATS:
        return Other(size, f"float of {size} bytes")
    implied_first_bit, sign = bits >> 4 & 3 == 2, bits >> 8 & 255
    if found != _FLOATS[size] or offset or not implied_first_bit or sign != 8 * size - 1 or bits & 64:
        raise Damage(f"its float type is none of NumPy's: {size} bytes of {found}, sign at {sign}")
    return Numbers(np.dtype(f"{_byte_order(bits)}f{size}"))


def _byte_order(bits: int) -> str:
    return ">" if bits & 1 else "<"


def _enumeration(cursor: Cursor, bits: int, size: int) -> Numbers | Other:
    """Reads an enumeration as its ints, or as bools if it is h5py's type of bools."""
    if cursor.data[cursor.position : cursor.position + 1] not in _INTEGER_TYPES:
        raise Damage("an enumeration has values that are not ints")
    base = read_datatype(cursor)
    if not isinstance(base, Numbers) or base.size != size:
        return Other(size, f"enumeration of {base}")
    names_and_values = cursor.data[cursor.position :][:_MOST_BOOL_BYTES]
    # Names may be padded with zeros; the values are 0 and 1.
    two_bytes_of_bools = names_and_values.replace(b"\0", b"").startswith(b"FALSETRUE\1")
    return Numbers(base.dtype, boolean=size == 1 and bits & 0xFFFF == 2 and two_bytes_of_bools)
