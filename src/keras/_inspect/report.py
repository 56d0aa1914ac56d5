"""`describe`: everything that `inspect` tells about a file, as plain data."""

import hashlib
import math
import os
from typing import Any

import numpy as np

from .._base.types import Config, FilePath
from .contents import Arrays, Contents
from .from_keras_3 import model_as_keras_2
from .guess import guess_layer
from .keras_3_paths import keys_of
from .opening import open_contents
from .suspicions import entries, suspicions
from .tree import built, tree_of, within_law

_ORDERINGS = {"th": "th", "tf": "tf", "channels_first": "th", "channels_last": "tf"}


def describe(path: FilePath) -> Config:
    """Describes a file of a model, of weights, of a config or of a training. Runs nothing in it.

    Args:
        path: the file; see `open_contents` for the formats.

    Returns:
        dict of plain data with the keys "file", "bytes", "sha256", "kind", "format", "writer", "backend",
        "sealed", "image_ordering", "model" (a tree of layers, or None), "layers" (guessed, for weights
        alone), "parameters", "training", "optimizer_state", "state", "suspicious", "notes".

    Raises:
        OSError: there is no such file, or it is damaged.
        ValueError: it is of another kind, or costs more than a file of its size may.

    Example:
        >>> describe("model.h5")["writer"]  # doctest: +SKIP
        'Keras 1.2.2'
    """
    name = os.fsdecode(path)
    with open_contents(name) as contents:
        try:
            return _described(name, contents)
        except (KeyError, TypeError, AttributeError, IndexError, RecursionError) as error:
            problem = f"{type(error).__name__}: {error!s:.100}"
            raise ValueError(f"{name}: the config of its model is damaged ({problem}).") from error


def _described(name: str, contents: Contents) -> Config:
    notes: list[str] = []
    config = contents.model
    result: Config = {
        "file": name,
        "bytes": os.path.getsize(name),
        "sha256": _digest(name),
        "kind": contents.kind,
        "format": contents.format,
        "writer": contents.writer,
        "backend": contents.backend,
        "sealed": contents.sealed,
    }
    words = in_words_of_keras_2(config, notes)
    result["image_ordering"] = _image_ordering(words, contents)
    result["parameters"] = sum(_count(arrays) for _, arrays in contents.layers)
    if config is not None:
        result["model"] = _tree(name, config, words, contents, notes)
        result["parameters"] = result["parameters"] or result["model"].get("parameters", 0)
    else:
        result["layers"] = [_guessed(layer, arrays) for layer, arrays in contents.layers]
    result["training"] = contents.training
    result["optimizer_state"] = _listed(contents.optimizer)
    result["state"] = contents.state
    result["suspicious"] = list(suspicions(contents, words or config))
    result["notes"] = notes
    return result


def in_words_of_keras_2(config: Config | None, notes: list[str]) -> Config | None:
    """Returns a model's config as layers here are made from; None, and a note, if Keras 3 alone can."""
    if config is None or "module" not in config:
        return config
    try:
        return model_as_keras_2(config)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        notes.append(f"It has parts that only Keras 3 has: {error}")
        return None


def _tree(name: str, config: Config, words: Config | None, contents: Contents, notes: list[str]) -> Config:
    numbers = sum(_count(arrays) for _, arrays in contents.layers) or None
    model = None
    if words is not None:
        with within_law(name, os.path.getsize(name)):
            model, problem = built(words, numbers)
        if problem:
            notes.append(f"Shapes are unknown, as the model cannot be built: {problem}")
    return tree_of(config, model, arrays_by_name(config, contents))


def arrays_by_name(config: Config, contents: Contents) -> dict[str, Arrays]:
    """Returns the arrays of each layer of the outermost model by the name of the layer."""
    if "module" not in config:
        return dict(contents.layers)
    layers = config.get("config", {}).get("layers", [])
    by_key = dict(contents.layers)
    return {
        layer["config"].get("name", ""): by_key.get(key, [])
        for layer, key in zip(layers, keys_of(layers), strict=True)
    }


def _guessed(layer: str, arrays: Arrays) -> Config:
    guess = guess_layer(layer, arrays)
    return {
        "name": layer,
        "guess": str(guess) if guess.options else guess.class_name,
        "parameters": _count(arrays),
        "weights": _listed(arrays),
    }


def _listed(arrays: Arrays) -> list[Config]:
    return [{"name": name, "shape": list(array.shape), "dtype": str(array.dtype)} for name, array in arrays]


def _count(arrays: Arrays) -> int:
    return sum(math.prod(array.shape) for _, array in arrays)


def _image_ordering(config: Config | None, contents: Contents) -> str | None:
    """Returns "th", "tf", "mixed", or None if no layer has an ordering."""
    options = [entry["config"] for entry in entries(config)] if config is not None else []
    found = {
        _ORDERINGS.get(str(option.get("dim_ordering") or option.get("data_format")))
        for option in options
        if isinstance(option, dict) and "class_name" not in option
    }
    if config is None:
        guesses = [guess_layer(name, arrays) for name, arrays in contents.layers]
        found = {guess.options.get("dim_ordering") for guess in guesses}
    found.discard(None)
    return str(*found) if len(found) == 1 else "mixed" if found else None


def _digest(path: str) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def statistics(array: np.ndarray, bins: int = 24) -> dict[str, Any]:
    """Returns the range, mean, deviation and histogram of an array as plain numbers."""
    values = np.asarray(array, "float64").ravel()
    values = values[np.isfinite(values)]
    if not values.size:
        return {"count": 0}
    counts, edges = np.histogram(values, bins)
    return {
        "count": int(values.size),
        "min": float(values.min()),
        "max": float(values.max()),
        "mean": float(values.mean()),
        "deviation": float(values.std()),
        "histogram": counts.tolist(),
        "edges": [float(edges[0]), float(edges[-1])],
    }
