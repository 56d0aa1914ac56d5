"""JSON and YAML: the config of a model, alone."""

import contextlib
import json
import os
from collections.abc import Iterator
from typing import Any

from .._base.budget import Budget
from .._files import config_text
from .contents import Contents


@contextlib.contextmanager
def open_json(path: str) -> Iterator[Contents]:
    """Opens the text of `model.to_json()`; see `open_contents`.

    Programs wrote `json.dump(model.to_json())`, which makes the text a string of its own: it is unwrapped.
    """
    budget = Budget(path, os.path.getsize(path))
    text = _read(path, budget)
    if text.lstrip().startswith('"'):
        budget.take_memory(2 * len(text), "characters")
        try:
            text = json.loads(text)
        except ValueError as error:
            raise ValueError(f"{path} is not valid JSON: {error}") from error
    yield _contents(path, config_text.load_json(text, budget), "JSON")


@contextlib.contextmanager
def open_yaml(path: str) -> Iterator[Contents]:
    """Opens the text of `model.to_yaml()`; see `open_contents`."""
    budget = Budget(path, os.path.getsize(path))
    yield _contents(path, config_text.load_yaml(_read(path, budget), budget), "YAML")


def _read(path: str, budget: Budget) -> str:
    budget.take_memory(2 * budget.size, "characters")
    with open(path, "rb") as file:
        try:
            return file.read().decode()
        except UnicodeDecodeError as error:
            raise ValueError(f"{path} is not text in UTF-8: {error}") from error


def _contents(path: str, config: Any, kind: str) -> Contents:
    if not isinstance(config, dict) or "class_name" not in config or "config" not in config:
        raise ValueError(f"{path} is {kind}, but no config of a model: it has no class_name and config.")
    version = config.get("keras_version")
    return Contents(
        "a config",
        f"{kind} of Keras {str(version or '1').partition('.')[0]}",
        model=config,
        writer=f"Keras {version}" if version else None,
        backend=config.get("backend") if isinstance(config.get("backend"), str) else None,
    )
