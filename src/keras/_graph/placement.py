"""Where values live: on one device, or, after `use`, wherever another `Placement` puts them.

Programs and variables ask the current placement at a few points. On one device these points do nothing, or
what `jax.device_put` does; `mesh.OverMesh` is the placement over several devices.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

import jax
import numpy as np

from .._host.platform import on_cpu


class Leaf(Protocol):
    """What a placement knows of a variable.

    Attributes:
        value: the array.
        layout_name: the name by which layouts find the variable.
        sparse: whether the value is a sparse matrix.
    """

    value: Any
    layout_name: str
    sparse: bool


class OneDevice:
    """All values on JAX's default device. Other placements override what they do otherwise.

    Attributes:
        parts: in how many parts the rows of each batch are passed, each by a process of its own.
    """

    parts = 1

    def devices(self) -> str:
        """Returns the devices in words."""
        return "1 device"

    def meet(self, place: str, number: int = 0) -> int:
        """Waits until all processes have come to a place in the program.

        Args:
            place: words, the same in all.
            number: what this process proposes.
        Returns:
            The least of their numbers.
        """
        return number

    # --- values, outside of programs

    def variable(self, value: Any, name: str) -> jax.Array:
        """Puts the value of a variable where it belongs.

        Args:
            value: an array that nothing else refers to.
            name: the variable's `layout_name`.
        """
        return jax.device_put(value)

    def settle(self, variables: Iterable[Leaf]) -> None:
        """Moves the values of variables that another placement has put elsewhere."""
        for variable in variables:
            if not variable.sparse and len(variable.value.sharding.device_set) > 1:
                variable.value = jax.device_put(np.asarray(variable.value))

    def data(self, array: np.ndarray) -> jax.Array:
        """Puts a copy of all samples of an input where programs can gather batches from it.

        On the CPU NumPy makes the copy, at an address that is a multiple of 64: JAX uses such an array as it
        is. To align its own copies, JAX requests a few bytes more from the heap than the array has: the gap
        that one copy leaves is too small for the next, so each `fit` would need new memory.
        """
        if not on_cpu():
            return jax.device_put(array)
        buffer = np.empty(array.nbytes + 64, "uint8")
        start = -buffer.ctypes.data % 64
        copy = buffer[start : start + array.nbytes].view(array.dtype).reshape(array.shape)
        copy[...] = array
        return jax.device_put(copy)

    def everywhere(self, value: np.ndarray) -> jax.Array:
        """Puts a small array where all parts of a program can read and write it."""
        return jax.device_put(value)

    def read(self, value: jax.Array) -> np.ndarray:
        """Returns a copy of an array, whole."""
        return np.array(value)

    def inputs(self, arrays: list[Any]) -> list[Any]:
        """Puts the inputs of one run of a program where it wants them."""
        return arrays

    def own(self, output: np.ndarray) -> np.ndarray:
        """Returns the rows of an output that belong to the rows which this process has passed."""
        return output

    def divisions(self, value: Any) -> tuple[str | None, ...]:
        """Returns what divides each axis of a variable's value: the name of an axis of devices, or None."""
        return (None,) * value.ndim

    # --- values, inside of a program

    def rows(self, arrays: list[Any]) -> list[Any]:
        """Says where the rows of a batch lie."""
        return arrays

    def results(self, outputs: list[Any]) -> list[Any]:
        """Says where the outputs of a program lie."""
        return outputs

    def updated(self, variables: Sequence[Leaf], values: list[Any]) -> list[Any]:
        """Says where the new values of variables lie."""
        return values


_current = OneDevice()


def current() -> OneDevice:
    """Returns the placement of this process."""
    return _current


def use(placement: OneDevice) -> None:
    """Replaces the placement: programs compile anew, and move their variables, when they run next.

    Args:
        placement: an object that was not in use before.
    """
    global _current
    _current = placement
