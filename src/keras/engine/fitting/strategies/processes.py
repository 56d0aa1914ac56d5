"""The processes of `keras.distributed`, each of which computes on rows of its own.

A step is two programs. The first computes losses, gradients and the new values of layers (such as running
statistics) on the rows of this process; the second computes the updates from their means over all processes.
The means are exchanged on the host, between the programs: a program that waits for other processes could not
be stopped if one of them is lost.
"""

import contextlib
import hashlib
from collections.abc import Iterator
from typing import Any, ClassVar

import numpy as np

from .... import backend as K
from ...._graph import Function, Tensor
from ....distributed import current_group, process_id
from .base import Strategy

#: The difference between the seeds of two neighbouring processes, whose dropout must differ.
_SEED_DISTANCE = 0x9E3779B1


class _MeansOverProcesses:
    """The builder of a step in two programs.

    Attributes:
        own: list of tensors of the first program.
        means: list of placeholders of the second program, for their means over all processes.
    """

    has_means = True

    def __init__(self) -> None:
        self.own: list[Tensor] = []
        self.means: list[Tensor] = []

    def mean_of(self, value: Any) -> Any:
        """Returns a placeholder for the mean of `value` over the processes; a number unchanged."""
        if not isinstance(value, Tensor):
            return value
        mean = K.placeholder(value.shape, dtype=str(value.dtype), name=f"mean_{len(self.means)}")
        self.own.append(value)
        self.means.append(mean)
        return mean

    def function(
        self, inputs: list[Tensor], outputs: list[Tensor], updates: list[Any], name: str, condition: Tensor
    ) -> "_ParallelFunction":
        """Makes the step, an object with the interface of `Function`."""
        return _ParallelFunction(self, inputs, outputs, updates, name, condition)


class _ParallelFunction:
    """A training step in two programs, with an exchange between them. It has the interface of `Function`.

    Attributes:
        inputs, outputs, updated, read, step, seeds: as in `Function`.
    """

    def __init__(
        self,
        averages: _MeansOverProcesses,
        inputs: list[Tensor],
        outputs: list[Tensor],
        updates: list[Any],
        name: str,
        condition: Tensor,
    ) -> None:
        group = current_group()
        assert group is not None
        self._group = group
        self.takes_phase = False
        self.condition = condition
        self._own = Function(inputs, averages.own, name=f"{name}.own")
        self._common = Function(averages.means, outputs, updates, f"{name}.common", condition)
        self.inputs, self.outputs = self._own.inputs, self._common.outputs
        self.updated = self._common.updated
        reads = {v.key: v for v in [*self._common.read, *self._own.read] if v not in self.updated}
        self.read = list(reads.values())

    def run(self, inputs: Any = (), train: int = 0) -> list[Any]:
        """Runs the step like `Function.run`, on the rows of this process."""
        own = self._own.run(inputs, train)
        means = self._group.mean(f"step {self.step} of a fit", own)
        return self._common.run(means, train)

    def fingerprint(self) -> str:
        """Returns a digest of both programs."""
        prints = self._own.fingerprint() + self._common.fingerprint()
        return hashlib.sha256(prints.encode()).hexdigest()

    @property
    def step(self) -> int:
        """How often the step has run."""
        return self._own.step

    @step.setter
    def step(self, step: int) -> None:
        self._own.step = self._common.step = step

    @property
    def seeds(self) -> list[int | None]:
        """The seeds of the random ops."""
        return self._own.seeds + self._common.seeds

    @seeds.setter
    def seeds(self, seeds: list[int]) -> None:
        count = len(self._own.seeds)
        self._own.seeds, self._common.seeds = seeds[:count], seeds[count:]


class Processes(Strategy):
    """The processes of `keras.distributed`, each with rows of its own."""

    runs_epochs: ClassVar[bool] = False

    def __init__(self) -> None:
        group = current_group()
        assert group is not None
        self._group = group
        self.writes_files = process_id() == 0

    @classmethod
    def is_active(cls) -> bool:
        return current_group() is not None

    def step_builder(self) -> _MeansOverProcesses:
        return _MeansOverProcesses()

    def check_method(self, method: str) -> None:
        if method != "fit":
            raise NotImplementedError(f"{method} works in one process only; in several, use fit.")

    @contextlib.contextmanager
    def training(self, model: Any, facts: dict[str, Any]) -> Iterator[None]:
        """Returns the context in which all processes take the same training steps.

        All start with the weights, the optimizer's state and the state of NumPy's generator of process 0. If
        one process leaves the context with an error, the others stop, too.

        Raises:
            ValueError: a fact differs between processes.
            NotImplementedError: the model is stateful.
        """
        group = self._group
        _begin(group, model, facts)
        try:
            yield
            group.exchange(f"the end of fit, after step {model.train_function.step}", b"", lambda _: b"")
        except BaseException as error:
            group.watch.fail(f"left fit: {type(error).__name__}: {error}")
            raise

    def mean_values(self, values: list[float], epoch: int) -> list[float]:
        means = self._group.mean(f"the validation of epoch {epoch}", np.asarray(values, "float64"))
        return [float(mean) for mean in means]


def _begin(group: Any, model: Any, facts: dict[str, Any]) -> None:
    program = model.train_function
    if not isinstance(program, _ParallelFunction):
        raise RuntimeError(
            f"Model {model.name!r} was compiled for one process: call keras.distributed.initialize first."
        )
    if model.stateful:
        raise NotImplementedError(
            f"Model {model.name!r} is stateful; its states belong to one process's rows."
        )
    variables = list({v.key: v for v in [*model.weights, *program.updated, *program.read]}.values())
    shapes = [f"{variable.dtype} {variable.shape}" for variable in variables]
    group.agree("fit", {**facts, "the program of a step": program.fingerprint(), "weights": shapes})
    name, keys, *numbers = np.random.get_state()
    arrays = [
        *K.batch_get_value(variables),
        np.asarray(program.seeds, "int64"),
        keys,
        np.asarray(numbers, "float64"),
    ]
    *values, seeds, keys, numbers = group.broadcast("the start of fit", arrays)
    K.batch_set_value(zip(variables, values, strict=True))
    np.random.set_state((name, keys, int(numbers[0]), int(numbers[1]), float(numbers[2])))
    seeds = [(int(seed) + group.process_id * _SEED_DISTANCE) % 2**31 for seed in seeds]
    if group.process_id and seeds != program.seeds:
        program.seeds = seeds
