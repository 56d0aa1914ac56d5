"""Reads the pickled files of Keras 1's data sets without running code from them.

A pickle is a program that may call any function that it names. This reader accepts only the few names that
build NumPy arrays, and maps each to a function of this file that checks its arguments. NumPy's own functions
are not called: they would allocate arrays of any size, and parse descriptions of types that nobody checked.
So an untrusted file cannot run code. It can still exhaust the machine's memory.
"""

import gzip
import io
import math
import pickle
import re
from collections.abc import Callable
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from .._base.types import FilePath

# The largest of the data sets has 178 MB.
_MAX_BYTES = 1 << 30
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
        ValueError: the file holds anything else, is damaged or holds more than 1 GiB.
        OSError: the file cannot be read.
    """
    opener = gzip.open if str(path).endswith(".gz") else open
    try:
        with opener(path, "rb") as file:
            data = file.read(_MAX_BYTES + 1)
        if len(data) > _MAX_BYTES:
            raise ValueError(f"it holds more than {_MAX_BYTES} bytes")
        return _Unpickler(io.BytesIO(data), encoding="latin1").load()
    except FileNotFoundError:
        raise
    # A damaged pickle can raise nearly any exception.
    except Exception as error:
        raise ValueError(
            f"{path} cannot be read: {error or type(error).__name__}. If the file is damaged, delete it, and "
            "it will be downloaded again."
        ) from error


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        found = _ALLOWED.get((module.replace("numpy._core", "numpy.core"), name))
        if found is None:
            raise pickle.UnpicklingError(
                f"it wants to use {module}.{name}; only numbers, strings, lists, tuples, dicts and arrays "
                "of numbers are read, because anything else could run code"
            )
        return found


class _Function:
    """A function that a pickle may call, and whose attributes it cannot set."""

    __slots__ = ("_function",)
    _function: Callable[..., Any]

    def __init__(self, function: Callable[..., Any]) -> None:
        object.__setattr__(self, "_function", function)

    def __call__(self, *arguments: Any) -> Any:
        return self._function(*arguments)

    def __setstate__(self, state: Any) -> NoReturn:
        raise pickle.UnpicklingError("it wants to change a function")


class _Array(np.ndarray):
    """An array that takes its content from a pickle, after checking it."""

    def __setstate__(self, state: Any) -> None:
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
        _, self.order, subarray, names, fields = state[:5]
        if (subarray, names, fields) != (None, None, None):
            raise pickle.UnpicklingError("it has an array of records; only arrays of numbers are read")


def _numpy_dtype(given: Any) -> np.dtype[Any]:
    if not isinstance(given, _Type):
        raise pickle.UnpicklingError(f"it has {given!r:.80} in place of a dtype")
    code, order = (v.decode("latin1") if isinstance(v, bytes) else v for v in (given.code, given.order))
    if not isinstance(code, str) or not _TYPE_CODE.fullmatch(code) or order not in _BYTE_ORDERS:
        raise pickle.UnpicklingError(f"it has an array of type {code!r:.80}; only numbers are read")
    return np.dtype(code).newbyteorder(order)


def _check_content(shape: Any, dtype: np.dtype[Any], content: Any) -> None:
    sizes_fit = isinstance(shape, tuple) and all(type(size) is int and size >= 0 for size in shape)
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
