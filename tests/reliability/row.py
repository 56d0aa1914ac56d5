"""What a row of the table is made of."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Run:
    """One run of the table.

    Attributes:
        folder: an empty folder for the row alone.
        quick: whether small counts will do.
        keras_3: path of a Python that has Keras 3, to measure it beside; or None.
    """

    folder: Path
    quick: bool = True
    keras_3: str | None = None

    def count(self, full, quick):
        """How often to do something: `full` times, or `quick` times in a quick run."""
        return quick if self.quick else full


@dataclass(frozen=True)
class Figure:
    """What a row measured.

    Attributes:
        ours: what the table prints, such as "0 of 600 lost".
        good: whether the bar is met.
        keras_3: the same for Keras 3 if it was measured now, or None.
        problems: lines about each thing that went wrong.
        why_not: where the bar is known not to be met, the reason, which the table prints. It excuses
            what is not built, never a problem.
    """

    ours: str
    good: bool
    keras_3: str | None = None
    problems: tuple = ()
    why_not: str = ""

    @property
    def as_expected(self):
        """bool: the bar is met, or it is said why not and nothing went wrong."""
        return self.good or bool(self.why_not and not self.problems)


@dataclass(frozen=True)
class Row:
    """A row of the table.

    Attributes:
        id: such as "B1".
        what: what is measured, in a few words.
        bar: what has to come out.
        keras_3: what Keras 3.15.1 did when it was measured (with JAX 0.10.2 on a CPU), or "-".
        measure: function `Run` -> `Figure`.
    """

    id: str
    what: str
    bar: str
    keras_3: str
    measure: Callable[[Run], Figure]
