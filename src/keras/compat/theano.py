"""Stand-in for `theano`: functions, shared variables and scans, over K."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from .. import backend as K
from .._graph import Tensor, Variable
from . import _loops
from . import theano_random as sandbox  # noqa: F401 - for `theano.sandbox.rng_mrg`
from . import theano_tensor as tensor
from ._missing import missing
from ._values import refuse, value

__version__ = "0.9.0"


class _Config:
    """`theano.config`: `floatX` is the float type of K; other flags have no effect."""

    device = "cpu"

    @property
    def floatX(self) -> str:
        return K.floatx()

    @floatX.setter
    def floatX(self, dtype: str) -> None:
        K.set_floatx(dtype)


config = _Config()


def shared(value: Any, name: str | None = None, **flags: Any) -> Variable:
    """A variable with the dtype of its value; flags such as `borrow` have no effect."""
    array = np.asarray(value)
    return K.variable(array, array.dtype.name, name)


def function(
    inputs: Sequence[Tensor],
    outputs: Any = None,
    updates: Any = (),
    givens: Any = (),
    name: str | None = None,
    **flags: Any,
) -> Any:
    """Compiles a function of arrays, passed one by one.

    Args:
        inputs: list of placeholders.
        outputs: tensor, list of tensors, or None for none.
        updates: pairs (variable, new value), or a dict of them.
        givens: not supported.
        name, flags: no effect.
    Returns:
        A function that returns an array, or a list of them for a list of outputs.
    """
    if givens:
        refuse("theano.function", "there are no givens; pass the values as inputs.")
    pairs = list(updates.items()) if hasattr(updates, "items") else list(updates)
    wanted = [] if outputs is None else list(outputs) if isinstance(outputs, list | tuple) else [outputs]
    compiled = K.function(list(inputs), wanted, [tuple(pair) for pair in pairs])

    def called(*arrays: Any) -> Any:
        results = compiled(list(arrays))
        if outputs is None:
            return None
        return results if isinstance(outputs, list | tuple) else results[0]

    return called


def scan(
    fn: Any,
    sequences: Any = None,
    outputs_info: Any = None,
    non_sequences: Any = None,
    n_steps: Any = None,
    go_backwards: bool = False,
    **flags: Any,
) -> tuple[Any, list[Any]]:
    """Calls a step along the first axis of the sequences.

    Args:
        fn: function (*elements, *last outputs, *non_sequences) -> output or list of outputs. An output whose
            `outputs_info` is None is not passed on.
        sequences: tensor or list of tensors (n, ...).
        outputs_info: the first values of the outputs, or None for all.
        non_sequences: what every step receives.
        n_steps: the number of steps; that of the sequences if None.
        go_backwards: whether to begin with the last elements.
        flags: no effect.
    Returns:
        (outputs, tensors (n, ...), in a list if there are several; updates, always empty).
    """
    sequences, infos, constants = map(_listed, (sequences, outputs_info, non_sequences))
    if any(isinstance(item, dict) for item in (*sequences, *infos)):
        refuse("theano.scan", "taps are not supported; pass shifted sequences, such as x[1:] and x[:-1].")
    if n_steps is not None and sequences:
        sequences = [sequence[:n_steps] for sequence in sequences]
    carried = [place for place, info in enumerate(infos) if info is not None]
    orders: list[list[int]] = []

    def step(*tensors: Any) -> list[Any]:
        states, elements = tensors[: len(carried)], tensors[len(carried) :]
        results = _outputs(fn(*elements, *states, *constants))
        order = [*carried, *(i for i in np.arange(len(results)) if i not in carried)]
        orders.append([int(i) for i in order])
        return [results[i] for i in orders[-1]]

    found = _loops.scan(step, [value(infos[i]) for i in carried], sequences, n_steps, go_backwards)
    outputs = [found[orders[0].index(i)] for i in sorted(orders[0])]
    return (outputs[0] if len(outputs) == 1 else outputs), []


def _listed(values: Any) -> list[Any]:
    if values is None:
        return []
    return list(values) if isinstance(values, list | tuple) else [values]


def _outputs(results: Any) -> list[Any]:
    if isinstance(results, dict) or (isinstance(results, tuple) and isinstance(results[-1], dict)):
        refuse("theano.scan", "a step cannot return updates or conditions.")
    return _listed(results)


def grad(cost: Tensor, wrt: Any, **flags: Any) -> Any:
    """The gradients of a scalar with respect to a tensor, or to a list of them."""
    return tensor.grad(cost, wrt)


def __getattr__(name: str) -> Any:
    raise missing("theano", name, globals(), {"gof": "K.function"})
