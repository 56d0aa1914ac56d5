"""Reading the pickled files of Keras 1's data sets without running what is in them.

A pickle is a program that may call any function that it names. Here it may name a handful only, those that
make NumPy arrays, and each of these names stands for a function of this file that checks what it gets.
NumPy's own are not called: they would make room for any size, and take apart descriptions of types that
nobody checked. So a file of a stranger can run no code; it can still use up the memory of the machine.
"""

import gzip
import io
import math
import pickle
import re

import numpy as np

# More than the largest of the data sets needs, 178 MB.
_MAX_BYTES = 1 << 30
_TYPE_CODE = re.compile(r"b1|[iu][1248]|f[248]")
_BYTE_ORDERS = ("<", ">", "|", "=")


def load_pickle(path):
    """Reads a pickle that holds lists, tuples, dicts, numbers, texts and arrays of numbers.

    Args:
        path: path of the file; one that ends in ".gz" is compressed by gzip. Texts that Python 2 wrote are
            read as Latin-1.

    Returns:
        What was stored. Its arrays belong to a sub-class of ndarray; `np.asarray` makes them plain.

    Raises:
        ValueError: the file holds anything else, is damaged, or holds more than 1 GiB.
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
    # A damaged pickle can end in nearly any exception.
    except Exception as error:
        raise ValueError(
            f"{path} cannot be read: {error or type(error).__name__}. If the file is damaged, delete it, and "
            "it will be downloaded anew."
        ) from error


class _Unpickler(pickle.Unpickler):
    def find_class(self, module, name):
        found = _ALLOWED.get((module.replace("numpy._core", "numpy.core"), name))
        if found is None:
            raise pickle.UnpicklingError(
                f"it wants to use {module}.{name}; only numbers, texts, lists, tuples, dicts and arrays of "
                "numbers are read, since anything else could run code"
            )
        return found


class _Function:
    """A function that the pickle may call, and whose attributes it cannot set."""

    __slots__ = ("_function",)

    def __init__(self, function):
        object.__setattr__(self, "_function", function)

    def __call__(self, *arguments):
        return self._function(*arguments)

    def __setstate__(self, state):
        raise pickle.UnpicklingError("it wants to change a function")


class _Array(np.ndarray):
    """An array that takes its content from a pickle, once this was checked."""

    def __setstate__(self, state):
        shape, dtype, is_fortran, content = state[-4:]
        dtype = _numpy_dtype(dtype)
        if isinstance(content, str):  # bytes, to Python 2
            content = content.encode("latin1")
        _check_content(shape, dtype, content)
        super().__setstate__((1, shape, dtype, bool(is_fortran), content))


class _Type:
    """What a pickle says of a dtype: its code, then (version, byte order, ...)."""

    __slots__ = ("code", "order")

    def __init__(self, code, *_):
        self.code, self.order = code, "="

    def __setstate__(self, state):
        _, self.order, subarray, names, fields = state[:5]
        if (subarray, names, fields) != (None, None, None):
            raise pickle.UnpicklingError("it has an array of records; only arrays of numbers are read")


def _numpy_dtype(given):
    if not isinstance(given, _Type):
        raise pickle.UnpicklingError(f"it has {given!r:.80} where a dtype should stand")
    code, order = (v.decode("latin1") if isinstance(v, bytes) else v for v in (given.code, given.order))
    if not isinstance(code, str) or not _TYPE_CODE.fullmatch(code) or order not in _BYTE_ORDERS:
        raise pickle.UnpicklingError(f"it has an array of type {code!r:.80}; only numbers are read")
    return np.dtype(code).newbyteorder(order)


def _check_content(shape, dtype, content):
    sizes_fit = isinstance(shape, tuple) and all(type(size) is int and size >= 0 for size in shape)
    if not sizes_fit or not isinstance(content, (bytes, bytearray)):
        raise pickle.UnpicklingError("it has an array whose shape or content is damaged")
    if math.prod(shape) * dtype.itemsize != len(content):
        raise pickle.UnpicklingError(f"it has {len(content)} bytes for an array of shape {shape}, {dtype}")


def _empty_array(*_):
    return np.empty(0, "i1").view(_Array)


def _array(content, dtype, shape, order):
    """An array as pickle's protocol 5 stores it."""
    dtype = _numpy_dtype(dtype)
    _check_content(shape, dtype, content)
    return np.frombuffer(content, dtype).reshape(shape, order="F" if order == "F" else "C").copy("K")


def _number(dtype, content):
    content = content.encode("latin1") if isinstance(content, str) else content
    dtype = _numpy_dtype(dtype)
    _check_content((), dtype, content)
    return np.frombuffer(content, dtype)[0].item()


def _bytes_of(text="", encoding="latin1"):
    """Bytes as Python 3 stores them for Python 2: as a text to be encoded."""
    if not isinstance(text, str) or encoding not in ("latin1", "latin-1"):
        raise pickle.UnpicklingError("it has damaged bytes")
    return text.encode("latin1")


# (module, name) -> what stands for it. The name of NumPy's array type only says what to rebuild.
_ALLOWED = {
    ("numpy", "ndarray"): _Function(_empty_array),
    ("numpy", "dtype"): _Function(_Type),
    ("numpy.core.multiarray", "_reconstruct"): _Function(_empty_array),
    ("numpy.core.multiarray", "scalar"): _Function(_number),
    ("numpy.core.numeric", "_frombuffer"): _Function(_array),
    ("_codecs", "encode"): _Function(_bytes_of),
    ("builtins", "bytes"): _Function(_bytes_of),
    ("__builtin__", "bytes"): _Function(_bytes_of),
}
