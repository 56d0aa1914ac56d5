"""Weights of samples and classes in the loss: checks, and one array for each output."""

import numbers
from collections.abc import Sequence
from typing import Any, cast

import numpy as np

from ... import backend as K
from ..._base.types import ArrayLike
from . import foreign
from .stored_rows import StoredRows

#: Rows of targets in files that are read at once, to find their classes.
_ROWS_AT_ONCE = 8192


def standardize_sample_or_class_weights(
    x_weight: Any, output_names: Sequence[str], weight_type: str
) -> list[Any]:
    """Returns weights as a list with one entry (or None) for each output.

    Args:
        x_weight: None, weights for the only output, or a list or dict over outputs.
        output_names: list of str.
        weight_type: "sample_weight" or "class_weight", for messages.
    Raises:
        TypeError, ValueError: the weights do not fit the outputs.
    """
    if x_weight is None or (isinstance(x_weight, list | dict) and len(x_weight) == 0):
        return [None] * len(output_names)
    if len(output_names) == 1:
        if isinstance(x_weight, list) and len(x_weight) == 1 and np.ndim(x_weight[0]) > 0:
            return x_weight
        if isinstance(x_weight, dict) and output_names[0] in x_weight:
            return [x_weight[output_names[0]]]
        return [x_weight]
    if isinstance(x_weight, list):
        if len(x_weight) != len(output_names):
            raise ValueError(
                f"Provided `{weight_type}` was a list of {len(x_weight)} elements, but the model has "
                f"{len(output_names)} outputs. You should provide one `{weight_type}` array per output."
            )
        return x_weight
    if isinstance(x_weight, dict):
        unknown = [key for key in x_weight if key not in output_names]
        if unknown:
            raise ValueError(f"`{weight_type}`: unknown outputs {unknown}; the model has {output_names}.")
        return [x_weight.get(name) for name in output_names]
    raise TypeError(
        f"The model has multiple outputs, so `{weight_type}` should be either a list or a dict over "
        f"{output_names}; got {type(x_weight).__name__}."
    )


def standardize_class_weights(class_weight: Any, output_names: Sequence[str]) -> list[Any]:
    """Returns class weights for each output; see `standardize_sample_or_class_weights`."""
    return standardize_sample_or_class_weights(class_weight, output_names, "class_weight")


def standardize_sample_weights(sample_weight: Any, output_names: Sequence[str]) -> list[Any]:
    """Returns sample weights for each output, as arrays; see `standardize_sample_or_class_weights`.

    The columns of a table are weights of the outputs that they name; a table of one column may be those of
    the only output.
    """
    columns = foreign.columns_of(sample_weight, "sample_weight")
    if columns is not None and (len(output_names) > 1 or len(columns) > 1):
        sample_weight = foreign.by_name(sample_weight, "sample_weight")
    weights = standardize_sample_or_class_weights(sample_weight, output_names, "sample_weight")
    return [None if weight is None else _as_weights(weight) for weight in weights]


def _as_weights(given: Any) -> Any:
    is_table = foreign.columns_of(given, "sample_weight") is not None
    weights: Any = foreign.as_array(given, "sample_weight")
    if isinstance(weights, StoredRows) and len(weights.shape) == 2:
        weights = np.asarray(weights[:])  # one number for each sample, or step
        is_table = weights.shape[1] == 1
    if isinstance(weights, np.ndarray) and weights.dtype.kind == "O":
        weights = foreign.numbers_in(weights, "sample_weight")
    return cast(Any, weights).reshape(-1) if is_table and weights.shape[1:] == (1,) else weights


def standardize_weights(
    y: ArrayLike,
    sample_weight: ArrayLike | None = None,
    class_weight: dict[int, float] | None = None,
    sample_weight_mode: str | None = None,
    classes: int | None = None,
) -> Any:
    """Returns the weight of each sample, or of each step or pixel of each sample.

    Args:
        y: array of targets (samples, ...).
        sample_weight: array (samples,), or with the first axes of `y` but its last: (samples, steps) in
            temporal mode, (samples, rows, columns) for images; wins over class_weight.
        class_weight: dict class -> weight.
        sample_weight_mode: None or "temporal".
        classes: int, the number of classes; None if it is not known.
    Returns:
        Array (samples,) or one with more axes, as given; with class weights, one weight for each target;
        otherwise ones, of shape (samples, steps) in temporal mode.
    Raises:
        TypeError, ValueError: the weights do not fit the targets, are negative or not finite.
    """
    if sample_weight_mode not in (None, "temporal"):
        raise ValueError(f'sample_weight_mode must be None or "temporal"; got {sample_weight_mode!r}.')
    if sample_weight_mode == "temporal" and y.ndim < 3:
        raise ValueError(
            "Found a sample_weight array for an input with shape "
            f"{y.shape}. Timestep-wise sample weighting (use of sample_weight_mode='temporal') is "
            "restricted to outputs that are at least 3D, i.e. that have a time dimension."
        )
    if sample_weight is not None:
        return _check_sample_weight(y, sample_weight, sample_weight_mode)
    if class_weight is not None:
        return _weights_of_classes(y, class_weight, classes)
    shape = y.shape[:2] if sample_weight_mode == "temporal" else y.shape[:1]
    return np.ones(shape, dtype=K.floatx())


