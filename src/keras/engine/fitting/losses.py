"""The arguments of `Model.compile` as lists over the outputs, and the graph of losses and metrics."""

import difflib
import numbers
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from ... import backend as K
from ... import metrics as metrics_module
from ... import objectives
from ..._base.names import name_of
from ..._base.types import Shape
from ..._graph import apply, samples_placeholder
from ..precision import float32_outputs
from . import uncounted

#: Names of the metric that is the accuracy matching an output and its loss.
_ACCURACY = ("accuracy", "acc")


class Losses(NamedTuple):
    """The tensors of training: placeholders for targets and weights, the total loss, losses and metrics.

    Attributes:
        targets: list of placeholders, one for each output.
        sample_weights: list of placeholders, one for each output.
        total_loss: scalar tensor.
        names: list of str: "loss", the losses of the outputs if there are several, the metrics.
        tensors: list of scalar tensors, those of `names` without the first.
        over_all: dict name of a metric over all data -> the metric.
        updates: list of updates of the variables of these metrics.
    """

    targets: list[Any]
    sample_weights: list[Any]
    total_loss: Any
    names: list[str]
    tensors: list[Any]
    over_all: dict[str, Any]
    updates: list[Any]


def no_loss(y_true: Any, y_pred: Any) -> Any:
    """The loss of outputs without one: 0 for each sample. The model trains with what `add_loss` was given."""
    return K.sum(0 * y_true, axis=-1)


def has_no_targets(model: Any) -> bool:
    """Whether a model was compiled without a loss, so that it needs no targets."""
    return bool(model.loss_functions) and all(loss is no_loss for loss in model.loss_functions)


def collect_losses(loss: Any, output_names: Sequence[str]) -> list[Callable[..., Any]]:
    """Returns the loss functions, one for each output.

    Args:
        loss: as in `Model.compile`.
        output_names: list of str.
    Raises:
        ValueError: an output has no loss, there are more losses than outputs, or a name is unknown.
    """
    if loss is None:
        return [no_loss] * len(output_names)
    if isinstance(loss, dict) and set(loss) == {
        "class_name",
        "config",
    }:  # a loss that is an object, from a file
        loss = objectives.get(loss)
    if isinstance(loss, dict):
        _check_keys("loss", loss, output_names)
        missing = [name for name in output_names if name not in loss]
        if missing:
            raise ValueError(
                f"compile: loss has no entry for the output {missing[0]!r}; the outputs are {output_names}."
            )
        chosen = [loss[name] for name in output_names]
    elif isinstance(loss, list | tuple):
        _check_count("loss", "losses", loss, output_names)
        chosen = loss
    else:
        chosen = [loss] * len(output_names)
    for item, name in zip(chosen, output_names, strict=True):
        if item is None:
            raise ValueError(f"compile: no loss for the output {name!r}; wanted a name such as 'mse'.")
    return [objectives.get(item) for item in chosen]


def collect_loss_weights(loss_weights: Any, output_names: Sequence[str]) -> list[Any]:
    """Returns the weights of the losses, one for each output: numbers or K variables.

    Args:
        loss_weights: as in `Model.compile`; an output without a weight has 1.
        output_names: list of str.
    Raises:
        TypeError, ValueError: the weights do not fit the outputs.
    """
    if loss_weights is None:
        return [1.0] * len(output_names)
    if isinstance(loss_weights, dict):
        _check_keys("loss_weights", loss_weights, output_names)
        return [loss_weights.get(name, 1.0) for name in output_names]
    if isinstance(loss_weights, list | tuple):
        _check_count("loss_weight", "loss_weights", loss_weights, output_names)
        return list(loss_weights)
    raise TypeError(
        f"compile: loss_weights must be a list or a dict over {output_names}; got {loss_weights!r}."
    )


