"""A user's data as a list of arrays, one for each input or output of a model."""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from ... import backend as K
from ..._base.types import ArrayLike, Shape
from . import foreign
from .sparse_rows import SparseRows
from .stored_rows import StoredRows

#: Lists of arrays in memory are joined up to this size (bytes); above it, as they are used.
_JOINED_BYTES = 2**30


def standardize_input_data(
    data: Any,
    names: Sequence[str],
    shapes: Sequence[Any] | None = None,
    check_batch_axis: bool = True,
    exception_prefix: str = "",
    check_shapes: bool = True,
) -> list[ArrayLike]:
    """Returns data as a list of arrays, one for each name.

    Args:
        data: array, list of arrays, dict name -> array, or table with columns of these names. For one name, a
            list may hold arrays to be joined along axis 0, and a table be the matrix of its columns.
        names: list of str, the inputs or outputs of the model.
        shapes: list of shapes, tuples with None for unknown sizes; a shape that is None is not checked.
        check_batch_axis: whether axis 0 is compared, too.
        exception_prefix: str for messages, such as "model input".
        check_shapes: whether shapes are compared; they also tell what a table or a list of arrays is.
    Returns:
        List of arrays. An array of rank 1 gets a second axis of size 1.
    Raises:
        ValueError: naming the array, what came and what was wanted.

    Example:
        >>> standardize_input_data({"b": [[1, 2]], "a": [3]}, ["a", "b"])
        [array([[3]]), array([[1, 2]])]
    """
    arrays = _arrays_by_name(data, names, shapes or [None] * len(names), exception_prefix)
    arrays = [_as_array(array, name, exception_prefix) for array, name in zip(arrays, names, strict=True)]
    for array, name, shape in zip(arrays, names, shapes or [None] * len(names), strict=True):
        if shape is not None and check_shapes:
            _check_shape(array, name, tuple(shape), check_batch_axis, exception_prefix)
    return arrays


def _arrays_by_name(data: Any, names: Sequence[str], shapes: Sequence[Any], prefix: str) -> list[Any]:
    who = f"The {prefix}" if prefix else "The data"
    if data is None:
        raise ValueError(f"{who}: got None; wanted {_wanted(names)}.")
    if K.is_sparse(data) and len(names) == 1:
        return [data]  # first, as SciPy's dok_matrix is a dict
    columns = None if isinstance(data, Mapping) else foreign.columns_of(data, who)
    if columns is not None and len(names) == 1 and _is_matrix(columns, names[0], shapes[0]):
        return [foreign.matrix_of(columns, f"{who} {names[0]!r}")]
    named = foreign.by_name(data, who)
    if named is not None:
        return _from_dict(named, names, who)
    if len(names) < 2:
        return _only_array(data, names, shapes[0], who)
    if not isinstance(data, list | tuple):
        raise ValueError(
            f"{who}: the model has {len(names)} ({', '.join(names)}); got only one array, of shape "
            f"{getattr(data, 'shape', ())}. Pass a list of {len(names)} arrays, or a dict by those names."
        )
    if len(data) != len(names):
        raise ValueError(
            f"{who}: the list of arrays that you are passing to your model is not the size the model "
            f"expected. Expected {len(names)} arrays ({', '.join(names)}), but got {len(data)}."
        )
    return list(data)


def _is_matrix(columns: Sequence[tuple[str, Any]], name: str, shape: Any) -> bool:
    """Whether all columns of a table together are the data of the only input or output.

    If one has its name, the others may be something else, such as the targets: the table then is the matrix
    only if it is as wide as the array that is wanted.
    """
    width = shape[1] if shape is not None and len(shape) == 2 else None
    return len(columns) == width or all(name != own for own, _ in columns)


def _only_array(data: Any, names: Sequence[str], shape: Any, who: str) -> list[Any]:
    """Returns the data of the only input or output: an array, a list of arrays, or a list of rows."""
    if not isinstance(data, list):
        return [data]
    if len(data) == 1 and len(_shape(data[0])) > 0:
        return data
    if _are_shards(data, shape):
        return [_joined(data, who)]
    # Only of rows with a shape: np.ndim fails on a list whose items have different lengths.
    if len(data) > 1 and hasattr(data[0], "shape") and len(_shape(data[0])) > 0:
        raise ValueError(
            f"{who}: got a list of {len(data)} arrays; wanted {_wanted(names)}. For one array of all "
            "samples use numpy.array(list)."
        )
    return [data]


def _shape(array: Any) -> tuple[Any, ...]:
    """Returns the shape of an array without reading it, or of a list or number."""
    return tuple(array.shape) if hasattr(array, "shape") else np.shape(array)


