"""What the layout of Keras files requires of a reader of HDF5.

A reader offers the root of a file as a `StoredGroup`. All checks of untrusted data are its work: what it
returns is inside the file, of the kind that was asked for, and no larger than the file can hold. It raises
ValueError for what it refuses and OSError for a damaged file; both name the file.
"""

from typing import Protocol, TypeAlias

import numpy as np

from ..._base.budget import Budget


class StoredArray(Protocol):
    """An array in an open file that has not been read yet."""

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape according to the file."""
        ...

    @property
    def dtype(self) -> np.dtype:
        """The dtype of what `read` returns, in the byte order of this machine."""
        ...

    @property
    def stored_bytes(self) -> int:
        """The number of bytes that the array takes in the file, compressed if it is."""
        ...

    def read(self) -> np.ndarray:
        """Reads the array.

        Compare `shape` first: this allocates what the file asks for.

        Raises:
            OSError: the file is damaged here.
        """
        ...


class StoredGroup(Protocol):
    """A group in an open file. Names may be paths below the group, with "/" between the parts."""

    @property
    def filename(self) -> str:
        """The name of the file, for messages."""
        ...

    @property
    def path(self) -> str:
        """The path of the group in the file, for messages."""
        ...

    @property
    def file_bytes(self) -> int:
        """The size of the whole file in bytes."""
        ...

    @property
    def budget(self) -> Budget:
        """What reading the file, and building what it describes, may still cost."""
        ...

    def has_child(self, name: str) -> bool:
        """Returns whether there is a link of this name; what it leads to is not opened."""
        ...

    def children(self) -> list[str]:
        """Returns the names of all links of the group, in no particular order."""
        ...

    def group(self, name: str) -> "StoredGroup":
        """Returns the group at `name`.

        Raises:
            ValueError: there is none, or a link on the way may lead out of the file.
        """
        ...

    def array(self, name: str) -> StoredArray:
        """Returns the array at `name` without reading its numbers.

        Raises:
            ValueError: there is none, a link on the way may lead out of the file, or it holds no numbers, is
                stored in another file, has an unknown filter, or claims more numbers than the file can hold.
        """
        ...

    def has_attribute(self, name: str) -> bool:
        """Returns whether the group has an attribute."""
        ...

    def text(self, attribute: str) -> str | None:
        """Returns the text of an attribute, or None if there is no such attribute.

        Raises:
            ValueError: the attribute is not text.
        """
        ...

    def names(self, attribute: str) -> list[str]:
        """Returns the list of strings in an attribute that exists.

        Raises:
            ValueError: the attribute is not a list of strings.
        """
        ...


#: Names of weights and their arrays, in order.
NamedArrays: TypeAlias = list[tuple[str, StoredArray]]
#: Names of layers and their weights, in order.
StoredLayers: TypeAlias = list[tuple[str, NamedArrays]]
