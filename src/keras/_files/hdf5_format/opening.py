"""Opening a file for reading, after checks that need no HDF5."""

import contextlib
import os
from collections.abc import Iterator

from ..._base.types import FilePath
from ..digest import check_seal
from .h5py_reader import open_file
from .rules import NOT_KERAS
from .stored import StoredGroup


@contextlib.contextmanager
def open_for_reading(path: FilePath) -> Iterator[StoredGroup]:
    """Opens a Keras HDF5 file.

    Args:
        path: path of the file.

    Yields:
        `StoredGroup`, the root of the file.

    Raises:
        FileNotFoundError, IsADirectoryError, PermissionError: there is no readable file at `path`.
        OSError: the file is empty, damaged or not HDF5.

    Example:
        >>> with open_for_reading('weights.h5') as file:  # doctest: +SKIP
        ...     layers = read_layers(weights_group(file))
    """
    path = os.fsdecode(path)
    _check_readable(path)
    try:
        check_seal(path)
        file = open_file(path)
    except OSError as error:
        problem = "it is empty" if not os.path.getsize(path) else f"or the file is damaged ({error})"
        raise OSError(f"Cannot load {path}: {NOT_KERAS}, {problem}.") from error
    with contextlib.closing(file):
        yield file


def _check_readable(path: str) -> None:
    if not os.path.exists(path):
        raise FileNotFoundError(f"Cannot load {path}: {NOT_KERAS}, there is no such file.")
    if os.path.isdir(path):
        raise IsADirectoryError(f"Cannot load {path}: {NOT_KERAS}, but a directory.")
    if not os.path.isfile(path):
        raise OSError(f"Cannot load {path}: {NOT_KERAS}, but a device or pipe.")
    if not os.access(path, os.R_OK):
        raise PermissionError(f"Cannot load {path}: no permission to read it.")
