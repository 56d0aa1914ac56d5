"""Checks of the values in arrays: targets that fit the loss, finite numbers, enough digits."""

import warnings
from collections.abc import Iterable
from typing import Any

import numpy as np

from ..._base.callers import levels_to_caller
from ..._base.types import ArrayLike, Shape
from .sparse_rows import SparseRows

_SCALED_LOSSES = ("mean_squared_error", "binary_crossentropy", "categorical_crossentropy")


def check_loss_and_target_compatibility(
    targets: Iterable[Any], losses: Iterable[Any], output_shapes: Iterable[Shape]
) -> None:
    """Checks that targets fit the losses of Keras: their shapes, and for arrays in memory their values.

    Args:
        targets: list of arrays.
        losses: list of loss functions.
        output_shapes: list of the outputs' shapes.
    Raises:
        ValueError: naming the loss, what came and how to fix it.
    """
    for y, loss, shape in zip(targets, losses, output_shapes, strict=True):
        name = getattr(loss, "__name__", "")
        if name == "categorical_crossentropy":
            _check_one_hot(y, shape)
        # The values of data in files are not checked, as that would read them all.
        if isinstance(y, np.ndarray) and y.size:
            if name == "sparse_categorical_crossentropy" and shape[-1] is not None:
                _check_classes(y, shape[-1])
            if name == "binary_crossentropy":
                _check_probabilities(y)
        if name in _SCALED_LOSSES:
            _check_same_shape(y, shape, name)


def _check_one_hot(y: ArrayLike, shape: Shape) -> None:
    if y.shape[-1] == 1:
        raise ValueError(
            f"You are passing a target array of shape {y.shape} while using as loss "
            "`categorical_crossentropy`, which expects targets to be binary matrices (1s and 0s) of "
            "shape (samples, classes). If your targets are integer classes, convert them with "
            "keras.utils.np_utils.to_categorical, or use the loss "
            "`sparse_categorical_crossentropy`."
        )


def _check_probabilities(y: np.ndarray) -> None:
    low, high = float(np.min(y)), float(np.max(y))
    if low < 0 or high > 1:
        raise ValueError(
            f"binary_crossentropy needs targets in 0..1; got values from {low:g} to {high:g}. For "
            "several classes use categorical_crossentropy or sparse_categorical_crossentropy."
        )


def _check_same_shape(y: ArrayLike, shape: Shape, loss: str) -> None:
    for size, wanted in zip(y.shape[1:], shape[1:], strict=False):
        if wanted is not None and size != wanted:
            raise ValueError(
                f"A target array with shape {y.shape} was passed for an output of shape {shape} "
                f"while using as loss `{loss}`. This loss expects targets to have the same shape "
                "as the output."
            )


def _check_classes(y: np.ndarray, classes: int) -> None:
    low, high = np.min(y), np.max(y)
    if low < 0 or high >= classes:
        bad = low if low < 0 else high
        raise ValueError(
            f"sparse_categorical_crossentropy: the targets have the label {bad:g}; the output has "
            f"the classes 0..{classes - 1}."
        )
    if np.dtype(y.dtype).kind == "f" and np.any(y != np.floor(y)):
        raise ValueError(
            f"sparse_categorical_crossentropy needs integer labels; got {y[y != np.floor(y)][0]:g}."
        )


def count_classes(loss: Any, output_shape: Shape) -> int | None:
    """Returns the number of classes of integer targets under a loss; None if it is not determined."""
    name = getattr(loss, "__name__", "")
    if name == "sparse_categorical_crossentropy":
        return output_shape[-1]
    return 2 if name == "binary_crossentropy" and output_shape[-1] == 1 else None


def check_finite(arrays: Iterable[Any], names: Iterable[str], dtypes: Iterable[Any], what: str) -> None:
    """Checks that float arrays have no NaN and no infinity, also after the cast to the model's dtype.

    Args:
        arrays: list of arrays; arrays in files are not read.
        names: list of str, the inputs or outputs of the model.
        dtypes: list of dtypes, those of the model's inputs or outputs.
        what: str for messages: "x: input" or "y: output".
    Raises:
        ValueError: naming the array, what it has (NaN or infinity) and the first row that has it.
    """
    for array, name, dtype in zip(arrays, names, dtypes, strict=True):
        if isinstance(array, SparseRows):
            _check_sparse_finite(array, name, dtype, what)
            continue
        if not isinstance(array, np.ndarray) or array.dtype.kind in "biu" or not array.size:
            continue
        # If an element is not finite, the minimum or the maximum is not; both need no temporary array.
        if _is_finite(np.array([np.min(array), np.max(array)]), dtype).all():
            continue
        rows = np.flatnonzero(~_is_finite(array, dtype).reshape(len(array), -1).all(axis=1))
        raise _not_finite(array[rows[0]], rows, len(array), name, dtype, what)


def _check_sparse_finite(array: SparseRows, name: str, dtype: Any, what: str) -> None:
    rows = array.rows_with(lambda values: ~_is_finite(values, dtype))
    if rows.size:
        raise _not_finite(array[rows[:1]].matrix.data, rows, len(array), name, dtype, what)


def _not_finite(row: Any, rows: np.ndarray, samples: int, name: str, dtype: Any, what: str) -> ValueError:
    kind = "NaN" if np.isnan(row).any() else "inf"
    symbol, _, role = what.partition(": ")
    return ValueError(
        f"{symbol} has {kind} at row {rows[0]} ({role} {name!r}, as {np.dtype(dtype)}; {rows.size} of "
        f"{samples} rows are affected). Clean or scale the data, or pass check_numerics=False."
    )


def _is_finite(values: np.ndarray, dtype: Any) -> np.ndarray:
    with np.errstate(over="ignore"):
        return np.isfinite(values if np.dtype(dtype).kind in "biu" else values.astype(dtype, copy=False))


def warn_of_lost_precision(
    arrays: Iterable[Any], names: Iterable[str], dtypes: Iterable[Any], what: str
) -> None:
    """Warns of integers that the model's dtype cannot represent, such as 2**24 + 1 in float32.

    Args:
        arrays, names, dtypes, what: as in `check_finite`.
    """
    for array, name, dtype in zip(arrays, names, dtypes, strict=True):
        size = np.dtype(dtype).itemsize
        if not isinstance(array, np.ndarray) or array.dtype.kind not in "iu" or array.dtype.itemsize < size:
            continue
        # Floats of this size (2 bytes: bfloat16) represent every integer up to this one.
        exact = {2: 2**8, 4: 2**24, 8: 2**53}.get(size, 0)
        if -exact <= np.min(array) and np.max(array) <= exact:
            continue
        with np.errstate(invalid="ignore"):
            changed = array[array.astype(dtype).astype(array.dtype) != array]
        if changed.size:
            warnings.warn(
                f"{what} {name!r}: {changed[0]} and {changed.size - 1} other integers are not representable "
                f"in {np.dtype(dtype)} and lose precision. Subtract or scale first, or pass ids to an Input "
                "of an integer dtype.",
                stacklevel=levels_to_caller(),
            )
