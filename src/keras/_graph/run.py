"""`Run`: what one run of a program adds to the graph."""

import jax
from jax.typing import ArrayLike


class Run:
    """What one run of a program adds to the graph: random keys folded from (seed, step).

    Attributes:
        step: uint32 scalar, how often the program ran before.
    """

    def __init__(self, step: ArrayLike) -> None:
        self.step = step

    def key(self, seed: int) -> jax.Array:
        """The random key of the op with this seed."""
        return jax.random.fold_in(jax.random.key(seed), self.step)

    def at(self, iteration: jax.Array) -> "Run":
        """The run for one iteration of a loop, which draws its own numbers."""
        return _LoopRun(self, iteration)


class _LoopRun(Run):
    def __init__(self, outer: Run, iteration: jax.Array) -> None:
        self.outer = outer
        self.iteration = iteration

    def key(self, seed: int) -> jax.Array:
        return jax.random.fold_in(self.outer.key(seed), self.iteration)
