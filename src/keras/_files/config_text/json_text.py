"""Configs as JSON."""

import collections
import json
import re
from typing import Any

from ..._base.budget import Budget
from ..._base.types import Config
from .plain_data import MAX_DEPTH, MAX_DIGITS, checked_config, checked_text, plain_copy

# What each character can make the parser allocate, at most, in bytes of CPython 3.11 to 3.13. A list of one
# number has 96, a dict with its list of pairs 240, a pair of a key and a value 130, a string 80.
_BYTES_FOR = {"[": 100, "{": 240, ",": 44, ":": 130, '"': 40}

# Each match ends in a bracket that is not inside a string, or at the end of the text. Wherever it
# begins it succeeds without backtracking, so a search takes time in proportion to the text.
_BRACKET = re.compile(r'(?:[^"\[\]{}]++|"(?:[^"\\]++|\\.)*+"?)*+([\[\]{}]|\Z)', re.DOTALL)
_DEEPER = {"[": 1, "{": 1, "]": -1, "}": -1}


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


def load_json(text: str | bytes, budget: Budget | None = None) -> Config:
    """Reads a config from JSON.

    Args:
        text: str or UTF-8 bytes.
        budget: `Budget` of the file that holds the text; None if the text is all that there is.

    Returns:
        dict.

    Raises:
        TypeError: `text` is neither str nor bytes.
        ValueError: the text is not JSON (the message names line and column), is not an object, has a
            duplicate key or a NaN, or is nested more than 64 deep.
        OverBudget: reading it would take more memory or steps than `budget` has left.

    Example:
        >>> load_json('{"name": "dense_1", "bias": true}')
        {'name': 'dense_1', 'bias': True}
    """
    budget = budget or Budget("The config", len(text) if isinstance(text, str | bytes) else 0)
    text = checked_text(text, budget)
    _charge(text, budget)
    _check_nesting(text)
    try:
        config = json.loads(text, object_pairs_hook=_unique, parse_constant=_constant, parse_int=_integer)
    except json.JSONDecodeError as error:
        raise ValueError(f"The config is not valid JSON: {error}.") from error
    return checked_config(config)


def _charge(text: str, budget: Budget) -> None:
    """Charges what reading a text takes at most."""
    counts = {character: text.count(character) for character in _BYTES_FOR}
    own = len(text) * (1 if text.isascii() else 4)
    values = sum(_BYTES_FOR[character] * count for character, count in counts.items())
    budget.take_memory(own + values, "values")
    # The parser is C, and calls Python for each object and number: 0.5 us in all for each value.
    budget.take_steps(counts["{"] // 4 + sum(counts.values()) // 10, "values")


def _check_nesting(text: str) -> None:
    """Refuses text that would overflow the stack of the parser."""
    depth = 0
    for match in _BRACKET.finditer(text):
        depth += _DEEPER.get(match[1], 0)
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
        counts = collections.Counter(key for key, _ in pairs)
        twice = counts.most_common(1)[0][0]
        raise ValueError(f"The config has the key {twice!r:.80} twice in one object.")
    return result


def _constant(name: str) -> float:
    # Python writes and reads NaN, Infinity and -Infinity; JSON itself has none of them.
    if name == "NaN":
        raise ValueError("The config has a NaN; wanted a number.")
    return float(name)


def _integer(digits: str) -> int:
    # The conversion takes time in proportion to the square of the length. Python's own limit can be changed.
    if len(digits) > MAX_DIGITS:
        raise ValueError(f"The config has a number of {len(digits)} digits; the limit is {MAX_DIGITS}.")
    return int(digits)
