"""The ONNX graph under construction: `Value`, `Step`, and `Graph`, which rules add steps to.

A transposition is deferred: a transposed value is kept as the value before it and the order of its axes.
Rules whose operators treat all axes alike compute on the value before, so in a model with channels last the
transpositions around the convolutions, which ONNX wants with channels first, cancel.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import jax.numpy as jnp
import numpy as np
from numpy.typing import DTypeLike

#: Initializers with at most this many elements are written once.
_SHARED = 16


class CannotExport(ValueError):
    """An op, or an option of it, that the ONNX file could not hold."""


@dataclass(eq=False)
class Step:
    """A node of the ONNX graph.

    Attributes:
        op_type: the ONNX operator.
        name: of the node.
        inputs, outputs: names of values; "" for an optional input that is left out.
        attributes: dict name -> int, float, str, list of them, array, or `Graph`.
    """

    op_type: str
    name: str
    inputs: list[str]
    outputs: list[str]
    attributes: dict[str, Any]


@dataclass(eq=False)
class Value:
    """A tensor of the ONNX graph.

    Attributes:
        name: None until it is needed, for known values and transpositions.
        label: the name that a known value shall have.
        dtype, rank: its element type and its number of axes.
        shape: sizes, None where unknown; or None.
        array: the value, if it is known.
        step, inputs: what computes it, and from which values.
        base, order: of a deferred transposition: axis i is axis order[i] of the base.
        fill: the number that all elements are, if that is known.
        uses: how many nodes of the model read it.
        turned: order -> its transposition, made once.
    """

    name: str | None
    dtype: "np.dtype[Any]"
    rank: int
    shape: tuple[int | None, ...] | None = None
    array: np.ndarray | None = None
    step: Step | None = None
    inputs: "tuple[Value, ...]" = ()
    base: "Value | None" = None
    order: tuple[int, ...] = ()
    fill: float | None = None
    uses: int = 0
    label: str | None = None
    turned: "dict[tuple[int, ...], Value]" = field(default_factory=dict)

    def made_by(self, op_type: str) -> "tuple[Value, ...] | None":
        """The inputs of the step, if it is of this kind and nothing else reads its result."""
        fits = self.step is not None and self.step.op_type == op_type and self.uses < 2
        return self.inputs if fits else None

    def size(self, axis: int) -> int | None:
        """The size of an axis; None if it is not known."""
        return None if self.shape is None else self.shape[axis]


@dataclass(eq=False)
class Graph:
    """A graph of ONNX operators. The body of a loop is one, too, and shares names and weights with its model.

    Attributes:
        inputs, outputs: lists of values.
        steps: in order of computation.
        initializers: dict name -> array.
        scope: what new names begin with, the layer whose nodes are being translated.
        outer: the graph around the loop, or None.
    """

    outer: "Graph | None" = None
    inputs: list[Value] = field(default_factory=list)
    outputs: list[Value] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    initializers: dict[str, np.ndarray] = field(default_factory=dict)
    scope: str = ""
    _names: dict[str, int] = field(default_factory=dict)
    _shared: dict[Any, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.outer is not None:
            self.initializers, self._names = self.outer.initializers, self.outer._names
            self.scope = self.outer.scope

    @property
    def root(self) -> "Graph":
        """The graph of the model."""
        return self if self.outer is None else self.outer.root

    @contextmanager
    def scoped(self, scope: str) -> Iterator[None]:
        """Context manager: new names begin with `scope`."""
        before, self.scope = self.scope, scope
        try:
            yield
        finally:
            self.scope = before

    def unique(self, name: str, scoped: bool = True) -> str:
        """A new name that begins with the scope and `name`."""
        name = f"{self.scope}/{name}" if self.scope and scoped else name
        count = self._names.get(name, 0)
        self._names[name] = count + 1
        return self.unique(f"{name}_{count}", False) if count else name

    # --- values ----------------------------------------------------------------------------------

    def known(self, array: Any, name: str | None = None) -> Value:
        """A value that is known, such as a weight; it becomes an initializer if a step reads it."""
        array = np.asarray(array)
        return Value(None, array.dtype, array.ndim, array.shape, array=array, label=name)

    def input(self, name: str, dtype: DTypeLike, shape: Sequence[Any]) -> Value:
        """A new input."""
        sizes = tuple(size if isinstance(size, int) else None for size in shape)
        value = Value(self.unique(name, False), np.dtype(dtype), len(sizes), sizes)
        self.inputs.append(value)
        return value

    def name_of(self, value: Value) -> str:
        """The name of a value; writes the initializer or the transposition that it stands for."""
        if value.array is not None and value.name is None:
            value.name = self._initializer(value.array, value.label)
        elif value.base is not None and value.name is None:
            perm = list(value.order)
            value.name = self.name_of(self.node("Transpose", value.base, rank=value.rank, perm=perm))
        assert value.name is not None
        return value.name

    def _initializer(self, array: np.ndarray, label: str | None) -> str:
        """The name of an initializer. Steps share equal lists of sizes and numbers."""
        if label is None and array.size <= _SHARED:
            key = (array.dtype.str, array.shape, array.tobytes())
            if key not in self.root._shared:
                self.root._shared[key] = self.unique("constant", scoped=False)
            name = self.root._shared[key]
        else:
            name = self.unique(label or "constant", scoped=label is None)
        self.initializers[name] = array
        return name

    def as_value(self, x: Any, like: Value | None = None, dtype: DTypeLike | None = None) -> Value:
        """A value for an argument of a rule: a value, an array, or a number in the type of `like`.

        Args:
            dtype: the type of the result.
        """
        if isinstance(x, list | tuple) and any(isinstance(part, Value) for part in x):
            return self.vector(x)
        if not isinstance(x, Value):
            wanted = dtype or (like.dtype if like is not None else None)
            return self.known(np.asarray(x, wanted))
        return x if dtype is None else self.cast(x, dtype)

    def cast(self, x: Value, dtype: DTypeLike) -> Value:
        """The value in another type; itself if it has that already."""
        dtype = np.dtype(dtype)
        if x.dtype == dtype:
            return x
        if x.array is not None:
            return self.known(np.asarray(jnp.asarray(x.array).astype(dtype)))
        return self.elementwise("Cast", x, dtype=dtype, to=dtype)

    def vector(self, parts: Iterable[Any]) -> Value:
        """An int64 vector of ints and of scalar values, for operators that take sizes."""
        pieces: list[Any] = [part.array if _is_known(part) else part for part in parts]
        if not any(isinstance(piece, Value) for piece in pieces):
            return self.known(np.array([int(piece) for piece in pieces], "int64"))
        vectors = [self._as_vector(piece) for piece in pieces]
        return vectors[0] if len(vectors) == 1 else self.node("Concat", *vectors, axis=0)

    def _as_vector(self, size: Any) -> Value:
        if not isinstance(size, Value):
            return self.known(np.array([int(size)], "int64"))
        size = self.cast(size, "int64")
        return size if size.rank else self.node("Reshape", size, self.known(np.array([1], "int64")), rank=1)

    # --- steps -----------------------------------------------------------------------------------

    def node(
        self,
        op_type: str,
        *inputs: Value | None,
        dtype: DTypeLike | None = None,
        rank: int | None = None,
        **attributes: Any,
    ) -> Value:
        """The result of an operator.

        Args:
            op_type: name of the operator.
            inputs: values; None for an optional one that is left out.
            dtype, rank: those of the result; those of the first input if None.
            attributes: of the operator; None is left out.
        """
        return self.nodes(op_type, *inputs, count=1, dtype=dtype, rank=rank, **attributes)[0]

    def nodes(
        self,
        op_type: str,
        *inputs: Value | None,
        count: int,
        dtype: DTypeLike | None = None,
        rank: int | None = None,
        **attributes: Any,
    ) -> list[Value]:
        """The results of an operator with several; `count` is their number."""
        names = ["" if value is None else self.name_of(value) for value in inputs]
        while names and not names[-1]:
            names.pop()
        name = self.unique(op_type)
        outputs = [name] if count == 1 else [self.unique(f"{op_type}:{i}") for i in range(count)]
        kept = {key: value for key, value in attributes.items() if value is not None}
        step = Step(op_type, name, names, outputs, kept)
        self.steps.append(step)
        given = tuple(value for value in inputs if value is not None)
        dtype = np.dtype(dtype or given[0].dtype)
        rank = given[0].rank if rank is None else rank
        return [Value(output, dtype, rank, step=step, inputs=given) for output in outputs]

    def elementwise(
        self, op_type: str, *inputs: Value, dtype: DTypeLike | None = None, **attributes: Any
    ) -> Value:
        """The result of an operator that treats all axes alike, and broadcasts as NumPy does."""
        rank = max(value.rank for value in inputs)
        deferred = [value for value in inputs if value.base is not None and value.rank == rank]
        orders = {value.order for value in deferred}
        others = [value for value in inputs if value not in deferred]
        if len(orders) == 1 and all(value.array is not None or not value.rank for value in others):
            (order,) = orders
            bases = [v.base if v in deferred else self._moved(v, order) for v in inputs]
            return self.transpose(
                self.node(op_type, *bases, dtype=dtype, rank=rank, **attributes),
                np.argsort(np.argsort(order)),
            )
        return self.node(op_type, *inputs, dtype=dtype, rank=rank, **attributes)

    def _moved(self, value: Value, order: Sequence[int]) -> Value:
        """A known value, to be broadcast to a transposed one, for the value before the transposition."""
        if value.array is None or not value.rank or value.array.size == 1:
            return value
        array = value.array.reshape((1,) * (len(order) - value.rank) + value.array.shape)
        return self.known(np.transpose(array, np.argsort(order)), value.label)

    def transpose(self, x: Value, order: Iterable[Any]) -> Value:
        """The value with its axes in another order, deferred."""
        order = tuple(int(axis) for axis in order)
        if x.base is not None:
            x, order = x.base, tuple(x.order[axis] for axis in order)
        if order == tuple(range(x.rank)):
            return x
        if x.array is not None:
            return self.known(np.transpose(x.array, order), x.label)
        if order not in x.turned:
            shape = None if x.shape is None else tuple(x.shape[axis] for axis in order)
            x.turned[order] = Value(None, x.dtype, x.rank, shape, base=x, order=order)
        return x.turned[order]

    def discard(self, value: Value) -> None:
        """Takes back the step of a value if nothing reads it, and the names of weights that only it read."""
        if self.outer is not None or value.step not in self.steps or self._reads(value.name):
            return
        self.steps.remove(value.step)
        for weight in value.inputs:
            is_weight = weight.array is not None and weight.label and weight.name in self.initializers
            if is_weight and not self._reads(weight.name) and self._names.get(weight.name or "") == 1:
                del self.initializers[weight.name or ""], self._names[weight.name or ""]
                weight.name = None

    def _reads(self, name: str | None) -> bool:
        bodies = [part for step in self.steps for part in step.attributes.values() if isinstance(part, Graph)]
        return any(name in step.inputs for step in self.steps) or any(body._reads(name) for body in bodies)

    def rename(self, old: str, new: str) -> None:
        """Changes the name of a value where steps read it, in the bodies of loops, too."""
        for step in self.steps:
            step.inputs = [new if name == old else name for name in step.inputs]
            for part in step.attributes.values():
                if isinstance(part, Graph):
                    part.rename(old, new)

    def prune(self) -> None:
        """Removes steps and initializers that no output needs."""
        needed = {self.name_of(value) for value in self.outputs}
        kept = []
        for step in reversed(self.steps):
            if needed.intersection(step.outputs):
                kept.append(step)
                needed.update(step.inputs)
                bodies = [part for part in step.attributes.values() if isinstance(part, Graph)]
                needed.update(name for body in bodies for inner in body.steps for name in inner.inputs)
                needed.update(body.name_of(value) for body in bodies for value in body.outputs)
        self.steps = kept[::-1]
        if self.outer is None:
            self.initializers = {name: a for name, a in self.initializers.items() if name in needed}


def _is_known(part: Any) -> bool:
    return isinstance(part, Value) and part.array is not None
