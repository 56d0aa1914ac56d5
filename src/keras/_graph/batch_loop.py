"""Many runs of a `Function` as one program, on data that is stored on the device."""

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from .._host.interrupts import deferred_interrupts
from .._host.platform import compiler_options, on_cpu
from .function import Function
from .update import whole_update


class BatchLoop:
    """Runs a function over batches that are gathered by index inside the program.

    The number of batches to run is a value and not a shape: one compilation serves any part of an
    epoch, so the loop can stop wherever the caller wants to look at results.

    Args:
        function: `Function` whose inputs are arrays of samples and whose outputs are scalars.
        train: int, the learning phase.
    """

    @staticmethod
    def suits(function: Function) -> bool:
        """Whether the loop is at least as fast as running the function batch by batch."""
        return not on_cpu() or not any(facts.slow_in_loops for facts in function.facts)

    def __init__(self, function: Function, train: int) -> None:
        self.function = function
        self.train = train
        self._compiled = jax.jit(self._program, donate_argnums=(0, 1), compiler_options=compiler_options())

    def _program(
        self,
        updated: list[Any],
        results: jax.Array,
        read: list[Any],
        arrays: list[jax.Array],
        batches: jax.Array,
        first_step: jax.Array,
        start: jax.Array,
        stop: jax.Array,
        watched: jax.Array,
    ) -> tuple[list[Any], jax.Array, jax.Array]:
        def continues(carry: tuple[Any, ...]) -> jax.Array:
            i, good, _, _ = carry
            return (i < stop) & (good | ~watched)

        def body(carry: tuple[Any, ...]) -> tuple[Any, ...]:
            i, _, updated, results = carry
            fed = [jnp.take(array, batches[i], axis=0, mode="clip") for array in arrays]
            fed = self.function.place.rows(fed)
            step = first_step + i.astype("uint32")
            outputs, updated = self.function.program(updated, read, fed, step, self.train)
            row = jnp.stack([jnp.asarray(output, results.dtype) for output in outputs])
            return i + 1, jnp.isfinite(row[0]), updated, results.at[i].set(row)

        reached, _, updated, results = lax.while_loop(continues, body, (start, True, updated, results))
        return updated, *self.function.place.results([results, reached])

    def place(self, arrays: Sequence[Any], before: Sequence[jax.Array] | None = None) -> list[jax.Array]:
        """Copies arrays to the device, in the dtypes of the function's inputs.

        Args:
            arrays: list of arrays, one for each input.
            before: the result of an earlier call; its arrays are reused if their values have not changed.
        """
        arrays = [np.asarray(a, dtype=t.dtype) for t, a in zip(self.function.inputs, arrays, strict=True)]
        put = self.function.place.data
        if before is None:
            return [put(array) for array in arrays]
        pairs = zip(before, arrays, strict=True)
        return [old if np.array_equal(old, array) else put(array) for old, array in pairs]

    def run(
        self,
        arrays: list[jax.Array],
        batches: np.ndarray,
        start: int,
        stop: int,
        results: jax.Array | None = None,
        watched: bool = False,
    ) -> tuple[jax.Array, int]:
        """Runs the batches start .. stop - 1, and waits for them.

        Args:
            arrays: list of device arrays, from `place`.
            batches: int32 array (number of batches, batch size) of indices into the arrays.
            start, stop: ints, numbers of batches.
            results: the results of the run before; None at the beginning. The array is donated.
            watched: whether to end after a batch whose first output, the loss, is not finite.
        Returns:
            (results, reached): device array (number of batches, number of outputs), in which the rows of the
            batches run so far are set; and the number of the next batch.
        """
        function = self.function
        rows: Any = results
        if rows is None:
            # Sums over an epoch in half precision lose too many digits.
            dtype = jnp.result_type("float32", *(tensor.dtype for tensor in function.outputs))
            # Not jnp.zeros, which is a program of its own to compile.
            rows = function.place.everywhere(np.zeros((len(batches), len(function.outputs)), dtype))
        function.about_to_run()
        # Each process has measured how many steps to run; all run as many.
        stop = start + function.place.meet(
            f"step {function.step} of {function.name}, in a loop", stop - start
        )
        # An interrupt is deferred until the weights and the step count agree again.
        with deferred_interrupts():
            with whole_update():
                new, rows, reached = self._compiled(
                    [variable.value for variable in function.updated],
                    rows,
                    [variable.value for variable in function.read],
                    arrays,
                    batches,
                    np.uint32((function.step - start) % 2**32),
                    np.int32(start),
                    np.int32(stop),
                    np.bool_(watched),
                )
                for variable, value in zip(function.updated, new, strict=True):
                    variable.value = value
                function.step += stop - start
            # Outside the lock: while this waits for the batches, other threads may start programs.
            reached = int(reached)
            function.step -= stop - reached
        return rows, reached
