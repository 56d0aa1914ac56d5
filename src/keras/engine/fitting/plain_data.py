"""Values as plain data for JSON, including those that JSON lacks: arrays, infinity and NaN.

An array is {"$array": base64, "dtype": ..., "shape": ...}, a float that is not finite {"$float": "inf"}.
"""

import base64
import math
from typing import Any

import numpy as np


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


def decode(value: Any) -> Any:
    """Returns the value that `encode` was given; tuples come back as lists."""
    if isinstance(value, list):
        return [decode(item) for item in value]
    if not isinstance(value, dict):
        return value
    if "$float" in value:
        return float(value["$float"])
    if "$array" in value:
        data = np.frombuffer(base64.b64decode(value["$array"]), np.dtype(value["dtype"]))
        array = data.reshape(value["shape"]).copy()
        return array if array.ndim else array[()]
    return {key: decode(item) for key, item in value.items()}
