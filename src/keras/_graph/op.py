"""`@op`: a function of JAX arrays that, given symbolic tensors, records a node instead."""

import functools
from collections.abc import Callable
from typing import Any

import jax

from .infer import infer
from .precision import as_asked
from .tensor import Node, Tensor


def op(function) -> Callable[..., Any]:
    """Turns a function of JAX arrays into an op of the graph.

    Given arrays only, the op computes. Given a `Tensor` anywhere among its arguments (also inside
    lists, tuples and dicts) it records a node and returns tensors in the structure of the function's
    result. Shapes and dtypes are inferred by running the function abstractly; the gradient is JAX's.

    Example:
        >>> import jax.numpy as jnp
        >>> from keras import backend as K
        >>> @K.op
        ... def cube(x):
        ...     return x ** 3
        >>> float(cube(jnp.float32(2.0)))
        8.0
        >>> cube(K.placeholder((None, 3))).shape
        (None, 3)
    """

    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        leaves, structure = jax.tree.flatten((args, kwargs))
        if not any(isinstance(leaf, Tensor) for leaf in leaves):
            return function(*args, **kwargs)
        return _record(wrapper, function, leaves, structure)

    wrapper.rule = function
    wrapper.inferred = {}
    return wrapper


def product_op(function) -> Callable[..., Any]:
    """An op of products that are added up: in a narrow float type where the block around asks for it."""
    return _of_kind("product", function)


def wide_op(function) -> Callable[..., Any]:
    """An op that needs the digits or the range of float32: sums, exponentials, powers, norms, statistics.

    Where products compute in a narrower type (see `precision`), this one computes in float32.
    """
    return _of_kind("wide", function)


def _of_kind(kind, function):
    wrapper: Any = op(function)
    wrapper.kind = kind
    wrapper.variants = {}  # dtype -> the op that computes in it
    return wrapper


def shape_op(function) -> Callable[..., Any]:
    """An op of shapes only: its result is known when a program is compiled, as numpy values."""
    wrapper = op(function)
    function.of_shapes = True
    return wrapper


def random_op(function) -> Callable[..., Any]:
    """An op whose function takes a JAX random key first; it always records, with a seed of its own.

    The op is called with `seed=`, an int; the key of a run is folded from (seed, step), so every call
    of a program draws anew and the same seed and step give the same numbers in any process.
    """

    @functools.wraps(function)
    def wrapper(*args, seed, **kwargs):
        leaves, structure = jax.tree.flatten((args, kwargs))
        return _record(wrapper, function, leaves, structure, seed=int(seed))

    wrapper.rule = function
    wrapper.inferred = {}
    return wrapper


def record(rule, *args, name=None, needs_run=False, body=None, **kwargs):
    """Records one node for `rule(*args, **kwargs)`; for rules made on the spot, such as loops.

    Args:
        needs_run: whether the rule takes the `Run` (random keys) as its first argument.
        body: the `Subgraph` that the rule runs, or None.
    """
    leaves, structure = jax.tree.flatten((args, kwargs))
    return _record(None, rule, leaves, structure, name=name, needs_run=needs_run, body=body)


def replay(node, inputs):
    """Records the step of a node once more, on other inputs.

    Args:
        node: `Node` with a rule.
        inputs: list of Tensors, one for each of the node's inputs.
    Returns:
        What the op returned: a Tensor, or a structure of them.
    """
    owner, constants, positions, structure = node.settings
    leaves = list(constants)
    for position, tensor in zip(positions, inputs, strict=True):
        leaves[position] = tensor
    kept = {name: getattr(node, name) for name in ("seed", "name", "needs_run", "body")}
    return _record(owner, node.rule, leaves, structure, **kept)


def _record(owner, rule, leaves, structure, seed=None, name=None, needs_run=False, body=None):
    owner, rule = as_asked(owner, rule, op)
    positions = [i for i, leaf in enumerate(leaves) if isinstance(leaf, Tensor)]
    inputs = [leaves[i] for i in positions]
    constants = [None if isinstance(leaf, Tensor) else leaf for leaf in leaves]

    def fill(values):
        filled = list(constants)
        for position, value in zip(positions, values, strict=True):
            filled[position] = value
        return jax.tree.unflatten(structure, filled)

    name = name or getattr(rule, "__name__", type(rule).__name__)
    node = Node(rule, inputs, fill, (owner, constants, positions, structure), name, seed)
    node.needs_run, node.body = needs_run, body
    try:
        specs, node.structure, statics = infer(node)
    except (TypeError, ValueError, IndexError, ZeroDivisionError) as error:
        raise type(error)(_explain(node, error)) from error
    node.count = len(specs)
    tensors = [
        Tensor(shape, dtype, node, index, static=static, multiples=multiples, sparse=sparse)
        for index, ((shape, dtype, multiples, sparse), static) in enumerate(zip(specs, statics, strict=True))
    ]
    return jax.tree.unflatten(node.structure, tensors)


def _explain(node, error):
    kinds = [f"{tensor.dtype}{' sparse' * tensor.sparse}" for tensor in node.inputs]
    pairs = zip(node.inputs, kinds, strict=True)
    inputs = ", ".join(f"{tensor.name} {tensor.shape} {kind}" for tensor, kind in pairs)
    text = str(error).strip().split("\n")[0] if len(str(error)) > 600 else str(error)
    hint = ""
    if any(tensor.sparse for tensor in node.inputs):
        hint = f" {node.name} may take no sparse tensor; K.to_dense(x) makes a dense one."
    return f"{node.name}({inputs}): {text}{hint}"


def apply(function, *args, **kwargs):
    """Calls a user's function on tensors, be it written with K functions or in plain JAX.

    It is tried on the symbolic tensors first; where that cannot be, as JAX functions take arrays only,
    the whole function becomes one op.

    Raises:
        TypeError: the first error, if the function works neither way.
    """
    try:
        return function(*args, **kwargs)
    except TypeError as error:
        leaves = jax.tree.leaves((args, kwargs))
        if not any(isinstance(leaf, Tensor) for leaf in leaves):
            raise
        try:
            return record(function, *args, **kwargs)
        except (TypeError, ValueError, AttributeError):
            raise error from None


@op
def identity(x):
    """The same value as a new tensor."""
    return x
