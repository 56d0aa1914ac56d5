"""Export for serving: `model.export(path)` writes the prediction of a model as a program for other runtimes.

- "stablehlo", `.stablehlo`: runs in JAX, without this library
- "onnx", `.onnx`: runs in onnxruntime, and whatever else reads ONNX

To add a format, add a function (model, path) to `FORMATS`.
"""

import os
from collections.abc import Callable
from typing import Any

from .._base.types import FilePath
from .onnx import write_onnx
from .stablehlo import write_stablehlo

#: Name of a format, which is also the suffix of its files -> function (model, path) that writes one.
FORMATS: dict[str, Callable[[Any, FilePath], None]] = {
    "stablehlo": write_stablehlo,
    "onnx": write_onnx,
}
#: What writes files that are no programs for serving.
_OTHERS = {
    **dict.fromkeys(("h5", "hdf5"), " model.save writes .h5 files."),
    **dict.fromkeys(
        ("keras", "safetensors", "npz"), " `python -m keras convert` makes such a file of a .h5 file."
    ),
}


def export_model(model: Any, path: FilePath, format: str | None = None) -> None:
    """Writes the prediction of a model as a file for another runtime; see `Model.export`.

    Args:
        model: a built `Model` or `Sequential`.
        path: path of the file to create or replace.
        format: key of `FORMATS`; the suffix of the path if None.
    Raises:
        ValueError: the format is unknown, or the model cannot be written in it.
        ImportError: the library for the format is not installed.
        OSError: the file cannot be written.

    Example:
        >>> from keras.layers import Dense
        >>> from keras.models import Sequential
        >>> model = Sequential([Dense(2, input_dim=3)])
        >>> export_model(model, "model.pb")
        Traceback (most recent call last):
        ...
        ValueError: export: 'model.pb' has no suffix of a known format; wanted one of .stablehlo, .onnx, or
        the argument format.
        >>> export_model(model, "model.h5")
        Traceback (most recent call last):
        ...
        ValueError: export: 'model.h5' has no suffix of a known format; wanted one of .stablehlo, .onnx, or
        the argument format. model.save writes .h5 files.
    """
    wanted = os.path.splitext(os.fsdecode(path))[1][1:].lower() if format is None else format
    write = FORMATS.get(wanted)
    if write is None and format is None:
        suffixes = ", ".join(f".{name}" for name in FORMATS)
        raise ValueError(
            f"export: {os.fsdecode(path)!r} has no suffix of a known format; wanted one of {suffixes}, or "
            f"the argument format.{_OTHERS.get(wanted, '')}"
        )
    if write is None:
        raise ValueError(f"export: format must be one of {', '.join(map(repr, FORMATS))}; got {format!r}.")
    write(model, path)
