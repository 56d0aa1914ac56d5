"""What a model from a config may cost: layers, calls and weights are counted before they are made.

A config of a few hundred bytes can ask for a model of any size: for weights of terabytes, or, by models
that are called several times inside of models, for more calls than there is time. So the config is
measured before anything is made of it, and each weight before its memory is taken.
"""

import contextlib
import contextvars
import math
import os
from dataclasses import dataclass

import numpy as np

MAX_LAYERS = 10_000
MAX_CALLS = 100_000
MAX_CONNECTIONS = 200_000
MAX_DEPTH = 64
MAX_ITEMS = 5_000_000  # also where a list made by a program contains itself
_BYTES_PER_NUMBER = 4
_SPARE_STATES = 2**24
# What layers raise when a config lacks something, or has another kind of value where they look.
_ODD_ERRORS = (LookupError, AttributeError, ArithmeticError, RuntimeError, AssertionError)

_running = contextvars.ContextVar("budget", default=None)


@dataclass
class _Budget:
    weights: int  # numbers that weights may still have
    states: int  # and states, which no file has
    limit: str  # for messages, what the limit is
    values_follow: bool


@contextlib.contextmanager
def building_from(config, numbers=None):
    """Bounds what is made of a config in the block. Inside of another such block it does nothing.

    Args:
        config: {"class_name": ..., "config": ...} of a layer or model.
        numbers: int, how many numbers the file holds for all weights together, which are set once the
            model is made; None where there is a config only, and half the memory of the machine is the
            limit.

    Raises:
        ValueError: more than 10,000 layers, 100,000 calls or 64 models inside of each other; from what
            makes the weights, more than `numbers`; and whatever else is wrong with the config.
        TypeError: from the layers, an argument of the wrong type.
        MemoryError: from what makes the weights, more than half of the memory.
    """
    if _running.get() is not None:
        yield
        return
    _measure(config)
    if numbers is None:
        affordable = MEMORY // 2 // _BYTES_PER_NUMBER
        limit = f"half of the {MEMORY / 1e9:,.0f} GB of this machine"
        budget = _Budget(affordable, affordable, limit, False)
    else:
        limit = f"the {numbers:,} numbers that the file holds"
        budget = _Budget(numbers, numbers + _SPARE_STATES, limit, True)
    token = _running.set(budget)
    try:
        yield
    except _ODD_ERRORS as error:
        problem = f"{type(error).__name__}: {error}"
        raise ValueError(f"No model can be made of the config ({problem}).") from error
    finally:
        _running.reset(token)


def values_follow():
    """Whether the running build is for a file that has the values of all weights: none need be drawn."""
    return _running.get() is not None and _running.get().values_follow


def charge(layer, what, shape, stored=True):
    """Checks that an array can be afforded, before it is made.

    Args:
        layer, what: names for messages.
        shape: tuple.
        stored: bool, whether it is a weight, which a file has; states are not.

    Raises:
        ValueError: a size is no int >= 0; or the weights are more than the file holds.
        MemoryError: the array is larger than the memory of the machine, or with those before it larger
            than half of it.
    """
    if any(not isinstance(size, int | np.integer) or size < 0 for size in shape):
        raise ValueError(
            f"Layer {layer!r}: weight {what!r} would have shape {shape}; all its sizes must be known. "
            "The input's last dimension must be known (not None)."
        )
    count = math.prod(int(size) for size in shape)
    if _BYTES_PER_NUMBER * count > MEMORY:
        raise MemoryError(
            f"Layer {layer!r}: weight {what!r} of shape {shape} would need "
            f"{_BYTES_PER_NUMBER * count / 1e9:,.0f} GB; this machine has {MEMORY / 1e9:,.0f} GB."
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
            "The model is not made."
        )


def _measure(config):
    """Raises ValueError if the config unfolds to too much. Takes time in proportion to the config."""
    layers = calls = connections = items = 0
    # Each entry on the stack: what is looked at, how deep in models, and how often it is called.
    stack = [(config, 0, 1)]
    while stack:
        item, depth, times = stack.pop()
        items += 1
        if isinstance(item, dict):
            if "class_name" in item and "config" in item:
                nodes = item.get("inbound_nodes")
                nodes = nodes if isinstance(nodes, list) else []
                # A model is laid out once when it is made, and once more for each call.
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
                raise ValueError(f"The config asks for more than {limit:,} {name}. The model is not made.")


def _memory():
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return 2**40


MEMORY = _memory()
