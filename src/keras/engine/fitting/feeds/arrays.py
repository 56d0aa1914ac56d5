"""Data in arrays: NumPy's, SciPy's sparse matrices, and arrays that are not in memory (`StoredRows`)."""

import functools
import itertools
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ClassVar

import numpy as np

from .. import checks
from ..rows import batch_shuffle, make_batches, slice_X, split_at
from ..stored_rows import StoredRows
from .base import Batch, Data, Feed, Position


class ArrayFeed(Feed):
    """Samples along axis 0 of arrays.

    Args:
        arrays: list of arrays of one length, one for each input of the program.
        batch_size: int.
        shuffle: whether each epoch has an order of its own; "batch" shuffles whole batches.
        check: function that is called with the arrays of a batch if some are not in memory; None if they
            need no check.
    """

    pads: ClassVar[bool] = True

    def __init__(
        self,
        arrays: list[Any],
        batch_size: int,
        shuffle: bool | str = False,
        check: Callable[[list[Any]], None] | None = None,
    ) -> None:
        self.arrays: list[Any] = arrays
        self.batch_size: int = batch_size
        self.shuffle = shuffle
        self.samples = len(arrays[0])
        self._reads = any(isinstance(array, StoredRows) for array in arrays)
        self._check = check if self._reads else None

    @classmethod
    def accepts(cls, data: Data) -> bool:
        return data.batch_size is not None

    @classmethod
    def of(cls, model: Any, data: Data, purpose: str) -> "ArrayFeed":
        assert data.batch_size is not None
        if purpose == "predict":
            arrays = checks.prediction_arrays(model, data.x, data.batch_size)
        else:
            arrays = checks.training_arrays(
                model,
                data.x,
                data.y,
                data.sample_weight,
                data.class_weight,
                data.batch_size,
                data.check_numerics,
            )
        check = functools.partial(checks.check_read, model, check_numerics=data.check_numerics)
        return cls(arrays, data.batch_size, data.shuffle, check)

    def split(self, fraction: float) -> tuple["ArrayFeed", "ArrayFeed"]:
        """Returns two feeds: the last part of the samples is for validation.

        Args:
            fraction: float in [0, 1), the size of the last part.
        Raises:
            ValueError: one of the parts would be empty.
        """
        if isinstance(fraction, bool | str) or not 0 <= fraction < 1:
            raise ValueError(f"validation_split must satisfy 0 <= v < 1; got {fraction!r}.")
        samples = self.samples
        at = int(samples * (1.0 - fraction))
        if at in (0, samples):
            raise ValueError(
                f"validation_split={fraction} of {samples} samples leaves {at} to train and {samples - at} "
                "to validate with; both need at least 1."
            )
        training, validating = zip(*(split_at(array, at) for array in self.arrays), strict=True)
        return ArrayFeed(list(training), self.batch_size, self.shuffle, self._check), ArrayFeed(
            list(validating), self.batch_size, check=self._check
        )

    def settings(self) -> dict[str, Any]:
        return {"samples": self.samples, "batch_size": self.batch_size, "shuffle": self.shuffle}

    def check_place(self, batch: int, seen: int) -> None:
        assert self.batch_size is not None
        batches = -(-self.samples // self.batch_size)
        if batch > batches or seen != min(batch * self.batch_size, self.samples):
            raise ValueError(
                f"{batch} batches with {seen} samples are done; an epoch has {batches} batches and "
                f"{self.samples} samples"
            )

    def order(self, position: Position | None = None) -> np.ndarray:
        return np.arange(self.samples) if position is None else position.draw_order(self._draw_order)

    def _draw_order(self) -> np.ndarray:
        index = np.arange(self.samples)
        if self.shuffle == "batch":
            return batch_shuffle(index, self.batch_size)
        if self.shuffle:
            np.random.shuffle(index)
        return index

    def batches(self, position: Position | None = None) -> Iterator[Batch]:
        batches = self._all_batches(position)
        return read_ahead(batches) if self._reads else batches

    def _all_batches(self, position: Position | None) -> Iterator[Batch]:
        # Without a position the order is 0, 1, 2, ...: slices of the data, which copy nothing.
        index = None if position is None else self.order(position)
        first = 0 if position is None else position.batch
        batches = enumerate(make_batches(self.samples, self.batch_size))
        for number, (start, end) in itertools.islice(batches, first, None):
            rows = slice(start, end) if index is None else index[start:end]
            yield Batch(number, end - start, end - start, functools.partial(self.take, rows))

    def take(self, rows: Any) -> list[Any]:
        """Returns the samples at these indices (int array or slice), as a list of arrays."""
        start, stop = (rows.start, rows.stop) if isinstance(rows, slice) else (rows, None)
        arrays = slice_X(self.arrays, start, stop)
        if self._check is not None:
            self._check(arrays)
        return arrays


def read_ahead(batches: Iterator[Batch]) -> Iterator[Batch]:
    """Yields batches whose arrays are loaded in a thread, each while the one before is used."""
    with ThreadPoolExecutor(1, "keras-reader") as reader:
        waiting: Batch | None = None
        for batch in batches:
            loaded = reader.submit(batch.load)
            if waiting is not None:
                yield waiting
            waiting = batch._replace(load=loaded.result)
        if waiting is not None:
            yield waiting
