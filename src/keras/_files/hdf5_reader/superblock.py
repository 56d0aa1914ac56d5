"""The superblock: the first structure of a file, which says how all others are written (§ II)."""

from dataclasses import dataclass

from .checksums import lookup3
from .cursor import Cursor
from .errors import Damage
from .source import BinaryFile

SIGNATURE = b"\x89HDF\r\n\x1a\n"
_MOST_BYTES = 256  # more than any version takes


@dataclass(frozen=True)
class Superblock:
    """What a reader needs of the superblock.

    Attributes:
        base: int, its position in the file, from which all addresses count.
        offset_size, length_size: int, bytes of an address and of a length.
        root: int, address of the object header of the root group.
    """

    base: int
    offset_size: int
    length_size: int
    root: int | None


def read_superblock(file: BinaryFile, size: int) -> Superblock:
    """Finds and reads the superblock.

    Args:
        file: open file.
        size: int, its size in bytes.

    Raises:
        Damage: there is none, it is malformed, or the file is shorter than it says.
    """
    base = _find_signature(file, size)
    file.seek(base)
    cursor = Cursor(file.read(_MOST_BYTES), "the superblock")
    cursor.expect(SIGNATURE)
    version = cursor.version(0, 1, 2, 3)
    stated_base, end, root = (_read_old if version < 2 else _read_new)(cursor, version)
    # As HDF5 does, the position counts and not the stated base: bytes may have been put before the file.
    if stated_base is None or end is None or base + end - stated_base > size:
        raise Damage(
            f"the superblock says that the file ends at {end} from {stated_base}; it has {size:,} bytes"
        )
    return Superblock(base, cursor.offset_size, cursor.length_size, root)


def _find_signature(file: BinaryFile, size: int) -> int:
    """Returns where the superblock is: at 0, 512, 1024, 2048 ..., behind a "user block" of that size."""
    position = 0
    while position < size:
        file.seek(position)
        if file.read(len(SIGNATURE)) == SIGNATURE:
            return position
        position = 2 * position or 512
    raise Damage("it has no HDF5 signature")


def _read_old(cursor: Cursor, version: int) -> tuple[int | None, int | None, int | None]:
    """Reads versions 0 and 1 (§ II.A) from the version of the free space on."""
    cursor.skip(4)  # versions of free space, root group and shared messages, all 0
    _read_sizes(cursor)
    cursor.skip(1)
    cursor.skip(8)  # sizes of tree nodes, flags
    if version == 1:
        cursor.skip(4)
    base, _free_space, end, _driver = (cursor.address() for _ in range(4))
    cursor.skip(cursor.offset_size)  # the root group has no name
    return base, end, cursor.address()


def _read_new(cursor: Cursor, version: int) -> tuple[int | None, int | None, int | None]:
    """Reads versions 2 and 3 (§ II.B) from the size of offsets on."""
    _read_sizes(cursor)
    cursor.skip(1)  # flags of open writers
    base, _extension, end, root = (cursor.address() for _ in range(4))
    computed = lookup3(cursor.data[: cursor.position])
    if cursor.uint(4) != computed:
        raise Damage(f"the superblock of version {version} does not have its checksum, {computed:#010x}")
    return base, end, root


def _read_sizes(cursor: Cursor) -> None:
    sizes = cursor.uint(), cursor.uint()
    if not set(sizes) <= {4, 8}:
        raise Damage(f"it has addresses of {sizes[0]} and lengths of {sizes[1]} bytes; wanted 4 or 8")
    cursor.offset_size, cursor.length_size = sizes
