"""What a config may be, whether it is written as JSON or as YAML."""

from typing import Any

import numpy as np

from ..._base.budget import Budget
from ..._base.types import Config

MAX_DEPTH = 64  # readers and writers are recursive
MAX_DIGITS = 4_000  # Python's own limit, unless it was changed, is 4,300


def plain_copy(value: Any, path: str = "config", depth: int = 0) -> Any:
    """Copies a config as plain data: tuples and arrays become lists, NumPy scalars become numbers.

    Args:
        value: the config, or a part of it.
        path: the place of that part in the config, for messages.
        depth: int, the number of lists and dicts around that part.

    Raises:
        TypeError: something in the config is not plain data; the message says where it is.
        ValueError: a number is NaN, or lists and dicts are nested more than 64 deep.
    """
    if isinstance(value, (np.generic, np.ndarray)):
        value = value.tolist()
    if value is None or isinstance(value, bool):
        return value
    for kind in (str, int, float):
        if isinstance(value, kind):
            if value != value:
                raise ValueError(f"{path} is NaN; wanted a number.")
            return kind(value)  # also from a subclass, which PyYAML would refuse
    if not isinstance(value, (list, tuple, dict)):
        raise TypeError(
            f"{path} is a {type(value).__name__} ({value!r:.80}), which cannot be written to a "
            "file; wanted None, bool, int, float, str, list, tuple, dict or a NumPy array. "
            "Use a name in its place, and pass the object through custom_objects when the config is read."
        )
    if depth == MAX_DEPTH:
        raise ValueError(f"{path:.200} is nested more than {MAX_DEPTH} lists and dicts deep.")
    if isinstance(value, dict):
        return {
            _plain_key(key, path): plain_copy(item, f"{path}[{key!r}]", depth + 1)
            for key, item in value.items()
        }
    return [plain_copy(item, f"{path}[{i}]", depth + 1) for i, item in enumerate(value)]


def _plain_key(key: Any, path: str) -> Any:
    if isinstance(key, (tuple, list, dict)):
        raise TypeError(f"{path} has the key {key!r:.80}; wanted a str, number or None.")
    return plain_copy(key, f"a key of {path}")


def checked_text(text: str | bytes, budget: Budget) -> str:
    """Returns the text of a config as str.

    Args:
        text: str or UTF-8 bytes.
        budget: `Budget`, to which the copy is charged.

    Raises:
        TypeError: `text` is something else.
        ValueError: the text is not UTF-8.
        OverBudget: the copy would take too much memory.
    """
    if not isinstance(text, str | bytes):
        raise TypeError(
            f"Wanted the text of a config, a str; got a {type(text).__name__}. For a dict, use from_config."
        )
    if isinstance(text, str):
        return text
    # A single character outside of Latin-1 widens all of them.
    budget.take_memory(len(text) * (1 if text.isascii() else 4), "characters")
    try:
        return text.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(f"The config is not UTF-8 text: {error}.") from error


def checked_config(config: Any) -> Config:
    """Returns what was read from a text if it is a dict.

    Raises:
        ValueError: it is something else.
    """
    if not isinstance(config, dict):
        raise ValueError(
            f"The config is a {type(config).__name__}; wanted an object (a dict), as to_json and "
            "to_yaml write it."
        )
    return config
