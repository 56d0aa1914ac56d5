"""Values as plain data for JSON, including those that JSON lacks: arrays, infinity and NaN.

An array is {"$array": base64, "dtype": ..., "shape": ...}, a float that is not finite {"$float": "inf"}.
"""

import base64
import math
import re
from reprlib import repr as brief
from typing import Any

import numpy as np

from ..._base.budget import Budget

_DTYPE = re.compile(r"[<>|=]?(b1|[iu][1248]|f[248])")
_MAX_RANK = 32
_BYTES_PER_VALUE = 300  # of the copy that `decode` makes; an array object has about 200


def encode(value: Any, where: str) -> Any:
    """Returns a value as plain data.

    Args:
        value: None, bool, int, float, str, NumPy array or scalar; lists and dicts (by strings) of them.
        where: str, names the value in messages.
    Raises:
        TypeError: it is something else.
    """
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else {"$float": str(float(value))}
    if hasattr(value, "dtype") and np.asarray(value).dtype.kind in "biuf":
        array = np.asarray(value)
        data = base64.b64encode(array.tobytes()).decode()
        return {"$array": data, "dtype": array.dtype.str, "shape": list(array.shape)}
    if isinstance(value, list | tuple):
        return [encode(item, f"{where}[{i}]") for i, item in enumerate(value)]
    if isinstance(value, dict) and all(isinstance(key, str) and key[:1] != "$" for key in value):
        return {key: encode(item, f"{where}[{key!r}]") for key, item in value.items()}
    raise TypeError(
        f"TrainingCheckpoint: {where} is {value!r:.80}, of type {type(value).__name__}; wanted None, bools, "
        "numbers, strings, NumPy arrays, and lists and dicts (by strings) of them."
    )


def decode(value: Any, budget: Budget) -> Any:
    """Returns the value that `encode` was given; tuples come back as lists.

    Args:
        value: plain data from a file, at most as deep as `load_json` reads.
        budget: `Budget` of the file.
    Raises:
        ValueError: an array or a float is not as `encode` writes it.
        OverBudget: the values take more memory or steps than the file may take.
    """
    budget.take_memory(_BYTES_PER_VALUE if isinstance(value, dict) else 16, "values")
    if isinstance(value, list):
        budget.take_steps(len(value) // 4 + 1, "values")
        return [decode(item, budget) for item in value]
    if not isinstance(value, dict):
        return value
    budget.take_steps(len(value) // 4 + 1, "values")
    if "$float" in value:
        if value["$float"] not in ("inf", "-inf", "nan") or len(value) > 1:
            raise ValueError(f"it has {brief(value)} in place of a float")
        return float(value["$float"])
    if "$array" in value:
        return _decode_array(value, budget)
    return {key: decode(item, budget) for key, item in value.items()}


def _decode_array(value: dict[str, Any], budget: Budget) -> Any:
    text: Any
    dtype: Any
    shape: Any
    text, dtype, shape = (value.get(key) for key in ("$array", "dtype", "shape"))
    is_known = isinstance(text, str) and isinstance(dtype, str) and _DTYPE.fullmatch(dtype)
    is_shape = isinstance(shape, list) and len(shape) <= _MAX_RANK
    if not is_known or not is_shape or not all(type(size) is int and 0 <= size < 2**63 for size in shape):
        raise ValueError(f"it has {brief(value)} in place of an array")
    budget.take_steps(20, "arrays")
    budget.take_memory(2 * len(text), "arrays")
    data = base64.b64decode(text, validate=True)
    if math.prod(shape) * np.dtype(dtype).itemsize != len(data):
        raise ValueError(f"it has {len(data)} bytes for an array of shape {shape} and type {dtype}")
    array = np.frombuffer(data, np.dtype(dtype)).reshape(shape).copy()
    return array if array.ndim else array[()]
