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
from .control import learning_phase, reset_learning_phase

#: Arguments of Theano's `function` and of TensorFlow's sessions; anything else is a misspelled argument.
ENGINE_FLAGS = frozenset(
    {
        *("accept_inplace", "allow_input_downcast", "givens", "mode", "no_default_updates"),
        *("on_unused_input", "options", "profile", "rebuild_strict", "run_metadata"),
    }
)


def function(
    inputs: Sequence[Any] | Tensor,
    outputs: Sequence[TensorLike] | Tensor,
    updates: Sequence[tuple[Variable, Any]] = [],  # the original's signature
    **kwargs: Any,
) -> Function:
    """Compiles a function of placeholders.

    Args:
        inputs: list or tuple of tensors whose values are passed to each call, or one; `K.learning_phase()`
            may be among them. Without it the function runs in the test phase.
        outputs: list or tuple of tensors to compute, or one. A layer stands for its output.
        updates: list of pairs (variable, new value), such as `K.update` returns.
        **kwargs: `name`, a str for messages. The flags of other engines (`ENGINE_FLAGS`) are ignored.
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
    unknown = set(kwargs) - {"name"} - ENGINE_FLAGS
    if unknown:
        raise TypeError(f"K.function: got unknown arguments {sorted(unknown)}.")
    inputs, outputs = _tensors(inputs, "inputs"), _tensors(outputs, "outputs")
    return Function(inputs, outputs, updates, name=kwargs.get("name") or "K.function")


def _tensors(given: Any, argument: str) -> list[Any]:
    """Returns the inputs or outputs of a function as a flat list of tensors; outputs may also be arrays."""
    if isinstance(given, list | tuple):
        return [tensor for item in given for tensor in _tensors(item, argument)]
    if given is learning_phase:
        given = learning_phase()
    if hasattr(given, "inbound_nodes"):  # a layer
        return _tensors(given.input if argument == "inputs" else given.output, argument)
    if argument == "inputs" and not isinstance(given, Tensor):
        if isinstance(given, int) and given in (0, 1):
            # The learning phase after `K.set_learning_phase`: a value is passed for it, which has no effect.
            return [_graph.placeholder((), "int32", "learning_phase")]
        raise TypeError(
            f"K.function: inputs must be tensors; got {type(given).__name__} {str(given)[:60]!r}."
        )
    return [given]


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
