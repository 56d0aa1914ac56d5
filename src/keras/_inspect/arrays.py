"""Arrays of NumPy: `.npz` and `.npy`. Objects in them, which are pickles, are refused.

Headers are compared with the sizes of the data before anything is allocated.
"""

import contextlib
import io
import math
import os
import tokenize
import zipfile
from collections.abc import Iterator
from typing import Any, BinaryIO

import numpy as np
from numpy.lib import format as npy

from .._base.budget import Budget
from .._files.config_text import load_json
from .contents import Arrays, Contents, LazyArray
from .keras_3 import DAMAGED

#: The entry of a `.npz` that holds the model's config, as `convert` writes it.
CONFIG = "model_config.json"
#: What the parser of headers raises; Python's own runs out of its stack with MemoryError.
_DAMAGED_HEADER = (
    *(ValueError, EOFError, SyntaxError, TypeError, RecursionError, MemoryError),
    tokenize.TokenError,
)
_HEADERS: dict[tuple[int, int], Any] = {
    (1, 0): npy.read_array_header_1_0,
    (2, 0): npy.read_array_header_2_0,
}


@contextlib.contextmanager
def open_npz(path: str) -> Iterator[Contents]:
    """Opens a `.npz` file; see `open_contents`. Names are "layer/weight", or anything."""
    budget = Budget(path, os.path.getsize(path))
    try:
        with zipfile.ZipFile(path) as archive:
            arrays = dict(_arrays(archive, budget))
    except DAMAGED as error:
        raise ValueError(f"{path} cannot be read as .npz: {error}") from error
    config = arrays.pop(CONFIG, None)
    model = load_json(config.tobytes(), budget) if config is not None else None
    if model is not None and not isinstance(model, dict):
        raise ValueError(f"{path}: its {CONFIG} is {model!r:.80}; wanted a config.")
    layers = by_layer([(name, LazyArray(a.shape, a.dtype, lambda a=a: a)) for name, a in arrays.items()])
    kind = "a model" if model else "weights"
    yield Contents(kind, "arrays of NumPy", model=model, layers=layers, budget=budget)


def _arrays(archive: zipfile.ZipFile, budget: Budget) -> Iterator[tuple[str, np.ndarray]]:
    for entry in archive.infolist():
        name = entry.filename.removesuffix(".npy")
        budget.take_steps(40, "arrays")
        budget.take_memory(entry.file_size, f"array {name!r:.80}")
        data = archive.read(entry)
        shape, order, dtype, start = _header(io.BytesIO(data), len(data), name)
        yield name, np.frombuffer(data, dtype, offset=start).reshape(shape, order=order)


def _header(file: BinaryIO, size: int, name: str) -> tuple[tuple[int, ...], Any, np.dtype, int]:
    """Returns (shape, "C" or "F", dtype, where the numbers begin) of an array in the form of `.npy`.

    Raises:
        ValueError: the header is damaged, its dtype is that of objects or records, or its shape is another
            than that of the data.
    """
    try:
        version = npy.read_magic(file)
        if version not in _HEADERS:
            raise ValueError(f"its version is {version}")
        shape, is_fortran, dtype = _HEADERS[version](file)
    except _DAMAGED_HEADER as error:
        raise ValueError(f"array {name!r:.80} is damaged: {error!s:.200}") from error
    if dtype.kind not in "biufc":
        raise ValueError(f"array {name!r:.80} is of {dtype!s:.40}; wanted numbers.")
    start = file.tell()
    wanted = math.prod(shape) * dtype.itemsize
    if any(isinstance(n, bool) or n < 0 for n in shape) or wanted != size - start:
        raise ValueError(
            f"array {name!r:.80} has {size - start:,} bytes of numbers; its header says {shape!s:.100} of "
            f"{dtype}."
        )
    return shape, "F" if is_fortran else "C", dtype, start


@contextlib.contextmanager
def open_npy(path: str) -> Iterator[Contents]:
    """Opens a `.npy` file; see `open_contents`."""
    with open(path, "rb") as file:
        shape, order, dtype, start = _header(file, os.path.getsize(path), os.path.basename(path))

    def read() -> np.ndarray:
        return np.fromfile(path, dtype, offset=start).reshape(shape, order=order)

    yield Contents("an array", "array of NumPy", layers=[("", [("array", LazyArray(shape, dtype, read))])])


def by_layer(arrays: Arrays) -> list[tuple[str, Arrays]]:
    """Groups arrays named "layer/weight" by their layer; a name without a layer is a layer of its own."""
    layers: dict[str, Arrays] = {}
    for name, array in arrays:
        layer, slash, weight = name.partition("/")
        layers.setdefault(layer if slash else "", []).append((weight if slash else name, array))
    return list(layers.items())
