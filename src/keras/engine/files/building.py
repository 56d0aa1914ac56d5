"""What a config may build: layers, calls and weights are charged before they are created.

A config of a few hundred bytes can describe terabytes of weights, or, with models that are called several
times inside other models, more calls than could ever be built. The config is therefore measured before
anything is created from it, each op is charged to the same `Budget` before its shape is inferred
(`_graph/infer.py`), and each weight is counted before its memory is allocated.
"""

import contextlib
import contextvars
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..._base.budget import Budget, running_budget, spending
from ..._base.types import Config
from ..._host.memory import physical_memory
from .places import MISTAKES

MAX_LAYERS = 10_000
MAX_DEPTH = 64
MAX_ITEMS = 5_000_000  # this also ends the walk through a list that contains itself
# Steps: to create a layer, to call one, to look up where an input comes from. The ops of a call come on top.
_STEPS_PER_LAYER, _STEPS_PER_CALL, _STEPS_PER_CONNECTION = 60, 30, 10
_BYTES_PER_NUMBER = 4
_NUMBERS_PER_STEP = 500  # that NumPy draws


@dataclass
class _Build:
    """What the weights of the running build may still be.

    Attributes:
        weights: how many more numbers they may have.
        limit: a description of the limit, for messages.
        values_follow: whether a file has the values of all weights.
    """

    weights: int
    limit: str
    values_follow: bool


_running: contextvars.ContextVar[_Build | None] = contextvars.ContextVar("build", default=None)


@contextlib.contextmanager
def building_from(config: Config, numbers: int | None = None) -> Iterator[None]:
    """Limits what the block creates from a config. Inside another such block it does nothing.

    Work is charged to the running `Budget`, that of the file or text with the config. A config that came as
    a dict gets one for the size that its text would have.

    Args:
        config: {"class_name": ..., "config": ...} of a layer or model.
        numbers: int, the total count of numbers in the weights of the file whose values are assigned
            afterwards; None for a config without a file, for which half the memory of the machine is the
            limit.

    Raises:
        OverBudget: building takes more steps than a file of its size may take.
        ValueError: the config has more than 10,000 layers or 64 nested models, its weights
            have more than `numbers` numbers, or it is malformed in another way.
        TypeError: a layer was given an argument of the wrong type.
        MemoryError: the weights would take more than half of the memory.
    """
    if _running.get() is not None:
        yield
        return
    counts = _counted(config)
    budget = running_budget() or Budget("The config", counts.characters)
    budget.take_steps(counts.steps, "layers and calls")
    token = _running.set(_limits_for(numbers))
    try:
        with spending(budget):
            yield
    except MISTAKES as error:
        if isinstance(error, ValueError):
            raise
        problem = f"{type(error).__name__}: {error}"
        raise ValueError(f"No model can be built from the config ({problem}).") from error
    finally:
        _running.reset(token)


def _limits_for(numbers: int | None) -> _Build:
    if numbers is None:
        affordable = int(physical_memory() // 2 // _BYTES_PER_NUMBER)
        limit = f"half of the {physical_memory() / 1e9:,.0f} GB of this machine"
        return _Build(affordable, limit, values_follow=False)
    return _Build(numbers, f"the {numbers:,} numbers that the file holds", values_follow=True)


def values_follow() -> bool:
    """Whether a file has the values of all weights of the running build, so that none need be drawn."""
    build = _running.get()
    return build is not None and build.values_follow


def reserve(layer: str, what: str, shape: tuple[Any, ...], stored: bool = True) -> None:
    """Deducts an array from the budget of the running build, before the array is created.

    Args:
        layer: name of the layer, for messages.
        what: name of the array, for messages.
        shape: tuple.
        stored: bool, whether it is a weight, which files contain, and not a state, which they do not.

    Raises:
        ValueError: a size is not an int >= 0, or the weights are more than the file holds.
        OverBudget: the states take more memory than a file of its size may take, or the weights, if they
            are drawn, more steps.
        MemoryError: the array is larger than the memory of the machine, or all weights of a build without a
            file are larger than half of it.
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
    build, budget = _running.get(), running_budget()
    if build is None or budget is None:
        return
    if not stored:
        budget.take_memory(_BYTES_PER_NUMBER * count, f"states of layer {layer!r}")
        return
    if not build.values_follow:
        budget.take_steps(count // _NUMBERS_PER_STEP, f"weights of layer {layer!r}")
    build.weights -= count
    if build.weights < 0:
        kind = ValueError if build.values_follow else MemoryError
        raise kind(
            f"Layer {layer!r}: with {what!r} of shape {shape} the config asks for more than {build.limit}. "
            "The model is not built."
        )


@dataclass
class _Counts:
    """What a config describes: `steps` to build it, and the `characters` of its text, about."""

    steps: int
    characters: int


def _counted(config: Any) -> _Counts:
    """Returns what a config describes. Takes time in proportion to the config.

    Raises:
        ValueError: it describes more than could be built.
    """
    layers = calls = connections = items = characters = 0
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
            characters += sum(len(key) for key in item if isinstance(key, str))
            stack.extend((child, depth, times) for child in item.values())
        elif isinstance(item, list | tuple):
            stack.extend((child, depth, times) for child in item)
        elif isinstance(item, str):
            characters += len(item)
        if depth > MAX_DEPTH:
            raise _too_many(MAX_DEPTH, "models or layers inside of each other")
        if items > MAX_ITEMS:
            raise _too_many(MAX_ITEMS, "values")
        if layers > MAX_LAYERS:
            raise _too_many(MAX_LAYERS, "layers")
    steps = _STEPS_PER_LAYER * layers + _STEPS_PER_CALL * calls + _STEPS_PER_CONNECTION * connections
    return _Counts(steps + items // 8, characters + 4 * items)


def _too_many(limit: int, name: str) -> ValueError:
    return ValueError(f"The config asks for more than {limit:,} {name}. The model is not built.")
