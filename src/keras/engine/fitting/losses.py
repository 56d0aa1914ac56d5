"""The arguments of `Model.compile` as lists over the outputs, and the graph of losses and metrics."""

import difflib
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from ... import backend as K
from ... import metrics as metrics_module
from ... import objectives
from ..._base.types import Shape
from ..._graph import apply
from ..precision import float32_outputs

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
    """

    targets: list[Any]
    sample_weights: list[Any]
    total_loss: Any
    names: list[str]
    tensors: list[Any]


def collect_losses(loss: Any, output_names: Sequence[str]) -> list[Callable[..., Any]]:
    """Returns the loss functions, one for each output.

    Args:
        loss: as in `Model.compile`.
        output_names: list of str.
    Raises:
        ValueError: an output has no loss, there are more losses than outputs, or a name is unknown.
    """
    if loss is None:
        raise ValueError("compile: no loss was given; wanted a name such as 'mse', a function, or a list.")
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
    for metric in (metric for own in nested for metric in own if metric not in _ACCURACY):
        metrics_module.get(metric)
    return nested


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

    Samples (and steps) with a mask of 0 do not count. The weighted losses are divided by the number of
    weights that are not 0, not by the sum of the weights, as in Keras 1.2.2.

    Args:
        fn: function (y_true, y_pred) -> loss of each sample, or of each step of each sample.
    """

    def weighted(y_true: Any, y_pred: Any, weights: Any, mask: Any = None) -> Any:
        score = apply(fn, y_true, y_pred)
        if mask is not None:
            mask = K.cast(mask, K.floatx())
            score = score * mask
            score = score / K.mean(mask)
        if weights is not None:
            extra = list(range(K.ndim(weights), K.ndim(score)))
            score = K.mean(score, axis=extra) if extra else score
            score = score * weights
            score = score / K.mean(K.cast(K.not_equal(weights, 0), K.floatx()))
        return K.mean(score)

    return weighted


def target_shape(loss: Any, output_shape: Shape) -> Shape | None:
    """Returns the shape of targets for a loss of Keras; None for a user's own loss."""
    name = getattr(loss, "__name__", None)
    if name == "sparse_categorical_crossentropy":
        return (*output_shape[:-1], 1)
    return tuple(output_shape) if getattr(objectives, name or "", None) is loss else None


def make_losses(model: Any, target_shapes: Sequence[Shape]) -> Losses:
    """Builds the graph of the losses and metrics.

    Args:
        model: a `Model` with `loss_functions`, `loss_weights_list`, `sample_weight_modes`, `metrics`.
        target_shapes: list of shapes.
    Raises:
        ValueError: the mode of an output is "temporal", but its targets have no steps.
    """
    names, several = model.output_names, len(model.outputs) > 1
    targets = [
        K.placeholder(shape, name=f"{name}_target") for name, shape in zip(names, target_shapes, strict=True)
    ]
    sample_weights = _sample_weight_placeholders(model, target_shapes)
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
        part = value * model.loss_weights_list[i]
        total = part if total is None else total + part
    for penalty in model.losses:
        total = total + penalty
    for i, name in enumerate(names):
        for label, tensor in _metrics_of(model, i, targets[i], outputs[i]):
            labels.append(f"{name}_{label}" if several else label)
            tensors.append(tensor)
    return Losses(targets, sample_weights, total, labels, tensors)


def _sample_weight_placeholders(model: Any, target_shapes: Sequence[Shape]) -> list[Any]:
    placeholders = []
    for name, mode, shape in zip(model.output_names, model.sample_weight_modes, target_shapes, strict=True):
        if mode == "temporal" and len(shape) < 3:
            raise ValueError(
                f"compile: sample_weight_mode='temporal' weights the steps of output {name!r}, whose targets "
                f"have shape {tuple(shape)}; wanted (samples, steps, ...). Leave it out for this output."
            )
        rank = 2 if mode == "temporal" else 1
        placeholders.append(K.placeholder(shape[:rank], name=f"{name}_sample_weights"))
    return placeholders


def _metrics_of(model: Any, place: int, target: Any, output: Any) -> Iterator[tuple[str, Any]]:
    """Yields (name, scalar tensor) of the metrics of output number `place`."""
    for metric in model.nested_metrics[place]:
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
            yield getattr(function, "__name__", str(metric)), result


def _accuracy(model: Any, place: int) -> Callable[..., Any]:
    """Returns the accuracy that fits an output and its loss."""
    loss = model.loss_functions[place]
    if K.int_shape(model.outputs[place])[-1] == 1 or loss is objectives.binary_crossentropy:
        return metrics_module.binary_accuracy
    if loss is objectives.sparse_categorical_crossentropy:
        return metrics_module.sparse_categorical_accuracy
    return metrics_module.categorical_accuracy


def use_target_shapes(model: Any, target_shapes: Sequence[Shape]) -> None:
    """Builds the losses of a model for targets of these shapes, and discards its train and test programs."""
    made = make_losses(model, target_shapes)
    model._losses = made
    model.targets = made.targets
    model.sample_weights = made.sample_weights
    model.total_loss = made.total_loss
    model.metrics_names = made.names
    model.metrics_tensors = made.tensors
    model.train_function = model.test_function = None


def fit_to_targets(model: Any, ys: list[Any]) -> None:
    """Builds the losses again if the targets of a user's own loss have another shape than before."""
    wanted: list[Shape] = [(None, *y.shape[1:]) for y in ys]
    known = [tensor.shape for tensor in model.targets] if model._losses else [None] * len(ys)
    shapes = [
        own or (now if now is not None and _compatible(now, new) else new)
        for own, now, new in zip(model._checked_target_shapes, known, wanted, strict=True)
    ]
    if shapes != known:
        use_target_shapes(model, shapes)


def _compatible(shape: Shape, other: Shape) -> bool:
    return len(shape) == len(other) and all(
        a == b or a is None for a, b in zip(shape[1:], other[1:], strict=True)
    )
