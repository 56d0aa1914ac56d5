"""`FitPlan`: the arguments of one call of `fit` or `fit_generator`, apart from the data."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..._base.types import FilePath
from .feeds import Feed


@dataclass(frozen=True)
class FitPlan:
    """The arguments of `Model.fit` and `Model.fit_generator` that are not data; made once, read everywhere.

    Attributes:
        nb_epoch: int; the epochs `initial_epoch` .. `nb_epoch` - 1 are run.
        initial_epoch: int, the number of the first epoch.
        verbose: 0 silent, 1 progress bar, 2 one line an epoch.
        callbacks: the user's callbacks, or None.
        check_numerics: whether a loss that is not finite is reported by a warning; "raise" raises instead.
        resume_from: path of a file of a `TrainingCheckpoint`, or None.
        announces_samples: whether the numbers of samples are printed before the first epoch.

    Raises:
        ValueError: an epoch is not an int of 0 or more, or the first one comes after the last.
    """

    nb_epoch: int
    initial_epoch: int = 0
    verbose: int = 1
    callbacks: Sequence[Any] | None = None
    check_numerics: bool | str = True
    resume_from: FilePath | None = None
    announces_samples: bool = True

    def __post_init__(self) -> None:
        for name in ("nb_epoch", "initial_epoch"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 0:
                raise ValueError(f"{name} must be an int of 0 or more; got {value!r}.")
        if self.initial_epoch > self.nb_epoch:
            raise ValueError(
                f"initial_epoch {self.initial_epoch} is after nb_epoch {self.nb_epoch}: training runs from "
                "initial_epoch up to nb_epoch."
            )
        if self.resume_from is None:
            files = [getattr(callback, "file_to_resume", None) for callback in _listed(self.callbacks)]
            object.__setattr__(self, "resume_from", next(filter(None, files), None))

    @property
    def epochs(self) -> int:
        """The number of epochs to run."""
        return self.nb_epoch - self.initial_epoch

    def params(self, feed: Feed, validation: Feed | None, labels: Sequence[str]) -> dict[str, Any]:
        """Returns the parameters of the training for callbacks; see `Callback.params`.

        Args:
            feed, validation: the data.
            labels: names of the numbers that a step returns.
        """
        batch_size = {} if feed.batch_size is None else {"batch_size": feed.batch_size}
        return {
            **batch_size,
            "nb_epoch": self.nb_epoch,
            "nb_sample": feed.samples,
            "verbose": self.verbose,
            "do_validation": validation is not None,
            "metrics": [*labels, *(f"val_{label}" for label in labels if validation is not None)],
            "resumed": self.resume_from is not None,
        }


def _listed(callbacks: Any) -> Sequence[Any]:
    # Another value is refused where the list is made.
    return callbacks if isinstance(callbacks, list | tuple) else ()
