"""Data of other libraries as NumPy arrays, by the protocols that they have in common.

No library is imported for it: a tensor of PyTorch, an array of JAX, a column of pandas, Polars or Arrow says
by its methods how it is read.
"""

import numbers
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from .sparse_rows import SparseRows
from .stored_rows import NpzRows, StoredRows, is_stored

_PROTOCOLS = ("__array__", "__array_interface__", "__array_struct__", "__dlpack__")
#: Methods that compute what a lazy table stands for.
_COMPUTES = ("collect", "compute")


def has_protocol(data: Any) -> bool:
    """Whether data can be read as one array, or are a table of columns."""
    return isinstance(data, memoryview) or any(
        hasattr(data, name) for name in (*_PROTOCOLS, "shape", "columns")
    )


# --- arrays ----------------------------------------------------------------------------------------


def as_array(data: Any, who: str) -> Any:
    """Returns data as a NumPy array, if they are an array or a table; anything else as it is.

    Args:
        data: what the user passed for one input, output or weight.
        who: str for messages, such as "The model input 'a'".
    Returns:
        NumPy array; `StoredRows` if the data are not in memory; or `data` itself, such as a list of rows.
    Raises:
        TypeError, ValueError: the data are of a known kind that cannot be used; the message says how to
            convert them.
    """
    is_plain = type(data) is np.ndarray and data.dtype.names is None
    if is_plain or isinstance(data, StoredRows | SparseRows):
        return data
    _refuse_masked(data, who)
    columns = columns_of(data, who)
    if columns is not None:
        return matrix_of(columns, who)
    if is_stored(data):
        return StoredRows([data]) if len(data.shape) and len(data) else data
    if not isinstance(data, memoryview) and not any(hasattr(data, name) for name in _PROTOCOLS):
        return data
    return _read(data, who)


def as_rows(rows: list[Any], who: str) -> list[Any]:
    """Returns the rows of a list as they are, and those that are arrays of other libraries as NumPy's."""
    known = (np.ndarray, np.generic, list, tuple, str, numbers.Number)
    if all(issubclass(kind, known) and not hasattr(kind, "filled") for kind in {type(row) for row in rows}):
        return rows
    return [as_array(row, f"{who}: row {number}") for number, row in enumerate(rows)]


def _refuse_masked(data: Any, who: str) -> None:
    if hasattr(data, "filled") and hasattr(data, "mask"):
        raise TypeError(
            f"{who}: got a masked array of shape {np.shape(data)}; models do not see its mask. Pass "
            "x.filled(value), and say what does not count by a sample_weight of 0, or for steps by a Masking "
            "layer with that value."
        )


def _read(data: Any, who: str) -> np.ndarray:
    kind = f"{type(data).__module__.partition('.')[0]}.{type(data).__name__}"
    if str(getattr(data, "layout", "strided")).rpartition(".")[2] != "strided" and hasattr(data, "to_dense"):
        raise TypeError(f"{who}: got a sparse {kind}; wanted an array. Pass x.to_dense().")
    try:
        if hasattr(data, "detach"):  # PyTorch: apart from its gradients, in the memory of the host
            data = data.detach().cpu().resolve_conj().resolve_neg()
            if str(data.dtype) == "torch.bfloat16":  # NumPy has no such type; float32 has all its values
                data = data.float()
        if any(hasattr(data, name) for name in _PROTOCOLS[:3]) or isinstance(data, memoryview):
            return np.asarray(data)
        return np.from_dlpack(data)
    except Exception as error:
        device = getattr(data, "device", None)
        where = "" if device is None or callable(device) else f" on the device {device}"
        raise TypeError(
            f"{who}: a {kind}{where} cannot be read as an array ({type(error).__name__}: {error}). Pass a "
            "NumPy array; data on another device are copied with x.cpu() (PyTorch), x.get() (CuPy) or "
            "numpy.asarray(x)."
        ) from error


# --- objects ---------------------------------------------------------------------------------------


