"""The parts of the table: `Row`, `Figure`, `Run`."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Run:
    """Settings of one measurement.

    Attributes:
        folder: an empty folder for this row.
        quick: bool, whether to use small counts.
        keras_3: path of a Python with Keras 3, which is measured too; or None.
    """

    folder: Path
    quick: bool = True
    keras_3: str | None = None

    def count(self, full, quick):
        """Returns `full`, or `quick` in a quick run."""
        return quick if self.quick else full


@dataclass(frozen=True)
class Figure:
    """The result of a row.

    Attributes:
        ours: the text in the table, such as "0 of 600 lost".
        good: whether the bar is met.
        keras_3: the same for Keras 3 if it was measured now, or None.
        problems: a line for each failure.
        why_not: the reason why the bar is not met, which the table prints. It excuses missing features, but
            no problems.
    """

    ours: str
    good: bool
    keras_3: str | None = None
    problems: tuple = ()
    why_not: str = ""

    @property
    def as_expected(self):
        """bool, whether the bar is met, or missed for a known reason without problems."""
        return self.good or bool(self.why_not and not self.problems)


@dataclass(frozen=True)
class Row:
    """A row of the table.

    Attributes:
        id: such as "B1".
        what: what is measured, in a few words.
        bar: the required result.
        keras_3: the result of Keras 3.15.1 when it was measured (with JAX 0.10.2 on a CPU), or "-".
        measure: function `Run` -> `Figure`.
    """

    id: str
    what: str
    bar: str
    keras_3: str
    measure: Callable[[Run], Figure]
