"""Limits on the models that configs describe: layers, calls and weights are counted before they are created.

A config of a few hundred bytes can describe terabytes of weights, or, with models that are called several
times inside other models, more calls than could ever be built. The config is therefore measured before
anything is created from it, and each weight before its memory is allocated.
"""

import contextlib
import contextvars
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..._base.types import Config
from ..._host.memory import physical_memory

MAX_LAYERS = 10_000
MAX_CALLS = 100_000
MAX_CONNECTIONS = 200_000
MAX_DEPTH = 64
MAX_ITEMS = 5_000_000  # this also ends the walk through a list that contains itself
_BYTES_PER_NUMBER = 4
_SPARE_STATES = 2**24
# What layers raise if a config lacks an entry or has one of the wrong kind.
_CONFIG_ERRORS = (LookupError, AttributeError, ArithmeticError, RuntimeError, AssertionError)


@dataclass
class _Budget:
    """What the running build may still create.

    Attributes:
        weights: how many more numbers the weights may have.
        states: how many more numbers the states may have, which are not in files.
        limit: a description of the limit, for messages.
        values_follow: whether a file has the values of all weights.
    """

    weights: int
    states: int
    limit: str
    values_follow: bool


_running: contextvars.ContextVar[_Budget | None] = contextvars.ContextVar("budget", default=None)


@contextlib.contextmanager
def building_from(config: Config, numbers: int | None = None) -> Iterator[None]:
    """Limits what the block creates from a config. Inside another such block it does nothing.

    Args:
        config: {"class_name": ..., "config": ...} of a layer or model.
        numbers: int, the total count of numbers in the weights of the file whose values are assigned
            afterwards; None for a config without a file, for which half the memory of the machine is the
            limit.

    Raises:
        ValueError: the config has more than 10,000 layers, 100,000 calls or 64 nested models, its weights
            have more than `numbers` numbers, or it is malformed in another way.
        TypeError: a layer was given an argument of the wrong type.
        MemoryError: the weights would take more than half of the memory.
    """
    if _running.get() is not None:
        yield
        return
    _check_size(config)
    token = _running.set(_budget_for(numbers))
    try:
        yield
    except _CONFIG_ERRORS as error:
        problem = f"{type(error).__name__}: {error}"
        raise ValueError(f"No model can be built from the config ({problem}).") from error
    finally:
        _running.reset(token)


def _budget_for(numbers: int | None) -> _Budget:
    if numbers is None:
        affordable = int(physical_memory() // 2 // _BYTES_PER_NUMBER)
        limit = f"half of the {physical_memory() / 1e9:,.0f} GB of this machine"
        return _Budget(affordable, affordable, limit, values_follow=False)
    limit = f"the {numbers:,} numbers that the file holds"
    return _Budget(numbers, numbers + _SPARE_STATES, limit, values_follow=True)


def values_follow() -> bool:
    """Whether a file has the values of all weights of the running build, so that none need be drawn."""
    budget = _running.get()
    return budget is not None and budget.values_follow


def reserve(layer: str, what: str, shape: tuple[Any, ...], stored: bool = True) -> None:
    """Deducts an array from the budget of the running build, before the array is created.

    Args:
        layer: name of the layer, for messages.
        what: name of the array, for messages.
        shape: tuple.
        stored: bool, whether it is a weight, which files contain, and not a state, which they do not.

    Raises:
        ValueError: a size is not an int >= 0, or the weights are more than the file holds.
        MemoryError: the array is larger than the memory of the machine, or all arrays of the build together
            are larger than half of it.
    """
    if any(not isinstance(size, int | np.integer) or size < 0 for size in shape):
        raise ValueError(
            f"Layer {layer!r}: weight {what!r} would have shape {shape}; all its sizes must be known. "
            "The input's last dimension must be known (not None)."
        )
    count = math.prod(int(size) for size in shape)
    if _BYTES_PER_NUMBER * count > physical_memory():
        raise MemoryError(
            f"Layer {layer!r}: weight {what!r} of shape {shape} would need "
            f"{_BYTES_PER_NUMBER * count / 1e9:,.0f} GB; this machine has {physical_memory() / 1e9:,.0f} GB."
        )
    budget = _running.get()
    if budget is None:
        return
    if stored:
        budget.weights -= count
    else:
        budget.states -= count
    if min(budget.weights, budget.states) < 0:
        kind = ValueError if budget.values_follow else MemoryError
        raise kind(
            f"Layer {layer!r}: with {what!r} of shape {shape} the config asks for more than {budget.limit}. "
            "The model is not built."
        )


def _check_size(config: Any) -> None:
    """Raises ValueError if the config describes too much. Takes time in proportion to the config."""
    layers = calls = connections = items = 0
    # Each entry: a part of the config, the number of models around it, and how often it is called.
    stack = [(config, 0, 1)]
    while stack:
        item, depth, times = stack.pop()
        items += 1
        if isinstance(item, dict):
            if "class_name" in item and "config" in item:
                nodes = item.get("inbound_nodes")
                nodes = nodes if isinstance(nodes, list) else []
                # The graph of a model is built once when it is created, and once more for each call.
                times *= len(nodes) + 1 if nodes else 1
                layers, calls, depth = layers + 1, calls + times, depth + 1
                connections += sum(len(node) for node in nodes if isinstance(node, list))
            stack.extend((child, depth, times) for child in item.values())
        elif isinstance(item, list | tuple):
            stack.extend((child, depth, times) for child in item)
        for count, limit, name in (
            (layers, MAX_LAYERS, "layers"),
            (calls, MAX_CALLS, "calls of layers"),
            (connections, MAX_CONNECTIONS, "connections"),
            (depth, MAX_DEPTH, "models or layers inside of each other"),
            (items, MAX_ITEMS, "values"),
        ):
            if count > limit:
                raise ValueError(f"The config asks for more than {limit:,} {name}. The model is not built.")
