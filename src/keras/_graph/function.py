"""Inputs, outputs and updates of a graph as one compiled program."""

import functools
import hashlib
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.typing import ArrayLike

from .._base.types import TensorLike
from .._host.heap import HeapWatch, keep_freed_memory
from .._host.platform import compiler_options, on_cpu
from . import placement
from .evaluate import Environment, evaluate
from .facts import OpFacts
from .layout import channels_stay_last
from .run import Run
from .sparse import as_sparse, densify, is_sparse
from .tensor import Tensor, Variable, phase
from .update import whole_update
from .verify import verify
from .walk import ancestors, leaves, random_nodes

if TYPE_CHECKING:
    from .batch_loop import BatchLoop


class Function:
    """A compiled program: input values in, output values out, variables updated.

    The updated variables are donated to the program and replaced by its results; the others are read.
    Programs are compiled when first called with given shapes, one for each learning phase.

    Args:
        inputs: list of Tensors whose values are passed to each call; the learning phase may be among them.
        outputs: list of Tensors; numbers and arrays are returned as they are.
        updates: list of (Variable, new value as Tensor). All new values are computed from the old ones.
        name: str, used in messages and in profiles.
        condition: bool scalar Tensor; if it is false, the program updates nothing. None: it always updates.

    Attributes:
        updated: list of the Variables that the program updates.
        read: list of the other Variables that it reads.
        takes_phase: bool, whether the learning phase is among the inputs.
        step: int, how often the program has run; folded into every random key.
        place: the placement that the program is compiled for.
    """

    def __init__(
        self,
        inputs: Iterable[Tensor],
        outputs: Iterable[TensorLike],
        updates: Iterable[tuple[Variable, Any]] = (),
        name: str = "function",
        condition: Tensor | None = None,
    ) -> None:
        self.name = name
        self.inputs = list(inputs)
        self.outputs: list[TensorLike] = list(outputs)
        self.updates = dict(_check_update(update) for update in updates)
        self.step = 0
        self._fed = [t for t in self.inputs if t.key != phase.key]
        self.takes_phase = len(self._fed) < len(self.inputs)
        self.condition = condition
        self._symbolic = _tensors([*self.outputs, condition, *self.updates.values()])
        needed = leaves(self._symbolic, known={t.key for t in self._fed})
        missing = [t for t in needed if not isinstance(t, Variable) and t.key != phase.key]
        if missing:
            raise ValueError(
                f"Function {name!r} needs a value for {', '.join(map(repr, missing))}, which is not "
                f"among its inputs [{', '.join(t.name for t in self.inputs)}]. Add it to the inputs."
            )
        self.updated = list(self.updates)
        self.read = [t for t in needed if isinstance(t, Variable) and t not in self.updates]
        if os.environ.get("KERAS_CLASSIC_VERIFY"):
            verify(self._symbolic)
        self._reset()

    def _reset(self) -> None:
        keep_freed_memory()
        self.place = placement.current()
        self.place.settle([*self.updated, *self.read])
        self._compiled = jax.jit(
            self.program, static_argnums=4, donate_argnums=0, compiler_options=compiler_options()
        )
        self._loops: dict[int, BatchLoop] = {}
        self._heap = HeapWatch()

    def settle(self) -> None:
        """Moves the program and its variables to the current placement, if that has changed."""
        if self.place is not placement.current():
            self._reset()

    @property
    def loops(self) -> "dict[int, BatchLoop]":
        """Learning phase -> `BatchLoop`, filled by callers that run the program in loops."""
        self.settle()
        return self._loops

    def fingerprint(self) -> str:
        """A digest of the graph: the names of the nodes and their inputs, without the constants."""
        nodes = ancestors(self._symbolic)
        place = {node: number for number, node in enumerate(nodes)}
        # Checkpoints of 0.1.0 hold the digest with the names that ops had then.
        steps = [
            (node.facts.formerly or node.name, [(place[t.node], t.index) for t in node.inputs])
            for node in nodes
        ]
        return hashlib.sha256(repr(steps).encode()).hexdigest()

    @property
    def seeds(self) -> list[int | None]:
        """The seeds of the program's random ops; set them to repeat the draws of another program."""
        return [node.seed for node in random_nodes(self._symbolic)]

    @seeds.setter
    def seeds(self, seeds: Sequence[int]) -> None:
        nodes = random_nodes(self._symbolic)
        for node, seed in zip(nodes, seeds, strict=True):
            node.seed = seed
        self._reset()

    @functools.cached_property
    def facts(self) -> frozenset[OpFacts]:
        """The facts of the ops that the program runs."""
        return frozenset(node.facts for node in ancestors(self._symbolic))

    def program(
        self,
        updated: Sequence[Any],
        read: Sequence[Any],
        fed: Sequence[Any],
        step: ArrayLike,
        train: int,
    ) -> tuple[list[jax.Array], list[jax.Array]]:
        """The pure function that is compiled; `BatchLoop` runs it in a loop.

        Args:
            updated: list of arrays, the values of `self.updated`.
            read: list of arrays, the values of `self.read`.
            fed: list of arrays, the inputs (without the learning phase).
            step: uint32 scalar, folded into every random key.
            train: int, the learning phase; static.
        Returns:
            (outputs, new values of `self.updated`).
        """
        if on_cpu() and any(facts.channels_last for facts in self.facts):
            compute = channels_stay_last(lambda *arrays: self._compute(*arrays, train=train))
            outputs, new = compute(updated, read, fed, step)
        else:
            outputs, new = self._compute(updated, read, fed, step, train)
        return self.place.results(outputs), self.place.updated(self.updated, new)

    def _compute(
        self,
        updated: Sequence[Any],
        read: Sequence[Any],
        fed: Sequence[Any],
        step: ArrayLike,
        train: int,
    ) -> tuple[list[jax.Array], list[jax.Array]]:
        values: dict[Any, Any] = {phase.key: np.int32(train)}
        for tensors, arrays in ((self.updated, updated), (self.read, read), (self._fed, fed)):
            values.update({t.key: v for t, v in zip(tensors, arrays, strict=True)})
        environment, run = Environment(values), Run(step)
        evaluate(self._before_updates(), environment, run)
        results = [environment[t.key] if isinstance(t, Tensor) else t for t in self.outputs]

        def new_values() -> list[jax.Array]:
            known = Environment(environment)
            evaluate(_tensors(self.updates.values()), known, run)
            new = [known[t.key] if isinstance(t, Tensor) else t for t in self.updates.values()]
            return [jnp.asarray(t, dtype=v.dtype) for v, t in zip(self.updates, new, strict=True)]

        if self.condition is None or not self.updates:
            new = new_values()
        else:
            # A branch, not a `where` over old and new values: everything that reads the old values comes
            # before it, so XLA overwrites them and copies nothing.
            new = lax.cond(environment[self.condition.key], new_values, lambda: list(updated))
        return [jnp.asarray(densify(result)) for result in results], new

    def _before_updates(self) -> list[Tensor]:
        """The tensors to compute before the updates.

        They are the outputs, the condition, and what the updates read of their graphs and of gradients.
        """
        targets, new = _tensors([*self.outputs, self.condition]), _tensors(self.updates.values())
        nodes = ancestors(new)
        gradients = [node for node in nodes if node.level]
        first = {*ancestors([*targets, *(t for node in gradients for t in node.inputs)]), *gradients}
        read = [*new, *(t for node in nodes if node not in first for t in node.inputs)]
        return [*targets, *{t.key: t for t in read if t.node in first and not t.node.is_leaf}.values()]

    def __call__(self, inputs: Iterable[Any] = ()) -> list[np.ndarray]:
        """Runs the program.

        Args:
            inputs: list of arrays (or numbers), one for each input.
        Returns:
            List of numpy arrays.
        """
        # Copies: views of JAX arrays are read-only, and programs change results in place.
        return [np.array(value) for value in self.run(inputs)]

    def run(self, inputs: Iterable[Any] = (), train: int = 0) -> list[jax.Array]:
        """Like a call, but returns device arrays and does not wait for them.

        Args:
            inputs: list of arrays (or numbers), one for each input.
            train: int, the learning phase where it is not among the inputs.
        """
        one = len(self.inputs) == 1 and isinstance(inputs, np.ndarray | jax.Array)
        inputs = [inputs] if one else list(inputs)
        if len(inputs) != len(self.inputs):
            raise ValueError(
                f"Function {self.name!r} takes {len(self.inputs)} inputs "
                f"[{', '.join(t.name for t in self.inputs)}]; got {len(inputs)}."
            )
        if self.takes_phase:
            train = next(int(v) for t, v in zip(self.inputs, inputs, strict=True) if t.key == phase.key)
        pairs = zip(self.inputs, inputs, strict=True)
        fed = [_as_input(self, t, value) for t, value in pairs if t.key != phase.key]
        train = int(bool(train))
        self.settle()
        fed = self.place.inputs(fed)
        self.about_to_run()
        self.place.meet(f"step {self.step} of {self.name}")
        # Needed even if nothing is updated: a program that reads an array which another thread's program
        # deletes can hang inside XLA, each waiting for an array that the other one holds.
        with whole_update():
            outputs, new = self._compiled(
                [v.value for v in self.updated],
                [v.value for v in self.read],
                fed,
                np.uint32(self.step),
                train,
            )
            for variable, value in zip(self.updated, new, strict=True):
                variable.value = value
            self.step += 1
        return outputs

    def about_to_run(self) -> None:
        """Prepares the heap; called before each run of the program, including runs by `BatchLoop`."""
        self._heap.before_run()


