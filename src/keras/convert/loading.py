"""Files as models, and as programs that predict, whatever their format."""

import os
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from jax import export

from .._base.budget import Budget, spending
from .._base.types import FilePath
from .._inspect import Contents, open_contents
from ..engine.files.building import building_from
from ..engine.files.registry import layer_from_config
from ..models import Sequential, load_model
from .arrays import assign_by_name
from .keras_3 import model_of as keras_3_model

Predict = Callable[[Sequence[np.ndarray]], list[np.ndarray]]


def load(path: FilePath, architecture: FilePath | None = None) -> Any:
    """Loads a model from a file of any format that `open_contents` reads.

    Args:
        path: the file. For weights alone, `architecture` is needed; a config alone makes a model with new
            weights.
        architecture: a file with the model's config: JSON, YAML or a model file.

    Returns:
        A `Model` or `Sequential`; compiled if an HDF5 file says how and its losses are known here.

    Raises:
        OSError, ValueError: as for `open_contents`, or the weights do not fit the model.
    """
    name = os.fsdecode(path)
    with open_contents(name) as contents:
        if contents.kind == "an array":
            raise ValueError(f"{name} holds an array; wanted a model.")
        if contents.model is None:
            return _with_architecture(name, contents, architecture)
        if contents.format.startswith("HDF5"):
            return load_model(name)
        if "module" in contents.model:
            return keras_3_model(name, contents)
        model = _built(name, contents)
        if contents.layers:
            assign_by_name(model, contents.layers, name)
        return model


def _with_architecture(name: str, contents: Contents, architecture: FilePath | None) -> Any:
    if architecture is None:
        raise ValueError(
            f"{name} holds weights and no model. Give the model's config: --model model.json (from "
            "model.to_json(), or any file with a model)."
        )
    with open_contents(architecture) as described:
        if described.model is None:
            raise ValueError(f"{os.fsdecode(architecture)} holds no model's config either.")
        model = _built(os.fsdecode(architecture), described, _count(contents))
    if contents.format.startswith("HDF5"):
        model.load_weights(name)
    else:
        assign_by_name(model, contents.layers, name)
    return model


def _count(contents: Contents) -> int | None:
    total = sum(int(np.prod(array.shape)) for _, arrays in contents.layers for _, array in arrays)
    return total or None


def _built(name: str, contents: Contents, numbers: int | None = None) -> Any:
    with (
        spending(Budget(name, os.path.getsize(name))),
        building_from(contents.model or {}, numbers or _count(contents)),
    ):
        model = layer_from_config(contents.model or {})
    if not hasattr(model, "layers"):
        raise ValueError(f"{name} describes a layer and no model.")
    if isinstance(model, Sequential) and not model.built:
        model.build(None)
    return model


# --- prediction -----------------------------------------------------------------------------------


def predictor(path: FilePath, architecture: FilePath | None = None) -> Predict:
    """Returns what predicts with a file: a model, an ONNX or StableHLO program, or recorded predictions.

    Args:
        path: the file. The array of a `.npy` file is returned for any input.
        architecture: as for `load`.
    """
    name = os.fsdecode(path)
    suffix = os.path.splitext(name)[1].lower()
    if suffix in _PROGRAMS:
        if not os.path.exists(name):
            raise FileNotFoundError(f"{name}: there is no such file.")
        return _PROGRAMS[suffix](name)
    if suffix == ".npy":
        expected = load_arrays([name])
        return lambda inputs: expected
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*optimizer state.*")
        model = load(name, architecture)
    return lambda inputs: _predicted(name, model, inputs)


def _predicted(name: str, model: Any, inputs: Sequence[np.ndarray]) -> list[np.ndarray]:
    wanted = len(model.inputs)
    if len(inputs) != wanted:
        names = ", ".join(model.input_names)
        raise ValueError(f"{name} has {wanted} inputs ({names}); got {len(inputs)} arrays of data.")
    found = model.predict(list(inputs) if wanted > 1 else inputs[0], verbose=0)
    return found if isinstance(found, list) else [found]


def _onnx(name: str) -> Predict:
    try:
        import onnxruntime
    except ImportError as error:
        raise ImportError(f"To run {name}, install onnxruntime: pip install onnxruntime") from error
    try:
        session: Any = onnxruntime.InferenceSession(name, providers=["CPUExecutionProvider"])
    except Exception as error:  # its classes are not a part of its interface
        raise ValueError(f"{name} cannot be run as ONNX: {error}") from error
    wanted = session.get_inputs()

    def predict(inputs: Sequence[np.ndarray]) -> list[np.ndarray]:
        if len(inputs) != len(wanted):
            raise ValueError(f"{name} has {len(wanted)} inputs; got {len(inputs)} arrays of data.")
        feeds = {
            slot.name: np.asarray(array, _ONNX_TYPES.get(slot.type, "float32"))
            for slot, array in zip(wanted, inputs, strict=True)
        }
        return session.run(None, feeds)

    return predict


_ONNX_TYPES = {"tensor(int32)": "int32", "tensor(int64)": "int64", "tensor(double)": "float64"}


def _stablehlo(name: str) -> Predict:
    with open(name, "rb") as file:
        data = file.read()
    try:
        program = export.deserialize(bytearray(data))
    except Exception as error:  # flatbuffers raises struct.error and others
        raise ValueError(f"{name} cannot be read as a program of jax.export: {error}") from error

    def predict(inputs: Sequence[np.ndarray]) -> list[np.ndarray]:
        types = [value.dtype for value in program.in_avals]
        arrays = [np.asarray(array, dtype) for array, dtype in zip(inputs, types, strict=True)]
        found = program.call(*arrays)
        return [np.asarray(value) for value in (found if isinstance(found, list | tuple) else [found])]

    return predict


_PROGRAMS: dict[str, Callable[[str], Predict]] = {".onnx": _onnx, ".stablehlo": _stablehlo}


def load_arrays(paths: Sequence[FilePath]) -> list[np.ndarray]:
    """Reads arrays of data: one from each `.npy` file, all from a `.npz` file.

    Raises:
        ValueError: a file is no such file, or holds objects, which would have to be unpickled.
    """
    arrays: list[np.ndarray] = []
    for path in paths:
        with open_contents(path) as contents:
            if contents.kind != "an array" and contents.format != "arrays of NumPy":
                raise ValueError(f"{os.fsdecode(path)} is {contents.format}; wanted arrays, .npy or .npz.")
            arrays += [array.read() for _, found in contents.layers for _, array in found]
    return arrays


def random_inputs(model: Any, rows: int, seed: int = 0) -> list[np.ndarray]:
    """Returns reproducible inputs of a model: unknown sizes are 8, integer inputs are 0 or 1."""
    generator = np.random.default_rng(seed)
    arrays = []
    for tensor in model.inputs:
        shape = (rows, *(8 if size is None else size for size in tensor.shape[1:]))
        is_int = np.dtype(tensor.dtype).kind in "iu"
        arrays.append(
            generator.integers(0, 2, shape) if is_int else generator.normal(size=shape).astype("float32")
        )
    return arrays
