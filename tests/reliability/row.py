"""The parts of a row of the table."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Run:
    """A run of the table.

    Attributes:
        folder: an empty folder for the row alone.
        quick: whether small counts are enough.
        keras_3: path of a Python that has Keras 3, to measure it as well; or None.
    """

    folder: Path
    quick: bool = True
    keras_3: str | None = None

    def count(self, full, quick):
        """Returns a number of repetitions: `full`, or `quick` in a quick run."""
        return quick if self.quick else full


@dataclass(frozen=True)
class Figure:
    """The result of a row.

    Attributes:
        ours: text for the table, such as "0 of 600 lost".
        good: whether the bar is met.
        keras_3: the same for Keras 3 if it was measured now, or None.
        problems: lines about each failure.
        why_not: the reason why the bar is known to be missed, which the table prints. It excuses
            a missing feature, never a problem.
    """

    ours: str
    good: bool
    keras_3: str | None = None
    problems: tuple = ()
    why_not: str = ""

    @property
    def as_expected(self):
        """Whether the bar is met, or is missed for a stated reason and without problems."""
        return self.good or bool(self.why_not and not self.problems)


@dataclass(frozen=True)
class Row:
    """A row of the table.

    Attributes:
        id: such as "B1".
        what: the measured quantity, in a few words.
        bar: the required result.
        keras_3: what Keras 3.15.1 did when it was measured (with JAX 0.10.2 on a CPU), or "-".
        measure: function `Run` -> `Figure`.
    """

    id: str
    what: str
    bar: str
    keras_3: str
    measure: Callable[[Run], Figure]
