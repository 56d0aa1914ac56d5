"""Arrays that users give to fit, evaluate and predict: put in order, and checked before work starts."""

import difflib
import numbers
import warnings

import numpy as np

from .. import backend as K
from ..utils.generic_utils import levels_to_caller
from ..utils.io_utils import HDF5Matrix
from .sparse_data import SparseRows

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


def standardize_sample_or_class_weights(x_weight, output_names, weight_type):
    """Weights as a list with one entry (or None) for each output.

    Args:
        x_weight: None; or weights for the only output; or a list or dict over outputs.
        output_names: list of str.
        weight_type: "sample_weight" or "class_weight", for messages.
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


def standardize_class_weights(class_weight, output_names):
    """See `standardize_sample_or_class_weights`."""
    return standardize_sample_or_class_weights(class_weight, output_names, "class_weight")


def standardize_sample_weights(sample_weight, output_names):
    """See `standardize_sample_or_class_weights`."""
    return standardize_sample_or_class_weights(sample_weight, output_names, "sample_weight")


def standardize_weights(y, sample_weight=None, class_weight=None, sample_weight_mode=None, classes=None):
    """The weight of each sample (or of each step of each sample).

    Args:
        y: array of targets (samples, ...).
        sample_weight: array (samples,), or (samples, steps) in temporal mode; wins over class_weight.
        class_weight: dict class -> weight.
        sample_weight_mode: None or "temporal".
        classes: int, how many classes there are, or None if that is not known.
    Returns:
        float array (samples,), or (samples, steps) in temporal mode.
    Raises:
        ValueError: naming what does not fit.
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


def _check_sample_weight(y, sample_weight, mode):
    weights = np.asarray(sample_weight)
    if weights.dtype.kind not in "biuf":
        raise ValueError(f"sample_weight must be numbers; got dtype {weights.dtype}.")
    rank = 2 if mode == "temporal" else 1
    if weights.ndim != rank:
        hint = ""
        if weights.ndim == 2 and mode is None:
            hint = " For weights of each step compile with sample_weight_mode='temporal'."
        raise ValueError(
            f"Found a sample_weight array with shape {weights.shape}; wanted rank {rank}, shape "
            f"{y.shape[:rank]}.{hint}"
        )
    if weights.shape != y.shape[:rank]:
        raise ValueError(
            f"Found a sample_weight array with shape {weights.shape} for targets with shape {y.shape}; "
            f"wanted {y.shape[:rank]}."
        )
    if not np.all(np.isfinite(weights)):
        raise ValueError(f"sample_weight has NaN or inf at row {_first(~np.isfinite(weights))}.")
    if np.any(weights < 0):
        raise ValueError(
            f"sample_weight is negative at row {_first(weights < 0)}; wanted values of 0 or more."
        )
    if weights.size and not np.any(weights):
        raise ValueError("sample_weight is all zero: nothing would count.")
    return weights


def _first(bad):
    return int(np.argwhere(bad)[0][0])


def _weights_of_classes(y, class_weight, classes):
    if y.ndim > 2:
        raise ValueError(f"class_weight is for targets of rank 2, (samples, classes); got shape {y.shape}.")
    if y.shape[1] > 1:
        labels, classes = y.argmax(axis=1), y.shape[1]
    else:
        labels = np.reshape(y, -1)
        if np.any(labels != np.floor(labels)):
            raise ValueError(
                "class_weight needs targets that are classes (ints); these are fractions, as in a "
                "regression. Use sample_weight."
            )
    _check_class_weight(class_weight, classes)
    labels = labels.astype(int).tolist()
    missing = sorted(set(labels) - set(class_weight))
    if missing:
        raise ValueError(
            f"class_weight: no weight for class {missing[0]}, which is in the targets; got weights for "
            f"{sorted(class_weight)}."
        )
    return np.asarray([class_weight[label] for label in labels], dtype=K.floatx())


def _check_class_weight(class_weight, classes):
    if not isinstance(class_weight, dict):
        raise TypeError(f"class_weight must be a dict class -> weight; got {class_weight!r}.")
    for key, weight in class_weight.items():
        if not isinstance(key, numbers.Real) or key % 1:
            raise ValueError(f"class_weight: keys must be ints, the classes; got {key!r}.")
        if classes is not None and not 0 <= key < classes:
            raise ValueError(f"class_weight: unknown class {key}; the classes are 0..{classes - 1}.")
        if not (isinstance(weight, numbers.Real) and 0 <= weight < np.inf):
            raise ValueError(f"class_weight: class {key} has the weight {weight!r}; wanted 0 or more.")


def make_batches(size, batch_size):
    """Pairs (start, end) that cover 0 .. size in batches; the last one may be short."""
    return [(start, min(size, start + batch_size)) for start in range(0, size, batch_size)]


def batch_shuffle(index_array, batch_size):
    """Shuffles whole batches of an array of indices; a short last batch stays last."""
    count = len(index_array) // batch_size
    last = index_array[count * batch_size :]
    batches = index_array[: count * batch_size].reshape(count, batch_size)
    np.random.shuffle(batches)
    return np.append(batches.flatten(), last)


def slice_X(X, start=None, stop=None):
    """Samples of an array or of each of a list of arrays.

    Args:
        start: int, or a list of indices.
        stop: int; with it `start` is an int.
    """
    if isinstance(X, list):
        return [slice_X(x, start, stop) for x in X]
    if not hasattr(start, "__len__"):
        return X[start:stop]
    indices = np.asarray(start)
    if not _is_h5py_dataset(X):
        return X[indices]
    # h5py wants a list of increasing rows, each one once.
    rows, places = np.unique(indices, return_inverse=True)
    return X[rows.tolist()][places]


def _is_h5py_dataset(array):
    return type(array).__module__.startswith("h5py.")


def split_at(array, sample):
    """An array in two parts, before a sample and from it on; data in files are cut without reading them."""
    if isinstance(array, HDF5Matrix):
        return array.part(0, sample), array.part(sample, len(array))
    return array[:sample], array[sample:]


def check_batch_size(batch_size):
    """The batch size as an int.

    Raises:
        ValueError: if it is not a positive int.
    """
    if isinstance(batch_size, bool) or not isinstance(batch_size, int | np.integer) or batch_size < 1:
        raise ValueError(f"batch_size must be a positive int; got {batch_size!r}.")
    return int(batch_size)
