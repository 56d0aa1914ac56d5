"""What a symbolic array is: `Tensor`, the `Node` that computes it, and the leaves of a graph."""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Never, Protocol, TypeAlias

import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt

from .._base.types import Shape
from .facts import NO_FACTS, Op, OpFacts, Rule
from .sparse import SparseMatrix, as_sparse, is_sparse
from .update import whole_update

#: What identifies a value in an environment: (node, output index).
Key: TypeAlias = "tuple[Node, int]"

_serial = itertools.count()


class Body(Protocol):
    """The part of `subgraph.Subgraph` that nodes use."""

    outputs: "list[Tensor]"


class Node:
    """One step of a graph: a rule over arrays, its symbolic inputs and its fixed arguments.

    A leaf (variable, placeholder) is a node without a rule. Nodes are numbered as they are created, after
    their inputs, so *creation order is a topological order*: no walk needs recursion or visit states.

    Attributes:
        rule: function of arrays, or None for a leaf.
        inputs: tuple of Tensors, in the order in which they occur among the rule's arguments.
        op: the `Op` that recorded the node; None for leaves and for rules that are not ops.
        facts: the `OpFacts` of that op.
        constants: the leaves of the rule's (args, kwargs), with None in place of each input.
        positions: for each input, its place among the constants.
        tree: the tree structure of (args, kwargs).
        structure: the tree structure of the rule's result.
        count: int, number of outputs.
        seed: int for a random rule (which gets a key as its first argument), else None.
        needs_run: whether the rule takes the current `Run` as its first argument.
        body: the `Subgraph` that the rule runs, or None.
        uses_phase: whether the value may depend on the learning phase.
        level: the nesting depth of a `GradientNode`: 1 for the gradient of a loss without gradients in it. 0
            for all other nodes.
    """

    __slots__ = (
        "__weakref__",
        "body",
        "constants",
        "count",
        "facts",
        "inputs",
        "name",
        "needs_run",
        "op",
        "positions",
        "rule",
        "seed",
        "serial",
        "structure",
        "tree",
        "uses_phase",
    )

    level: int = 0

    def __init__(
        self,
        rule: Rule | None = None,
        inputs: "Iterable[Tensor]" = (),
        name: str = "leaf",
        seed: int | None = None,
    ) -> None:
        self.rule = rule
        self.inputs = tuple(inputs)
        self.op: Op | None = None
        self.facts: OpFacts = NO_FACTS
        self.constants: Sequence[Any] = ()
        self.positions: Sequence[int] = ()
        self.tree: Any = None
        self.structure: Any = None
        self.count = 1
        self.serial = next(_serial)
        self.name = name
        self.seed = seed
        self.needs_run = False
        self.body: Body | None = None
        self.uses_phase = any(tensor.node.uses_phase for tensor in self.inputs)

    @property
    def is_leaf(self) -> bool:
        """Whether nothing computes the value: it is that of a variable, a placeholder or the phase."""
        return self.rule is None

    def fill(self, values: Iterable[Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """The arguments of the rule, (args, kwargs), with these values in place of the inputs."""
        filled = list(self.constants)
        for position, value in zip(self.positions, values, strict=True):
            filled[position] = value
        return jax.tree.unflatten(self.tree, filled)

    def __repr__(self) -> str:
        return f"<Node {self.serial} {self.name}>"


class GradientNode(Node):
    """The derivatives of the sum of a loss with respect to tensors, one output for each tensor.

    They are computed from the graph of the loss, not from its value: `evaluate` never calls the rule.

    Attributes:
        inputs: the loss, then the tensors.
    """

    __slots__ = ("level",)

    def __init__(self, loss: "Tensor", wrt: "Sequence[Tensor]", level: int) -> None:
        super().__init__(_never_called, [loss, *wrt], name="gradients")
        self.count = len(wrt)
        self.level = level


def _never_called(*_: Any, **__: Any) -> Never:
    raise AssertionError("The derivatives of a loss are computed from its graph, not from its value.")


class Tensor:
    """A symbolic array: it has a shape and a dtype, and a value only inside a compiled program.

    Python operators and indexing make new tensors. Equality is identity, so tensors can be keys and
    `layer.output == x` asks whether they are the same tensor.

    Attributes:
        shape: tuple of int, None where the size is unknown until a program runs.
        dtype: numpy dtype.
        node: the `Node` that computes it.
        index: int, which of the node's outputs it is.
        name: str, for messages and `K.function`.
        static: None, or the pair of numpy values it has under the two probe sizes (see `infer`), for
            tensors that depend on shapes only, such as `K.shape(x)[0]`.
        multiples: None, or the size of each unknown axis in units of the probe size, under both probes, and
            (1, 1) for other axes. (None, 5, 2) reshaped to (-1, 2) has the shape (None, 2) and the multiples
            ((5, 5), (1, 1)); if the 5 is unknown, too, they are ((840, 1680), (1, 1)).
        sparse: bool, whether its value is a `SparseMatrix`.
    """

    def __init__(
        self,
        shape: Iterable[int | None],
        dtype: npt.DTypeLike,
        node: Node | None = None,
        index: int = 0,
        name: str | None = None,
        static: tuple[Any, Any] | None = None,
        multiples: tuple[tuple[int, int], ...] | None = None,
        sparse: bool = False,
    ) -> None:
        self.shape: Shape = tuple(shape)
        self.dtype: np.dtype[Any] = np.dtype(dtype)
        self.node = Node() if node is None else node
        self.index = index
        self.name = name or f"{self.node.name}_{self.node.serial}"
        self.static = static
        self.multiples = multiples
        self.sparse = sparse

    @property
    def key(self) -> Key:
        """What identifies the value in an environment: (node, output index)."""
        return self.node, self.index

    @property
    def ndim(self) -> int:
        """The rank."""
        return len(self.shape)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name!r} shape={self.shape} dtype={self.dtype}>"

    def __bool__(self) -> bool:
        raise TypeError(
            f"{self!r} has no value while the graph is built, so it cannot decide an `if`. "
            "Use K.switch(condition, a, b) for a choice inside the graph."
        )

    def __iter__(self) -> Iterator[Any]:
        # Without this method, Python would call __getitem__ endlessly.
        raise TypeError(f"{self!r} is symbolic and cannot be iterated over; index it or use K.map_fn.")

    def __len__(self) -> int:
        raise TypeError(f"{self!r} has no len(); use K.int_shape(x)[0] or K.shape(x)[0].")

    def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray:
        raise TypeError(
            f"{self!r} is symbolic: NumPy and plain JAX functions cannot take it. Use a K function, "
            "wrap the function in a Lambda layer, or make an op of it with K.op(function)."
        )

    __array_ufunc__ = None  # so that `numpy_array * tensor` is left to the tensor

    if TYPE_CHECKING:  # the module `operators` defines these methods at run time
        # Attributes that upper layers set; nothing here reads them.
        _keras_history: Any
        _keras_shape: Shape
        _uses_learning_phase: bool
        _narrowed_from: Any
        _widened_from: Any

        def __getitem__(self, index: Any) -> "Tensor": ...
        def __add__(self, other: Any) -> "Tensor": ...
        def __radd__(self, other: Any) -> "Tensor": ...
        def __sub__(self, other: Any) -> "Tensor": ...
        def __rsub__(self, other: Any) -> "Tensor": ...
        def __mul__(self, other: Any) -> "Tensor": ...
        def __rmul__(self, other: Any) -> "Tensor": ...
        def __truediv__(self, other: Any) -> "Tensor": ...
        def __rtruediv__(self, other: Any) -> "Tensor": ...
        def __floordiv__(self, other: Any) -> "Tensor": ...
        def __rfloordiv__(self, other: Any) -> "Tensor": ...
        def __mod__(self, other: Any) -> "Tensor": ...
        def __rmod__(self, other: Any) -> "Tensor": ...
        def __pow__(self, other: Any) -> "Tensor": ...
        def __rpow__(self, other: Any) -> "Tensor": ...
        def __matmul__(self, other: Any) -> "Tensor": ...
        def __rmatmul__(self, other: Any) -> "Tensor": ...
        def __and__(self, other: Any) -> "Tensor": ...
        def __rand__(self, other: Any) -> "Tensor": ...
        def __or__(self, other: Any) -> "Tensor": ...
        def __ror__(self, other: Any) -> "Tensor": ...
        def __xor__(self, other: Any) -> "Tensor": ...
        def __rxor__(self, other: Any) -> "Tensor": ...
        def __lt__(self, other: Any) -> "Tensor": ...
        def __le__(self, other: Any) -> "Tensor": ...
        def __gt__(self, other: Any) -> "Tensor": ...
        def __ge__(self, other: Any) -> "Tensor": ...
        def __neg__(self) -> "Tensor": ...
        def __pos__(self) -> "Tensor": ...
        def __invert__(self) -> "Tensor": ...
        def __abs__(self) -> "Tensor": ...


class Variable(Tensor):
    """A leaf with a value, which programs read and may update.

    Args:
        value: array or `SparseMatrix` that nothing else refers to, such as `copied` returns: JAX uses some
            NumPy arrays without copying them.
        name: str.

    Attributes:
        value: jax.Array with the shape and dtype of the tensor, or `SparseMatrix`.
    """

    shape: tuple[int, ...]

    def __init__(self, value: Any, name: str | None = None) -> None:
        sparse = is_sparse(value)
        self.value: Any = value if sparse else jax.device_put(value)
        super().__init__(self.value.shape, self.value.dtype, Node(name="variable"), name=name, sparse=sparse)

    def get_value(self) -> np.ndarray:
        """A copy of the value: a NumPy array, or a SciPy matrix if the variable is sparse."""
        if self.sparse:
            return self.value.tocoo()
        # Not np.asarray, which is a view of memory that the next training step donates.
        with whole_update():
            return np.array(self.value)

    def set_value(self, value: Any) -> None:
        """Replaces the value.

        Args:
            value: array-like of the variable's shape, or a SciPy matrix for a sparse variable.
        Raises:
            TypeError: if only one of value and variable is sparse.
            ValueError: if the shape differs from the variable's.
        """
        if is_sparse(value) != self.sparse:
            raise TypeError(
                f"Variable {self.name!r} is {_kind(self.sparse)}; got a {_kind(not self.sparse)} value. "
                f"Give {'a SciPy matrix' if self.sparse else 'value.toarray()'}."
            )
        value = copied(value, self.dtype)
        if value.shape != self.shape:
            raise ValueError(
                f"Variable {self.name!r} has shape {self.shape}; got a value of shape {value.shape}."
            )
        self.value = value if self.sparse else jax.device_put(value)


def _kind(sparse: bool) -> str:
    return "sparse" if sparse else "dense"


def copied(value: Any, dtype: npt.DTypeLike | None) -> jax.Array | np.ndarray | SparseMatrix:
    """A copy of `value` in the dtype, for a variable to own: an array, or a `SparseMatrix`.

    NumPy makes the copy, because JAX uses a NumPy array whose address is a multiple of 64 without copying it,
    though the caller may change it later, and because JAX compiles a program for each shape that it copies or
    converts.
    """
    if is_sparse(value):
        return as_sparse(value, dtype)
    return jnp.array(value, np.dtype(dtype)) if isinstance(value, jax.Array) else np.array(value, dtype)


def placeholder(
    shape: Iterable[int | None], dtype: npt.DTypeLike, name: str | None = None, sparse: bool = False
) -> Tensor:
    """A leaf whose value is passed to each call of a program.

    Args:
        shape: sizes of the axes, None where unknown.
        dtype: anything that NumPy accepts as a dtype; 64 bit types are narrowed unless JAX has x64 on.
        name: str.
        sparse: whether the value is a sparse matrix.
    """
    dtype = jax.dtypes.canonicalize_dtype(np.dtype(dtype))
    return Tensor(shape, dtype, Node(name="placeholder"), name=name, sparse=sparse)


def _make_phase() -> Tensor:
    tensor = Tensor((), np.int32, Node(name="phase"), name="learning_phase")
    tensor.node.uses_phase = True
    # Shapes are inferred as in training: dropout and noise have the same shapes in both phases.
    tensor.static = (np.int32(1), np.int32(1))
    return tensor


#: The learning phase, 0 = test, 1 = train. It is fixed when a program is compiled: there is one program for
#: training and one for testing, and neither branches on it.
phase: Tensor = _make_phase()
