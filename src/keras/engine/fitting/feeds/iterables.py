"""Data that come in batches: generators, loaders, data sets and other iterables."""

import contextlib
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import jax
import numpy as np

from .... import backend as K
from ...._spelling import Batches
from .. import checks, foreign
from ..sparse_rows import SparseRows
from .base import Batch, Data, Feed, Position
from .generators import count_samples
from .passes import Passes, is_batches, source_of
from .workers import GeneratorEnqueuer

#: Batches that are prepared before they are used.
_AHEAD = 2


class IterableFeed(Feed):
    """The batches of an iterable, which a thread prepares while steps run.

    Without a number of steps, an epoch is one pass over the iterable. With it, an epoch of training
    continues where the last one stopped, and validation begins again each time.

    Args:
        model: the `Model` that the batches are for.
        data: `Data`; `x` is the iterable, and `samples` the length of an epoch, or None.
        purpose: "train", "test" or "predict".
    """

    samples: Any

    def __init__(self, model: Any, data: Data, purpose: str) -> None:
        for name in ("y", "sample_weight"):
            if getattr(data, name) is not None:
                raise TypeError(
                    f"x is a {type(data.x).__name__} of batches, which hold their targets and weights: leave "
                    f"out {name}, and give (x, y) or (x, y, sample_weight) in each batch."
                )
        assert data.batch_size is not None
        self._model, self._data, self._purpose = model, data, purpose
        self._source = source = source_of(data.x, data.batch_size, data.shuffle and purpose == "train")
        self._limit = data.samples or source.samples
        if self._limit is None and source.is_endless:
            name = {"train": "steps_per_epoch", "test": "steps (or validation_steps)", "predict": "steps"}
            raise ValueError(
                f"x, a {type(data.x).__name__}, has no end; pass {name[purpose]}, the number of batches of "
                "an epoch."
            )
        length = None if source.length is None else Batches(source.length)
        self.samples = self._limit or length
        # In training, epochs of so many steps follow each other in the data.
        self._goes_on = not source.begins_again or (self._limit is not None and purpose == "train")
        prepares = model._checked_target_shapes is not None and None not in model._checked_target_shapes
        self._prepares = prepares or purpose == "predict"
        self._passes = Passes(source, self._prepare, endless=self._goes_on and self._limit is not None)
        self._workers: GeneratorEnqueuer | None = None

    @classmethod
    def accepts(cls, data: Data) -> bool:
        return data.batch_size is not None and is_batches(data.x)

    @classmethod
    def of(cls, model: Any, data: Data, purpose: str) -> "IterableFeed":
        return cls(model, data, purpose)

    @property
    def has_one_pass(self) -> bool:
        """Whether the data end with the first epoch."""
        return self._limit is None and not self._source.begins_again

    def batches(self, position: Position | None = None) -> Iterator[Batch]:
        number, seen = (position.batch, position.seen) if position else (0, 0)
        workers = self._workers
        if workers is None or (not self._goes_on and not number):
            workers = self._begin(again=not number and not self._goes_on)
        while self._limit is None or seen < self._limit:
            try:
                size, load = workers.get()
            except StopIteration:
                self._check_end(number, seen)
                break
            progress = size if self._limit is not None and not isinstance(self._limit, Batches) else 1
            yield Batch(number, size, progress, load)
            number, seen = number + 1, seen + progress

    def _begin(self, again: bool) -> GeneratorEnqueuer:
        if self._workers is not None:
            self._workers.pause()  # its thread has left the passes
        self.close()
        if again:
            self._passes.restart()
        self._workers = GeneratorEnqueuer(
            self._passes, timeout=None, keep_positions=self._data.keeps_positions
        )
        self._workers.start(1, _AHEAD)
        return self._workers

    def _check_end(self, number: int, seen: int) -> None:
        if not number:
            hint = (
                " It is an iterator, which has one pass only: pass something that can be iterated again."
                if not self._source.begins_again
                else ""
            )
            raise ValueError(f"x, a {type(self._data.x).__name__}, gave no batches.{hint}")
        if self._limit is not None:
            unit = "batches" if isinstance(self._limit, Batches) else "samples"
            raise ValueError(
                f"x, a {type(self._data.x).__name__}, ended after {seen} {unit} of an epoch; wanted "
                f"{int(self._limit)}. Pass something that can be iterated again, such as an object with "
                "__iter__, or a smaller number."
            )

    # --- batches

    def _prepare(self, item: Any, number: int) -> tuple[int, Callable[[], list[Any]]]:
        """Returns (the number of samples, the function that loads the arrays) of an item."""
        with self.naming_batch(number):
            if self._purpose == "predict":
                parts: tuple[Any, ...] = (_inputs_of(item, len(self._model.inputs)),)
                load = partial(checks.prediction_arrays, self._model, *parts)
            else:
                parts = _training_parts(item, self._model)
                numerics, weights = self._data.check_numerics, self._data.class_weight
                load = partial(checks.training_arrays, self._model, *parts, weights, None, numerics)
            if not self._prepares:
                return _size(parts[0]), load
            arrays = load()
            placed = self._placed(arrays)
        return len(arrays[0]), lambda: placed

    def _placed(self, arrays: list[Any]) -> list[Any]:
        """Returns arrays in the types that the programs take, on the device."""
        own = [tensor.dtype for tensor in self._model.inputs]
        dtypes = own + [K.floatx()] * (len(arrays) - len(own))
        return [
            array if isinstance(array, SparseRows) else jax.device_put(np.asarray(array, dtype=dtype))
            for array, dtype in zip(arrays, dtypes, strict=True)
        ]

    @contextlib.contextmanager
    def naming_batch(self, number: int) -> Iterator[None]:
        try:
            yield
        except (TypeError, ValueError) as error:
            raise type(error)(f"Batch {number}: {error}") from error

    # --- the thread

    def start(self) -> None:
        if self._workers is not None and self._goes_on:
            self._workers.start(1, _AHEAD)

    def pause(self) -> None:
        if self._workers is not None:
            self._workers.pause()

    def close(self) -> None:
        if self._workers is not None:
            self._workers.stop()
        self._workers = None

    # --- positions

    def settings(self) -> dict[str, Any]:
        counts = isinstance(self.samples, Batches)
        return {
            "samples_per_epoch": None if self.samples is None else int(self.samples),
            "counts_batches": counts,
        }

    def position(self) -> tuple[Any, Any] | None:
        if self._workers is None:
            return np.random.get_state(), self._passes.get_state()
        generator, place = self._workers.position()
        return generator, place["state"]

    def go_to(self, place: Any) -> None:
        self.close()
        self._passes.set_state(place)

    def check_place(self, batch: int, seen: int) -> None:
        if self.samples is not None:
            super().check_place(batch, seen)

    def check_position(self, place: Any, epochs: int) -> None:
        self._passes.check_state(place)


