"""The `.keras` archive of Keras 3, and its `.weights.h5`.

    metadata.json        {"keras_version": ..., "date_saved": ...}
    config.json          the model, as Keras 3 spells it
    model.weights.h5     layers/<class in snake case>[_n]/vars/0, 1, ...

Reference:
    Keras 3, saving/saving_lib.py: `_save_model_to_fileobj`, `_save_container_state`.
"""

import contextlib
import io
import lzma
import os
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any

from .._base.budget import Budget
from .._files.config_text import load_json
from .._files.hdf5_format import StoredGroup
from .._files.hdf5_reader import open_file
from .contents import Arrays, Contents

_MAX_ENTRIES = 1_000
#: What zipfile and its decompressors raise for damaged archives, and for those that need a password.
DAMAGED = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error),
    *(NotImplementedError, RuntimeError, EOFError, UnicodeDecodeError),
)


@contextlib.contextmanager
def open_keras_3(path: str) -> Iterator[Contents]:
    """Opens a `.keras` archive; see `open_contents`.

    Raises:
        ValueError: it is damaged, lacks a part, or unpacks to more than a file of its size may.
    """
    budget = Budget(path, os.path.getsize(path))
    parts = _unpacked(path, budget)
    for name in ("metadata.json", "config.json", "model.weights.h5"):
        if name not in parts:
            raise ValueError(f"{path}: the archive has no {name}; wanted a .keras file of Keras 3.")
    metadata = _object(path, "metadata.json", parts, budget)
    config = _object(path, "config.json", parts, budget)
    if not isinstance(config.get("class_name"), str) or not isinstance(config.get("config"), dict):
        raise ValueError(f"{path}: config.json is no config of a model: it has no class_name and config.")
    training = config.get("compile_config") or None
    if training is not None and not isinstance(training, dict):
        raise ValueError(f"{path}: the compile_config of config.json is {training!r:.80}; wanted an object.")
    try:
        file = open_file(io.BytesIO(parts["model.weights.h5"]), f"{path}/model.weights.h5", budget)
    except OSError as error:
        raise OSError(f"{path}: model.weights.h5 is damaged ({error}).") from error
    yield Contents(
        "a model",
        ".keras archive of Keras 3",
        model=config,
        layers=stored_layers(file),
        training=training,
        optimizer=_below(file, "optimizer") if file.has_child("optimizer") else [],
        writer=f"Keras {metadata.get('keras_version', '3')!s:.40}",
        budget=budget,
    )


def _object(path: str, name: str, parts: dict[str, bytes], budget: Budget) -> Any:
    found: Any = load_json(parts[name], budget)
    if not isinstance(found, dict):
        raise ValueError(f"{path}: {name} holds {found!r:.80}; wanted an object.")
    return found


def _unpacked(path: str, budget: Budget) -> dict[str, bytes]:
    """Returns the entries of the archive that count, each charged before it is unpacked."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            budget.take_steps(40 * len(entries), "entries of the archive")
            if len(entries) > _MAX_ENTRIES:
                raise ValueError(
                    f"{path}: the archive has {len(entries):,} entries; at most {_MAX_ENTRIES:,}."
                )
            parts = {}
            for entry in entries:
                if entry.filename in ("metadata.json", "config.json", "model.weights.h5"):
                    budget.take_memory(entry.file_size, f"contents of {entry.filename}")
                    parts[entry.filename] = archive.read(entry)
            return parts
    except DAMAGED as error:
        raise ValueError(f"{path}: the archive is damaged ({error}).") from error


def stored_layers(file: StoredGroup) -> list[tuple[str, Arrays]]:
    """Returns the arrays below each child of `layers`, by their path in the file."""
    name = "layers" if file.has_child("layers") else "_layer_checkpoint_dependencies"
    if not file.has_child(name):
        return []
    group = file.group(name)
    return [(child, _below(group, child)) for child in group.children()]


def _below(group: StoredGroup, name: str) -> Arrays:
    """Returns (path, array) of each array below a group; those of `vars` in the order of their numbers."""
    found: Arrays = []
    stack = [(name, group.group(name), 0)]
    while stack:
        path, inner, depth = stack.pop()
        group.budget.take_steps(20, "groups of the file")
        children = inner.children()
        if path.endswith("vars"):
            numbers = sorted((child for child in children if child.isdigit()), key=int)
            found += [(f"{path}/{child}", inner.array(child)) for child in numbers]
        elif depth < 64:
            stack += [(f"{path}/{child}", inner.group(child), depth + 1) for child in reversed(children)]
    return found
