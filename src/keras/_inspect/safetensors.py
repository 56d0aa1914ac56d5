"""safetensors: arrays by name, and texts in the metadata, among them the model's config.

    8 bytes     the size of the header, little endian
    header      JSON: {name: {"dtype": ..., "shape": [...], "data_offsets": [begin, end]}},
                and texts by name in "__metadata__"
    the rest    the arrays, one after the other, without gaps

Read here without the library of that name, so that the budget of the file holds.

Reference:
    https://github.com/huggingface/safetensors, "Format".
"""

import contextlib
import math
import os
from collections.abc import Iterator
from typing import Any

import numpy as np
from jax import numpy as jnp

from .._base.budget import Budget
from .._files.config_text import load_json
from .arrays import Arrays, by_layer
from .contents import Contents, LazyArray

#: Keys of the metadata.
CONFIG, ORDER = "model_config", "weight_order"
_METADATA = "__metadata__"
_TYPES: dict[str, Any] = {
    "F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": jnp.bfloat16, "I64": "<i8", "I32": "<i4",
    "I16": "<i2", "I8": "i1", "U64": "<u8", "U32": "<u4", "U16": "<u2", "U8": "u1", "BOOL": "?",
}  # fmt: skip


@contextlib.contextmanager
def open_safetensors(path: str) -> Iterator[Contents]:
    """Opens a safetensors file; see `open_contents`.

    Raises:
        ValueError: the file is damaged, or its header contradicts its size.
    """
    budget = Budget(path, os.path.getsize(path))
    header, start = _header(path, budget)
    metadata = header.pop(_METADATA, {})
    texts = metadata.values() if isinstance(metadata, dict) else [None]
    if not all(isinstance(text, str) for text in texts):
        raise ValueError(f"{path}: its metadata is {metadata!r:.80}; wanted texts by name.")
    arrays = _arrays(path, header, start, budget)
    model: Any = load_json(metadata[CONFIG], budget) if CONFIG in metadata else None
    if model is not None and not isinstance(model, dict):
        raise ValueError(f"{path}: its {CONFIG} is {model!r:.80}; wanted a config.")
    names = list(header)
    if ORDER in metadata:
        order: Any = load_json(metadata[ORDER], budget)
        order = order.get("names") if isinstance(order, dict) else None
        if isinstance(order, list) and sorted(map(str, order)) == sorted(names):
            names = order
    writer = metadata.get("format")
    yield Contents(
        "a model" if model else "weights",
        "safetensors",
        model=model,
        layers=by_layer([(name, arrays[name]) for name in names]),
        writer=metadata.get("writer") or (f"a program for {writer!r:.40}" if writer else None),
        budget=budget,
    )


def _header(path: str, budget: Budget) -> tuple[Any, int]:
    """Returns (header, where the arrays begin)."""
    with open(path, "rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if length > budget.size - 8:
            raise ValueError(f"{path}: its header would have {length:,} bytes; the file has {budget.size:,}.")
        budget.take_memory(length, "bytes of the header")
        header: Any = load_json(file.read(length), budget)
    if not isinstance(header, dict):
        raise ValueError(f"{path}: its header is {header!r:.80}; wanted an object.")
    return header, 8 + length


def _arrays(path: str, header: Any, start: int, budget: Budget) -> Arrays | Any:
    """Returns the arrays by name, none of them read. They must fill the file without gaps."""
    budget.take_steps(10 * len(header), "arrays")
    found, places = {}, []
    for name, entry in header.items():
        dtype, shape, begin, end = _checked(path, name, entry)
        places.append((begin, end))
        read = _reader(path, dtype, shape, start + begin)
        found[name] = LazyArray(shape, dtype, read)
    reached = 0
    for begin, end in sorted(places):
        if begin != reached:
            raise ValueError(f"{path}: its arrays overlap, or leave a gap, at byte {min(begin, reached):,}.")
        reached = end
    if reached != budget.size - start:
        raise ValueError(f"{path}: its arrays end at byte {reached:,} of {budget.size - start:,}.")
    return found


def _checked(path: str, name: str, entry: Any) -> tuple[np.dtype, tuple[int, ...], int, int]:
    who = f"{path}: array {name!r:.80}"
    if not isinstance(entry, dict) or set(entry) != {"dtype", "shape", "data_offsets"}:
        raise ValueError(f"{who} is described by {entry!r:.80}; wanted its dtype, shape and data_offsets.")
    if not isinstance(entry["dtype"], str) or entry["dtype"] not in _TYPES:
        raise ValueError(f"{who} is of {entry['dtype']!r:.40}; wanted one of {', '.join(_TYPES)}.")
    dtype = np.dtype(_TYPES[entry["dtype"]])
    sizes, offsets = entry["shape"], entry["data_offsets"]
    if not _are_sizes(sizes) or not _are_sizes(offsets) or len(offsets) != 2 or len(sizes) > 32:
        raise ValueError(f"{who} has shape {sizes!r:.80} and offsets {offsets!r:.80}; wanted whole numbers.")
    begin, end = offsets
    if end - begin != math.prod(sizes) * dtype.itemsize:
        raise ValueError(f"{who} has {end - begin:,} bytes; shape {sizes!s:.80} of {dtype} needs others.")
    return dtype, tuple(sizes), begin, end


def _are_sizes(values: Any) -> bool:
    return isinstance(values, list) and all(
        isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**63 for value in values
    )


def _reader(path: str, dtype: np.dtype, shape: tuple[int, ...], offset: int) -> Any:
    return lambda: np.fromfile(path, dtype, math.prod(shape), offset=offset).reshape(shape)
