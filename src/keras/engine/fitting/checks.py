"""Turns a user's data into the checked arrays that a model's programs take.

All checks of data run here, on the host, before a program does: names, number and shapes of the arrays
(`standardize`), their values (`values`), and weights (`sample_weights`).
"""

from typing import Any

import numpy as np

from ... import backend as K
from ..._graph import placement
from . import foreign, losses, sample_weights, standardize, uncounted, values


def training_arrays(
    model: Any,
    x: Any,
    y: Any,
    sample_weight: Any = None,
    class_weight: Any = None,
    batch_size: int | None = None,
    check_numerics: bool | str = True,
) -> list[Any]:
    """Returns the arrays for the inputs of a train or test program: inputs, targets, sample weights.

    Args:
        model: a compiled `Model`.
        x, y, sample_weight, class_weight: as in `Model.fit`.
        batch_size: int; for a stateful model it must divide the number of samples. None if the arrays are one
            batch.
        check_numerics: whether NaN and infinity are errors.
    Raises:
        ValueError, TypeError: the data do not fit the model; the message says what came and what was wanted.
    """
    # Through the model: programs of the time override the method.
    parts = model._standardize_user_data(x, y, sample_weight, class_weight, batch_size, check_numerics)
    return [array for part in parts for array in part]


def training_parts(
    model: Any,
    x: Any,
    y: Any,
    sample_weight: Any = None,
    class_weight: Any = None,
    batch_size: int | None = None,
    check_numerics: bool | str = True,
) -> tuple[list[Any], list[Any], list[Any]]:
    """Returns inputs, targets and sample weights as three lists; see `training_arrays`."""
    names = model.output_names
    xs = _inputs(model, x, "model input")
    if y is None and losses.has_no_targets(model):
        y = [np.zeros((len(xs[0]), 1), K.floatx()) for _ in names]
    if y is None:
        y = _targets_in(model, x)
    ys = standardize.standardize_input_data(
        y, names, model._checked_target_shapes, False, exception_prefix="model target", check_shapes=False
    )
    standardize.refuse_sparse_targets(ys, names)
    weights = sample_weights.standardize_sample_weights(sample_weight, names)
    class_weights = sample_weights.standardize_class_weights(class_weight, names)
    try:
        standardize.check_array_lengths(xs, ys, [w for w in weights if w is not None and np.ndim(w)])
    except ValueError as error:
        if len(xs) == 1 and isinstance(x, list) and len(x) > 1 and hasattr(x[0], "shape"):
            joined = f"x was a list of {len(x)} arrays, joined to one array (for {model.input_names[0]!r})"
            raise ValueError(f"{error} {joined} of {len(xs[0])} samples.") from None
        raise
    xs, ys = uncounted.without_bad_values(xs, ys, weights)
    if check_numerics:
        values.check_finite(xs, model.input_names, [tensor.dtype for tensor in model.inputs], "x: input")
        values.check_finite(ys, names, [K.floatx()] * len(ys), "y: output")
    _check_targets(model, ys)
    classes = map(values.count_classes, model.loss_functions, model.internal_output_shapes)
    weights = [
        sample_weights.standardize_weights(y, sw, cw, mode, known)
        for y, sw, cw, mode, known in zip(
            ys, weights, class_weights, model.sample_weight_modes, classes, strict=True
        )
    ]
    if batch_size:
        _check_multiple(model, len(xs[0]), batch_size)
    ranks = losses.fit_to_targets(model, ys, [weight.ndim for weight in weights])
    weights = [sample_weights.with_rank(w, y, rank) for w, y, rank in zip(weights, ys, ranks, strict=True)]
    return xs, ys, weights


def _targets_in(model: Any, x: Any) -> Any:
    """Returns data that hold inputs and targets by their names, for the targets."""
    names = model.output_names
    named = foreign.by_name(x, "x")
    if named is None or any(name not in named for name in names):
        has = "" if named is None else f" x has the names {list(named)}, and could hold them, too."
        raise ValueError(f"Model {model.name!r} needs y, the targets for {names}; got None.{has}")
    return {name: named[name] for name in names}


