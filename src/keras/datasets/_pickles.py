"""Reads the pickled files of Keras 1's data sets without running code from them.

A pickle is a program that may call any function that it names. This reader accepts only the few names that
build NumPy arrays, and maps each to a function of this file that checks its arguments. NumPy's own functions
are not called: they would allocate arrays of any size, and parse descriptions of types that nobody checked.
So an untrusted file cannot run code, and takes memory and time in proportion to its size.
"""

import gzip
import math
import os
import pickle
import re
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._base.budget import Budget, OverBudget
from .._base.types import FilePath
from ._pickle_machine import Machine

_CHUNK = 1 << 20
_MAX_RANK = 32  # as in NumPy 1
_TYPE_CODE = re.compile(r"b1|[iu][1248]|f[248]")
_BYTE_ORDERS = ("<", ">", "|", "=")


def load_pickle(path: FilePath) -> Any:
    """Reads a pickle that holds lists, tuples, dicts, numbers, strings and arrays of numbers.

    Args:
        path: path of the file; one that ends in ".gz" is compressed by gzip. Strings that Python 2 wrote
            are decoded as Latin-1.

    Returns:
        The stored object. Its arrays are of a subclass of ndarray; `np.asarray` converts them.

    Raises:
        ValueError: the file holds anything else, is damaged, or takes more memory or steps than a file of
            its size may take.
        OSError: the file cannot be read.
    """
    budget = Budget(os.fsdecode(path), os.path.getsize(path))
    opener = gzip.open if str(path).endswith(".gz") else open
    try:
        with opener(path, "rb") as file:
            data = _read_all(file, budget)
        return Machine(data, _Arrays(budget), budget).run()
    except (FileNotFoundError, OverBudget):
        raise
    # A damaged pickle can raise nearly any exception.
    except Exception as error:
        raise ValueError(
            f"{path} cannot be read: {error or type(error).__name__}. If the file is damaged, delete it, and "
            "it will be downloaded again."
        ) from error


def numbers(value: Any, path: FilePath) -> NDArray[Any]:
    """Returns an array, or a list of ints, of a pickle as an array.

    Raises:
        ValueError: it is something else; NumPy would make arrays of any size of nested lists and of strings.
    """
    if isinstance(value, np.ndarray) or (isinstance(value, list) and set(map(type, value)) <= {int}):
        return np.asarray(value)
    raise ValueError(f"{path}: wanted an array of numbers; got a {type(value).__name__}.")


def _read_all(file: Any, budget: Budget) -> bytes:
    chunks = []
    while True:
        budget.take_memory(2 * _CHUNK, "contents")  # the chunks, and all of them joined
        chunk = file.read(_CHUNK)
        budget.return_memory(2 * (_CHUNK - len(chunk)))
        if not chunk:
            break
        chunks.append(chunk)
    data = b"".join(chunks)
    budget.return_memory(len(data))
    return data


class _Arrays:
    """The `Builder` of a `Machine`: makes arrays of numbers, and nothing else."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget

    def find(self, module: str, name: str) -> Any:
        found = _ALLOWED.get((module.replace("numpy._core", "numpy.core"), name))
        if found is None:
            raise pickle.UnpicklingError(
                f"it wants to use {module:.80}.{name:.80}; only numbers, strings, lists, tuples, dicts and "
                "arrays of numbers are read, because anything else could run code"
            )
        return found

    def call(self, function: Any, arguments: tuple[Any, ...]) -> Any:
        if not isinstance(function, _Function):
            raise pickle.UnpicklingError(f"it wants to call a {type(function).__name__}")
        self._charge(arguments)
        return function(*arguments)

    def set_state(self, made: Any, state: Any) -> None:
        if not isinstance(made, _Array | _Type) or not isinstance(state, tuple):
            what = "function" if isinstance(made, _Function) else type(made).__name__
            raise pickle.UnpicklingError(f"it wants to change a {what}")
        self._charge(state)
        made.__setstate__(state)

    def _charge(self, values: tuple[Any, ...]) -> None:
        """Charges the copies that are made of the contents of arrays."""
        contents = [len(value) for value in values[:8] if isinstance(value, str | bytes | bytearray)]
        self._budget.take_memory(200 + 2 * sum(contents), "arrays")


class _Function:
    """A function that a pickle may call."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function

    def __call__(self, *arguments: Any) -> Any:
        return self._function(*arguments)


