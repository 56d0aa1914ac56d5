"""Checks of the values in arrays: targets that fit the loss, finite numbers, enough digits."""

import warnings

import numpy as np

from ..._base.callers import levels_to_caller
from .sparse_rows import SparseRows

_SCALED_LOSSES = ("mean_squared_error", "binary_crossentropy", "categorical_crossentropy")


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
