"""A loop over the first axis of tensors, of which the scans and maps of TensorFlow and Theano are cases."""

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from .. import _graph
from .._graph import Run, Subgraph, Tensor
from ..backend.control import as_tensor


def scan(
    step: Callable[..., Sequence[Any]],
    states: Sequence[Any],
    sequences: Sequence[Any],
    count: Any = None,
    backwards: bool = False,
) -> list[Tensor]:
    """Calls a step for the elements along the first axis of the sequences.

    Args:
        step: function (*states, *elements) -> [*new states, *other outputs], tensors.
        states: the first states.
        sequences: tensors (n, ...).
        count: the number of steps if there are no sequences, an int or a size.
        backwards: whether to begin with the last elements; the results come in the order of the steps.
    Returns:
        All states and other outputs, tensors (n, ...).
    """
    states = [as_tensor(state) for state in states]
    sequences = [as_tensor(sequence) for sequence in sequences]
    if backwards:
        sequences = [sequence[::-1] for sequence in sequences]
    specs = [(t.shape, t.dtype) for t in states] + [(t.shape[1:], t.dtype) for t in sequences]
    body = Subgraph(lambda *tensors: [as_tensor(result) for result in step(*tensors)], specs)

    def scanned(
        run: Run, states: list[jax.Array], sequences: list[jax.Array], count: Any, captured: list[Any]
    ) -> list[jax.Array]:
        def one(carry: Any, elements: Any) -> Any:
            index, *old = carry
            results = body.call([*old, *(elements or [])], captured, run.at(index))
            new = [result.astype(state.dtype) for result, state in zip(results, old, strict=False)]
            return (index + 1, *new), [*new, *results[len(old) :]]

        length = None if sequences else int(count)
        return lax.scan(one, (jnp.uint32(0), *states), sequences or None, length=length)[1]

    return _graph.record(
        scanned, states, sequences, count, body.captured, name="scan", needs_run=True, body=body
    )
