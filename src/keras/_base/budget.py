"""`Budget`: what reading one file may cost, in proportion to the file's size.

A file of a few hundred bytes can claim terabytes of numbers, millions of folders or calls, or a text that
takes a parser minutes. Each loader therefore charges its work to the budget of the file before it does it; a
charge over the limit is refused with nothing allocated. SECURITY.md states the limits.
"""

import contextlib
import contextvars
from collections.abc import Iterator
from dataclasses import dataclass, field

#: Bytes of memory that any file may take, and how many more for each byte of the file.
BASE_MEMORY, MEMORY_PER_BYTE = 200 * 2**20, 20
#: Steps that any file may take, and how many more for each byte. A step is 5 microseconds of a slow core, in
#: which Python makes or looks at a few things. So the law is 5 seconds and one more for each megabyte.
BASE_STEPS, STEPS_PER_BYTE = 1_000_000, 0.25
#: Bytes that any archive may write, and how many more for each byte of the archive.
BASE_DISK, DISK_PER_BYTE = 64 * 2**20, 100


class OverBudget(ValueError):
    """A file that asks for more memory or work than a file of its size may take."""


@dataclass
class Budget:
    """What reading one file may still take. Make one where the file is opened, and pass it on.

    Attributes:
        source: str, the file or text, for messages.
        size: int, its size in bytes.
        memory: int, how many more bytes may be allocated.
        steps: int, how many more steps may be taken.
        disk: int, how many more bytes may be written.

    Example:
        >>> budget = Budget("model.json", size=1_000)
        >>> budget.take_steps(250, "values")
        >>> budget.take_memory(2**40, "weights")
        Traceback (most recent call last):
          ...
        keras._base.budget.OverBudget: model.json: its weights would take 1,099,511,627,776 bytes of memory; \
209,735,200 are left for a file of 1,000 bytes. It is not read.
    """

    source: str
    size: int
    memory: int = field(init=False)
    steps: int = field(init=False)
    disk: int = field(init=False)

    def __post_init__(self) -> None:
        self.memory = BASE_MEMORY + MEMORY_PER_BYTE * self.size
        self.steps = BASE_STEPS + int(STEPS_PER_BYTE * self.size)
        self.disk = BASE_DISK + DISK_PER_BYTE * self.size

    def take_memory(self, count: int, what: str) -> None:
        """Charges memory before it is allocated.

        Args:
            count: int >= 0, bytes.
            what: str, what the memory is for, in the plural, for messages.

        Raises:
            OverBudget: more than is left; nothing is charged then.
        """
        if count > self.memory:
            raise self._refused(count, "bytes of memory", self.memory, what)
        self.memory -= count

    def return_memory(self, count: int) -> None:
        """Gives back memory that was charged and has been freed."""
        self.memory += count

    def take_steps(self, count: int, what: str) -> None:
        """Charges work before it is done.

        Args:
            count: int >= 0, steps.
            what: str, what is made or looked at, in the plural, for messages.

        Raises:
            OverBudget: more than is left; nothing is charged then.
        """
        if count > self.steps:
            raise self._refused(count, "steps", self.steps, what)
        self.steps -= count

    def take_disk(self, count: int, what: str) -> None:
        """Charges bytes before they are written to a disk; as `take_memory`."""
        if count > self.disk:
            raise self._refused(count, "bytes on disk", self.disk, what)
        self.disk -= count

    def _refused(self, count: int, unit: str, left: int, what: str) -> OverBudget:
        return OverBudget(
            f"{self.source}: its {what} would take {count:,} {unit}; {left:,} are left for a file of "
            f"{self.size:,} bytes. It is not read."
        )


# What a config describes is made by layers and ops, which cannot pass a budget on to each other.
_running: contextvars.ContextVar[Budget | None] = contextvars.ContextVar("budget", default=None)


@contextlib.contextmanager
def spending(budget: Budget) -> Iterator[None]:
    """Charges what the block builds to a budget; see `charge_running`."""
    token = _running.set(budget)
    try:
        yield
    finally:
        _running.reset(token)


def running_budget() -> Budget | None:
    """Returns the budget of the innermost `spending` block, or None outside of one."""
    return _running.get()


def charge_running(count: int, what: str) -> None:
    """Charges steps to the budget of the innermost `spending` block; outside of one it does nothing.

    Raises:
        OverBudget: more than is left.
    """
    budget = _running.get()
    if budget is not None:
        budget.take_steps(count, what)
