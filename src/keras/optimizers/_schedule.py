"""Learning rates that are functions of the step, such as the schedules of optax."""

from collections.abc import Callable, Mapping
from typing import Any, Never

import jax
import jax.numpy as jnp
import numpy as np

from .._base.custom_objects import get_custom_objects
from .._graph import Tensor, Variable, record, values_of


class ScheduledRate(Tensor):
    """A learning rate that follows a schedule. Like that of a variable, its value can be read.

    Args:
        schedule: function from the number of the steps before, an int32 scalar, to the rate of the next step.
        iterations: variable, the number of the steps before.
        refusal: why the rate cannot be set, and what to do.
    """

    def __init__(self, schedule: Callable[[Any], Any], iterations: Variable, refusal: str = "") -> None:
        def rate(step: Any) -> jax.Array:
            return jnp.asarray(schedule(step.astype("int32")), "float32")

        made = record(rate, iterations, name="schedule")
        super().__init__(made.sizes, made.dtype, made.node, made.index, name="lr")
        self.schedule = schedule
        self._refusal = refusal or (
            f"it follows the schedule {name_of_schedule(schedule)!r}. For a callback or a program to set "
            "it, give the optimizer a number, as in SGD(lr=0.01)."
        )

    def get_value(self) -> np.ndarray:
        """Returns the rate of the next step."""
        return values_of([self])[0]

    def set_value(self, value: Any) -> Never:
        """Raises ValueError, with the reason."""
        raise ValueError(f"The learning rate cannot be set to {value!r:.80}: {self._refusal}")


def checked_schedule(schedule: Callable[[Any], Any], owner: str) -> Callable[[Any], Any]:
    """Returns a schedule if a program can compute it.

    Raises:
        ValueError: it fails on a step that is known only when the program runs, or returns no single number.
    """
    name = name_of_schedule(schedule)
    try:
        found = jax.eval_shape(
            lambda step: jnp.asarray(schedule(step)), jax.ShapeDtypeStruct((), np.dtype("int32"))
        )
    except Exception as error:
        raise ValueError(
            f"{owner}: the schedule {name!r} failed: {str(error).splitlines()[0]:.200}. It takes the number "
            "of the steps before, an int32 array whose value is known only when the program runs: choose "
            "with jnp.where(step < 100, a, b) in place of `if`, and use jax.numpy in place of math and numpy."
        ) from error
    if found.shape != ():
        raise ValueError(f"{owner}: the schedule {name!r} must return one number; got shape {found.shape}.")
    return schedule


def name_of_schedule(schedule: Any) -> str:
    """Returns the name under which files refer to a schedule.

    Example:
        >>> def halving(step):
        ...     return 0.1 * 0.5**step
        >>> name_of_schedule(halving)
        'halving'
    """
    name = getattr(schedule, "__name__", type(schedule).__name__)
    if str(getattr(schedule, "__module__", "")).split(".")[0] == "optax":
        # Made by a function of optax, whose name tells more: cosine_decay_schedule.<locals>.schedule
        return getattr(schedule, "__qualname__", name).split(".")[0]
    return name


def schedule_in_config(lr: Any) -> dict[str, str]:
    """Returns what a config holds of a schedule: its name."""
    return {"schedule": name_of_schedule(lr.schedule)}


def schedule_from_config(config: Mapping[str, Any], owner: str) -> Callable[[Any], Any]:
    """Returns the schedule that a config names, from the custom objects.

    Raises:
        ValueError: it is not among them.
    """
    name = config.get("schedule")
    found = get_custom_objects().get(name) if isinstance(name, str) else None
    if not callable(found):
        raise ValueError(
            f"{owner}: its learning rate was the schedule {name!r:.80}, a function, which files do not "
            f"hold. Pass it again: load_model(path, custom_objects={{{name!r:.80}: schedule}}). Or load with "
            "compile=False and call compile; the optimizer then begins with a new state."
        )
    return found
