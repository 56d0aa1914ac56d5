"""Running graphs: functions, gradients, values."""

from collections.abc import Sequence
from typing import Any

import jax
import numpy as np

from .. import _graph
from .._base.types import TensorLike
from .._graph import Function, Tensor, Variable, op
from .._host.heap import give_back_freed_memory
from .common import reset_uids
from .control import reset_learning_phase


def function(
    inputs: Sequence[Any],
    outputs: Sequence[TensorLike] | Tensor,
    updates: Sequence[tuple[Variable, Any]] = [],  # the original's signature
    **kwargs: Any,
) -> Function:
    """Compiles a function of placeholders.

    Args:
        inputs: list of tensors whose values are passed to each call; `K.learning_phase()` may be among them.
            Without it the function runs in the test phase.
        outputs: list of tensors to compute, or one.
        updates: list of pairs (variable, new value), such as `K.update` returns.
        **kwargs: `name`, a str for messages. Flags of other engines (`givens`, `mode`,
            `allow_input_downcast`, `on_unused_input`) are ignored.
    Returns:
        `Function`, called with a list of arrays; it returns a list of numpy arrays.
    Raises:
        TypeError: for other keyword arguments.
        ValueError: if an output needs a placeholder that is not among the inputs.

    Example:
        >>> from keras import backend as K
        >>> x = K.placeholder((None, 2))
        >>> total = K.variable(0.0)
        >>> f = K.function([x], [K.sum(x)], updates=[K.update_add(total, K.sum(x))])
        >>> [float(v) for v in f([[[1, 2], [3, 4]]])], float(K.get_value(total))
        ([10.0], 10.0)
    """
    outputs = [outputs] if isinstance(outputs, Tensor) else list(outputs)
    # Flags of the original's engines; anything else is a misspelled argument.
    unknown = set(kwargs) - {"name", "givens", "allow_input_downcast", "on_unused_input", "mode"}
    if unknown:
        raise TypeError(f"K.function: got unknown arguments {sorted(unknown)}.")
    return Function(inputs, outputs, updates, name=kwargs.get("name") or "K.function")


def gradients(loss: Tensor, variables: Sequence[Tensor] | Tensor) -> list[Any]:
    """Symbolic gradients of the sum of `loss`.

    Args:
        loss: float tensor.
        variables: a tensor or a list of tensors (variables, placeholders, or inner tensors).
    Returns:
        List of tensors with the shapes of `variables`; None for one on which the loss does not depend.
    Raises:
        TypeError: if a tensor is not of a float type.
    """
    return _graph.gradients(loss, [variables] if isinstance(variables, Tensor) else list(variables))


def eval(x: TensorLike) -> np.ndarray:
    """The value of a tensor that depends on no placeholder, as a numpy array.

    Raises:
        ValueError: if it depends on a placeholder.

    Example:
        >>> from keras import backend as K
        >>> float(K.eval(K.sum(K.ones((2, 3)))))
        6.0
    """
    return _graph.values_of([x])[0] if isinstance(x, Tensor) else np.asarray(x)


@op
def print_tensor(x: TensorLike, message: str = "") -> jax.Array:
    """Returns the same tensor, and prints its value after `message` each time it is computed."""
    jax.debug.print("{}{}", message, x)
    return x


def clear_session() -> None:
    """Resets name counters and the learning phase, and returns free memory to the system.

    There is no global graph: models are freed when nothing refers to them any more.
    """
    give_back_freed_memory()
    reset_uids()
    reset_learning_phase()
