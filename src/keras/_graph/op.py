"""`@op`: a function of JAX arrays that, given symbolic tensors, records a node instead."""

import functools
from collections.abc import Callable, Sequence
from typing import Any, Literal, ParamSpec, Protocol, cast, overload

import jax
import numpy as np

from .._base.budget import OverBudget, charge_running
from .facts import NO_FACTS, Op, OpFacts, Rule
from .infer import infer
from .precision import block_dtype, casting
from .subgraph import Subgraph
from .tensor import Node, Tensor

P = ParamSpec("P")

# What recording a node costs, for a `Budget`, without inference: about 50 us.
_STEPS = 10


class OpDecorator(Protocol):
    """The type of `op`: called with a function it returns an op, called with facts it returns a decorator.

    The op has the parameters of the function, and returns a `Tensor` for each array.
    """

    @overload
    def __call__(self, function: Callable[P, jax.Array], /) -> Callable[P, Tensor]: ...
    @overload
    def __call__(
        self, function: Callable[P, tuple[jax.Array, jax.Array]], /
    ) -> Callable[P, tuple[Tensor, Tensor]]: ...
    @overload
    def __call__(
        self, function: Callable[P, tuple[jax.Array, jax.Array, jax.Array]], /
    ) -> Callable[P, tuple[Tensor, Tensor, Tensor]]: ...
    @overload
    def __call__(self, function: Callable[P, Any], /) -> Callable[P, Any]: ...
    @overload
    def __call__(
        self,
        *,
        saved_as: str | None = None,
        formerly: str | None = None,
        precision: Literal["product", "wide"] | None = None,
        channels_last: bool = False,
        slow_in_loops: bool = False,
        of_shapes: bool = False,
        by_phase: bool = False,
    ) -> "OpDecorator": ...


def _as_op_decorator(function: Callable[..., Any]) -> OpDecorator:
    return cast(OpDecorator, function)