def _are_shards(data: list[Any], shape: Any) -> bool:
    """Whether a list holds arrays of samples, to be joined: each has the rank of the array that is wanted."""
    if len(data) < 2 or shape is None or not all(hasattr(array, "shape") for array in data):
        return False
    ranks = {len(_shape(array)) for array in data}
    return ranks == {len(shape)} or (ranks == {1} and len(shape) == 2 and shape[1] == 1)


def _joined(shards: list[Any], who: str) -> Any:
    """Returns arrays of samples as one, without reading those that are not in memory."""
    arrays = [foreign.as_array(shard, f"{who}: array {number}") for number, shard in enumerate(shards)]
    rows = [tuple(array.shape[1:]) for array in arrays]
    odd = next((number for number, shape in enumerate(rows) if shape != rows[0]), None)
    if odd is not None:
        raise ValueError(
            f"{who}: got a list of {len(arrays)} arrays, to be joined along axis 0; the samples of array "
            f"{odd} have shape {rows[odd]}, those of array 0 {rows[0]}."
        )
    in_memory = all(isinstance(array, np.ndarray) for array in arrays)
    if in_memory and sum(array.nbytes for array in arrays) <= _JOINED_BYTES:
        return np.concatenate(arrays)
    return StoredRows(arrays)


def _from_dict(data: Mapping[str, Any], names: Sequence[str], who: str) -> list[Any]:
    missing = [name for name in names if name not in data]
    if missing:
        close = difflib.get_close_matches(missing[0], list(data), n=1)
        hint = f" Did you mean {close[0]!r}?" if close else ""
        raise ValueError(
            f'{who}: no data provided for "{missing[0]}". Need data for each key in: {names}; got '
            f"{list(data)}.{hint}"
        )
    # As in 1.2.2, one dict may hold more, such as the arrays of inputs and outputs.
    return [data[name] for name in names]


def _wanted(names: Sequence[str]) -> str:
    if len(names) == 1:
        return f"one array (for {names[0]!r})"
    return f"a list of {len(names)} arrays, or a dict, for {', '.join(names)}"


def _as_array(array: Any, name: str, prefix: str) -> Any:
    if array is None:
        raise ValueError(f"The {prefix} {name!r}: got None; wanted an array.")
    if K.is_sparse(array):
        array = SparseRows.of(array)
    array = foreign.as_array(array, f"The {prefix} {name!r}")
    if not hasattr(array, "shape"):
        array = _stack_rows(array, name, prefix)
    if not array.shape and array.dtype.kind in "OUS":
        raise ValueError(
            f"The {prefix} {name!r} is a single value, {array.item()!s:.80}, of type "
            f"{type(array.item()).__name__}; wanted an array of samples. A file is opened first, for example "
            "by numpy.load(path, mmap_mode='r')."
        )
    if np.dtype(array.dtype).kind == "O":
        array = _stack_rows(list(array), name, prefix)
    if len(array.shape) == 0:
        raise ValueError(f"The {prefix} {name!r} is a single value, {array}; wanted an array of samples.")
    if len(array) == 0:
        raise ValueError(
            f"The {prefix} {name!r} has 0 samples (shape {array.shape}): there is nothing to compute."
        )
    dtype = np.dtype(array.dtype)
    if dtype.kind not in "biuf" and dtype.name != "bfloat16":
        raise ValueError(
            f"The {prefix} {name!r} has dtype {dtype}; wanted real numbers. Convert text, categories "
            "or dates to numbers first."
        )
    return np.expand_dims(array, 1) if len(array.shape) == 1 else array


def _stack_rows(rows: Any, name: str, prefix: str) -> np.ndarray:
    if isinstance(rows, str) or not hasattr(rows, "__iter__"):
        return np.array(rows)
    rows = foreign.as_rows(list(rows), f"The {prefix} {name!r}")
    try:
        stacked = np.array(rows)
    except ValueError:
        stacked = None
    if stacked is not None and stacked.dtype != object:
        return stacked
    if stacked is not None:
        return foreign.numbers_in(stacked, f"The {prefix} {name!r}")
    sizes = [len(row) if hasattr(row, "__len__") else 1 for row in rows]
    odd = next((i for i, size in enumerate(sizes) if size != sizes[0]), None)
    if odd is None:
        raise ValueError(f"The {prefix} {name!r}: all rows must have the same shape; got different ones.")
    raise ValueError(
        f"The {prefix} {name!r}: row {odd} has length {sizes[odd]}, expected {sizes[0]} as row 0 has. "
        "Sequences of different lengths: see keras.preprocessing.sequence.pad_sequences."
    )


