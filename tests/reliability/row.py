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
    """

    ours: str
    good: bool
    keras_3: str | None = None
    problems: tuple = ()


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
