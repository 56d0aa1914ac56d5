"""Arrays that users give to fit, evaluate and predict: put in order, and checked before work starts."""

import difflib
import warnings

import numpy as np

from ... import backend as K
from ..._base.callers import levels_to_caller
from .feeds.sparse_rows import SparseRows

_SCALED_LOSSES = ("mean_squared_error", "binary_crossentropy", "categorical_crossentropy")


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


def check_loss_and_target_compatibility(targets, losses, output_shapes):
    """Checks that targets are of the kind that the losses of Keras need.

    Args:
        targets: list of arrays.
        losses: list of loss functions.
        output_shapes: list of the outputs' shapes.
    Raises:
        ValueError: naming the target, the loss, the value and the mend.
    """
    for y, loss, shape in zip(targets, losses, output_shapes, strict=True):
        name = getattr(loss, "__name__", "")
        if name == "categorical_crossentropy" and y.shape[-1] == 1 and shape[-1] != 1:
            raise ValueError(
                f"You are passing a target array of shape {y.shape} while using as loss "
                "`categorical_crossentropy`, which expects targets to be binary matrices (1s and 0s) of "
                "shape (samples, classes). If your targets are integer classes, convert them with "
                "keras.utils.np_utils.to_categorical, or use the loss "
                "`sparse_categorical_crossentropy`."
            )
        # Data in files are not read to look at their values.
        in_memory = isinstance(y, np.ndarray)
        if name == "sparse_categorical_crossentropy" and shape[-1] is not None and in_memory:
            _check_classes(y, shape[-1])
        if name == "binary_crossentropy" and in_memory and y.size:
            low, high = float(np.min(y)), float(np.max(y))
            if low < 0 or high > 1:
                raise ValueError(
                    f"binary_crossentropy needs targets in 0..1; got values from {low:g} to {high:g}. For "
                    "several classes use categorical_crossentropy or sparse_categorical_crossentropy."
                )
        if name in _SCALED_LOSSES:
            for size, wanted in zip(y.shape[1:], shape[1:], strict=False):
                if wanted is not None and size != wanted:
                    raise ValueError(
                        f"A target array with shape {y.shape} was passed for an output of shape {shape} "
                        f"while using as loss `{name}`. This loss expects targets to have the same shape "
                        "as the output."
                    )


def _check_classes(y, classes):
    if not y.size:
        return
    low, high = np.min(y), np.max(y)
    if low < 0 or high >= classes:
        bad = low if low < 0 else high
        raise ValueError(
            f"sparse_categorical_crossentropy: the targets have the label {bad:g}, classes 0..{classes - 1} "
            "are those of the output."
        )
    if np.dtype(y.dtype).kind == "f" and np.any(y != np.floor(y)):
        raise ValueError(
            f"sparse_categorical_crossentropy needs integer labels; got {y[y != np.floor(y)][0]:g}."
        )


def count_classes(loss, output_shape):
    """The number of classes that integer targets may name under a loss; None where it does not say."""
    name = getattr(loss, "__name__", "")
    if name == "sparse_categorical_crossentropy":
        return output_shape[-1]
    return 2 if name == "binary_crossentropy" and output_shape[-1] == 1 else None


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


def check_finite(arrays, names, dtypes, what):
    """Checks that float arrays have no NaN and no infinity, also after the cast to the model's dtype.

    Args:
        what: str for messages: "x: input" or "y: output".
    Raises:
        ValueError: naming the array, its kind and the first row where one is.
    """
    for array, name, dtype in zip(arrays, names, dtypes, strict=True):
        if isinstance(array, SparseRows):
            _check_sparse_finite(array, name, dtype, what)
            continue
        if not isinstance(array, np.ndarray) or array.dtype.kind in "biu" or not array.size:
            continue
        # The extremes tell of all the rest (NaN wins over numbers), and they make no temporary array.
        if _is_finite(np.array([np.min(array), np.max(array)]), dtype).all():
            continue
        rows = np.flatnonzero(~_is_finite(array, dtype).reshape(len(array), -1).all(axis=1))
        raise _not_finite(array[rows[0]], rows, len(array), name, dtype, what)


def _check_sparse_finite(array, name, dtype, what):
    rows = array.rows_with(lambda values: ~_is_finite(values, dtype))
    if rows.size:
        raise _not_finite(array[rows[:1]].matrix.data, rows, len(array), name, dtype, what)


def _not_finite(row, rows, samples, name, dtype, what):
    kind = "NaN" if np.isnan(row).any() else "inf"
    symbol, _, role = what.partition(": ")
    return ValueError(
        f"{symbol} has {kind} at row {rows[0]} ({role} {name!r}, as {np.dtype(dtype)}; {rows.size} of "
        f"{samples} rows are affected). Clean or scale the data, or pass check_numerics=False."
    )


def _is_finite(values, dtype):
    with np.errstate(over="ignore"):
        return np.isfinite(values if np.dtype(dtype).kind in "biu" else values.astype(dtype, copy=False))


def warn_of_lost_precision(arrays, names, dtypes, what):
    """Warns of integers that the model's dtype cannot tell apart, such as 2**24 + 1 as float32."""
    for array, name, dtype in zip(arrays, names, dtypes, strict=True):
        size = np.dtype(dtype).itemsize
        if not isinstance(array, np.ndarray) or array.dtype.kind not in "iu" or array.dtype.itemsize < size:
            continue
        # Up to here every integer has its own number in a float (2 bytes: bfloat16) of that size.
        exact = {2: 2**8, 4: 2**24, 8: 2**53}.get(size, 0)
        if -exact <= np.min(array) and np.max(array) <= exact:
            continue
        with np.errstate(invalid="ignore"):
            changed = array[array.astype(dtype).astype(array.dtype) != array]
        if changed.size:
            warnings.warn(
                f"{what} {name!r}: {changed[0]} and {changed.size - 1} other integers cannot be held by "
                f"{np.dtype(dtype)}; their precision is lost. Subtract or scale first, or give ids to an "
                "Input of an integer dtype.",
                stacklevel=levels_to_caller(),
            )
