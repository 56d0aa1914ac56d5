"""What several processes must have in common before they train together; see `keras.distributed`."""

import hashlib
import zlib
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from ..._graph import placement
from ...distributed import current_group
from .feeds import Feed

#: How many rows of an array are compared.
_ROWS = 64


def agree(model: Any, feeds: Mapping[str, Feed], facts: Mapping[str, Any]) -> None:
    """Checks at the start of a training that all processes begin the same one.

    Args:
        model: the model, its train function made.
        feeds: dict name -> `Feed` of the batches.
        facts: other plain values that must be equal in all processes, by their names in messages.

    Raises:
        ValueError: something differs; the message names it. Raised in all processes.
    """
    group = current_group()
    if group is None:
        return
    program = model.train_function
    if hasattr(program, "run"):  # not one that a subclass of Model made
        facts = {
            **facts,
            "the program of a step": program.fingerprint(),
            "the seeds of random ops": program.seeds,
            "the number of steps before": program.step,
            **dict(_weights(model, program)),
        }
    rows = {} if placement.current().parts > 1 else dict(_data(feeds))
    generator = _digest(repr(np.random.get_state()).encode())
    group.agree("fit", {**facts, **rows, "the state of NumPy's generator": generator})


def _weights(model: Any, program: Any) -> Iterator[tuple[str, str]]:
    """Yields what each variable is, and the digests of those that lie whole in each process."""
    variables = {v.key: v for v in [*model.weights, *program.updated, *program.read]}
    for number, variable in enumerate(variables.values()):
        value = variable.value
        whole = not variable.sparse and value.is_fully_replicated
        digest = _digest(np.asarray(value).tobytes()) if whole else "divided"
        yield f"variable {number}, {variable.name!r},", f"{variable.dtype} {variable.shape} {digest}"


def _data(feeds: Mapping[str, Feed]) -> Iterator[tuple[str, int]]:
    """Yields the checksums of some rows of each array."""
    for name, feed in feeds.items():
        for number, array in enumerate(feed.arrays or ()):
            if isinstance(array, np.ndarray) and len(array):
                rows = np.linspace(0, len(array) - 1, _ROWS).astype(int)
                yield f"array {number} of the {name} data", zlib.crc32(array[rows].tobytes())


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]
