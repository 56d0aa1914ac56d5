"""Batches of iterables, pass by pass: what is iterated, in which order, and where it stands."""

import sys
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

import numpy as np

from ...._base.sequence import Sequence


class Passes:
    """Runs again and again over the batches of a source, and ends after each pass.

    A pass ends by `StopIteration`; the next call of `next` begins another one.

    Args:
        source: `Source`.
        prepare: function (item, number of the batch) -> what `next` returns.
        endless: whether the next pass follows at once, as the length of epochs does not depend on passes.
    """

    def __init__(self, source: "Source", prepare: Callable[[Any, int], Any], endless: bool) -> None:
        self._source = source
        self._prepare = prepare
        self._endless = endless and source.begins_again
        self._items: Iterator[Any] | None = None  # with `_batch` above 0: to be found again
        self._pass = 0
        self._batch = 0
        self._restored: dict[str, Any] | None = None

    def __next__(self) -> Any:
        if self._items is None:
            self._items = self._source.begin(self._pass, self._batch, self._restored)
            self._restored = None
        try:
            item = next(self._items)
        except StopIteration:
            empty = not self._batch
            self._end_pass()
            if self._endless and not empty:
                return next(self)
            raise
        self._batch += 1
        return self._prepare(item, self._batch - 1)

    def _end_pass(self) -> None:
        self._source.end_pass()
        self._items, self._pass, self._batch = None, self._pass + 1, 0

    def restart(self) -> None:
        """Begins a new pass with the next item, unless the source has only one."""
        if self._source.begins_again and (self._batch or self._items is not None):
            self._items, self._pass, self._batch, self._restored = None, self._pass + 1, 0, None

    def get_state(self) -> dict[str, Any]:
        """Returns the position after the last item, as plain data."""
        return {"pass": self._pass, "batch": self._batch, **self._source.get_state(self._items)}

    def set_state(self, state: dict[str, Any]) -> None:
        """Moves to a position that `get_state` returned, and that `check_state` accepts."""
        self._pass, self._batch = state["pass"], state["batch"]
        self._source.set_state(state)
        self._items, self._restored = None, state

    def check_state(self, state: Any) -> None:
        """Raises ValueError unless a value from a file has the form of a position."""
        own = self.get_state()
        if not isinstance(state, dict) or not own.keys() <= state.keys() <= {*own, "iterator"}:
            raise ValueError(f"the position in the data is {state!r:.80}; wanted a dict with {sorted(own)}")
        for name in own.keys() - {"iterator"}:
            if type(state[name]) is not int or not 0 <= state[name] < 2**32:
                raise ValueError(f"the position in the data has {name} {state[name]!r:.80}; wanted an int")


class Source:
    """An iterable of batches.

    Args:
        data: iterable; an iterator has one pass only.

    Attributes:
        length: int, the batches of a pass; None if it is not known.
        samples: int, the samples of an epoch where the data say it; otherwise None.
        begins_again: whether there is more than one pass.
        is_endless: whether a pass is known to have no end.
    """

    samples: int | None = None

    def __init__(self, data: Any) -> None:
        self.data = data
        self.begins_again = not hasattr(data, "__next__")
        self.length, self.is_endless = _length(data)
        if _is_image_iterator(data):
            self.samples = int(data.n)

    def begin(self, number: int, first: int, state: dict[str, Any] | None = None) -> Iterator[Any]:
        """Returns an iterator over pass `number`, from batch `first` on.

        Args:
            state: the position, if it is restored.
        """
        items = iter(self.data)
        own = (state or {}).get("iterator")
        if own is not None and hasattr(items, "set_state"):
            items.set_state(own.tobytes() if isinstance(own, np.ndarray) else own)
            return items
        return islice(items, first, None) if first else items

    def end_pass(self) -> None:
        """Called after the last batch of each pass."""

    def get_state(self, items: Any) -> dict[str, Any]:
        """Returns what more a position has, as plain data, after the last item of `items`."""
        if not hasattr(items, "get_state"):
            return {}
        state = items.get_state()
        return {"iterator": np.frombuffer(state, "uint8") if isinstance(state, bytes) else state}

    def set_state(self, state: dict[str, Any]) -> None:
        """Restores what `get_state` returned, before `begin`."""


