"""safetensors: arrays by name, and texts in the metadata, among them the model's config."""

import contextlib
import os
from collections.abc import Iterator
from typing import Any

import numpy as np

from .._base.budget import Budget
from .._files.config_text import load_json
from .arrays import Arrays, by_layer
from .contents import Contents, LazyArray

#: Keys of the metadata.
CONFIG, ORDER = "model_config", "weight_order"
_TYPES = {
    "F64": "float64", "F32": "float32", "F16": "float16", "I64": "int64", "I32": "int32", "I16": "int16",
    "I8": "int8", "U64": "uint64", "U32": "uint32", "U16": "uint16", "U8": "uint8", "BOOL": "bool",
}  # fmt: skip


@contextlib.contextmanager
def open_safetensors(path: str) -> Iterator[Contents]:
    """Opens a safetensors file; see `open_contents`.

    Raises:
        ImportError: safetensors is not installed.
        ValueError: the file is damaged.
    """
    try:
        import safetensors
    except ImportError as error:
        raise ImportError(
            f"{path} is a safetensors file, which needs safetensors: pip install keras-classic[convert]"
        ) from error
    budget = Budget(path, os.path.getsize(path))
    try:
        file: Any = safetensors.safe_open(path, framework="numpy")
        metadata, names = file.metadata() or {}, list(file.keys())
    except (safetensors.SafetensorError, ValueError) as error:
        raise ValueError(f"{path} cannot be read as safetensors: {error}") from error
    model = load_json(metadata[CONFIG], budget) if CONFIG in metadata else None
    if ORDER in metadata:
        order: Any = load_json(metadata[ORDER], budget).get("names")
        if isinstance(order, list) and sorted(map(str, order)) == sorted(names):
            names = order
    arrays: Arrays = [(name, _array(file, name)) for name in names]
    writer = metadata.get("format")
    yield Contents(
        "a model" if model else "weights",
        "safetensors",
        model=model,
        layers=by_layer(arrays),
        writer=metadata.get("writer") or (f"a program for {writer!r:.40}" if writer else None),
    )


def _array(file: Any, name: str) -> LazyArray:
    part = file.get_slice(name)
    dtype = np.dtype(_TYPES.get(part.get_dtype(), "float32"))
    return LazyArray(tuple(part.get_shape()), dtype, lambda: file.get_tensor(name))