def collect_sample_weight_modes(mode: Any, output_names: Sequence[str]) -> list[str | None]:
    """Returns None or "temporal" for each output.

    Args:
        mode: as `sample_weight_mode` in `Model.compile`.
        output_names: list of str.
    Raises:
        ValueError: a mode is unknown, or the modes do not fit the outputs.
    """
    if isinstance(mode, dict):
        _check_keys("sample_weight_mode", mode, output_names)
        modes = [mode.get(name) for name in output_names]
    elif isinstance(mode, list | tuple):
        _check_count("sample_weight_mode", "sample_weight_modes", mode, output_names)
        modes = list(mode)
    else:
        modes = [mode] * len(output_names)
    for item in modes:
        if item not in (None, "temporal"):
            raise ValueError(f'compile: sample_weight_mode must be None or "temporal"; got {item!r}.')
    return modes


def collect_metrics(metrics: Any, output_names: Sequence[str]) -> list[list[Any]]:
    """Returns a list of metrics (names or functions) for each output.

    Args:
        metrics: as in `Model.compile`.
        output_names: list of str.
    Raises:
        TypeError, ValueError: a name is unknown, or the metrics are neither a list nor a dict.
    """
    if isinstance(metrics, dict):
        _check_keys("metrics", metrics, output_names)
        chosen = [metrics.get(name, []) for name in output_names]
        nested = [list(item) if isinstance(item, list | tuple) else [item] for item in chosen]
    elif not metrics or isinstance(metrics, list | tuple):
        nested = [list(metrics or []) for _ in output_names]
    else:
        raise TypeError(f"compile: metrics must be a list or a dict over {output_names}; got {metrics!r}.")
    return [[_checked_metric(metric) for metric in own] for own in nested]


def collect_weighted_metrics(metrics: Any, output_names: Sequence[str]) -> list[list[Any]]:
    """Returns a list of metrics over all data for each output, for `weighted_metrics` of `compile`.

    Raises:
        TypeError: a metric is not one over all data.
    """
    nested = collect_metrics(metrics, output_names)
    return [[_with_weights(metric) for metric in own] for own in nested]


def _with_weights(metric: Any) -> Any:
    """Returns a metric over all data that counts sample weights, for a metric or the name of an objective."""
    if is_over_all_data(metric):
        return metric
    name = metric if isinstance(metric, str) else name_of(metric)
    try:
        return metrics_module.over_all_data(name)
    except ValueError:
        raise TypeError(
            "compile: weighted_metrics takes metrics over all data, such as "
            "keras.metrics.MeanSquaredError(), and "
            f"names of losses; got {metric!r}, which is a number for a batch."
        ) from None


def _checked_metric(metric: Any) -> Any:
    """Returns a metric as it was given, or as the object that a config describes."""
    if isinstance(metric, str) and metric in _ACCURACY:
        return metric
    found = metrics_module.get(metric)
    return found if is_over_all_data(found) else metric


def _check_count(one: str, several: str, given: Sequence[Any], output_names: Sequence[str]) -> None:
    if len(given) != len(output_names):
        raise ValueError(
            f"compile: got {len(given)} {one if len(given) == 1 else several} for {len(output_names)} output"
            f"{'s' * (len(output_names) > 1)} ({', '.join(output_names)})."
        )


def _check_keys(argument: str, given: dict[str, Any], output_names: Sequence[str]) -> None:
    for key in given:
        if key not in output_names:
            close = difflib.get_close_matches(str(key), output_names, n=1)
            hint = f" Did you mean {close[0]!r}?" if close else ""
            raise ValueError(
                f"compile: {argument} names the unknown output {key!r}; the outputs are {output_names}.{hint}"
            )


def weighted_objective(fn: Callable[..., Any]) -> Callable[..., Any]:
    """Returns the weighted mean of a loss as a function (y_true, y_pred, weights, mask=None) -> scalar.

    Samples (and steps) with a mask or a weight of 0 do not count: they contribute 0 to the loss and to each
    gradient, even if their predictions are infinite or NaN, and if none counts, the loss is 0. The weighted
    losses are divided by the fraction of weights that are not 0, not by their mean, as in Keras 1.2.2.

    Args:
        fn: function (y_true, y_pred) -> loss of each sample, or of each step of each sample.
    """

    fn = getattr(fn, "of_samples", fn)  # a loss that is an object

    def weighted(y_true: Any, y_pred: Any, weights: Any, mask: Any = None) -> Any:
        mask = None if mask is None else K.cast(mask, K.floatx())
        score = apply(fn, y_true, uncounted.guarded(y_pred, [mask, weights]))
        if mask is not None:
            score = uncounted.product(score, mask) / uncounted.share(mask)
        if weights is not None:
            extra = list(range(K.ndim(weights), K.ndim(score)))
            score = K.mean(score, axis=extra) if extra else score
            counts = K.cast(K.not_equal(weights, 0), K.floatx())
            score = uncounted.product(score, weights) / uncounted.share(counts)
        return K.mean(score)

    return weighted


