"""What a symbolic array is: `Tensor`, the `Node` that computes it, and the leaves of a graph."""

import itertools
from collections.abc import Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from .sparse import as_sparse, is_sparse
from .update import whole_update

_serial = itertools.count()


class Node:
    """One step of a graph: a rule over arrays, its symbolic inputs and its fixed settings.

    A leaf (variable, placeholder) is a node without a rule. Nodes are numbered as they are made, and
    inputs exist before the node that reads them, so *creation order is a topological order*: no walk
    needs recursion or a visit state.

    Attributes:
        rule: function of arrays, or None for a leaf.
        inputs: tuple of Tensors, in the order in which the rule meets them.
        fill: function(values) -> (args, kwargs): puts the inputs' values among the fixed settings.
        count: int, number of outputs.
        seed: int for a random rule (which gets a key as its first argument), else None.
        needs_run: whether the rule takes the `Run` it is computed in as its first argument.
        body: the `Subgraph` that the rule runs, or None.
        uses_phase: whether the value may depend on the learning phase.
    """

    __slots__ = (
        "__weakref__",
        "body",
        "count",
        "fill",
        "inputs",
        "level",
        "name",
        "needs_run",
        "rule",
        "seed",
        "serial",
        "settings",
        "structure",
        "uses_phase",
    )

    def __init__(self, rule=None, inputs=(), fill=None, settings=None, name="leaf", seed=None):
        self.rule = rule
        self.inputs = tuple(inputs)
        self.fill = fill
        self.settings = settings
        self.count = 1
        self.structure = None
        self.serial = next(_serial)
        self.name = name
        self.seed = seed
        self.needs_run = False
        self.body = None
        self.level = 0
        self.uses_phase = any(tensor.node.uses_phase for tensor in self.inputs)

    def __repr__(self):
        return f"<Node {self.serial} {self.name}>"


class Tensor:
    """A symbolic array: it has a shape and a dtype, and a value only inside a compiled program.

    Python operators and indexing make new tensors. Equality is identity, so tensors can be keys and
    `layer.output == x` asks whether they are the same tensor.

    Attributes:
        shape: tuple of int, None where the size is unknown until a program runs.
        dtype: numpy dtype.
        node: the `Node` that computes it.
        index: int, which of the node's outputs it is.
        static: None, or the pair of numpy values it has under the two probe sizes (see `infer`), for
            tensors that depend on shapes only, such as `K.shape(x)[0]`.
        multiples: None, or for each axis of unknown size how many probe sizes it is under both probes:
            (None, 5, 2) reshaped to (-1, 2) has shape (None, 2) and multiples ((5, 5), (1, 1)); where
            the 5 is unknown, too, they are ((840, 1680), (1, 1)).
        sparse: bool, whether its value is a `SparseMatrix`.
    """

    def __init__(
        self, shape, dtype, node=None, index=0, name=None, static=None, multiples=None, sparse=False
    ):
        self.shape = tuple(shape)
        self.dtype = np.dtype(dtype)
        self.node = Node() if node is None else node
        self.index = index
        self.name = name or f"{self.node.name}_{self.node.serial}"
        self.static = static
        self.multiples = multiples
        self.sparse = sparse

    @property
    def key(self):
        """What identifies the value in an environment: (node, output index)."""
        return self.node, self.index

    @property
    def ndim(self):
        return len(self.shape)

    def __repr__(self):
        return f"<{type(self).__name__} {self.name!r} shape={self.shape} dtype={self.dtype}>"

    def __bool__(self):
        raise TypeError(
            f"{self!r} has no value while the graph is built, so it cannot decide an `if`. "
            "Use K.switch(condition, a, b) for a choice inside the graph."
        )

    def __iter__(self) -> Iterator[Any]:
        # Without this Python would call __getitem__ for ever.
        raise TypeError(f"{self!r} is symbolic and cannot be iterated over; index it or use K.map_fn.")

    def __len__(self):
        raise TypeError(f"{self!r} has no len(); use K.int_shape(x)[0] or K.shape(x)[0].")

    def __array__(self, dtype=None, copy=None):
        raise TypeError(
            f"{self!r} is symbolic: NumPy and plain JAX functions cannot take it. Use a K function, "
            "wrap the function in a Lambda layer, or make an op of it with K.op(function)."
        )

    __array_ufunc__ = None  # so that `numpy_array * tensor` is left to the tensor


class Variable(Tensor):
    """A leaf with a value of its own, which programs read and, when told to, replace.

    Args:
        value: array or `SparseMatrix` that is the variable's alone, such as `copied` gives: JAX takes some
            NumPy arrays as they are.

    Attributes:
        value: jax.Array with the shape and dtype of the tensor, or `SparseMatrix`.
    """

    def __init__(self, value, name=None):
        sparse = is_sparse(value)
        self.value: Any = value if sparse else jax.device_put(value)
        super().__init__(self.value.shape, self.value.dtype, Node(name="variable"), name=name, sparse=sparse)

    def get_value(self):
        """The value as a numpy array that belongs to the caller; a sparse one as a SciPy matrix."""
        if self.sparse:
            return self.value.tocoo()
        # A copy: np.asarray would be a view of memory which the next training step donates.
        with whole_update():
            return np.array(self.value)

    def set_value(self, value):
        """Replaces the value.

        Raises:
            TypeError: if one of value and variable is sparse, and the other is not.
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


def _kind(sparse):
    return "sparse" if sparse else "dense"


def copied(value, dtype):
    """A copy of `value` in the dtype, an array or a `SparseMatrix`, for a variable to have.

    NumPy makes it: JAX takes a NumPy array as it is if its address is a multiple of 64, though the caller may
    go on changing it, and compiles a program for each shape that it copies or converts.
    """
    if is_sparse(value):
        return as_sparse(value, dtype)
    return jnp.array(value, dtype) if isinstance(value, jax.Array) else np.array(value, dtype)


def placeholder(shape, dtype, name=None, sparse=False):
    """A leaf whose value is given at each call of a program.

    Args:
        shape: tuple of int or None.
        dtype: anything numpy takes for a dtype; 64 bit types are narrowed unless JAX has x64 on.
        sparse: whether the value is a sparse matrix.
    """
    dtype = jax.dtypes.canonicalize_dtype(np.dtype(dtype))
    return Tensor(shape, dtype, Node(name="placeholder"), name=name, sparse=sparse)


def _make_phase():
    tensor = Tensor((), np.int32, Node(name="phase"), name="learning_phase")
    tensor.node.uses_phase = True
    # Shapes are inferred as in training: dropout and its likes keep them either way.
    tensor.static = (np.int32(1), np.int32(1))
    return tensor


#: The learning phase, 0 = test, 1 = train. It is known when a program is compiled, never inside it:
#: a train and a test program, no branch.
phase = _make_phase()
