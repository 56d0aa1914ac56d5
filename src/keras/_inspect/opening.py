"""Opens a file by its contents, not by its name."""

import contextlib
import os
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

from .._base.types import FilePath
from .._files.formats import what_it_is
from .arrays import open_npy, open_npz
from .contents import Contents
from .hdf5 import open_hdf5
from .keras_3 import open_keras_3
from .safetensors import open_safetensors
from .text import open_json, open_yaml

#: What the first 512 bytes match, and the reader of the format. The first match counts.
_READERS: tuple[tuple[bytes, Callable[[str], AbstractContextManager[Contents]]], ...] = (
    (rb"(keras-classic 1\n.*)?\x89HDF\r\n\x1a\n", open_hdf5),
    (rb"(\0{512})?\x89HDF", open_hdf5),
    (rb"PK\x03\x04.{26}(metadata\.json|config\.json|model\.weights\.h5)", open_keras_3),
    (rb"PK\x03\x04.{26}[^/]{0,200}.*?\.npy", open_npz),
    (rb"\x93NUMPY", open_npy),
    (rb".{5}\0\0\0\s*\{", open_safetensors),
    (rb"\s*[{\[\"]", open_json),
    (rb"\s*(#[^\n]*\n\s*)*(---\s+)?\w+\s*:", open_yaml),
)


@contextlib.contextmanager
def open_contents(path: FilePath) -> Iterator[Contents]:
    """Opens a file of a model, of weights, of a config or of a training.

    Args:
        path: an HDF5 file of Keras 1, 2 or 3, a `.keras` archive, JSON or YAML, `.npz`, `.npy` or
            safetensors. The contents decide, not the suffix.

    Yields:
        `Contents`; its arrays can be read as long as the file is open.

    Raises:
        OSError: there is no such file, or it is damaged.
        ValueError: it is of another kind, or costs more than a file of its size may.
    """
    name = os.fsdecode(path)
    if os.path.isdir(name):
        raise IsADirectoryError(f"{name} is a directory; wanted a file.")
    if not os.path.exists(name):
        raise FileNotFoundError(f"{name}: there is no such file.")
    if not os.path.isfile(name):
        raise OSError(f"{name} is a device or pipe; wanted a file.")
    with open(name, "rb") as file:
        beginning = file.read(1024)
    if not beginning:
        raise ValueError(f"{name} is empty.")
    for pattern, reader in _READERS:
        if re.match(pattern, beginning, re.DOTALL):
            with contextlib.ExitStack() as stack:
                yield _entered(stack, reader(name), name)
            return
    what = what_it_is(beginning[:512]) or "and neither HDF5 nor any other format of models that is known here"
    raise ValueError(f"{name} is no model, weights or config, {what}.")


def _entered(stack: contextlib.ExitStack, reader: AbstractContextManager[Contents], name: str) -> Contents:
    """Opens a file; errors name it."""
    try:
        return stack.enter_context(reader)
    except ValueError as error:
        if name in str(error):
            raise
        raise ValueError(f"{name}: {error}") from error
    except OSError as error:
        if name in str(error):
            raise
        raise OSError(f"{name}: {error}") from error
