"""The order of samples in the batches of an iterator."""

import threading
from collections.abc import Generator
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray


class Iterator:
    """Chooses the samples of each batch, indefinitely. Subclasses compute the batch in `next`.

    Random choices come from NumPy's global generator, as in Keras 1.2.2. The samples are shuffled again
    after a batch that is not full. If `batch_size` divides `n`, Keras 1.2.2 never reshuffles, and neither
    does this class, because results under a seed depend on it.

    Args:
        n: number of samples.
        batch_size: samples in a batch; the last batch of an epoch may have fewer.
        shuffle: whether samples come in random order.
        seed: if an int, NumPy's generator is seeded before each batch with `seed` plus the number of
            batches so far; None leaves the generator alone.

    Attributes:
        batch_index: number of the batch in this epoch.
        total_batches_seen: number of batches so far.
        lock: held while the next batch is chosen.
        index_generator: yields (indices of the samples, position of the first in the epoch, their number).

    Raises:
        ValueError: `batch_size` is not positive.
    """

    def __init__(self, n: int, batch_size: int, shuffle: bool, seed: int | None) -> None:
        if batch_size < 1:
            raise ValueError(f"{type(self).__name__}: got batch_size={batch_size}; wanted 1 or more.")
        self.n = n
        self.batch_size = batch_size
        self.shuffle = shuffle
        self.batch_index = 0
        self.total_batches_seen = 0
        self._seed = seed
        self._order: NDArray[np.integer] | None = None
        self._start()

    def _start(self) -> None:
        self.lock = threading.Lock()
        self.index_generator = self._flow_index(self.n, self.batch_size, self.shuffle, self._seed)

    def __getstate__(self) -> dict[str, Any]:
        # Locks and generators cannot be sent to a worker process; it makes its own.
        return {k: v for k, v in self.__dict__.items() if k not in ("lock", "index_generator")}

    def __setstate__(self, attributes: dict[str, Any]) -> None:
        self.__dict__.update(attributes)
        self._start()

    def get_state(self) -> dict[str, Any]:
        """Returns the position of the iterator as plain data, without the state of NumPy's generator."""
        order = None if self._order is None else self._order.copy()
        return {"batch_index": self.batch_index, "batches": self.total_batches_seen, "order": order}

    def set_state(self, state: dict[str, Any]) -> None:
        """Restores a position that `get_state` returned.

        Raises:
            ValueError: the state is not one of an iterator over so many samples; nothing is changed.
        """
        counts: list[Any] = [state.get(name) for name in ("batch_index", "batches")]
        order = state.get("order")
        if not all(type(count) is int and 0 <= count < 2**63 for count in counts):
            raise ValueError(
                f"{type(self).__name__}: batch_index and batches are {counts!r:.80}; wanted ints."
            )
        # If the batch size divides the number of samples, the number goes on in the next epoch.
        most = self.n // self.batch_size if self.n % self.batch_size else counts[1]
        if counts[0] > min(most, counts[1]):
            raise ValueError(
                f"{type(self).__name__}: batch_index is {counts[0]} after {counts[1]} batches of {self.n} "
                "samples."
            )
        is_list = isinstance(order, np.ndarray) and order.ndim == 1 and order.dtype.kind in "iu"
        if order is not None and not (is_list and np.array_equal(np.sort(order), np.arange(self.n))):
            raise ValueError(f"{type(self).__name__}: order is not an order of {self.n} samples.")
        self.batch_index, self.total_batches_seen = state["batch_index"], state["batches"]
        self._order = state["order"]

    def skip(self) -> None:
        """Advances past the next batch without computing it."""
        with self.lock:
            next(self.index_generator)

    def reset(self) -> None:
        """Starts a new epoch with the next batch."""
        self.batch_index = 0

    def _flow_index(
        self, n: int, batch_size: int = 32, shuffle: bool = False, seed: int | None = None
    ) -> Generator[tuple[NDArray[np.integer], int, int]]:
        if not n:
            raise ValueError(f"{type(self).__name__}: there are no samples to take a batch from.")
        while True:
            if seed is not None:
                np.random.seed(seed + self.total_batches_seen)
            order = self._order
            if self.batch_index == 0 or order is None:
                self._order = order = np.random.permutation(n) if shuffle else np.arange(n)
            first = self.batch_index * batch_size % n
            size = min(batch_size, n - first)
            self.batch_index = self.batch_index + 1 if size == batch_size else 0
            self.total_batches_seen += 1
            yield order[first : first + size], first, size

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Any:
        return self.next()

    def next(self) -> Any:
        """Returns the next batch."""
        raise NotImplementedError(f"{type(self).__name__} must define next().")
