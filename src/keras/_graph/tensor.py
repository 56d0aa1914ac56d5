"""What a symbolic array is: `Tensor`, the `Node` that computes it, and the leaves of a graph."""

import contextlib
import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Never, Protocol, TypeAlias

import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt

from .._base.displayed import Displayed
from .._base.types import Shape
from . import placement
from .facts import NO_FACTS, Op, OpFacts, Rule
from .owner import owner
from .sizes import (
    NO_EQUATIONS,
    SAMPLES,
    AnySize,
    Equations,
    Static,
    fresh,
    joined,
    known,
    solved,
    under,
)
from .sparse import SparseMatrix, as_sparse, is_sparse
from .update import whole_update

#: What identifies a value in an environment: (node, output index).
Key: TypeAlias = "tuple[Node, int]"

_serial = itertools.count()


class Body(Protocol):
    """The part of `subgraph.Subgraph` that nodes use."""

    outputs: "list[Tensor]"
    captured: "list[Tensor]"


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
        owner: str, the layer in whose call the node was made, for errors; or None.
        uses_phase: whether the value may depend on the learning phase.
        tests_only: None, or a function without arguments: whether a node that chooses by the learning phase
            takes what it takes in testing in training, too. Read when a program is compiled.
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
        "owner",
        "positions",
        "rule",
        "seed",
        "serial",
        "structure",
        "tests_only",
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
        self.owner = owner()
        self.tests_only: Callable[[], bool] | None = None
        self.uses_phase = any(tensor.node.uses_phase for tensor in self.inputs)

    @property
    def scope(self) -> str:
        """The name of the node in profiles: that of its owner, if it has one, and its own."""
        return self.name if self.owner is None else f"{self.owner}: {self.name}"

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


