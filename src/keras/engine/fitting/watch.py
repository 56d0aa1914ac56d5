"""`NonFiniteWatch`: names the layer call in which a loss first became NaN or infinite."""

import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import jax.numpy as jnp
import numpy as np

from ... import backend as K
from ..._base.callers import levels_to_caller
from ..._base.names import name_of
from ..._graph import Node, Tensor, ancestors, environment_of
from ..precision import before_narrowing


class NonFiniteWatch:
    """Reports the first loss of a training that is not finite, while its origin can still be traced.

    Until then the watch costs nothing. While it is on, a step with such a loss changes nothing (see
    `programs.train_function`), so the batch can be computed again with the same weights and random draws.
    After the report the watch is off, and the batch is run again. From then on training behaves as in Keras
    1.2.2: NaN enters the weights.

    Args:
        model: the model in training, its train function made.
        action: True warns, "raise" raises FloatingPointError, False does neither.

    Attributes:
        is_on: bool, whether no such loss has been reported yet.
        epoch: int for messages, the current epoch.
    """

    def __init__(self, model: Any, action: bool | str) -> None:
        self.model = model
        self.action = action
        self.epoch = 0
        # A step that a subclass of Model made itself cannot be held back.
        holds_back = getattr(model.train_function, "condition", None) is not None
        self._switch(action is not False and holds_back)

    def _switch(self, is_on: bool) -> None:
        self.is_on = is_on
        if self.model._takes_any_loss is not None:
            K.set_value(self.model._takes_any_loss, int(not is_on))

    def values(
        self, number: int, run: Callable[[], list[float]], batch: Callable[[], Sequence[Any]]
    ) -> list[float]:
        """Returns the values of a batch, which is run again if its loss is reported.

        Args:
            number: int, the number of the batch in the epoch.
            run: function without arguments that runs the batch and returns its values, the loss first.
            batch: function without arguments that returns the arrays for the inputs of the train program.
        """
        values = run()
        if self.is_on and not np.isfinite(values[0]):
            self.model.train_function.step -= 1
            self.look(values[0], number, self.model.train_function.step, batch())
            values = run()
        return values

    def look(self, loss: float, number: int, step: int, batch: Sequence[Any]) -> None:
        """Reports a loss that is not finite, and switches the watch off.

        Args:
            loss: float.
            number: int, the number of the batch in the epoch.
            step: int, the number of runs of the train program before this batch.
            batch: list of arrays for the inputs of the train program.
        Raises:
            FloatingPointError: `action` is "raise".
        """
        origin = find_origin(self.model, batch, step)
        text = f"The loss of epoch {self.epoch}, batch {number} is {loss}. {origin}"
        if self.action == "raise":
            raise FloatingPointError(text)
        warnings.warn(
            f"{text} Training continues as in Keras 1.2.2, and the weights may become NaN. To stop before "
            "that pass check_numerics='raise'. This warning is shown once.",
            RuntimeWarning,
            stacklevel=levels_to_caller(),
        )
        self._switch(False)


def find_origin(model: Any, batch: Sequence[Any], step: int) -> str:
    """Returns what made the loss of a batch infinite or NaN, in a few sentences.

    Args:
        model: a compiled model.
        batch: list of arrays for the inputs of its train program.
        step: int, the number of runs of the program before; the random draws are those of that run.
    """
    program = model.train_function
    for tensor, array in zip(program.inputs, batch, strict=True):
        if not _finite(array):
            return f"The data for {tensor.name!r} are not finite: {_statistics(array)}."
    for layer in model.layers:
        for weight in layer.weights:
            if not _finite(weight.value):
                return (
                    f"The weight {weight.name!r} of layer {layer.name!r} is not finite: "
                    f"{_statistics(weight.value)}. It was set to such a value, or the gradient of an earlier "
                    "step was not finite although its loss was: lower the learning rate, or give the "
                    "optimizer a clipnorm."
                )
    fed = dict(zip(program.inputs, batch, strict=True))
    values = environment_of([model.total_loss], fed, train=1, step=step)
    first = _first_step(model.total_loss, values)
    if first is None:
        return "With the current weights, after the batches that followed, its loss is finite."
    node, _ = first
    read = "; ".join(f"{t.name} {_statistics(values[t.key])}" for t in node.inputs) or "nothing"
    return (
        f"It begins in {_call_of(model, node)}: the step {node.name!r} made {_statistics(values[first])} of "
        f"{read}."
    )


def _first_step(loss: Tensor, values: Mapping[Any, Any]) -> tuple[Node, int] | None:
    """Returns (node, output index) of the first non-finite value from which that of the loss comes, or None.

    The walk follows only values that are not finite, so it ignores an infinite value without effect, such as
    a mask for a softmax.
    """
    found: set[tuple[Node, int]] = set()
    waiting = [loss.key]
    while waiting:
        key = waiting.pop()
        if key not in found and not _finite(values[key]):
            found.add(key)
            waiting += [tensor.key for tensor in key[0].inputs]
    return min(found, key=lambda key: key[0].serial, default=None)


def _call_of(model: Any, node: Node) -> str:
    """Returns the layer call that made a node, as text; nodes made after all calls belong to the loss."""
    # Nodes are numbered as they are created: the outputs of a call are its last ones.
    needed = set(ancestors([model.total_loss]))
    calls = [
        (tensor.node.serial, layer.name, number)
        for layer in model.layers
        for number, call in enumerate(layer.inbound_nodes)
        for tensor in call.output_tensors
        if before_narrowing(tensor).node in needed
    ]
    after = [call for call in calls if call[0] >= node.serial]
    if not after:
        losses = [name_of(loss) for loss in model.loss_functions]
        return f"the loss ({', '.join(losses)})"
    _, layer, number = min(after)
    return f"layer {layer!r} (its call {number})"


def _finite(value: Any) -> bool:
    value = jnp.asarray(_numbers(value))
    return not jnp.issubdtype(value.dtype, jnp.inexact) or bool(jnp.all(jnp.isfinite(value)))


def _numbers(value: Any) -> Any:
    """Returns the stored elements of an array: all of a dense one, those of a sparse one."""
    return value.tocoo().data if hasattr(value, "tocoo") else value


def _statistics(value: Any) -> str:
    array = np.asarray(_numbers(value))
    if array.dtype.kind not in "biuf":
        array = np.asarray(jnp.asarray(value).astype(K.floatx()))
    numbers = array[np.isfinite(array)]
    parts = [f"shape {value.shape}"]
    for name, count in (("NaN", np.isnan(array).sum()), ("infinite", np.isinf(array).sum())):
        if count:
            parts.append(f"{count} of {array.size} {name}")
    if numbers.size:
        parts.append(f"finite from {numbers.min():.4g} to {numbers.max():.4g}")
    return f"({', '.join(parts)})"
