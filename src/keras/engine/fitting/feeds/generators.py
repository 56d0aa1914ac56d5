"""Data from a generator of batches, which workers run ahead of the training."""

import contextlib
import warnings
from collections.abc import Iterator
from functools import partial
from typing import Any

from ...._base.callers import levels_to_caller
from ...._spelling import Batches
from .. import checks
from .base import Batch, Data, Feed, Position
from .workers import GeneratorEnqueuer


class GeneratorFeed(Feed):
    """The batches of an endless generator.

    Args:
        model: the `Model` that the batches are for.
        data: `Data`; `x` is the generator, `samples` the number of samples in an epoch.
        purpose: "train", "test" or "predict".
    """

    def __init__(self, model: Any, data: Data, purpose: str) -> None:
        if not hasattr(data.x, "__next__"):
            raise TypeError(
                f"The generator must be an iterator of batches; got {type(data.x).__name__}. For arrays use "
                "fit, evaluate or predict; for a list of batches pass iter(batches)."
            )
        if data.samples is None:
            raise TypeError(
                "Data from a generator need the number of samples of an epoch (steps_per_epoch or steps in "
                "Keras 2's words, of batches); got None. Only a keras.utils.Sequence knows its length."
            )
        self.samples = data.samples
        self._model = model
        self._data = data
        self._split = _inputs_of if purpose == "predict" else _training_batch
        self._load = self._load_inputs if purpose == "predict" else self._load_all
        self._workers = GeneratorEnqueuer(data.x, data.pickle_safe, data.batch_timeout, data.keeps_positions)

    @classmethod
    def accepts(cls, data: Data) -> bool:
        return data.batch_size is None

    @classmethod
    def of(cls, model: Any, data: Data, purpose: str) -> "GeneratorFeed":
        return cls(model, data, purpose)

    def batches(self, position: Position | None = None) -> Iterator[Batch]:
        number, seen = (position.batch, position.seen) if position else (0, 0)
        while seen < self.samples:
            parts = self._split(self._next(number, seen), number)
            size = count_samples(parts[0])
            progress = 1 if isinstance(self.samples, Batches) else size
            yield Batch(number, size, progress, partial(self._load, *parts))
            number, seen = number + 1, seen + progress

    def _next(self, number: int, seen: int) -> Any:
        try:
            return self._workers.get()
        except StopIteration:
            raise ValueError(
                f"The generator ended after {number} batches with {seen} samples; wanted {self.samples}. It "
                "must not end before the training does: loop over the data in `while True`."
            ) from None

    def _load_all(self, x: Any, y: Any, sample_weight: Any) -> list[Any]:
        data = self._data
        return checks.training_arrays(
            self._model, x, y, sample_weight, data.class_weight, None, data.check_numerics
        )

    def _load_inputs(self, x: Any) -> list[Any]:
        return checks.prediction_arrays(self._model, x)

    @contextlib.contextmanager
    def naming_batch(self, number: int) -> Iterator[None]:
        try:
            yield
        except (TypeError, ValueError) as error:
            raise type(error)(f"Generator, batch {number}: {error}") from error

    def end_epoch(self, position: Position) -> None:
        if position.seen > self.samples:
            warnings.warn(
                "Epoch comprised more than `samples_per_epoch` samples, which might affect learning results: "
                f"{position.seen} of {self.samples}. Set `samples_per_epoch` to a multiple of the batch "
                "size.",
                stacklevel=levels_to_caller(),
            )

    # --- workers

    def start(self) -> None:
        self._workers.start(max(1, self._data.nb_worker), max(1, self._data.max_q_size))

    def pause(self) -> None:
        self._workers.pause()

    def close(self) -> None:
        self._workers.stop()

    def position(self) -> tuple[Any, Any] | None:
        return self._workers.position()

    def go_to(self, place: Any) -> None:
        self._workers.go_to(place)

    def check_position(self, place: Any, epochs: int) -> None:
        self._workers.check_position(place, most=epochs * int(self.samples))


def count_samples(x: Any) -> int:
    """Returns the number of samples in an array, or in the first of a list or dict of arrays."""
    if x is None:
        return 0  # the checks of the batch raise the error
    if isinstance(x, dict) and not hasattr(x, "shape"):
        x = list(x.values())
    first: Any = x[0] if isinstance(x, list) else x
    return first.shape[0] if hasattr(first, "shape") else len(first)  # SciPy's matrices have no length


def _training_batch(batch: Any, number: int) -> tuple[Any, Any, Any]:
    """(x, y, sample weights or None) of a generator's item."""
    if not isinstance(batch, tuple | list) or len(batch) not in (2, 3):
        raise _wrong_batch(batch, number, "(x, y) or (x, y, sample_weight)")
    x, y, *weights = batch
    return x, y, weights[0] if weights else None


def _inputs_of(batch: Any, number: int) -> tuple[Any]:
    """(x,) of a generator's item: x, (x, y) or (x, y, sample weights)."""
    if isinstance(batch, tuple) and len(batch) not in (2, 3):
        raise _wrong_batch(batch, number, "x, (x, y) or (x, y, sample_weight)")
    return (batch[0] if isinstance(batch, tuple) else batch,)


def _wrong_batch(batch: Any, number: int, wanted: str) -> ValueError:
    came = f"a tuple of {len(batch)}" if isinstance(batch, tuple | list) else f"{type(batch).__name__}"
    return ValueError(
        f"The output of the generator should be a tuple {wanted}; batch {number} is {came}: "
        f"{str(batch)[:60]}."
    )
