"""Arrays of NumPy: `.npz` and `.npy`. Objects in them, which are pickles, are refused."""

import contextlib
import os
import zipfile
from collections.abc import Iterator

import numpy as np

from .._base.budget import Budget
from .._files.config_text import load_json
from .contents import Arrays, Contents, LazyArray

#: The entry of a `.npz` that holds the model's config, as `convert` writes it.
CONFIG = "model_config.json"


@contextlib.contextmanager
def open_npz(path: str) -> Iterator[Contents]:
    """Opens a `.npz` file; see `open_contents`. Names are "layer/weight", or anything."""
    budget = Budget(path, os.path.getsize(path))
    try:
        with zipfile.ZipFile(path) as archive:
            for entry in archive.infolist():
                budget.take_steps(40, "arrays")
                budget.take_memory(entry.file_size, f"array {entry.filename!r}")
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
    except (zipfile.BadZipFile, ValueError, EOFError, NotImplementedError, RuntimeError) as error:
        raise ValueError(f"{path} cannot be read as .npz: {error}") from error
    config = arrays.pop(CONFIG, None)
    model = load_json(config.tobytes(), budget) if config is not None else None
    layers = by_layer([(name, LazyArray(a.shape, a.dtype, lambda a=a: a)) for name, a in arrays.items()])
    yield Contents("a model" if model else "weights", "arrays of NumPy", model=model, layers=layers)


@contextlib.contextmanager
def open_npy(path: str) -> Iterator[Contents]:
    """Opens a `.npy` file; see `open_contents`."""
    try:
        array = np.load(path, mmap_mode="r", allow_pickle=False)
    except (ValueError, EOFError) as error:
        raise ValueError(f"{path} cannot be read as .npy: {error}") from error
    yield Contents(
        "an array",
        "array of NumPy",
        layers=[("", [("array", LazyArray(array.shape, array.dtype, lambda: np.array(array)))])],
    )


def by_layer(arrays: Arrays) -> list[tuple[str, Arrays]]:
    """Groups arrays named "layer/weight" by their layer; a name without a layer is a layer of its own."""
    layers: dict[str, Arrays] = {}
    for name, array in arrays:
        layer, slash, weight = name.partition("/")
        layers.setdefault(layer if slash else "", []).append((weight if slash else name, array))
    return list(layers.items())