class _Array(np.ndarray):
    """An array that takes its content from a pickle, after checking it."""

    def __setstate__(self, state: Any) -> None:
        if len(state) < 4:
            raise pickle.UnpicklingError("it has an array whose state is damaged")
        shape, dtype, is_fortran, content = state[-4:]
        dtype = _numpy_dtype(dtype)
        if isinstance(content, str):  # bytes, in Python 2
            content = content.encode("latin1")
        _check_content(shape, dtype, content)
        # NumPy itself refuses the np.bool of its stub file.
        super().__setstate__((1, shape, dtype, bool(is_fortran), content))  # pyright: ignore[reportArgumentType]


class _Type:
    """A pickled dtype: its code, then (version, byte order, ...)."""

    __slots__ = ("code", "order")

    def __init__(self, code: Any, *_: Any) -> None:
        self.code, self.order = code, "="

    def __setstate__(self, state: Any) -> None:
        if len(state) < 5:
            raise pickle.UnpicklingError("it has a dtype whose state is damaged")
        _, self.order, *parts = state[:5]
        if any(part is not None for part in parts):
            raise pickle.UnpicklingError("it has an array of records; only arrays of numbers are read")


def _numpy_dtype(given: Any) -> np.dtype[Any]:
    if not isinstance(given, _Type):
        raise pickle.UnpicklingError(f"it has a {type(given).__name__} in place of a dtype")
    code, order = (v.decode("latin1") if isinstance(v, bytes) else v for v in (given.code, given.order))
    # Not repr of anything but a string: that of nested lists can take for ever.
    said = repr(code[:40]) if isinstance(code, str) else f"a {type(code).__name__}"
    is_known = isinstance(code, str) and isinstance(order, str) and _TYPE_CODE.fullmatch(code)
    if not is_known or order not in _BYTE_ORDERS:
        raise pickle.UnpicklingError(f"it has an array of type {said}; only numbers are read")
    return np.dtype(code).newbyteorder(order)


def _check_content(shape: Any, dtype: np.dtype[Any], content: Any) -> None:
    is_shape = isinstance(shape, tuple) and len(shape) <= _MAX_RANK
    sizes_fit = is_shape and all(type(size) is int and 0 <= size < 2**63 for size in shape)
    if not sizes_fit or not isinstance(content, (bytes, bytearray)):
        raise pickle.UnpicklingError("it has an array whose shape or content is damaged")
    if math.prod(shape) * dtype.itemsize != len(content):
        raise pickle.UnpicklingError(f"it has {len(content)} bytes for an array of shape {shape}, {dtype}")


def _empty_array(*_: Any) -> _Array:
    return np.empty(0, "i1").view(_Array)


def _array(content: Any, dtype: Any, shape: Any, order: Any) -> NDArray[Any]:
    """Returns an array as protocol 5 of pickle stores it."""
    dtype = _numpy_dtype(dtype)
    _check_content(shape, dtype, content)
    return np.frombuffer(content, dtype).reshape(shape, order="F" if order == "F" else "C").copy("K")


def _number(dtype: Any, content: Any) -> Any:
    """Returns a scalar of NumPy as a number of Python."""
    content = content.encode("latin1") if isinstance(content, str) else content
    dtype = _numpy_dtype(dtype)
    _check_content((), dtype, content)
    return np.frombuffer(content, dtype)[0].item()


def _bytes_of(text: Any = "", encoding: Any = "latin1") -> bytes:
    """Returns bytes that Python 3 stored for Python 2, as a string to be encoded."""
    if not isinstance(text, str) or encoding not in ("latin1", "latin-1"):
        raise pickle.UnpicklingError("it has damaged bytes")
    return text.encode("latin1")


# (module, name) -> the replacement. NumPy's array type is only named as the type to rebuild.
_ALLOWED: dict[tuple[str, str], _Function] = {
    ("numpy", "ndarray"): _Function(_empty_array),
    ("numpy", "dtype"): _Function(_Type),
    ("numpy.core.multiarray", "_reconstruct"): _Function(_empty_array),
    ("numpy.core.multiarray", "scalar"): _Function(_number),
    ("numpy.core.numeric", "_frombuffer"): _Function(_array),
    ("_codecs", "encode"): _Function(_bytes_of),
    ("builtins", "bytes"): _Function(_bytes_of),
    ("__builtin__", "bytes"): _Function(_bytes_of),
}
