"""Configs as JSON."""

import json
import re
from typing import Any

from ..._base.types import Config
from .plain_data import MAX_DEPTH, checked_config, checked_text, plain_copy

MAX_CHARACTERS = 64 * 2**20
MAX_CONTAINERS = 2_000_000  # a layer has about ten lists and dicts

# Each match ends in a bracket that is not inside a string, or at the end of the text. Wherever it
# begins it succeeds without backtracking, so a search takes time in proportion to the text.
_BRACKET = re.compile(r'(?:[^"\[\]{}]++|"(?:[^"\\]++|\\.)*+"?)*+([\[\]{}]|\Z)', re.DOTALL)


def dump_json(config: Config, **options: Any) -> str:
    """Writes a config as JSON.

    Args:
        config: dict. Tuples and arrays become lists, NumPy scalars become numbers.
        **options: passed to `json.dumps`, such as `indent` and `sort_keys`.

    Returns:
        str, which Keras 1.2.2 can read.

    Raises:
        TypeError: something in the config is not plain data; the message says where it is.
        ValueError: a number is NaN, or lists and dicts are nested more than 64 deep.

    Example:
        >>> dump_json({'name': 'input_1', 'batch_input_shape': (None, 4)})
        '{"name": "input_1", "batch_input_shape": [null, 4]}'
    """
    return json.dumps(plain_copy(config), **options)


def load_json(text: str | bytes) -> Config:
    """Reads a config from JSON.

    Args:
        text: str or UTF-8 bytes, at most 64 MiB.

    Returns:
        dict.

    Raises:
        TypeError: `text` is neither str nor bytes.
        ValueError: the text is not JSON (the message names line and column), is not an object, has a
            duplicate key or a NaN, or is nested more than 64 deep.

    Example:
        >>> load_json('{"name": "dense_1", "bias": true}')
        {'name': 'dense_1', 'bias': True}
    """
    text = checked_text(text, MAX_CHARACTERS)
    _check_nesting(text)
    try:
        config = json.loads(text, object_pairs_hook=_unique, parse_constant=_constant)
    except json.JSONDecodeError as error:
        raise ValueError(f"The config is not valid JSON: {error}.") from error
    return checked_config(config)


def _check_nesting(text: str) -> None:
    """Refuses text that would overflow the stack or the memory of the parser."""
    if text.count("[") + text.count("{") > MAX_CONTAINERS:
        raise ValueError(f"The config has more than {MAX_CONTAINERS} lists and objects.")
    depth = 0
    for match in _BRACKET.finditer(text):
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(match[1], 0)
        if depth > MAX_DEPTH:
            line = text.count("\n", 0, match.end()) + 1
            raise ValueError(
                f"The config is nested more than {MAX_DEPTH} lists and objects deep, at line {line}, "
                f"character {match.end() - 1}."
            )


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Makes a dict of `pairs`; readers disagree on which of two equal keys counts, so these are refused."""
    result = dict(pairs)
    if len(result) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"The config has the key {twice!r:.80} twice in one object.")
    return result


def _constant(name: str) -> float:
    # Python writes and reads NaN, Infinity and -Infinity; JSON itself has none of them.
    if name == "NaN":
        raise ValueError("The config has a NaN; wanted a number.")
    return float(name)
