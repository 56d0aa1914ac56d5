"""Training steps of several processes together; see `keras.distributed`.

A step is two programs. The first computes losses, gradients and the new values of layers (such as running
statistics) on the rows of this process; the second makes updates of their means over all processes. Between
them the numbers are on the host: a program that waits for other processes cannot be left when one is lost.
"""

import contextlib
import hashlib

import numpy as np

from ... import backend as K
from ..._graph import Function, Tensor
from ...distributed import current_group

#: What separates the seeds of two processes, so that their dropout differs.
_SEED_DISTANCE = 0x9E3779B1


class Averages:
    """The tensors of a training step that stand for means over all processes, while it is made."""

    def __init__(self):
        self.own = []
        self.means = []

    def mean_of(self, value):
        """A tensor for the mean of `value` over the processes; what is no tensor, as it is."""
        if not isinstance(value, Tensor):
            return value
        mean = K.placeholder(value.shape, dtype=value.dtype, name=f"mean_{len(self.means)}")
        self.own.append(value)
        self.means.append(mean)
        return mean

    def function(self, inputs, outputs, updates, name, condition):
        """The step, to be used as a `Function` of these arguments."""
        return ParallelFunction(self, inputs, outputs, updates, name, condition)


class ParallelFunction:
    """A training step in two programs, with an exchange between them; used as a `Function` is.

    Attributes:
        inputs, outputs, updated, read, step, seeds: as those of a `Function`.
    """

    def __init__(self, averages, inputs, outputs, updates, name, condition):
        self._group = current_group()
        self._own = Function(inputs, averages.own, name=f"{name}.own")
        try:
            self._common = Function(averages.means, outputs, updates, f"{name}.common", condition)
        except ValueError as error:
            raise ValueError(
                "In several processes an optimizer must take its gradients from self.get_gradients(loss, "
                f"params), which are means over all of them. {error}"
            ) from error
        self.inputs, self.outputs = self._own.inputs, self._common.outputs
        self.updated = self._common.updated
        reads = {v.key: v for v in [*self._common.read, *self._own.read] if v not in self.updated}
        self.read = list(reads.values())

    def run(self, inputs=(), train=0):
        """Like `Function.run`, on the rows of this process."""
        own = self._own.run(inputs, train)
        means = self._group.mean(f"step {self.step} of a fit", own)
        return self._common.run(means, train)

    def fingerprint(self):
        prints = self._own.fingerprint() + self._common.fingerprint()
        return hashlib.sha256(prints.encode()).hexdigest()

    @property
    def step(self):
        return self._own.step

    @step.setter
    def step(self, step):
        self._own.step = self._common.step = step

    @property
    def seeds(self):
        return self._own.seeds + self._common.seeds

    @seeds.setter
    def seeds(self, seeds):
        count = len(self._own.seeds)
        self._own.seeds, self._common.seeds = seeds[:count], seeds[count:]


def refuse(method):
    """Raises NotImplementedError for a method that does not work in several processes."""
    if current_group():
        raise NotImplementedError(f"{method} works in one process only; in several, use fit.")


@contextlib.contextmanager
def training_together(model, facts):
    """A block in which all processes take the same training steps; one that leaves it ends the others.

    All begin with the weights, the optimizer's memory and the state of NumPy's generator of process 0.

    Args:
        model: the model, its train function made.
        facts: dict of what must be the same in all processes, plain values.
    Raises:
        ValueError: a fact is not the same in all; NotImplementedError: the model is stateful.
    """
    group = current_group()
    if group is None:
        yield
        return
    _begin(group, model, facts)
    try:
        yield
        group.exchange(f"the end of fit, after step {model.train_function.step}", b"", lambda _: b"")
    except BaseException as error:
        group.watch.fail(f"left fit: {type(error).__name__}: {error}")
        raise


def mean_values(values, epoch):
    """The means over all processes of numbers that each has computed on its own rows."""
    group = current_group()
    if group is None:
        return values
    return [
        float(mean) for mean in group.mean(f"the validation of epoch {epoch}", np.asarray(values, "float64"))
    ]


def _begin(group, model, facts):
    program = model.train_function
    if not isinstance(program, ParallelFunction):
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