def target_shape(loss: Any, output_shape: Shape) -> Shape | None:
    """Returns the shape of targets for a loss of Keras; None for a user's own loss."""
    loss = getattr(loss, "like", loss)
    name = getattr(loss, "__name__", None)
    if loss is no_loss:
        return (None, 1)
    if name == "sparse_categorical_crossentropy":
        return (*output_shape[:-1], 1)
    return tuple(output_shape) if getattr(objectives, name or "", None) is loss else None


def make_losses(
    model: Any, target_shapes: Sequence[Shape], weight_ranks: Sequence[int] | None = None
) -> Losses:
    """Builds the graph of the losses and metrics.

    Args:
        model: a `Model` with `loss_functions`, `loss_weights_list`, `sample_weight_modes`, `metrics`.
        target_shapes: list of shapes.
        weight_ranks: list of int, the numbers of axes of the sample weights; None for those of the modes.
    Raises:
        ValueError: the mode of an output is "temporal", but its targets have no steps.
    """
    names, several = model.output_names, len(model.outputs) > 1
    targets = [
        samples_placeholder(shape, K.floatx(), f"{name}_target")
        for name, shape in zip(names, target_shapes, strict=True)
    ]
    sample_weights = _sample_weight_placeholders(model, target_shapes, weight_ranks)
    outputs = float32_outputs(model)
    masks = model.compute_mask(model.inputs, [None] * len(model.inputs))
    masks = masks if isinstance(masks, list) else [masks]
    total: Any = None
    labels, tensors = ["loss"], []
    for i, name in enumerate(names):
        loss = weighted_objective(model.loss_functions[i])
        value = loss(targets[i], outputs[i], sample_weights[i], masks[i])
        if several:
            labels.append(f"{name}_loss")
            tensors.append(value)
        weight = model.loss_weights_list[i]
        # A loss of weight 0 adds nothing, not even the NaN of 0 times infinity.
        off = isinstance(weight, numbers.Number) and weight == 0
        part = K.zeros_like(value) if off else value * weight
        total = part if total is None else total + part
    for penalty in model.losses:
        total = total + penalty
    over_all: dict[str, Any] = {}
    updates: list[Any] = []
    for i, name in enumerate(names):
        for label, tensor in _metrics_of(model, i, targets[i], outputs[i]):
            labels.append(f"{name}_{label}" if several else label)
            tensors.append(tensor)
        weights = {"": masks[i], "weighted": _product(masks[i], sample_weights[i])}
        for metric, weight in _over_all_data(model, i, weights):
            label = f"{name}_{metric.name}" if several else metric.name
            value, changes = metric.of_batch(targets[i], outputs[i], sample_weight=weight)
            labels.append(label)
            tensors.append(value)
            updates += changes
            over_all[label] = metric
    for label, value in getattr(model, "_added_metrics", ()):
        labels.append(label)
        tensors.append(K.mean(value))
    return Losses(targets, sample_weights, total, labels, tensors, over_all, updates)


def _product(mask: Any, weights: Any) -> Any:
    if mask is None:
        return weights
    mask = K.cast(mask, K.floatx())
    while K.ndim(weights) < K.ndim(mask):
        weights = K.expand_dims(weights)
    return mask * weights


def is_over_all_data(metric: Any) -> bool:
    """Whether a metric keeps a state over the batches of an epoch, as those of `keras.metrics.Metric`."""
    return hasattr(metric, "of_batch")


def _over_all_data(model: Any, place: int, weights: dict[str, Any]) -> Iterator[tuple[Any, Any]]:
    """Yields (metric, weights of the samples) for the metrics over all data of output number `place`."""
    for metric in model.nested_metrics[place]:
        if is_over_all_data(metric):
            yield metric, weights[""]
    for metric in model.nested_weighted_metrics[place]:
        yield metric, weights["weighted"]


