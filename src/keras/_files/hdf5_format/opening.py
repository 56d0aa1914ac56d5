"""Opening a file for reading, after checks that need no HDF5."""

import contextlib
import os
from collections.abc import Iterator
from typing import BinaryIO

from ..._base.types import FilePath
from ..digest import check_seal
from ..formats import what_it_is
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
    from ..hdf5_reader import open_file  # 26 modules, which programs that load nothing do not need

    path = os.fsdecode(path)
    _check_readable(path)
    # Opened once: another process may put a new file in this place at any time, and what is read must be what
    # was compared with its digest.
    with open(path, "rb") as handle:
        try:
            check_seal(handle)
            file = open_file(handle, path)
        except OSError as error:
            raise OSError(f"Cannot load {path}: {NOT_KERAS}, {_problem(handle, error)}.") from error
        yield file


def _problem(file: BinaryIO, error: OSError) -> str:
    file.seek(0)
    beginning = file.read(512)
    if not beginning:
        return "it is empty"
    return what_it_is(beginning) or f"or the file is damaged ({error})"


def _check_readable(path: str) -> None:
    if not os.path.exists(path):
        raise FileNotFoundError(f"Cannot load {path}: {NOT_KERAS}, there is no such file.")
    if os.path.isdir(path):
        saved_model = os.path.exists(os.path.join(path, "saved_model.pb"))
        kind = "a SavedModel of TensorFlow; wanted an HDF5 file" if saved_model else "a directory"
        raise IsADirectoryError(f"Cannot load {path}: {NOT_KERAS}, but {kind}.")
    if not os.path.isfile(path):
        raise OSError(f"Cannot load {path}: {NOT_KERAS}, but a device or pipe.")
    if not os.access(path, os.R_OK):
        raise PermissionError(f"Cannot load {path}: no permission to read it.")
