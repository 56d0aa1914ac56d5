"""Programs for serving, ONNX and StableHLO, which `model.export` writes."""

from functools import partial
from typing import Any

from .lost import Lost


def lost(model: Any) -> list[Lost]:
    """Returns what the format cannot hold; a program predicts, and training is no part of it."""
    return []


def _write(format: str, model: Any, path: str) -> None:
    if not hasattr(model, "export"):
        raise ValueError(f"This version of keras-classic cannot write {format}.")
    model.export(path, format=format)


write_onnx = partial(_write, "onnx")
write_stablehlo = partial(_write, "stablehlo")