def _sample_weight_placeholders(
    model: Any, target_shapes: Sequence[Shape], ranks: Sequence[int] | None
) -> list[Any]:
    placeholders = []
    modes = model.sample_weight_modes
    ranks = ranks or [2 if mode == "temporal" else 1 for mode in modes]
    for name, mode, shape, rank in zip(model.output_names, modes, target_shapes, ranks, strict=True):
        if mode == "temporal" and len(shape) < 3:
            raise ValueError(
                f"compile: sample_weight_mode='temporal' weights the steps of output {name!r}, whose targets "
                f"have shape {tuple(shape)}; wanted (samples, steps, ...). Leave it out for this output."
            )
        placeholders.append(samples_placeholder(shape[:rank], K.floatx(), f"{name}_sample_weights"))
    return placeholders


def _metrics_of(model: Any, place: int, target: Any, output: Any) -> Iterator[tuple[str, Any]]:
    """Yields (name, scalar tensor) of the metrics of output number `place`."""
    for metric in model.nested_metrics[place]:
        if is_over_all_data(metric):
            continue
        if metric in _ACCURACY:
            yield "acc", _accuracy(model, place)(target, output)
            continue
        function = metrics_module.get(metric)
        result = apply(function, target, output)
        if isinstance(result, dict):
            yield from result.items()
        else:
            if getattr(result, "shape", ()):  # a loss as a metric returns a number for each sample
                result = K.mean(result)
            yield name_of(function), result


def _accuracy(model: Any, place: int) -> Callable[..., Any]:
    """Returns the accuracy that fits an output and its loss."""
    loss = getattr(model.loss_functions[place], "like", model.loss_functions[place])
    if K.int_shape(model.outputs[place])[-1] == 1 or loss is objectives.binary_crossentropy:
        return metrics_module.binary_accuracy
    if loss is objectives.sparse_categorical_crossentropy:
        return metrics_module.sparse_categorical_accuracy
    return metrics_module.categorical_accuracy


def use_target_shapes(
    model: Any, target_shapes: Sequence[Shape], weight_ranks: Sequence[int] | None = None
) -> None:
    """Builds the losses of a model for targets and weights of these shapes; see `make_losses`.

    The train and test programs are discarded.
    """
    made = make_losses(model, target_shapes, weight_ranks)
    model._losses = made
    model.targets = made.targets
    model.sample_weights = made.sample_weights
    model.total_loss = made.total_loss
    model.metrics_names = made.names
    model.metrics_tensors = made.tensors
    model.metrics_over_all = made.over_all
    model.metrics_updates = made.updates
    model.train_function = model.test_function = None


def fit_to_targets(model: Any, ys: list[Any], weight_ranks: Sequence[int]) -> list[int]:
    """Builds the losses again if the targets of a user's own loss have another shape than before.

    So it does if weights have more axes than before, such as those of pixels.

    Args:
        model: a compiled `Model`.
        ys: list of arrays of targets.
        weight_ranks: list of int, the numbers of axes of the sample weights.
    Returns:
        List of int, the numbers of axes of the weights that the programs take.
    """
    if model._checked_target_shapes is None:  # its losses were not made by `compile`
        return list(weight_ranks)
    wanted: list[Shape] = [(None, *y.shape[1:]) for y in ys]
    known = [tensor.shape for tensor in model.targets] if model._losses else [None] * len(ys)
    shapes = [
        own or (now if now is not None and _compatible(now, new) else new)
        for own, now, new in zip(model._checked_target_shapes, known, wanted, strict=True)
    ]
    now = [len(tensor.shape) for tensor in model.sample_weights] if model._losses else [0] * len(ys)
    ranks = [max(pair) for pair in zip(now, weight_ranks, strict=True)]
    if shapes != known or ranks != now:
        use_target_shapes(model, shapes, ranks)
    return ranks


def _compatible(shape: Shape, other: Shape) -> bool:
    return len(shape) == len(other) and all(
        a == b or a is None for a, b in zip(shape[1:], other[1:], strict=True)
    )
