"""The code of a spawned worker process, which computes items of a generator and sends them to the parent.

A message is the pickle of (kind, value); the kinds are below.
"""

import contextlib
import pickle
import random
import signal
import traceback
from collections.abc import Iterator
from typing import Any, TypeAlias

import numpy as np

from ...._base.custom_objects import get_custom_objects

#: Kinds of messages: the generator is unpickled; an item; the end of the generator; (exception, traceback).
START, ITEM, END, ERROR = "start", "item", "end", "error"
Message: TypeAlias = tuple[str, Any]


def work_in_process(pickled: bytes, sender: Any, seed: int, worker: int, workers: int, first: int) -> None:
    """Sends the items `worker`, `worker + workers`, ... of a generator.

    Args:
        pickled: bytes, the pickled pair (custom objects, each pickled by itself; generator).
        sender: the connection to the parent process.
        seed: int; the random draws of the process depend on it.
        worker, workers: ints, the number of this process and how many there are.
        first: int, the number of the first item to send.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which then stops this process
    with contextlib.suppress(BrokenPipeError):
        try:
            custom_objects, generator = pickle.loads(pickled)
            _register(custom_objects)
        except BaseException as error:
            sender.send_bytes(as_bytes(ERROR, (error, traceback.format_exc())))
            return
        sender.send_bytes(as_bytes(START, None))
        for number, (kind, value) in own_items(generator, seed, worker, workers, first):
            if number >= first:
                sender.send_bytes(as_bytes(kind, value))


def own_items(
    generator: Any, seed: int, worker: int, workers: int, first: int
) -> Iterator[tuple[int, Message]]:
    """Yields pairs (number, message) for the items that a worker makes; see `work_in_process`."""
    shared = hasattr(generator, "skip")
    _set_seed(seed + worker)
    number = 0 if shared else worker
    while True:
        if shared:
            # The draws for an item depend on its number only, not on the worker.
            _set_seed(seed + number)
        if shared and (number % workers != worker or number < first):
            generator.skip()
        else:
            message = next_item(generator)
            yield number, message
            if message[0] != ITEM:
                return
        number += 1 if shared else workers


def _register(custom_objects: dict[str, bytes]) -> None:
    for name, pickled in custom_objects.items():
        with contextlib.suppress(
            Exception
        ):  # a class of a notebook is in no module that this process imports
            get_custom_objects()[name] = pickle.loads(pickled)


def next_item(generator: Iterator[Any]) -> Message:
    """Returns the message for the next item of a generator, for its end, or for what it raised."""
    try:
        return ITEM, next(generator)
    except StopIteration:
        return END, None
    except BaseException as error:
        return ERROR, (error, traceback.format_exc())


def as_bytes(kind: str, value: Any) -> bytes:
    """Returns a message as bytes; a value that cannot be pickled becomes an error that can."""
    try:
        data = pickle.dumps((kind, value), pickle.HIGHEST_PROTOCOL)
        if kind == ERROR:
            pickle.loads(data)  # fails for some exceptions whose constructors take other arguments
        return data
    except Exception as error:
        if kind == ERROR:
            report = RuntimeError(f"{type(value[0]).__name__}: {value[0]}"), value[1]
        else:
            problem = f"The generator made an item that cannot be sent between processes: {error}"
            report = TypeError(problem), ""
        return pickle.dumps((ERROR, report))


def _set_seed(seed: int) -> None:
    np.random.seed(seed % 2**32)
    random.seed(seed)