def numbers_in(array: np.ndarray, who: str) -> np.ndarray:
    """Returns an array of objects as numbers.

    Raises:
        ValueError: an object is no real number; the message names the first and its row.
    """
    flat = np.ravel(array)
    if all(isinstance(item, numbers.Number | np.bool_) and not isinstance(item, complex) for item in flat):
        return array.astype("float64")
    place = next(i for i, item in enumerate(flat) if not isinstance(item, numbers.Real | np.bool_))
    row = place // max(1, len(flat) // len(array))
    if flat[place] is None or type(flat[place]).__name__ in ("NAType", "NaTType"):
        raise ValueError(
            f"{who}: the value at row {row} is missing ({flat[place]!r}, a {type(flat[place]).__name__}); "
            "wanted numbers. Fill it, for example with fillna(0) or fill_null(0), or leave out the row."
        )
    raise ValueError(f"{who} holds objects of type {type(flat[place]).__name__} (row {row}); wanted numbers.")


# --- tables ----------------------------------------------------------------------------------------


def columns_of(data: Any, who: str = "The data") -> list[tuple[str, Any]] | None:
    """Returns the columns of a table as pairs (name, column); None if data are no table.

    A table is a frame of pandas or Polars or of a library like them, an Arrow table, or a structured array.

    Raises:
        TypeError: the table is not computed yet, or can only be read with Arrow, which is not installed.
    """
    if isinstance(data, np.ndarray):
        return None if data.dtype.names is None else [(name, data[name]) for name in data.dtype.names]
    if not hasattr(type(data), "columns") or hasattr(data, "__array_namespace__"):
        return None
    for method in _COMPUTES:
        if hasattr(type(data), method):
            raise TypeError(
                f"{who}: got a {type(data).__name__} that is not computed yet; wanted its values. Pass "
                f"x.{method}()."
            )
    if hasattr(data, "schema") and hasattr(data, "column"):  # Arrow
        return list(zip(map(str, data.schema.names), data.columns, strict=True))
    if hasattr(data, "get_columns"):  # Polars
        return [(column.name, column) for column in data.get_columns()]
    if hasattr(data, "items"):  # pandas
        return [(str(name), column) for name, column in data.items()]
    if hasattr(data, "__arrow_c_stream__"):
        try:
            import pyarrow
        except ImportError as error:
            raise TypeError(
                f"{who}: a {type(data).__name__} is read through Arrow: pip install pyarrow, or pass a NumPy "
                "array."
            ) from error
        return columns_of(pyarrow.table(data), who)
    return None


def by_name(data: Any, who: str) -> Mapping[str, Any] | None:
    """Returns data that have names, a dict, a table or an open .npz file, as a mapping; otherwise None.

    Raises:
        ValueError: two columns of a table have the same name.
    """
    if isinstance(data, np.lib.npyio.NpzFile):
        return NpzRows(data)
    if isinstance(data, Mapping):
        return data
    columns = columns_of(data, who)
    if columns is None:
        return None
    names = [name for name, _ in columns]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"{who}: several columns have the name {twice[0]!r}; columns are found by name.")
    return dict(columns)


def matrix_of(columns: Sequence[tuple[str, Any]], who: str) -> np.ndarray:
    """Returns columns of numbers side by side.

    Args:
        columns: list of pairs (name, column); a column may hold rows of equal length.
        who: str for messages.
    Returns:
        Array (rows, numbers in a row).
    Raises:
        ValueError: columns hold something else; the message lists them all.
    """
    arrays, bad = [], []
    for name, column in columns:
        try:
            array = as_array(column, who)
            if array.dtype.kind == "O":
                rows = as_rows(list(array), who)
                array = np.array(rows)
                array = numbers_in(array, "it") if array.dtype.kind == "O" else array
            if array.dtype.kind not in "biuf" and array.dtype.name != "bfloat16":
                raise ValueError(f"it has dtype {array.dtype}")
        except (TypeError, ValueError) as error:
            declared = getattr(column, "dtype", getattr(column, "type", array.dtype))
            reason = str(error).removeprefix("it ")
            bad.append(
                f"{name!r} ({declared}): {reason}" if str(declared) not in reason else f"{name!r} {reason}"
            )
            continue
        arrays.append(array.reshape(len(array), -1))
    if bad:
        raise ValueError(
            f"{who}: {len(bad)} of {len(columns)} columns are not numbers: {'; '.join(bad)}. Convert them "
            "(categories to codes or one-hot columns, dates to days), fill what is missing, or leave them "
            "out."
        )
    if not arrays:
        raise ValueError(f"{who}: the table has no columns; wanted columns of numbers.")
    return arrays[0] if len(arrays) == 1 else np.concatenate(arrays, axis=1)