def _check_shape(array: ArrayLike, name: str, shape: Shape, check_batch_axis: bool, prefix: str) -> None:
    found = tuple(array.shape)
    wanted = shape if check_batch_axis else (None, *shape[1:])
    if len(found) != len(wanted):
        hint = ""
        if len(found) == len(wanted) - 1 and _fits(found, wanted[1:]):
            hint = " That is the shape of one sample: add a batch axis, x[numpy.newaxis]."
        raise ValueError(
            f"Error when checking {prefix}: expected {name} to have {len(wanted)} dimensions, shape "
            f"{wanted}, but got array with shape {found}.{hint}"
        )
    if not _fits(found, wanted):
        hint = ""
        if len(found) == 2 and found[1] == 1 and _fits(found[:1], wanted[1:]):
            # It may have been an array of rank 1.
            hint = " If it is one sample, add a batch axis: x[numpy.newaxis]."
        elif len(found) > 3:
            hint = _channels_elsewhere(found, wanted)
        raise ValueError(
            f"Error when checking {prefix}: expected {name} to have shape {wanted}, but got array with "
            f"shape {found}.{hint}"
        )


def _channels_elsewhere(found: Shape, wanted: Shape) -> str:
    """Returns a hint if the array fits after its channels are moved: images in the other ordering."""
    first_axes = dict.fromkeys((1, len(found) - 3))  # of images and volumes, of sequences of images
    moves = [(-1, axis, "tf") for axis in first_axes] + [(axis, -1, "th") for axis in first_axes]
    for source, target, ordering in moves:
        sizes = list(found)
        size = sizes.pop(source)
        sizes.insert(target % len(found), size)
        if _fits(tuple(sizes), wanted):
            return (
                f" The channels seem to be on another axis: pass numpy.moveaxis(x, {source}, {target}), or "
                f"call K.set_image_dim_ordering({ordering!r}) before the model is made."
            )
    return ""


def _fits(found: Shape, wanted: Shape) -> bool:
    return len(found) == len(wanted) and all(
        size is None or size == own for own, size in zip(found, wanted, strict=True)
    )


def check_array_lengths(
    inputs: Sequence[Any] | None, targets: Sequence[Any] | None, weights: Sequence[Any] | None
) -> None:
    """Checks that all arrays have the same number of samples.

    Args:
        inputs, targets, weights: lists of arrays or None; or None.
    Raises:
        ValueError: the numbers differ, and the message lists them; or there are no samples.
    """
    kinds = (("input arrays (x)", inputs), ("target arrays (y)", targets), ("sample weights", weights))
    lengths = {kind: sorted({len(a) for a in arrays or [] if a is not None}) for kind, arrays in kinds}
    every = {n for numbers in lengths.values() for n in numbers}
    if len(every) > 1:
        listed = "; ".join(f"{kind}: {numbers}" for kind, numbers in lengths.items() if numbers)
        raise ValueError(f"All arrays should have the same number of samples. Got {listed}.")
    if every == {0}:
        raise ValueError("The data have 0 samples: there is nothing to compute.")


def match_sparseness(arrays: Iterable[Any], names: Iterable[str], sparse: Iterable[bool]) -> list[Any]:
    """Converts the arrays for sparse inputs to `SparseRows`.

    Args:
        arrays: list of arrays.
        names: list of str, the inputs of the model.
        sparse: list of bool, which inputs are sparse.
    Returns:
        List of arrays.
    Raises:
        TypeError: an array is sparse and its input is not.
    """
    matched = []
    for array, name, wanted in zip(arrays, names, sparse, strict=True):
        if isinstance(array, SparseRows) and not wanted:
            raise TypeError(
                f"The model input {name!r} got a sparse matrix of shape {array.shape}; wanted an array. Make "
                "the input with Input(..., sparse=True), or pass x.toarray()."
            )
        if wanted and not isinstance(array, SparseRows):
            from scipy.sparse import csr_matrix

            array = SparseRows(csr_matrix(array))
        matched.append(array)
    return matched


def refuse_sparse_targets(arrays: Iterable[Any], names: Iterable[str]) -> None:
    """Checks that no target is sparse, because a loss needs every element.

    Raises:
        TypeError: naming the target.
    """
    for array, name in zip(arrays, names, strict=True):
        if isinstance(array, SparseRows):
            raise TypeError(
                f"The model target {name!r} is a sparse matrix; wanted an array: pass y.toarray(), or "
                "classes with the loss sparse_categorical_crossentropy."
            )