def _check_sample_weight(y: ArrayLike, sample_weight: ArrayLike, mode: str | None) -> Any:
    stored = isinstance(sample_weight, StoredRows)
    weights: Any = sample_weight if stored else np.asarray(sample_weight)
    if weights.dtype.kind not in "biuf":
        raise ValueError(f"sample_weight must be numbers; got dtype {weights.dtype}.")
    rank = 2 if mode == "temporal" else 1
    if 2 < weights.ndim < y.ndim:
        rank = weights.ndim  # of each pixel: no mode says so, and nothing else can be meant
    if weights.ndim != rank:
        hint = ""
        if weights.ndim == 2 and mode is None:
            hint = " For weights of each step compile with sample_weight_mode='temporal'."
        raise ValueError(
            f"Found a sample_weight array with shape {weights.shape}; wanted rank {rank}, shape "
            f"{y.shape[:rank]}.{hint}"
        )
    if tuple(weights.shape) != tuple(y.shape[:rank]):
        raise ValueError(
            f"Found a sample_weight array with shape {weights.shape} for targets with shape {y.shape}; "
            f"wanted {y.shape[:rank]}."
        )
    if not stored:
        check_values(weights)
    return weights


def check_values(weights: np.ndarray) -> None:
    """Checks that sample weights are finite and not negative.

    Raises:
        ValueError: naming the first row where they are not.
    """
    if not np.all(np.isfinite(weights)):
        raise ValueError(f"sample_weight has NaN or inf at row {_first(~np.isfinite(weights))}.")
    if np.any(weights < 0):
        raise ValueError(
            f"sample_weight is negative at row {_first(weights < 0)}; wanted values of 0 or more."
        )


def with_rank(weights: Any, y: ArrayLike, rank: int) -> Any:
    """Returns weights with more axes, those of `y`: each sample's weight for all its steps or pixels.

    Args:
        weights: array with at most `rank` axes.
        y: array of targets.
        rank: int.
    """
    if weights.ndim >= rank:
        return weights
    aligned = np.reshape(weights, weights.shape + (1,) * (rank - weights.ndim))
    return np.broadcast_to(aligned, y.shape[:rank])


def _first(bad: np.ndarray) -> int:
    """Returns the first row with a True."""
    return int(np.argwhere(bad)[0][0])


def _weights_of_classes(y: ArrayLike, class_weight: dict[int, float], classes: int | None) -> np.ndarray:
    classes = y.shape[-1] if y.shape[-1] > 1 else classes
    _check_class_weight(class_weight, classes)
    blocks = range(0, len(y), len(y) if isinstance(y, np.ndarray) else _ROWS_AT_ONCE)
    found = [_labels(y[start : start + blocks.step]) for start in blocks]
    labels = np.concatenate(found)
    known, places = np.unique(labels, return_inverse=True)
    missing = sorted(set(known.tolist()) - set(class_weight))
    if missing:
        raise ValueError(
            f"class_weight: no weight for class {missing[0]}, which is in the targets; got weights for "
            f"{sorted(class_weight)}."
        )
    weights = np.asarray([class_weight[label] for label in known.tolist()], dtype=K.floatx())
    return weights[places].reshape(labels.shape)


def _labels(y: np.ndarray) -> np.ndarray:
    """Returns the class of each target: of each sample, or each step or pixel of each sample."""
    if y.shape[-1] > 1:
        return y.argmax(axis=-1)
    labels = y[..., 0]
    if np.any(labels != np.floor(labels)):
        raise ValueError(
            "class_weight needs targets that are classes (ints); these have fractions, as in a "
            "regression. Use sample_weight."
        )
    return labels.astype(int)


def _check_class_weight(class_weight: Any, classes: int | None) -> None:
    if not isinstance(class_weight, dict):
        raise TypeError(f"class_weight must be a dict class -> weight; got {class_weight!r}.")
    for key, weight in class_weight.items():
        if not _is_real(key) or key % 1:
            raise ValueError(f"class_weight: keys must be ints, the classes; got {key!r}.")
        if classes is not None and not 0 <= key < classes:
            raise ValueError(f"class_weight: unknown class {key}; the classes are 0..{classes - 1}.")
        if not (_is_real(weight) and 0 <= weight < np.inf):
            raise ValueError(f"class_weight: class {key} has the weight {weight!r}; wanted 0 or more.")


def _is_real(value: Any) -> bool:
    return isinstance(value, numbers.Real)