def check_read(model: Any, arrays: list[Any], check_numerics: bool) -> None:
    """Checks the values of a batch that was read from data that are not in memory.

    Args:
        model: a `Model`.
        arrays: list of the arrays of the batch: inputs, and to train or test targets and weights.
        check_numerics: whether NaN and infinity are errors.
    Raises:
        ValueError: naming the array and its first row that is wrong, counted within the batch.
    """
    ins, outs = len(model.inputs), len(model.outputs)
    xs, ys, weights = arrays[:ins], arrays[ins : ins + outs], arrays[ins + outs :]
    try:
        _check_ids(model, xs)
        for weight in weights:
            sample_weights.check_values(weight)
        if not ys:
            return
        if check_numerics:
            values.check_finite(xs, model.input_names, [tensor.dtype for tensor in model.inputs], "x: input")
            values.check_finite(ys, model.output_names, [K.floatx()] * outs, "y: output")
        values.check_loss_and_target_compatibility(ys, model.loss_functions, model.internal_output_shapes)
    except ValueError as error:
        raise ValueError(f"In a batch that was read just now: {error}") from error


def prediction_arrays(model: Any, x: Any, batch_size: int | None = None) -> list[Any]:
    """Returns the arrays for the inputs of a predict program.

    Args:
        model: a `Model`.
        x: as in `Model.predict`.
        batch_size: int; None if the arrays are one batch.
    Raises:
        ValueError, TypeError: the data do not fit the model; the message says what came and what was wanted.
    """
    arrays = _inputs(model, x, "predict input")
    standardize.check_array_lengths(arrays, None, None)
    if batch_size and len(arrays[0]) > batch_size:
        _check_multiple(model, len(arrays[0]), batch_size)
    return arrays


def check_batch_size(batch_size: Any) -> int:
    """Returns the batch size as an int: that of this process, if each passes its own rows.

    Raises:
        ValueError: it is not a positive int, or cannot be divided.
    """
    if isinstance(batch_size, bool) or not isinstance(batch_size, int | np.integer) or batch_size < 1:
        raise ValueError(f"batch_size must be a positive int; got {batch_size!r}.")
    own, rest = divmod(int(batch_size), placement.current().parts)
    if rest:
        raise ValueError(
            f"With rows='own', batch_size is that of all {placement.current().parts} processes together, "
            f"which must divide it; got {batch_size}."
        )
    return own


def _inputs(model: Any, x: Any, prefix: str) -> list[Any]:
    names = model.input_names
    arrays = standardize.standardize_input_data(
        x, names, model.internal_input_shapes, check_batch_axis=False, exception_prefix=prefix
    )
    arrays = standardize.match_sparseness(arrays, names, [tensor.sparse for tensor in model.inputs])
    values.warn_of_lost_precision(arrays, names, [tensor.dtype for tensor in model.inputs], "x: input")
    _check_ids(model, arrays)
    return arrays


def _check_ids(model: Any, arrays: list[Any]) -> None:
    """Checks inputs with the layers that check their own data, such as the indices of an `Embedding`."""
    for place, (name, array) in enumerate(zip(model.input_names, arrays, strict=True)):
        if not isinstance(array, np.ndarray) or not array.size:
            continue
        for layer in model._first_readers(place):
            check = getattr(layer, "check_input_data", None)
            if check is not None:
                check(array, name)


def _check_targets(model: Any, ys: list[Any]) -> None:
    names, shapes = model.output_names, model.internal_output_shapes
    # First the checks of the losses: their messages are more helpful than one about shapes.
    for name, y, loss, shape in zip(names, ys, model.loss_functions, shapes, strict=True):
        try:
            values.check_loss_and_target_compatibility([y], [loss], [shape])
        except ValueError as error:
            raise ValueError(f"Output {name!r}: {error}") from None
    wanted = model._checked_target_shapes
    standardize.standardize_input_data(ys, names, wanted, False, exception_prefix="model target")
    values.warn_of_lost_precision(ys, names, [K.floatx()] * len(ys), "y: output")


def _check_multiple(model: Any, samples: int, batch_size: int) -> None:
    if model.stateful and samples % batch_size:
        raise ValueError(
            "In a stateful network you should only pass inputs with a number of samples that can be divided "
            f"by the batch size. Found {samples} samples, batch size {batch_size}."
        )
