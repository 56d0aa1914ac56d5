"""`OverMesh`: one program over many devices. The only module that knows JAX's sharding.

The devices form a mesh with the axes "data" and "model". The rows of a batch lie along "data"; a layout says
along which axes a variable lies. XLA divides the work by these facts, and puts in the sums over devices: the
program is the one that runs on one device, and its numbers are the same up to rounding. The devices may
belong to several processes, which all run the same program on the same data.
"""

import functools
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeAlias

import jax
import numpy as np
from jax import lax
from jax.sharding import Mesh, NamedSharding, PartitionSpec

from .placement import Leaf, OneDevice

#: (name, shape, sizes of the axes) -> for each axis of a variable the mesh axis that divides it, or None.
Layout: TypeAlias = Callable[[str, tuple[int, ...], dict[str, int]], tuple[str | None, ...]]
AXES = ("data", "model")


class OverMesh(OneDevice):
    """Values over the devices of a mesh.

    Args:
        data, model: sizes of the mesh.
        layout: where variables lie.
        meet: waits for the other processes at a place, see `OneDevice.meet`; None if there are none. A
            program over several processes waits for all of them, where nothing can end it.
        parts: the number of processes, if each passes its own rows of a batch; 1 if all pass all rows.
    """

    def __init__(
        self,
        data: int,
        model: int,
        layout: Layout,
        meet: Callable[[str, int], int] | None = None,
        parts: int = 1,
    ) -> None:
        self._meet = meet
        self.parts = parts
        devices = np.array(jax.devices()[: data * model]).reshape(data, model)
        self._mesh = Mesh(devices, AXES)
        self._layout = layout
        self._replicated = NamedSharding(self._mesh, PartitionSpec())
        self._gather = jax.jit(lambda value: value, out_shardings=self._replicated)

    def meet(self, place: str, number: int = 0) -> int:
        return number if self._meet is None else self._meet(place, number)

    def devices(self) -> str:
        grid = " x ".join(f"{axis} {size}" for axis, size in self.sizes.items())
        return f"{self._mesh.size} devices, {grid}"

    @property
    def sizes(self) -> dict[str, int]:
        """The number of devices along each axis."""
        return dict(self._mesh.shape)

    @functools.cache  # noqa: B019 - a process has few placements
    def _sharding(self, name: str, shape: tuple[int, ...]) -> NamedSharding:
        return NamedSharding(self._mesh, PartitionSpec(*self._layout(name, shape, self.sizes)))

    def _rows(self, array: Any) -> NamedSharding:
        """Rows that cannot be divided lie, and are computed, everywhere."""
        divides = array.ndim and array.shape[0] % self._mesh.shape["data"] == 0
        return NamedSharding(self._mesh, PartitionSpec("data")) if divides else self._replicated

    def variable(self, value: Any, name: str) -> jax.Array:
        return self._put(value, self._sharding(name, np.shape(value)))

    def settle(self, variables: Iterable[Leaf]) -> None:
        for variable in variables:
            if not variable.sparse:
                variable.value = self.variable(variable.value, variable.layout_name)

    def data(self, array: np.ndarray) -> jax.Array:
        return self._put(array, self._replicated)

    def everywhere(self, value: np.ndarray) -> jax.Array:
        return self._put(value, self._replicated)

    def read(self, value: jax.Array) -> np.ndarray:
        if not (value.is_fully_addressable or value.is_fully_replicated):
            self.meet(f"the reading of an array of shape {value.shape} that is divided")
            value = self._gather(value)
        return np.array(value)

    def inputs(self, arrays: list[Any]) -> list[Any]:
        if self.parts > 1:
            self.meet(f"a batch of {[np.shape(array)[:1] for array in arrays]} rows in each process")
            return [self._joined(array) for array in arrays]
        leaves, tree = jax.tree.flatten(arrays)  # the parts of sparse matrices, too
        is_dense = len(leaves) == len(arrays)
        where = [self._rows(a) if is_dense else self._replicated for a in leaves]
        return jax.tree.unflatten(tree, map(self._put, leaves, where))

    def _joined(self, array: Any) -> jax.Array:
        """The rows of all processes, one after the other; each keeps its own."""
        if np.ndim(array) == 0:
            return self._put(array, self._replicated)
        devices = self._mesh.shape["data"] // self.parts
        if len(array) % devices:
            raise ValueError(
                f"keras.distributed: with rows='own' each process must pass rows that its {devices} devices "
                f"divide; got {len(array)}. Choose another batch_size, or leave out the rows that are over."
            )
        where, shape = NamedSharding(self._mesh, PartitionSpec("data")), np.shape(array)
        return jax.make_array_from_process_local_data(
            where, np.array(array), (self.parts * shape[0], *shape[1:])
        )

    def own(self, output: np.ndarray) -> np.ndarray:
        return np.split(output, self.parts)[jax.process_index()] if self.parts > 1 else output

    def _put(self, value: Any, sharding: NamedSharding) -> jax.Array:
        if isinstance(value, jax.Array) and value.sharding == sharding:
            return value
        # A copy: the caller may change the array, and on the CPU JAX may use it as it is.
        value = self.read(value) if isinstance(value, jax.Array) else np.array(value)
        return jax.make_array_from_callback(value.shape, sharding, lambda index: value[index])

    def divisions(self, value: Any) -> tuple[str | None, ...]:
        spec = value.sharding.spec
        return (*spec, *[None] * (value.ndim - len(spec)))

    def rows(self, arrays: list[Any]) -> list[Any]:
        return [lax.with_sharding_constraint(array, self._rows(array)) for array in arrays]

    def results(self, outputs: list[Any]) -> list[Any]:
        return [lax.with_sharding_constraint(output, self._replicated) for output in outputs]

    def updated(self, variables: Sequence[Leaf], values: list[Any]) -> list[Any]:
        pairs = zip(variables, values, strict=True)
        return [
            lax.with_sharding_constraint(value, self._sharding(variable.layout_name, value.shape))
            for variable, value in pairs
        ]
