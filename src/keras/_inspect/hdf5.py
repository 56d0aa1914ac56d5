"""HDF5: models, weights and training states of Keras 0 to 3."""

import contextlib
from collections.abc import Iterator
from typing import Any

from .._base.budget import Budget
from .._files import hdf5_format
from .._files.config_text import load_json
from .._files.hdf5_format import StoredGroup
from .contents import Arrays, Contents
from .keras_3 import stored_layers

_MARK = b"keras-classic 1\n"


@contextlib.contextmanager
def open_hdf5(path: str) -> Iterator[Contents]:
    """Opens an HDF5 file; see `open_contents`."""
    with open(path, "rb") as plain:
        sealed = plain.read(len(_MARK)) == _MARK
    with hdf5_format.open_for_reading(path) as file:
        yield _contents(file, sealed)


def _contents(file: StoredGroup, sealed: bool) -> Contents:
    if file.has_child("training_state"):
        return _training_state(file, sealed)
    if file.has_attribute("model_config"):
        return _model(file, sealed)
    if not _has_layers(file) and any(
        file.has_child(name) for name in ("layers", "_layer_checkpoint_dependencies")
    ):
        return Contents("weights", "HDF5 weights of Keras 3", layers=stored_layers(file), writer="Keras 3")
    group = hdf5_format.weights_group(file)
    layers = _layers(group)
    version = group.text("keras_version")
    contents = Contents(
        "weights", f"HDF5 weights of Keras {_generation(version)}", layers=layers, sealed=sealed
    )
    contents.writer, contents.backend = _writer(group, layers, sealed)
    return contents


def _has_layers(group: StoredGroup) -> bool:
    return any(group.has_attribute(name) for name in ("layer_names", "layer_names0", "nb_layers"))


def _layers(group: StoredGroup) -> list[tuple[str, Arrays]]:
    return [(name, list(arrays)) for name, arrays in hdf5_format.read_layers(group)]


def _model(file: StoredGroup, sealed: bool) -> Contents:
    parts = hdf5_format.read_model_parts(file)
    layers: list[tuple[str, Arrays]] = [(name, list(arrays)) for name, arrays in parts.layers]
    writer, backend = _writer(file, layers, sealed)
    return Contents(
        "a model",
        f"HDF5 of Keras {_generation(parts.keras_version)}",
        model=parts.model_config,
        layers=layers,
        training=parts.training_config,
        optimizer=list(parts.optimizer_weights),
        writer=writer,
        backend=backend,
        sealed=sealed,
    )


def _training_state(file: StoredGroup, sealed: bool) -> Contents:
    arrays = dict(hdf5_format.read_arrays(file, "training_state") or [])
    text: Any = arrays.pop("json", None)
    plain = _plain(text, file.budget) if text is not None and len(text.shape) == 1 else {}
    shown = {name: plain[name] for name in ("epoch", "batch", "seen", "stopped", "settings") if name in plain}
    structure = plain.get("structure")
    if isinstance(structure, dict):
        shown.update({name: structure[name] for name in ("optimizer", "losses") if name in structure})
    return Contents(
        "a training state",
        "HDF5 of a TrainingCheckpoint",
        layers=_layers(hdf5_format.weights_group(file)),
        optimizer=list(arrays.items()),
        state=shown,
        writer="keras-classic",
        sealed=sealed,
    )


def _plain(array: Any, budget: Budget) -> dict[str, Any]:
    budget.take_memory(3 * array.shape[0], "characters")
    return load_json(array.read().tobytes(), budget)


def _generation(version: str | None) -> str:
    return (version or "1").partition(".")[0]


def _writer(
    file: StoredGroup, layers: list[tuple[str, Arrays]], sealed: bool
) -> tuple[str | None, str | None]:
    """Returns (the program that wrote the file, its engine), as far as they can be told."""
    version, backend = file.text("keras_version"), file.text("backend")
    names = [name for _, arrays in layers for name, _ in arrays]
    if sealed:
        return "keras-classic", "jax"
    if backend is None and names:
        # TensorFlow numbers its variables' outputs, dense_1_W:0; Theano does not.
        backend = "tensorflow" if all(name.endswith(":0") for name in names) else "theano"
    if version is None:
        return ("Keras 1" if layers else None), backend
    return f"Keras {version}", backend
