"""`Group`: the tree of an open file, as `hdf5_format.stored` describes it."""

import functools
import os
from dataclasses import dataclass, field

from ..._base.budget import Budget
from .arrays import Array, open_array
from .attributes import Attribute, read_attributes, read_strings
from .datatypes import Text
from .errors import Unsupported
from .global_heap import GlobalHeap
from .headers import Kind, Message, read_messages
from .links import Links, read_links
from .naming import naming
from .source import BinaryFile, Source
from .superblock import read_superblock

_GROUP_KINDS = {Kind.SYMBOL_TABLE, Kind.LINK_INFO, Kind.LINK}


@dataclass
class _Object:
    """The object at an address, each part of which is read once."""

    source: Source
    address: int | None

    @functools.cached_property
    def messages(self) -> list[Message]:
        return read_messages(self.source, self.address)

    @functools.cached_property
    def links(self) -> Links:
        return read_links(self.source, self.messages)

    @functools.cached_property
    def attributes(self) -> dict[str, Attribute]:
        return read_attributes(self.source, self.messages)

    @property
    def kind(self) -> str:
        kinds = {message.kind for message in self.messages}
        if Kind.LAYOUT in kinds:
            return "Dataset"
        return "Group" if kinds & _GROUP_KINDS else "Datatype"


@dataclass
class _Objects:
    """The objects of a file that were opened so far, by address."""

    source: Source
    filename: str
    heap: GlobalHeap
    opened: dict[int | None, _Object] = field(default_factory=dict)

    def at(self, address: int | None) -> _Object:
        if address not in self.opened:
            self.source.keep(0, "objects")
            self.opened[address] = _Object(self.source, address)
        return self.opened[address]


class Group:
    """A group; a `StoredGroup` of `hdf5_format`, whose methods are described there."""

    def __init__(self, objects: _Objects, found: _Object, path: str) -> None:
        self._objects = objects
        self._object = found
        self.filename = objects.filename
        self.path = path

    @property
    def file_bytes(self) -> int:
        return self._objects.source.size

    @property
    def budget(self) -> Budget:
        return self._objects.source.budget

    @naming
    def has_child(self, name: str) -> bool:
        return name in self._object.links

    @naming
    def children(self) -> list[str]:
        return list(self._object.links)

    @naming
    def group(self, name: str) -> "Group":
        return Group(self._objects, self._child(name, "Group"), self._path_of(name))

    def array(self, name: str) -> Array:
        found, path = self._dataset(name), self._path_of(name)
        return Group(self._objects, found, path)._as_array()

    @naming
    def _dataset(self, name: str) -> _Object:
        return self._child(name, "Dataset")

    @naming
    def _as_array(self) -> Array:
        return open_array(self._objects.source, self.filename, self.path, self._object.messages)

    @naming
    def has_attribute(self, name: str) -> bool:
        return name in self._object.attributes

    @naming
    def text(self, attribute: str) -> str | None:
        found = self._object.attributes.get(attribute)
        if found is None:
            return None
        if found.space.shape == () and isinstance(found.datatype, Text):
            # Python 2 programs wrote texts of other encodings.
            return read_strings(self._objects.source, self._objects.heap, found, errors="replace")[0]
        raise ValueError(f"{self.filename}: attribute {attribute} is not text.")

    @naming
    def names(self, attribute: str) -> list[str]:
        found = self._object.attributes.get(attribute)
        if found is None:
            raise Unsupported(f"has no attribute {attribute}")
        shape, is_text = found.space.shape, isinstance(found.datatype, Text)
        if shape == (0,):
            return []
        if shape is not None and len(shape) == 1 and is_text:
            return read_strings(self._objects.source, self._objects.heap, found)
        raise ValueError(
            f"{self.filename}: attribute {attribute} of {self.path} has type {found.datatype} and "
            f"shape {shape}; wanted a list of names."
        )

    def _child(self, name: str, kind: str) -> _Object:
        """Returns the object at `name`, following only hard links, which stay in the file."""
        found = self._object
        for part in name.split("/"):
            links = found.links if found.kind == "Group" else {}
            if part not in links:
                raise Unsupported(f"has no {name!r}, which the file lists")
            if links[part] is None:
                raise Unsupported(
                    f"has {name!r} as a soft or external link, which may lead out of the file; "
                    "it is not followed"
                )
            found = self._objects.at(links[part])
        if found.kind != kind:
            raise Unsupported(f"has {name!r}, which is a {found.kind}; wanted {kind}")
        return found

    def _path_of(self, name: str) -> str:
        return f"{self.path.rstrip('/')}/{name}"


def open_file(file: BinaryFile, filename: str, budget: Budget | None = None) -> Group:
    """Opens an HDF5 file.

    Args:
        file: the file, open for reading in binary mode. It must stay open while its groups
            and arrays are used.
        filename: str, for messages.
        budget: what the file is a part of, such as an archive; None makes one for the file.

    Returns:
        `Group`, the root.

    Raises:
        OSError: it is not HDF5, or its beginning is damaged.
    """
    size = file.seek(0, os.SEEK_END)
    superblock = read_superblock(file, size)
    source = Source(
        file,
        size,
        budget or Budget(filename, size),
        superblock.base,
        superblock.offset_size,
        superblock.length_size,
    )
    objects = _Objects(source, filename, GlobalHeap(source))
    return Group(objects, objects.at(superblock.root), "/")