def _tensors(values: Iterable[Any]) -> list[Tensor]:
    return [value for value in values if isinstance(value, Tensor)]


def values_of(
    tensors: Sequence[Tensor], inputs: Mapping[Tensor, Any] | None = None, train: int = 0
) -> list[np.ndarray]:
    """Computes tensors op by op, without compiling a program: for inspecting a few values.

    Args:
        tensors: list of Tensors.
        inputs: dict Tensor -> array for the placeholders needed.
        train: int, the learning phase.
    Returns:
        List of numpy arrays.
    """
    environment = environment_of(tensors, inputs, train)
    return [np.array(densify(environment[tensor.key])) for tensor in tensors]


def environment_of(
    tensors: Sequence[Tensor],
    inputs: Mapping[Tensor, Any] | None = None,
    train: int = 0,
    step: int = 0,
) -> Environment:
    """Computes tensors like `values_of`, and returns the values of all nodes that they need.

    Args:
        tensors, inputs, train: as in `values_of`.
        step: int, how often the program had run: the random numbers of that run are drawn again.
    Returns:
        dict (node, output index) -> value.
    """
    given: dict[Any, Any] = {phase.key: np.int32(train)}
    for tensor, value in (inputs or {}).items():
        as_array = as_sparse if tensor.sparse else jnp.asarray
        given[tensor.key] = as_array(value, tensor.dtype)
    for leaf in leaves(tensors, known=given):
        if not isinstance(leaf, Variable):
            raise ValueError(f"The value of {leaf!r} is needed, and a placeholder has none.")
        given[leaf.key] = leaf.value
    environment = Environment(given)
    evaluate(tensors, environment, Run(np.uint32(step)))
    return environment


