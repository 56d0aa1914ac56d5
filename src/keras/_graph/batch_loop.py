"""Many runs of a `Function` as one program, on data that lies on the device."""

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from .._host.interrupts import deferred_interrupts
from .._host.platform import compiler_options, on_cpu
from .update import whole_update


class BatchLoop:
    """Runs a function over batches that are gathered by index inside the program.

    The number of batches to run is a value and not a shape: one compilation serves any part of an
    epoch, so the loop can stop wherever somebody wants to look.

    Args:
        function: `Function` whose inputs are arrays of samples and whose outputs are scalars.
        train: int, the learning phase.
    """

    #: Rules that XLA's CPU back end runs slower inside a loop (measured: twice the time of a model, also with
    #: the gradients of keras._kernels; with XLA's own, 11 times).
    _SLOW_IN_LOOPS = {"_conv", "_deconv", "_depthwise"}

    @classmethod
    def suits(cls, function):
        """Whether the loop is not slower than running the function batch by batch."""
        return not on_cpu() or not cls._SLOW_IN_LOOPS & function.rule_names()

    def __init__(self, function, train):
        self.function = function
        self.train = train
        self._compiled = jax.jit(self._program, donate_argnums=(0, 1), compiler_options=compiler_options())

    def _program(self, updated, results, read, arrays, batches, first_step, start, stop, watched):
        def goes_on(carry):
            i, good, _, _ = carry
            return (i < stop) & (good | ~watched)

        def body(carry):
            i, _, updated, results = carry
            fed = [jnp.take(array, batches[i], axis=0, mode="clip") for array in arrays]
            step = first_step + i.astype("uint32")
            outputs, updated = self.function.program(updated, read, fed, step, self.train)
            row = jnp.stack([jnp.asarray(output, results.dtype) for output in outputs])
            return i + 1, jnp.isfinite(row[0]), updated, results.at[i].set(row)

        reached, _, updated, results = lax.while_loop(goes_on, body, (start, True, updated, results))
        return updated, results, reached

    def place(self, arrays, before=None):
        """The arrays on the device, in the dtypes of the function's inputs.

        Args:
            before: what this gave before, of which is kept what still has the same numbers.
        """
        arrays = [np.asarray(a, dtype=t.dtype) for t, a in zip(self.function.inputs, arrays, strict=True)]
        if before is None:
            return [_on_device(array) for array in arrays]
        pairs = zip(before, arrays, strict=True)
        return [old if np.array_equal(old, array) else _on_device(array) for old, array in pairs]

    def run(self, arrays, batches, start, stop, results=None, watched=False):
        """Runs the batches start .. stop - 1, and waits for them.

        Args:
            arrays: list of device arrays, from `place`.
            batches: int32 array (number of batches, batch size) of indices into the arrays.
            results: what the run before gave; None at the beginning.
            watched: whether to end after a batch whose first output, the loss, is not finite.
        Returns:
            (results, reached): device array (number of batches, number of outputs), the rows of the batches
            run so far set; and the number of the next batch.
        """
        function = self.function
        if results is None:
            # Of half precision the sums over an epoch would be of little worth.
            dtype = jnp.result_type("float32", *(tensor.dtype for tensor in function.outputs))
            # Not jnp.zeros, which is a program of its own to compile.
            results = jax.device_put(np.zeros((len(batches), len(function.outputs)), dtype))
        function.about_to_run()
        # The count of steps goes with the weights: Ctrl-C comes when both are right.
        with deferred_interrupts():
            with whole_update():
                new, results, reached = self._compiled(
                    [variable.value for variable in function.updated],
                    results,
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
            # Outside of the lock: this waits for the batches, and others may start programs meanwhile.
            reached = int(reached)
            function.step -= stop - reached
        return results, reached


def _on_device(array):
    """A copy of `array` on the device.

    On the CPU the copy is NumPy's, at a multiple of 64, which JAX takes as it is. JAX's own copies ask the
    heap for some bytes more than they have, to be aligned: the gap that one leaves is then too small for the
    next, and each `fit` needs new memory.
    """
    if not on_cpu():
        return jax.device_put(array)
    room = np.empty(array.nbytes + 64, "uint8")
    start = -room.ctypes.data % 64
    copy = room[start : start + array.nbytes].view(array.dtype).reshape(array.shape)
    copy[...] = array
    return jax.device_put(copy)
