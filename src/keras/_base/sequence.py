"""`Sequence`: batches that are found by their number."""

import abc
from collections.abc import Iterator
from typing import Any


class Sequence(abc.ABC):
    """The base class of data that make each batch of an epoch by its number, as in Keras 2.

    Pass one to `fit`, `evaluate` or `predict` in place of arrays, or as `validation_data`.

    Example:
        >>> import numpy as np
        >>> class Squares(Sequence):
        ...     def __len__(self):
        ...         return 3
        ...     def __getitem__(self, index):
        ...         x = np.arange(4 * index, 4 * index + 4)
        ...         return x, x**2
        >>> [int(y[0]) for x, y in Squares()]
        [0, 16, 64]
    """

    @abc.abstractmethod
    def __getitem__(self, index: int) -> Any:
        """Returns batch number `index`: (x, y), (x, y, sample_weight), or a dict by names."""

    @abc.abstractmethod
    def __len__(self) -> int:
        """Returns the number of batches in an epoch."""

    def on_epoch_end(self) -> None:
        """Called after the last batch of each epoch of training."""

    def __iter__(self) -> Iterator[Any]:
        return (self[index] for index in range(len(self)))