def _training_parts(item: Any, model: Any) -> tuple[Any, Any, Any]:
    """(x, y or None, sample weights or None) of a batch; a dict or table holds all of them by names."""
    if _is_flat(item, len(model.inputs)) and len(item) == len(model.inputs) + len(model.outputs):
        return list(item[: len(model.inputs)]), list(item[len(model.inputs) :]), None
    if isinstance(item, tuple | list) and len(item) in (2, 3):
        x, y, *weights = item
        return x, y, weights[0] if weights else None
    named = None if isinstance(item, tuple | list) else foreign.by_name(item, "a batch")
    if named is not None:
        names = [*model.input_names, *model.output_names]
        weights = (
            named["sample_weight"] if "sample_weight" in named and "sample_weight" not in names else None
        )
        return named, None, weights
    raise _wrong_batch(
        item, "a tuple (x, y) or (x, y, sample_weight), or a dict by names of inputs and outputs"
    )


def _inputs_of(batch: Any, inputs: int) -> Any:
    """The inputs of a batch: x, (x, y) or (x, y, sample weights)."""
    if not isinstance(batch, tuple | list):
        return batch
    item: Any = list(batch) if isinstance(batch, list) else tuple(batch)
    if _is_flat(item, inputs) and len(item) >= inputs and (isinstance(item, list) or len(item) > 3):
        return list(item[:inputs])
    if len(item) in (1, 2, 3):
        return item[0]
    raise _wrong_batch(item, "x, (x, y) or (x, y, sample_weight)")


def _is_flat(item: Any, inputs: int) -> bool:
    """Whether a batch is one list of all arrays, of several inputs and of the outputs, as loaders make it."""
    return isinstance(item, tuple | list) and inputs > 1 and all(hasattr(part, "shape") for part in item)


def _size(x: Any) -> int:
    named = None if isinstance(x, list) else foreign.by_name(x, "a batch")
    return count_samples(x if named is None else dict(named))


def _wrong_batch(item: Any, wanted: str) -> ValueError:
    came = (
        f"a {type(item).__name__} of {len(item)}" if isinstance(item, tuple | list) else type(item).__name__
    )
    return ValueError(f"got {came}: {str(item)[:60]}; wanted {wanted}.")
