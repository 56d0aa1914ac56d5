"""`Strategy`, the interface of all placements to models and loops."""

import abc
import contextlib
from collections.abc import Callable
from typing import Any, ClassVar, Protocol


class StepBuilder(Protocol):
    """Makes the program of a training step.

    Attributes:
        has_means: whether `mean_of` returns another tensor than it is given.
    """

    has_means: bool

    def mean_of(self, value: Any) -> Any:
        """Returns the tensor for the mean of `value` over all parts of the batch."""
        ...

    @property
    def function(self) -> Callable[..., Any]:
        """Makes the program, with the arguments of `Function`; its result is used as a `Function`."""
        ...


class Strategy(abc.ABC):
    """A placement: where values live, and how a training step runs.

    A new placement is a subclass in a file of its own, registered by `strategies.register`.

    Attributes:
        runs_epochs: whether many steps may run as one program, see `BatchLoop`.
        writes_files: whether this process writes checkpoints.
    """

    runs_epochs: ClassVar[bool] = True
    writes_files: bool = True

    @classmethod
    @abc.abstractmethod
    def is_active(cls) -> bool:
        """Whether values are placed in this way now."""

    @abc.abstractmethod
    def step_builder(self) -> StepBuilder:
        """Returns the builder of the program of a training step."""

    def check_method(self, method: str) -> None:
        """Checks that the placement supports a method of `Model`.

        Raises:
            NotImplementedError: it does not; the message names the method and what to call instead.
        """

    def training(self, model: Any, facts: dict[str, Any]) -> contextlib.AbstractContextManager:
        """Returns the context in which a training runs.

        Args:
            model: the model, its train function made.
            facts: dict of plain values that must be equal in all processes, by their names in messages.
        """
        return contextlib.nullcontext()

    def mean_values(self, values: list[float], epoch: int) -> list[float]:
        """Returns the means of validation results over all processes."""
        return values