class Tensor(Displayed):
    """A symbolic array: it has a shape and a dtype, and a value only inside a compiled program.

    Python operators and indexing make new tensors. Equality is identity, so tensors can be keys and
    `layer.output == x` asks whether they are the same tensor.

    Attributes:
        shape: tuple of int, None where the size is unknown until a program runs.
        sizes: the same with a `Size` in place of each None: what is known of it.
        equations: what symbols in sizes must equal for the tensor to have a value (see `unify`).
        dtype: numpy dtype.
        node: the `Node` that computes it.
        index: int, which of the node's outputs it is.
        name: str, for messages and `K.function`.
        static: None, or its `Static` value, for tensors that depend on shapes only, such as `K.shape(x)[0]`.
        sparse: bool, whether its value is a `SparseMatrix`.
    """

    def __init__(
        self,
        shape: Iterable[AnySize | None],
        dtype: npt.DTypeLike,
        node: Node | None = None,
        index: int = 0,
        name: str | None = None,
        static: Static | None = None,
        sparse: bool = False,
        equations: Equations = NO_EQUATIONS,
    ) -> None:
        self.sizes: tuple[AnySize, ...] = tuple(fresh() if size is None else size for size in shape)
        self.shape: Shape = known(self.sizes)
        self.dtype: np.dtype[Any] = np.dtype(dtype)
        self.node = Node() if node is None else node
        self.index = index
        self.name = name or f"{self.node.name}_{self.node.serial}"
        self.static = static
        self.sparse = sparse
        self.equations = equations

    def assume(self, shape: Shape) -> None:
        """Fills in unknown sizes from a shape that is known from elsewhere, None where it is not."""
        for own, size in zip(self.sizes, shape, strict=True):
            equation = None if isinstance(own, int) or size is None else solved(own, size)
            if equation is not None:
                self.equations = joined(self.equations, *equation)
        known_sizes = zip(under(self.sizes, self.equations), shape, strict=True)
        self.sizes = tuple(own if size is None or isinstance(own, int) else size for own, size in known_sizes)
        self.shape = known(self.sizes)

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
        error = TypeError(
            f"{self!r} has no value while the graph is built, so it cannot decide an `if`. "
            "Use K.switch(condition, a, b) for a choice inside the graph."
        )
        vars(error)["tensor"] = self  # for who catches it
        raise error

    def __iter__(self) -> "Iterator[Tensor]":
        # No __len__: programs ask for it to tell lists from tensors.
        if not self.shape or self.shape[0] is None:
            raise TypeError(
                f"{self!r} cannot be iterated over: its first size is not known. Index it or use K.map_fn."
            )
        return (self[place] for place in range(self.shape[0]))

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
        beside: another variable, whose placement the new one shares.

    Attributes:
        value: jax.Array with the shape and dtype of the tensor, or `SparseMatrix`.
        layout_name: the name by which a `Placement` decides where the value lives.
    """

    shape: tuple[int, ...]

    def __init__(self, value: Any, name: str | None = None, beside: "Variable | None" = None) -> None:
        sparse = is_sparse(value)
        self.layout_name = beside.layout_name if beside is not None else name or ""
        self.value: Any = value if sparse else placement.current().variable(value, self.layout_name)
        super().__init__(self.value.shape, self.value.dtype, Node(name="variable"), name=name, sparse=sparse)

    def get_value(self) -> np.ndarray:
        """A copy of the value: a NumPy array, or a SciPy matrix if the variable is sparse."""
        if self.sparse:
            return self.value.tocoo()
        # Not np.asarray, which is a view of memory that the next training step donates.
        with whole_update():
            return placement.current().read(self.value)

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
        self.value = value if self.sparse else placement.current().variable(value, self.layout_name)

    def assign(self, value: Any) -> "tuple[Variable, Any]":
        """Returns the update to a value, as `K.update` does, and notes it for `noting_updates`."""
        made = self, value
        for noted in _noted[-1:]:
            noted.append(made)
        return made

    def assign_add(self, value: Any) -> "tuple[Variable, Any]":
        """Returns the update that adds a value; see `assign`."""
        return self.assign(self + value)

    def assign_sub(self, value: Any) -> "tuple[Variable, Any]":
        """Returns the update that subtracts a value; see `assign`."""
        return self.assign(self - value)


_noted: list[list[tuple[Variable, Any]]] = []


@contextlib.contextmanager
def noting_updates() -> "Iterator[list[tuple[Variable, Any]]]":
    """Lists the updates that `Variable.assign` and its like make in a `with` block."""
    _noted.append([])
    try:
        yield _noted[-1]
    finally:
        _noted.pop()


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
    shape: Iterable[AnySize | None], dtype: npt.DTypeLike, name: str | None = None, sparse: bool = False
) -> Tensor:
    """A leaf whose value is passed to each call of a program.

    Args:
        shape: sizes of the axes, None where unknown. Each None is a size of its own.
        dtype: anything that NumPy accepts as a dtype; 64 bit types are narrowed unless JAX has x64 on.
        name: str.
        sparse: whether the value is a sparse matrix.
    """
    dtype = jax.dtypes.canonicalize_dtype(np.dtype(dtype))
    return Tensor(shape, dtype, Node(name="placeholder"), name=name, sparse=sparse)


def samples_placeholder(
    shape: Iterable[int | None], dtype: npt.DTypeLike, name: str | None = None, sparse: bool = False
) -> Tensor:
    """A placeholder of samples: if its first size is None, it is the one that all of these share.

    Args:
        shape, dtype, name, sparse: as in `placeholder`.
    """
    first, *others = shape
    return placeholder([SAMPLES if first is None else first, *others], dtype, name, sparse)


def _make_phase() -> Tensor:
    tensor = Tensor((), np.int32, Node(name="phase"), name="learning_phase")
    tensor.node.uses_phase = True
    # Shapes are inferred as in training: dropout and noise have the same shapes in both phases.
    tensor.static = Static(np.dtype("int32"), (), (1,))
    return tensor


#: The learning phase, 0 = test, 1 = train. It is fixed when a program is compiled: there is one program for
#: training and one for testing, and neither branches on it.
phase: Tensor = _make_phase()
