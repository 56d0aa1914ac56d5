"""The state of a training as plain values from a file, and their check as a whole.

A state that does not fit, whether by accident or on purpose, must change nothing: a position of NumPy's
generator outside of its array makes NumPy read other memory, and half a state is another training. So every
value is checked against the model, the data and the callbacks before the first is set.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from reprlib import repr as brief
from typing import Any

import numpy as np

from .feeds import Feed

_MERSENNE_WORDS = 624
_MAX_COUNT = 2**63


@dataclass(frozen=True)
class TrainingState:
    """What a `TrainingCheckpoint` saves besides arrays, checked.

    Attributes:
        epoch, batch, seen, order_generator: as in `feeds.base.Position`.
        stopped: bool, whether a callback had stopped the training.
        numpy_generator: the state of NumPy's generator.
        programs: dict name -> {"step": int, "seeds": list}.
        callbacks: dict name -> state, for `CallbackList.set_state`.
        batches: dict name of a feed -> plain data for `Feed.go_to`.
    """

    epoch: int
    batch: int
    seen: int
    stopped: bool
    order_generator: Any
    numpy_generator: Any
    programs: dict[str, Any]
    callbacks: dict[str, dict[str, Any]]
    batches: dict[str, Any]


def checked_state(plain: Mapping[str, Any], hooks: Any, feeds: Mapping[str, Feed]) -> TrainingState:
    """Returns a state if it is complete and possible for these callbacks and data.

    Args:
        plain: dict from a file.
        hooks: `CallbackList` of the training.
        feeds: dict name -> `Feed`, "training" and perhaps "validation".
    Raises:
        ValueError: a value is missing, of another type, out of range, or does not fit the others.
    """
    epoch, batch, seen = (_count(plain, name) for name in ("epoch", "batch", "seen"))
    feeds["training"].check_place(batch, seen)
    callbacks = _dict(plain, "callbacks")
    hooks.check_states(callbacks)
    done = callbacks["History:0"]["epoch"]
    if list(done) != list(range(epoch - len(done), epoch)) or epoch < len(done):
        raise ValueError(f"epoch is {epoch}, and its history has the epochs {brief(done)}")
    order = plain.get("order_generator")
    if order is None and batch and feeds["training"].arrays is not None:
        raise ValueError("it is within an epoch, and has no order_generator, from which the order follows")
    return TrainingState(
        epoch=epoch,
        batch=batch,
        seen=seen,
        stopped=_of_type(plain, "stopped", bool),
        order_generator=None if order is None else _generator_state(plain, "order_generator"),
        numpy_generator=_generator_state(plain, "numpy_generator"),
        programs=_dict(plain, "programs"),
        callbacks=callbacks,
        batches=_positions(plain, feeds, len(done) + 1),
    )


def check_programs(stored: Mapping[str, Any], programs: Mapping[str, Any]) -> None:
    """Compares the stored steps and seeds with the programs of the model.

    Args:
        stored: dict name -> {"step": int, "seeds": list}, from a file.
        programs: dict name -> program.
    Raises:
        ValueError: they are not those of these programs.
    """
    if "train" not in stored:
        raise ValueError("programs has no 'train'")
    for name, entry in stored.items():
        if name not in programs:
            raise ValueError(f"programs has {brief(name)}, and a model has {sorted(programs)}")
        if not isinstance(entry, dict):
            raise ValueError(f"programs[{name!r}] is {brief(entry)}; wanted a dict")
        step, own = _of_type(entry, "step", int), programs[name].seeds
        seeds: Any = entry.get("seeds")
        if not 0 <= step < 2**32:
            raise ValueError(f"the step of the {name} program is {step}; wanted an int from 0 to 2**32 - 1")
        fits = isinstance(seeds, list) and len(seeds) == len(own)
        if not fits or not all(type(seed) is int and abs(seed) < _MAX_COUNT for seed in seeds):
            raise ValueError(f"the seeds of the {name} program are {brief(seeds)}; wanted {len(own)} ints")


def _positions(plain: Mapping[str, Any], feeds: Mapping[str, Feed], epochs: int) -> dict[str, Any]:
    places = _dict(plain, "batches")
    training = feeds["training"]
    if "training" not in places and type(training).position is not Feed.position:
        raise ValueError("batches has no position of the training data")
    for name, place in places.items():
        if name not in feeds:
            raise ValueError(f"batches has {brief(name)}, and this training has {sorted(feeds)}")
        feeds[name].check_position(place, epochs)
    return places


def _generator_state(plain: Mapping[str, Any], name: str) -> tuple[Any, ...]:
    """Returns a state of NumPy's generator as `numpy.random.set_state` takes it."""
    state = plain.get(name)
    if not isinstance(state, list) or len(state) != 5 or state[0] != "MT19937":
        raise ValueError(f"{name} is {brief(state)}; wanted a state of numpy.random")
    _, words, place, has_gauss, gauss = state
    words = np.asarray(words if isinstance(words, np.ndarray) else 0)
    if words.shape != (_MERSENNE_WORDS,) or words.dtype != np.uint32:
        raise ValueError(f"{name} has {words.shape} words of type {words.dtype}; wanted 624 of type uint32")
    # NumPy does not check the place, and reads the word there.
    if type(place) is not int or not 0 <= place <= _MERSENNE_WORDS:
        raise ValueError(f"{name} has the position {brief(place)}; wanted an int from 0 to {_MERSENNE_WORDS}")
    if type(has_gauss) is not int or has_gauss not in (0, 1) or not isinstance(gauss, int | float):
        raise ValueError(f"{name} has {brief(has_gauss)} and {brief(gauss)} in place of 0 or 1 and a number")
    return "MT19937", words, place, has_gauss, float(gauss)


def _count(plain: Mapping[str, Any], name: str) -> int:
    value = _of_type(plain, name, int)
    if not 0 <= value < _MAX_COUNT:
        raise ValueError(f"{name} is {brief(value)}; wanted an int of 0 or more")
    return value


def _dict(plain: Mapping[str, Any], name: str) -> dict[str, Any]:
    return _of_type(plain, name, dict)


def _of_type(plain: Mapping[str, Any], name: str, kind: type) -> Any:
    if name not in plain:
        raise ValueError(f"it has no {name!r}")
    if type(plain[name]) is not kind:
        raise ValueError(f"{name} is {brief(plain[name])}; wanted {kind.__name__}")
    return plain[name]
