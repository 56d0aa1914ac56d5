"""Running graphs: functions, gradients, values."""

import jax
import numpy as np

from .. import _graph
from .._graph import Function, Tensor, op
from .._host.heap import give_back_freed_memory
from .common import reset_uids
from .control import reset_learning_phase


def function(inputs, outputs, updates=[], **kwargs):  # noqa: B006 - the original's signature
    """Compiles a function of placeholders.

    Args:
        inputs: list of tensors to give values for; `K.learning_phase()` may be among them. Without it
            the function runs in the test phase.
        outputs: list of tensors to compute, or one.
        updates: list of pairs (variable, new value), as `K.update` gives.
    Returns:
        A function: list of arrays in, list of numpy arrays out.

    Example:
        >>> from keras import backend as K
        >>> x = K.placeholder((None, 2))
        >>> total = K.variable(0.0)
        >>> f = K.function([x], [K.sum(x)], updates=[K.update_add(total, K.sum(x))])
        >>> [float(v) for v in f([[[1, 2], [3, 4]]])], float(K.get_value(total))
        ([10.0], 10.0)
    """
    outputs = [outputs] if isinstance(outputs, Tensor) else list(outputs)
    # Flags of the original's engines; anything else is a misspelt argument.
    unknown = set(kwargs) - {"name", "givens", "allow_input_downcast", "on_unused_input", "mode"}
    if unknown:
        raise TypeError(f"K.function: got unknown arguments {sorted(unknown)}.")
    return Function(inputs, outputs, updates, name=kwargs.get("name") or "K.function")


def gradients(loss, variables):
    """Symbolic gradients of the sum of `loss`; None for a variable it does not depend on.

    Args:
        loss: float tensor.
        variables: a tensor or a list of tensors (variables, placeholders, or inner tensors).
    Returns:
        List of tensors with the shapes of `variables`.
    """
    return _graph.gradients(loss, [variables] if isinstance(variables, Tensor) else list(variables))


def eval(x):
    """The value of a tensor that needs no placeholder, as a numpy array.

    Example:
        >>> from keras import backend as K
        >>> float(K.eval(K.sum(K.ones((2, 3)))))
        6.0
    """
    return _graph.values_of([x])[0] if isinstance(x, Tensor) else np.asarray(x)


@op
def print_tensor(x, message=""):
    """The same tensor, whose value is printed whenever it is computed."""
    jax.debug.print("{}{}", message, x)
    return x


def clear_session():
    """Starts name counters and the learning phase anew, and gives free memory back to the system.

    There is no global graph: models that nobody holds are freed by themselves.
    """
    give_back_freed_memory()
    reset_uids()
    reset_learning_phase()
