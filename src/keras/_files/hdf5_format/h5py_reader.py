"""Groups that a program opened itself with h5py: the interfaces of `stored`, with their checks.

Files are read by `hdf5_reader`; here HDF5 itself reads them.
"""

import functools
import math
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar, cast

import numpy as np

from ..._base.budget import Budget
from .rules import is_number
from .stored import StoredGroup

if TYPE_CHECKING:
    import h5py

# deflate, shuffle, fletcher32, lzf. For an unknown filter HDF5 would search for a library to load.
_FILTERS = {1, 2, 3, 32_000}
_MAX_DEFLATE_RATIO = 1_100  # deflate's own limit is 1,032

_Parameters = ParamSpec("_Parameters")
_Result = TypeVar("_Result")
_Item = TypeVar("_Item", "H5pyGroup", "H5pyArray")


def _naming_damage(
    method: Callable[Concatenate[_Item, _Parameters], _Result],
) -> Callable[Concatenate[_Item, _Parameters], _Result]:
    """Turns the errors that h5py raises on damaged files into an OSError that names the file."""

    @functools.wraps(method)
    def named(self: _Item, *args: _Parameters.args, **kwargs: _Parameters.kwargs) -> _Result:
        try:
            return method(self, *args, **kwargs)
        except (OSError, RuntimeError, KeyError, TypeError, SystemError) as error:
            raise OSError(f"The file is damaged: {self.filename}, at {self.path} ({error}).") from error

    return named


@dataclass(frozen=True)
class H5pyArray:
    """A `StoredArray` that h5py reads."""

    shape: tuple[int, ...]
    dtype: np.dtype
    stored_bytes: int
    filename: str
    _dataset: Any = field(repr=False)

    @property
    def path(self) -> str:
        return self._dataset.name

    @_naming_damage
    def read(self) -> np.ndarray:
        return np.asarray(self._dataset[()], dtype=self.dtype)


class H5pyGroup:
    """A `StoredGroup` that h5py reads."""

    def __init__(self, group: "h5py.Group") -> None:
        self._group: Any = group
        self.filename = str(group.file.filename)
        self._budget = Budget(self.filename, self.file_bytes)

    @property
    def path(self) -> str:
        return self._group.name

    @property
    @_naming_damage
    def file_bytes(self) -> int:
        return self._group.file.id.get_filesize()  # not the size at its path: it may be in memory

    @property
    def budget(self) -> Budget:
        return self._budget

    @_naming_damage
    def has_child(self, name: str) -> bool:
        return _has_link(self._group, name)

    @_naming_damage
    def children(self) -> list[str]:
        return list(self._group)

    @_naming_damage
    def group(self, name: str) -> "H5pyGroup":
        import h5py

        return H5pyGroup(_child(self, name, h5py.Group))

    @_naming_damage
    def array(self, name: str) -> H5pyArray:
        import h5py

        return _checked_array(_child(self, name, h5py.Dataset), self.filename)

    @_naming_damage
    def has_attribute(self, name: str) -> bool:
        return name in self._group.attrs

    @_naming_damage
    def text(self, attribute: str) -> str | None:
        import h5py

        if attribute not in self._group.attrs:
            return None
        stored = self._group.attrs.get_id(attribute)
        if stored.shape == () and h5py.check_string_dtype(stored.dtype) is not None:
            return _decoded(self._group.attrs[attribute])
        raise ValueError(f"{self.filename}: attribute {attribute} is not text.")

    @_naming_damage
    def names(self, attribute: str) -> list[str]:
        import h5py

        stored = self._group.attrs.get_id(attribute)
        is_text = h5py.check_string_dtype(stored.dtype) is not None
        if stored.shape == (0,) or (len(stored.shape) == 1 and is_text):
            return [_decoded(name) for name in self._group.attrs[attribute]]
        raise ValueError(
            f"{self.filename}: attribute {attribute} of {self.path} has type {stored.dtype} and "
            f"shape {stored.shape}; wanted a list of names."
        )


def as_stored_group(group: "StoredGroup | h5py.Group") -> StoredGroup:
    """Wraps a group that a program opened itself with h5py; returns other groups as they are."""
    h5py: Any = sys.modules.get("h5py")  # without it there are no such groups
    if h5py and isinstance(group, h5py.Group):
        return H5pyGroup(cast("h5py.Group", group))
    return cast(StoredGroup, group)


def _has_link(group: Any, name: str) -> bool:
    # h5py's `name in group` and `group.get` open what the link leads to.
    return group.id.links.exists(name.encode())


def _child(group: H5pyGroup, name: str, kind: type) -> Any:
    """Returns the object at `name` below `group`, following only hard links, which stay in the file."""
    import h5py

    where = f"{group.filename}: {group.path}"
    # pyright cannot see the compiled module.
    hard_link = h5py.h5l.TYPE_HARD  # pyright: ignore[reportAttributeAccessIssue]
    child = group._group
    for part in name.split("/"):
        if not isinstance(child, h5py.Group) or not _has_link(child, part):
            raise ValueError(f"{where} has no {name!r}, which the file lists.")
        if child.id.links.get_info(part.encode()).type != hard_link:
            raise ValueError(
                f"{where}: {name!r} is a soft or external link, which may lead out of the file; "
                "it is not followed."
            )
        child = child[part]
    if not isinstance(child, kind):
        raise ValueError(f"{where}: {name!r} is a {type(child).__name__}; wanted {kind.__name__}.")
    return child


def _checked_array(dataset: Any, filename: str) -> H5pyArray:
    """Returns the handle of a dataset after checking that it holds numbers, all of them in this file."""
    try:
        shape, dtype = dataset.shape, dataset.dtype
    except ValueError as error:  # for example a float with an odd number of bits
        raise TypeError(f"{dataset.name} has no type of NumPy: {error}") from error
    creation = dataset.id.get_create_plist()
    filters = {creation.get_filter(i)[0] for i in range(creation.get_nfilters())}
    stored_bytes = dataset.id.get_storage_size()
    if dataset.is_virtual or dataset.external:
        problem = "stores its numbers in another file"
    else:
        problem = _array_problem(shape, dtype, filters, stored_bytes)
    if problem:
        raise ValueError(f"{filename}: {dataset.name} {problem}.")
    return H5pyArray(shape, dtype.newbyteorder("="), stored_bytes, filename, dataset)


def _array_problem(
    shape: tuple[int, ...] | None, dtype: np.dtype, filters: set[int], stored_bytes: int
) -> str | None:
    """Returns what is wrong with the description of an array, or None."""
    if shape is None or not is_number(dtype):
        return f"is of type {dtype}; wanted bools, ints or floats"
    if not filters <= _FILTERS:
        return f"is compressed by HDF5 filters {sorted(filters - _FILTERS)}, which are not supported"
    if math.prod(shape) * dtype.itemsize > stored_bytes * (_MAX_DEFLATE_RATIO if filters else 1):
        return f"claims shape {shape}, but the file holds only {stored_bytes} bytes of it"
    return None


def _decoded(text: str | bytes) -> str:
    """Returns an attribute as str: h5py returns bytes or str, by the type in the file and its own version."""
    return text.decode("utf-8", "replace") if isinstance(text, bytes) else text