class IndexedSource(Source):
    """Batches that are found by numbers, in an order of its own in each pass if they are shuffled.

    Args:
        data: what was passed.
        count: int, how many numbers there are.
        get: function from an int array, the numbers of one batch, to the batch.
        size: int, numbers in a batch.
        shuffle: whether the order is random. It follows from one draw of NumPy's generator and from the
            number of the pass, so that a resumed training finds it again.
    """

    def __init__(
        self, data: Any, count: int, get: Callable[[np.ndarray], Any], size: int, shuffle: bool
    ) -> None:
        super().__init__(data)
        self.begins_again, self.is_endless = True, False
        self.length = -(-count // size)
        self._count, self._get, self._size = count, get, size
        self._seed = int(np.random.randint(2**31 - 1)) if shuffle else 0
        self._shuffle = shuffle

    def begin(self, number: int, first: int, state: dict[str, Any] | None = None) -> Iterator[Any]:
        order = np.arange(self._count)
        if self._shuffle:
            order = np.random.RandomState([self._seed, number % 2**32]).permutation(self._count)
        starts = range(first * self._size, self._count, self._size)
        return (self._get(order[start : start + self._size]) for start in starts)

    def end_pass(self) -> None:
        getattr(self.data, "on_epoch_end", lambda: None)()

    def get_state(self, items: Any) -> dict[str, Any]:
        return {"seed": self._seed}

    def set_state(self, state: dict[str, Any]) -> None:
        self._seed = state["seed"]


def source_of(data: Any, batch_size: int, shuffle: Any) -> Source:
    """Returns the source for data that `is_batches` accepts.

    Args:
        data: iterable of batches; a `Sequence`; or a data set of Hugging Face, whose rows are put together.
        batch_size: int, rows in a batch, for data that come in rows.
        shuffle: whether data that can be indexed are shuffled; "batch" is True for batches.
    Raises:
        TypeError: the data cannot be iterated, or give single samples.
    """
    if isinstance(data, Sequence):
        return IndexedSource(data, len(data), lambda numbers: data[int(numbers[0])], 1, bool(shuffle))
    if _is_row_table(data):
        rows = data
        if hasattr(rows, "with_format") and getattr(rows, "format", {}).get("type") is None:
            rows = rows.with_format("numpy")
        if not hasattr(rows, "__len__"):
            return _RowStream(rows, batch_size)
        return IndexedSource(
            data, len(rows), lambda numbers: rows[numbers.tolist()], batch_size, bool(shuffle)
        )
    if not hasattr(data, "__iter__") and not hasattr(data, "__next__"):
        raise TypeError(
            f"x is a {type(data).__name__}, which gives single samples by their number; wanted batches. Make "
            f"them with torch.utils.data.DataLoader(x, batch_size={batch_size}), or derive the class from "
            "keras.utils.Sequence and return a batch for each number."
        )
    return Source(data)


class _RowStream(Source):
    """Rows that a data set of Hugging Face reads one after the other, `batch_size` at once."""

    def __init__(self, data: Any, batch_size: int) -> None:
        super().__init__(data)
        self._batch_size = batch_size

    def begin(self, number: int, first: int, state: dict[str, Any] | None = None) -> Iterator[Any]:
        return islice(self.data.iter(batch_size=self._batch_size), first, None)


def is_batches(data: Any) -> bool:
    """Whether data are an iterable of batches, as opposed to arrays, tables and lists of them.

    It is asked by methods only, and nothing is read.
    """
    if hasattr(data, "__next__") or isinstance(data, Sequence) or _is_row_table(data):
        return True
    if isinstance(data, list):
        return bool(data) and all(map(_is_batch, data))
    if data is None or isinstance(data, _CONTAINERS) or hasattr(type(data), "columns"):
        return False
    if any(hasattr(data, name) for name in _OF_ARRAYS):
        return False
    if type(data).__module__.startswith("datasets.") or type(data).__name__ == "deque":
        return False  # a column, which is an array
    return hasattr(data, "__iter__") or (hasattr(data, "__getitem__") and hasattr(data, "__len__"))


_CONTAINERS = (str, bytes, bytearray, memoryview, dict, tuple, set, frozenset, range, int, float, complex)
_OF_ARRAYS = (
    *("shape", "__array__", "__array_interface__", "__array_struct__", "__dlpack__", "keys"),
    *("tocsr", "to_numpy", "typecode"),
)


def _is_batch(item: Any) -> bool:
    """Whether an item of a list is a batch: a dict, or a tuple that begins with arrays or a dict."""
    if isinstance(item, tuple) and len(item) in (2, 3):
        first = item[0] if isinstance(item[0], list) and item[0] else [item[0]]
        return isinstance(item[0], dict) or all(hasattr(array, "shape") for array in first)
    return isinstance(item, dict)


def _is_row_table(data: Any) -> bool:
    """Whether data are a data set of Hugging Face: a table of rows with named columns."""
    return hasattr(data, "column_names") and hasattr(data, "features") and not hasattr(data, "columns")


def _is_image_iterator(data: Any) -> bool:
    return all(hasattr(data, name) for name in ("__next__", "n", "batch_size", "index_generator"))


def _length(data: Any) -> tuple[int | None, bool]:
    """Returns (the batches of a pass or None, whether the data are known to have no end)."""
    if type(data).__module__ == "itertools" and type(data).__name__ in ("count", "cycle", "repeat"):
        return None, True
    cardinality: Any = getattr(data, "cardinality", None)  # of tf.data: -1 is endless, -2 unknown
    if callable(cardinality):
        counted: Any = cardinality()
        number = int(counted)
        return (number if number >= 0 else None), number == -1
    try:
        number = len(data)
    except (TypeError, NotImplementedError, AttributeError):
        return None, False
    # Grain's and PyTorch's ways to say that there is no end.
    return (None, True) if number >= sys.maxsize // 2 else (number, False)
