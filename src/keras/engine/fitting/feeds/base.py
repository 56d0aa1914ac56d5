"""`Feed`, the interface of all kinds of data to the loops, and what it takes and yields."""

import abc
import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np

from ...._base.types import ArrayLike


@dataclass(frozen=True)
class Data:
    """Data as the user passed them, unchecked.

    Attributes:
        x, y, sample_weight, class_weight, shuffle: as in `Model.fit`.
        batch_size: int, samples in a batch; None if the data come in batches.
        samples: int, the samples of an epoch if they do not follow from the data, else None. A `Batches`
            counts batches instead.
        check_numerics: whether NaN and infinity are errors.
        pickle_safe, nb_worker, max_q_size, batch_timeout: as in `Model.fit_generator`.
        keeps_positions: whether `Feed.position` will be called.
    """

    x: Any
    y: Any = None
    sample_weight: Any = None
    class_weight: Any = None
    batch_size: int | None = None
    shuffle: bool | str = False
    samples: int | None = None
    check_numerics: bool = True
    pickle_safe: bool = False
    nb_worker: int = 1
    max_q_size: int = 10
    batch_timeout: float | None = None
    keeps_positions: bool = False


class Batch(NamedTuple):
    """One batch of an epoch.

    Attributes:
        number: int, counted from 0 in each epoch.
        size: int, its samples.
        progress: int, what it adds to the count of the epoch: its samples, or 1 if batches are counted.
        load: function without arguments that returns the checked arrays for the inputs of a program.
    """

    number: int
    size: int
    progress: int
    load: Callable[[], list[ArrayLike]]


@dataclass
class Position:
    """A place in the data.

    Attributes:
        epoch: int, the current epoch, or between epochs the next one.
        batch: int, how many of its batches are done.
        seen: int, the sum of `Batch.progress` over them.
        order_generator: state of NumPy's generator from which the order of the epoch's samples was
            drawn; None if no order was drawn.
    """

    epoch: int = 0
    batch: int = 0
    seen: int = 0
    order_generator: Any = None

    def end_epoch(self) -> None:
        """Moves on to the next epoch."""
        self.epoch, self.batch, self.seen = self.epoch + 1, 0, 0

    def draw_order(self, draw: Callable[[], np.ndarray]) -> np.ndarray:
        """Returns the order of the epoch's samples: `draw()`, or the same order again if it is resumed."""
        if not self.batch:
            self.order_generator = np.random.get_state()
            return draw()
        now = np.random.get_state()
        np.random.set_state(self.order_generator)
        order = draw()
        np.random.set_state(now)
        return order


class Feed(abc.ABC):
    """A kind of data: where the batches of an epoch come from.

    A new kind is a subclass in a file of its own, registered by `feeds.register`. It must define `accepts`,
    `of` and `batches`; all other members are optional abilities.

    Attributes:
        samples: int, samples of an epoch; a `Batches` if batches are counted.
        batch_size: int, or None if it may differ from batch to batch.
        arrays: list of arrays with all samples along axis 0, one for each input of the program; None if the
            samples cannot be indexed. With arrays, an epoch may run as one program.
        pads: whether `predict` may pad a short batch to a size that is already compiled.
    """

    samples: int
    batch_size: int | None = None
    arrays: list[Any] | None = None
    pads: ClassVar[bool] = False

    @classmethod
    @abc.abstractmethod
    def accepts(cls, data: Data) -> bool:
        """Whether the data are of this kind. It must not read them."""

    @classmethod
    @abc.abstractmethod
    def of(cls, model: Any, data: Data, purpose: str) -> "Feed":
        """Makes a feed from a user's data.

        Args:
            model: the `Model` that the batches are for.
            data: `Data`.
            purpose: "train", "test" or "predict"; batches for "predict" have inputs only.
        Raises:
            ValueError, TypeError: the data are wrong, as far as that can be checked before the first batch.
        """

    @abc.abstractmethod
    def batches(self, position: Position | None = None) -> Iterator[Batch]:
        """Yields the batches of one epoch, starting at a position (None: at its beginning)."""

    def order(self, position: Position | None = None) -> np.ndarray:
        """Returns the order of an epoch's samples, an int array; for feeds with `arrays`."""
        return np.arange(self.samples)

    def settings(self) -> dict[str, Any]:
        """Returns, as plain data, what must be equal when training is resumed."""
        return {"samples_per_epoch": int(self.samples)}

    def naming_batch(self, number: int) -> contextlib.AbstractContextManager:
        """Returns a context that adds the number of the batch to errors about its data."""
        return contextlib.nullcontext()

    def end_epoch(self, position: Position) -> None:
        """Called after the last batch of each epoch of training."""

    # --- workers: a feed without them does nothing here

    def start(self) -> None:
        """Starts the workers, or starts them again after `pause`."""

    def pause(self) -> None:
        """Stops the workers; the batches that they have made are kept."""

    def close(self) -> None:
        """Stops the workers for good."""

    # --- positions: not needed by a feed that indexes its samples

    def position(self) -> tuple[Any, Any] | None:
        """Returns (state of NumPy's generator, plain data) after the last batch, or None."""
        return None

    def go_to(self, place: Any) -> None:
        """Moves to a position, the plain data of `position`; called before `start`."""

    # --- what a file holds, before it is used; both change nothing

    def check_place(self, batch: int, seen: int) -> None:
        """Raises ValueError unless an epoch of these data has a place where so many batches are done.

        Args:
            batch: int >= 0, how many batches are done.
            seen: int >= 0, the sum of `Batch.progress` over them.
        """
        if batch > self.samples or batch > seen or (batch == 0 and seen):
            raise ValueError(
                f"{batch} batches with {seen} samples are done; an epoch has {int(self.samples)} samples"
            )

    def check_position(self, place: Any, epochs: int) -> None:
        """Raises ValueError unless a place is one to which `go_to` can move.

        Args:
            place: plain data from a file; None if it has none.
            epochs: int, how many epochs have begun.
        """