@_as_op_decorator
def op(function: Rule | None = None, /, **facts: Any) -> Any:
    """Turns a function of JAX arrays into an op of the graph.

    Given arrays only, the op computes. Given a `Tensor` anywhere among its arguments (also inside
    lists, tuples and dicts) it records a node and returns tensors in the structure of the function's
    result. Shapes and dtypes are inferred by running the function abstractly; the gradient is JAX's.

    Args:
        function: function of arrays. The decorator is `@op`, or with facts `@op(saved_as="cast")`.
        **facts: fields of `OpFacts`. The function's name is the default of `saved_as`.

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
    if function is None:
        return functools.partial(cast(Callable[..., Any], op), **facts)

    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        leaves, structure = jax.tree.flatten((args, kwargs))
        if not any(isinstance(leaf, Tensor) for leaf in leaves):
            return function(*args, **kwargs)
        return _record(made, function, leaves, structure)

    made = _made(wrapper, function, facts)
    return made


#: An op that adds up products. In mixed precision it computes in the narrow type.
product_op = op(precision="product")
#: An op that needs the digits or the range of float32: sums, exponentials, powers, norms, statistics. In
#: mixed precision it computes in float32.
wide_op = op(precision="wide")
#: An op of shapes only: its result is known when a program is compiled, as NumPy values.
shape_op = op(of_shapes=True)


@overload
def random_op(function: Rule, /) -> Callable[..., Tensor]: ...
@overload
def random_op(
    *, saved_as: str | None = None, formerly: str | None = None
) -> Callable[[Rule], Callable[..., Tensor]]: ...
def random_op(function: Rule | None = None, /, **facts: Any) -> Any:
    """Turns a function whose first argument is a JAX random key into an op, which always records a node.

    The op is called with `seed=`, an int, in place of the key. The key of a run is folded from (seed, step):
    every call of a program draws new numbers, and the same seed and step draw the same numbers in any
    process.
    """
    if function is None:
        return functools.partial(random_op, **facts)

    @functools.wraps(function)
    def wrapper(*args: Any, seed: int, **kwargs: Any) -> Any:
        leaves, structure = jax.tree.flatten((args, kwargs))
        return _record(made, function, leaves, structure, seed=int(seed))

    made = _made(wrapper, function, facts)
    return made


def _made(wrapper: Callable[..., Any], rule: Rule, facts: dict[str, Any]) -> Op:
    """Returns the wrapper with the attributes of `Op`."""
    made = cast(Op, wrapper)
    made.rule = rule
    made.facts = OpFacts(**{"saved_as": _name_of(rule), **facts})
    made.inferred = {}
    made.variants = {} if made.facts.precision else None
    return made


def _name_of(rule: Rule) -> str:
    return getattr(rule, "__name__", type(rule).__name__)


def record(
    rule: Rule,
    *args: Any,
    name: str | None = None,
    needs_run: bool = False,
    body: Subgraph | None = None,
    **kwargs: Any,
) -> Any:
    """Records one node for `rule(*args, **kwargs)`, for a rule that is not an op, such as a loop.

    Args:
        rule: function of arrays.
        name: the name of the node; that of the rule if None.
        needs_run: whether the rule takes the `Run` (random keys) as its first argument.
        body: the `Subgraph` that the rule runs, or None.
    Returns:
        What the rule returns, with a `Tensor` for each array.
    """
    leaves, structure = jax.tree.flatten((args, kwargs))
    return _record(None, rule, leaves, structure, name=name, needs_run=needs_run, body=body)


def replay(node: Node, inputs: Sequence[Tensor]) -> Any:
    """Records a copy of a node on other inputs.

    Args:
        node: `Node` with a rule.
        inputs: one tensor for each of the node's inputs.
    Returns:
        What the op returned: a `Tensor`, or a structure of them.
    """
    leaves = list(node.constants)
    for position, tensor in zip(node.positions, inputs, strict=True):
        leaves[position] = tensor
    kept = {name: getattr(node, name) for name in ("seed", "name", "needs_run", "body")}
    return _record(node.op, node.rule, leaves, node.tree, **kept)


def _record(
    owner: Op | None,
    rule: Rule | None,
    leaves: list[Any],
    structure: Any,
    seed: int | None = None,
    name: str | None = None,
    needs_run: bool = False,
    body: Subgraph | None = None,
) -> Any:
    charge_running(_STEPS, "ops")
    facts = NO_FACTS
    if owner is not None:
        owner = _for_block(owner)
        rule, facts = owner.rule, owner.facts
    positions = [i for i, leaf in enumerate(leaves) if isinstance(leaf, Tensor)]
    inputs = [leaves[i] for i in positions]
    constants = [_kept(leaf) for leaf in leaves]
    node = Node(rule, inputs, name=name or facts.saved_as or _name_of(cast(Rule, rule)), seed=seed)
    node.op, node.facts = owner, facts
    node.constants, node.positions, node.tree = constants, positions, structure
    node.needs_run, node.body = needs_run, body
    try:
        specs, node.structure, equations = infer(node)
    except OverBudget:
        raise
    except (TypeError, ValueError, IndexError, ZeroDivisionError) as error:
        raise type(error)(_explain(node, error)) from error
    node.count = len(specs)
    tensors = [
        Tensor(sizes, dtype, node, index, static=static, sparse=sparse, equations=equations)
        for index, (sizes, dtype, sparse, static) in enumerate(specs)
    ]
    return jax.tree.unflatten(node.structure, tensors)


def _kept(leaf: Any) -> Any:
    """Returns a constant as it is now: the caller may write into an array later."""
    if isinstance(leaf, Tensor):
        return None
    return leaf.copy() if type(leaf) is np.ndarray and leaf.flags.writeable else leaf


def _for_block(owner: Op) -> Op:
    """The variant of an op for the float type of the current `computing_in` block; else the op itself."""
    if owner.variants is None:
        return owner
    dtype = block_dtype(owner.facts.precision)
    if dtype is None:
        return owner
    if dtype not in owner.variants:
        # The cast is part of the op. The gradient of a loop then sums over the steps in float32.
        variant = cast(Op, op(casting(owner.rule, dtype)))
        # The same object: files name the op, not the variant.
        variant.facts = owner.facts
        owner.variants[dtype] = variant
    return owner.variants[dtype]


def _explain(node: Node, error: Exception) -> str:
    kinds = [f"{tensor.dtype}{' sparse' * tensor.sparse}" for tensor in node.inputs]
    pairs = zip(node.inputs, kinds, strict=True)
    inputs = ", ".join(f"{tensor.name} {tensor.shape} {kind}" for tensor, kind in pairs)
    text = str(error).strip().split("\n")[0] if len(str(error)) > 600 else str(error)
    hint = ""
    if any(tensor.sparse for tensor in node.inputs):
        hint = f" {node.name} may not accept sparse tensors; K.to_dense(x) makes a dense one."
    return f"{node.name}({inputs}): {text}{hint}"


@op(saved_as="constant", of_shapes=True)
def _constant(value: Any) -> Any:
    return value


def constant(value: np.ndarray) -> Tensor:
    """A tensor with a fixed value, which is known when a program is compiled."""
    leaves, structure = jax.tree.flatten(((value,), {}))
    return _record(cast(Op, _constant), None, leaves, structure)


def apply(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Calls a user's function on tensors, whether it is written with K functions or in plain JAX.

    It is first called on the symbolic tensors. If that fails, because JAX functions accept arrays only,
    the whole function becomes one node.

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
def identity(x: Any) -> jax.Array:
    """Returns the same value as a new tensor."""
    return x
