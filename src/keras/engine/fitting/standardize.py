"""Data of a user as a list of arrays, one for each input or output of a model."""

import difflib

import numpy as np

from ... import backend as K
from .sparse_rows import SparseRows


def standardize_input_data(data, names, shapes=None, check_batch_axis=True, exception_prefix=""):
    """Data as a list of arrays, one for each name.

    Args:
        data: array, list of arrays, or dict name -> array.
        names: list of str, the inputs or outputs of the model.
        shapes: list of shapes (None for unknown sizes; None for a shape that is not checked).
        check_batch_axis: whether axis 0 is compared, too.
        exception_prefix: str for messages, such as "model input".
    Returns:
        List of arrays; those of rank 1 have got a second axis of size 1.
    Raises:
        ValueError: naming the array, what came and what was wanted.
    """
    arrays = _arrays_by_name(data, names, exception_prefix)
    arrays = [_as_array(array, name, exception_prefix) for array, name in zip(arrays, names, strict=True)]
    for array, name, shape in zip(arrays, names, shapes or [None] * len(names), strict=True):
        if shape is not None:
            _check_shape(array, name, tuple(shape), check_batch_axis, exception_prefix)
    return arrays


def _arrays_by_name(data, names, prefix):
    who = f"The {prefix}" if prefix else "The data"
    if data is None:
        raise ValueError(f"{who}: got None; wanted {_wanted(names)}.")
    if K.is_sparse(data) and len(names) == 1:
        return [data]  # first, as SciPy's dok_matrix is a dict
    if isinstance(data, dict):
        return _from_dict(data, names, who)
    if isinstance(data, list | tuple) and len(names) > 1:
        if len(data) != len(names):
            raise ValueError(
                f"{who}: the list of arrays that you are passing to your model is not the size the model "
                f"expected. Expected {len(names)} arrays ({', '.join(names)}), but got {len(data)}."
            )
        return list(data)
    if isinstance(data, list) and len(names) == 1:
        if len(data) == 1 and np.ndim(data[0]) > 0:
            return data
        if data and hasattr(data[0], "shape") and np.ndim(data[0]) > 0 and len(data) > 1:
            raise ValueError(
                f"{who}: got a list of {len(data)} arrays; wanted {_wanted(names)}. For one array of all "
                "samples use numpy.array(list)."
            )
        return [data]
    if len(names) > 1:
        raise ValueError(
            f"{who}: the model has {len(names)} ({', '.join(names)}), but only one array came, of shape "
            f"{np.shape(data)}. Pass a list of {len(names)} arrays, or a dict by those names."
        )
    return [data]


def _from_dict(data, names, who):
    missing = [name for name in names if name not in data]
    if missing:
        close = difflib.get_close_matches(missing[0], list(data), n=1)
        hint = f" Did you mean it by {close[0]!r}?" if close else ""
        raise ValueError(
            f'{who}: no data provided for "{missing[0]}". Need data for each key in: {names}; got '
            f"{list(data)}.{hint}"
        )
    # As in 1.2.2 a dict may hold more, such as the inputs and the outputs in one.
    return [data[name] for name in names]


def _wanted(names):
    if len(names) == 1:
        return f"one array (for {names[0]!r})"
    return f"a list of {len(names)} arrays, or a dict, for {', '.join(names)}"


def _as_array(array, name, prefix):
    if array is None:
        raise ValueError(f"The {prefix} {name!r}: got None; wanted an array.")
    if K.is_sparse(array):
        array = SparseRows.of(array)
    if not hasattr(array, "shape"):
        array = _stack_rows(array, name, prefix)
    if np.dtype(array.dtype).kind == "O":
        array = _stack_rows(list(array), name, prefix)
    if len(array.shape) == 0:
        raise ValueError(f"The {prefix} {name!r} is a single value, {array}; wanted an array of samples.")
    if len(array) == 0:
        raise ValueError(f"The {prefix} {name!r} has 0 samples (shape {array.shape}): nothing to work on.")
    dtype = np.dtype(array.dtype)
    if dtype.kind not in "biuf" and dtype.name != "bfloat16":
        raise ValueError(
            f"The {prefix} {name!r} has dtype {dtype}; wanted real numbers. Turn texts, categories or dates "
            "into numbers first."
        )
    return np.expand_dims(array, 1) if len(array.shape) == 1 else array


def _stack_rows(rows, name, prefix):
    if isinstance(rows, str) or not hasattr(rows, "__iter__"):
        return np.array(rows)
    rows = list(rows)
    try:
        stacked = np.array(rows)
    except ValueError:
        stacked = None
    if stacked is not None and stacked.dtype != object:
        return stacked
    if stacked is not None:
        kind = type(np.ravel(stacked)[0]).__name__
        raise ValueError(f"The {prefix} {name!r} holds objects of type {kind}; wanted numbers.")
    sizes = [len(row) if hasattr(row, "__len__") else 1 for row in rows]
    odd = next((i for i, size in enumerate(sizes) if size != sizes[0]), None)
    if odd is None:
        raise ValueError(f"The {prefix} {name!r}: the rows must all be of one shape, and they are not.")
    raise ValueError(
        f"The {prefix} {name!r}: row {odd} has length {sizes[odd]}, expected {sizes[0]} as row 0 has. "
        "Sequences of different lengths: see keras.preprocessing.sequence.pad_sequences."
    )


def _check_shape(array, name, shape, check_batch_axis, prefix):
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
            # An array of rank 1 has become this by now.
            hint = " If it is one sample, add a batch axis: x[numpy.newaxis]."
        raise ValueError(
            f"Error when checking {prefix}: expected {name} to have shape {wanted}, but got array with "
            f"shape {found}.{hint}"
        )


def _fits(found, wanted):
    return len(found) == len(wanted) and all(
        size is None or size == own for own, size in zip(found, wanted, strict=True)
    )


def check_array_lengths(inputs, targets, weights):
    """Checks that all arrays have the same number of samples.

    Raises:
        ValueError: naming the numbers.
    """
    kinds = (("input arrays (x)", inputs), ("target arrays (y)", targets), ("sample weights", weights))
    lengths = {kind: sorted({len(a) for a in arrays or [] if a is not None}) for kind, arrays in kinds}
    every = {n for numbers in lengths.values() for n in numbers}
    if len(every) > 1:
        listed = "; ".join(f"{kind}: {numbers}" for kind, numbers in lengths.items() if numbers)
        raise ValueError(f"All arrays should have the same number of samples. Got {listed}.")
    if every == {0}:
        raise ValueError("The data have 0 samples: there is nothing to work on.")


def match_sparseness(arrays, names, sparse):
    """Arrays for sparse inputs as sparse ones.

    Args:
        sparse: list of bool, which inputs are sparse.
    Raises:
        TypeError: if an array is sparse and its input is not.
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


def refuse_sparse_targets(arrays, names):
    """Refuses sparse targets: a loss compares every element."""
    for array, name in zip(arrays, names, strict=True):
        if isinstance(array, SparseRows):
            raise TypeError(
                f"The model target {name!r} is a sparse matrix; wanted an array: pass y.toarray(), or "
                "classes with the loss sparse_categorical_crossentropy."
            )
