"""Training and test steps over the batches of a feed, many in one program if possible."""

import functools
import itertools
import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from ..._graph import BatchLoop, Function, placement
from .feeds import Feed
from .feeds.base import Batch, Position
from .programs import run_program
from .watch import NonFiniteWatch

#: Arrays of up to this size together (bytes) are put on the device as a whole.
DEVICE_BYTES = 2 * 2**30
#: How long (seconds) a program should run before callbacks and the progress bar are called.
CHUNK_SECONDS = 0.2

_PHASES = {"train": 1, "test": 0}


class Step(NamedTuple):
    """One step of an epoch.

    Attributes:
        number, size, progress: as in `Batch`.
        values: function without arguments that returns the loss and metrics, a list of float. It runs the
            step, unless the step has run as part of a larger program.
    """

    number: int
    size: int
    progress: int
    values: Callable[[], list[float]]


class Steps:
    """The steps of a model over a feed.

    Args:
        model: a compiled `Model`.
        feed: `Feed`.
        purpose: "train" or "test", which program to run.
        one_by_one: whether to run each step as a program of its own: callbacks may observe single steps.
        may_change: whether a callback may write to the arrays between epochs.

    Attributes:
        data_seconds: float, the time of all batches so far until they could be computed on.
    """

    def __init__(
        self, model: Any, feed: Feed, purpose: str, one_by_one: bool = False, may_change: bool = False
    ) -> None:
        self.feed = feed
        self.data_seconds = 0.0
        self.model = model
        self._purpose = purpose
        self._phase = _PHASES[purpose]
        self._may_change = may_change
        # As in 1.2.2, `fit` keeps its program: a callback that compiles the model changes the next call only.
        self._kept: Any = self._program() if feed.arrays is not None else None
        self._loop = None if one_by_one else self._batch_loop()
        start = time.perf_counter()
        self._placed: Any = self._loop.place(feed.arrays or ()) if self._loop else None
        self.data_seconds += time.perf_counter() - start

    def _program(self) -> Any:
        # Loading a batch may have discarded the program, to rebuild the losses for targets of another shape.
        getattr(self.model, f"_make_{self._purpose}_function")()
        return getattr(self.model, f"{self._purpose}_function")

    def _batch_loop(self) -> BatchLoop | None:
        arrays = self.feed.arrays
        if (
            placement.current().parts > 1
            or arrays is None
            or not all(isinstance(array, np.ndarray) for array in arrays)
        ):
            return None
        program = self._kept
        if not isinstance(program, Function) or program.takes_phase:  # one that a subclass of Model made
            return None
        if sum(array.nbytes for array in arrays) > DEVICE_BYTES or not BatchLoop.suits(program):
            return None
        # Kept on the function, so that a second `fit` finds the compiled program.
        if self._phase not in program.loops:
            program.loops[self._phase] = BatchLoop(program, self._phase)
        return program.loops[self._phase]

    def run(
        self,
        position: Position | None = None,
        stop_every: int | None = None,
        watch: NonFiniteWatch | None = None,
    ) -> Iterator[Step]:
        """Returns an iterator over the steps of an epoch.

        Args:
            position: where in the epoch to begin; None for its beginning.
            stop_every: int; after each multiple of so many batches, counted from batch 0, the values are
                yielded before the next batch runs. None: any number of batches may run ahead.
            watch: `NonFiniteWatch` that reports a loss that is not finite before the weights change; the
                step is run again after that.
        """
        if self._loop is None:
            return self._single_steps(position, watch)
        return self._steps_in_chunks(self._loop, position, stop_every, watch)

    # --- each step a run of the program

    def _single_steps(self, position: Position | None, watch: NonFiniteWatch | None) -> Iterator[Step]:
        batches = iter(self.feed.batches(position))
        while True:
            start = time.perf_counter()
            batch = next(batches, None)
            self.data_seconds += time.perf_counter() - start
            if batch is None:
                return
            values = functools.partial(self._run_one, batch, watch)
            yield Step(batch.number, batch.size, batch.progress, values)

    def _run_one(self, batch: Batch, watch: NonFiniteWatch | None) -> list[float]:
        with self.feed.naming_batch(batch.number):
            start = time.perf_counter()
            arrays = batch.load()
            self.data_seconds += time.perf_counter() - start
            program = self._program() if self._kept is None else self._kept

            def run() -> list[float]:
                return [float(value) for value in run_program(self.model, program, arrays, self._phase)]

            return run() if watch is None else watch.values(batch.number, run, lambda: arrays)

    # --- many steps in one program

    def _steps_in_chunks(
        self,
        loop: BatchLoop,
        position: Position | None,
        stop_every: int | None,
        watch: NonFiniteWatch | None,
    ) -> Iterator[Step]:
        if self._may_change:
            self._placed = loop.place(self.feed.arrays or (), self._placed)
        index, size = self.feed.order(position).astype("int32"), self.feed.batch_size
        assert size is not None
        first, full = (position.batch if position else 0), len(index) // size
        batches, rest = index[: full * size].reshape(full, size), index[full * size :]
        steps = self._full_batches(loop, batches, first, stop_every, watch)
        if len(rest) and first <= full:
            return itertools.chain(steps, self._short_batch(loop, full, rest, watch))
        return steps

    def _full_batches(
        self,
        loop: BatchLoop,
        batches: np.ndarray,
        first: int,
        stop_every: int | None,
        watch: NonFiniteWatch | None,
    ) -> Iterator[Step]:
        """Yields the steps of an array of batches; one run has as many as fit into `CHUNK_SECONDS`."""
        size = batches.shape[1]
        results, start, chunk = None, first, 1
        while start < len(batches):
            stop = min(len(batches), start + chunk)
            if stop_every:
                stop = min(stop, start + stop_every - start % stop_every)
            before = time.perf_counter()
            watched = watch is not None and watch.is_on
            results, stop = loop.run(self._placed, batches, start, stop, results, watched)
            rows = np.asarray(results)[start:stop].tolist()
            seconds = (time.perf_counter() - before) / (stop - start)
            reported = watch is not None and watched and not np.isfinite(rows[-1][0])
            if watch is not None and reported:
                stop -= 1
                loop.function.step -= 1
                watch.look(rows.pop()[0], stop, loop.function.step, self._rows(batches[stop]))
            for number, row in enumerate(rows, start):
                yield Step(number, size, size, row.copy)
            start = stop
            # A run may have included compilation, so its time may be far above that of its steps.
            chunk = max(1, min(int(CHUNK_SECONDS / max(seconds, 1e-6)), 8 * chunk))
            if reported:
                chunk = 1  # the batch runs again, alone: a callback may end the training there

    def _short_batch(
        self, loop: BatchLoop, number: int, rows: np.ndarray, watch: NonFiniteWatch | None
    ) -> Iterator[Step]:
        def run() -> list[float]:
            results, _ = loop.run(self._placed, rows[None], 0, 1)
            return np.asarray(results)[0].tolist()

        values = run() if watch is None else watch.values(number, run, lambda: self._rows(rows))
        yield Step(number, len(rows), len(rows), values.copy)

    def _rows(self, rows: np.ndarray) -> list[Any]:
        assert self.feed.arrays is not None
        return [array[rows] for array in self.feed.arrays]