def _as_input(function: Function, tensor: Tensor, value: Any) -> Any:
    if is_sparse(value) != tensor.sparse:
        wanted = "a SciPy matrix, such as csr_matrix(array)" if tensor.sparse else "an array: x.toarray()"
        raise TypeError(
            f"Function {function.name!r}: input {tensor.name!r} needs {wanted}; got {type(value).__name__}."
        )
    if tensor.sparse:
        value = as_sparse(value, tensor.dtype)
    elif not isinstance(value, jax.Array) or value.dtype != tensor.dtype:
        value = np.asarray(value, dtype=tensor.dtype)
    expected = tensor.shape
    if len(expected) != len(value.shape) or any(
        e is not None and e != got for e, got in zip(expected, value.shape, strict=False)
    ):
        raise ValueError(
            f"Function {function.name!r}: input {tensor.name!r} has shape {expected}; "
            f"got an array of shape {value.shape}."
        )
    return value


def _check_update(update: Any) -> tuple[Variable, Any]:
    if not isinstance(update, tuple) or len(update) != 2 or not isinstance(update[0], Variable):
        raise TypeError(f"An update is a pair (variable, new value), as K.update returns; got {update!r}.")
    variable, new = update
    shape = getattr(new, "shape", np.shape(new))
    if len(shape) != variable.ndim or any(
        size is not None and size != own for size, own in zip(shape, variable.shape, strict=False)
    ):
        raise ValueError(f"Update of {variable!r}: the new value has shape {shape}.")
    return variable, new
