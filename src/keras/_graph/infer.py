"""Shapes and dtypes of a node's outputs, by running its rule abstractly at two sizes.

Every unknown size (None) is probed with two different numbers; a size of the result that comes out
different is unknown, one that comes out equal is known. Plain Python in a rule (`if x.shape[0] > 2`,
`math.prod(x.shape)`, a reshape with computed sizes) works, which it does not with symbolic sizes;
see docs/decisions. The probes are highly composite so that a reshape of an unknown size divides.
If a reshape merges an unknown axis with known ones, the tensor stores the factor (`multiples`):
TimeDistributed over 100 steps merges them with the samples, and later splits them again.
"""

import weakref
from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import Any, TypeAlias

import jax
import numpy as np
from jax.typing import ArrayLike

from .._base.types import Shape
from .facts import Op
from .sparse import SparseMatrix, abstract_sparse, flatten
from .tensor import Node, Tensor

PROBES = (840, 1680)

#: The size of each axis in units of the probe size, under both probes.
Multiples: TypeAlias = tuple[tuple[int, int], ...]
#: Shape, dtype, multiples and whether sparse, for one output.
Spec: TypeAlias = tuple[Shape, Any, Multiples | None, bool]
#: For each output its `Spec`; the tree structure of the result; for each output None or its static values.
Inferred: TypeAlias = tuple[list[Spec], Any, list[tuple[Any, Any] | None]]

_ops_with_cache: "weakref.WeakSet[Op]" = weakref.WeakSet()  # weak, because users may make ops for each model


def clear_inferred() -> None:
    """Forgets the shapes inferred so far: needed when a default dtype changes."""
    for op in _ops_with_cache:
        op.inferred.clear()


def infer(node: Node) -> Inferred:
    """Infers the outputs of a node.

    Returns:
        specs: list of (shape with None, dtype, multiples or None, whether sparse), one for each output.
        structure: the tree structure of the rule's result.
        statics: list with None or the pair of numpy values under the two probes, for each output.
    """
    cache, key = _cache_key(node)
    if cache is not None and key in cache:
        return cache[key]
    result: Inferred
    if is_static(node, (tensor.static is not None for tensor in node.inputs)):
        result = _infer_static(node)
    else:
        result = _infer_abstract(node)
    if cache is not None:
        cache[key] = result
    return result


def _probed(
    tensor: Tensor, which: int, exact: bool = True, probes: tuple[int, int] = PROBES
) -> tuple[int, ...]:
    """The tensor's shape with every None replaced by a probe size (times its multiple, if exact)."""
    multiples = (exact and tensor.multiples) or [(1, 1)] * len(tensor.shape)
    sizes = zip(tensor.shape, multiples, strict=True)
    return tuple(probes[which] * multiple[which] if size is None else size for size, multiple in sizes)


def _infer_abstract(node: Node) -> Inferred:
    errors: list[Exception] = []
    for exact, probes in _attempts(node):
        try:
            return _infer_from(node, exact, probes)
        except (TypeError, ValueError) as error:
            errors.append(error)
    raise errors[0]


def _attempts(node: Node) -> Iterator[tuple[bool, tuple[int, int]]]:
    """The ways to probe unknown sizes, as pairs (exact, probes), the most likely first."""
    yield True, PROBES
    if any(tensor.multiples is not None for tensor in node.inputs):
        # Treats all unknown sizes as equal, even if one is known to be a multiple.
        yield False, PROBES
    if all(None not in tensor.shape[1:] and tensor.static is None for tensor in node.inputs):
        # An unknown number of samples that meets a known one equals it: `x * K.ones((32, 5))`.
        shapes = [np.shape(value) for value in node.constants] + [tensor.shape for tensor in node.inputs]
        for size in sorted({shape[0] for shape in shapes if shape and shape[0]}):
            yield False, (size, size)


def _infer_from(node: Node, exact: bool, probes: tuple[int, int]) -> Inferred:
    unknown = any(None in t.shape or t.static is not None for t in node.inputs)
    first = _run_abstract(node, 0, exact, probes)
    second = _run_abstract(node, 1, exact, probes) if unknown else first
    leaves, structure = flatten(first)
    specs: list[Spec] = []
    for one, other in zip(leaves, flatten(second)[0], strict=True):
        extended = jax.dtypes.issubdtype(one.dtype, jax.dtypes.extended)
        shape, multiples = _merged(one.shape, other.shape)
        dtype = one.dtype if extended else np.dtype(one.dtype)
        specs.append((shape, dtype, multiples, isinstance(one, SparseMatrix)))
    return specs, structure, [None] * len(specs)


def _merged(first: tuple[int, ...], second: tuple[int, ...]) -> tuple[Shape, Multiples | None]:
    """The shape with None that two probed shapes come from, and its multiples (None where all are (1, 1))."""
    pairs = list(zip(first, second, strict=True))
    shape = tuple(a if a == b else None for a, b in pairs)
    multiples = tuple(_multiple(a, b) for a, b in pairs)
    return shape, (multiples if any(multiple != (1, 1) for multiple in multiples) else None)


def _multiple(first: int, second: int) -> tuple[int, int]:
    """A size in units of the probe size, under both probes; (1, 1) if it is not a whole multiple."""
    if first == second or first % PROBES[0] or second % PROBES[1]:
        return 1, 1
    return max(1, first // PROBES[0]), max(1, second // PROBES[1])


def _run_abstract(node: Node, which: int, exact: bool, probes: tuple[int, int]) -> Any:
    """The rule's result as ShapeDtypeStructs; inputs known from shapes are passed as numpy values."""
    rule = node.rule
    assert rule is not None, f"{node!r} is a leaf"
    traced = [t for t in node.inputs if t.static is None]

    def body(*arrays: Any) -> Any:
        given = iter(arrays)
        values = [next(given) if t.static is None else t.static[which] for t in node.inputs]
        args, kwargs = node.fill(values)
        if node.seed is not None:
            args = (jax.random.key(0), *args)
        elif node.needs_run:
            args = (Run(np.uint32(0)), *args)
        return rule(*args, **kwargs)

    return jax.eval_shape(body, *(_abstract(t, _probed(t, which, exact, probes)) for t in traced))


def _abstract(tensor: Tensor, shape: tuple[int, ...]) -> Any:
    make = abstract_sparse if tensor.sparse else jax.ShapeDtypeStruct
    return make(shape, tensor.dtype)


def is_static(node: Node, known: Iterable[bool]) -> bool:
    """Whether a node is computed as numpy values while a program is compiled. A random op never is.

    Args:
        known: for each input, whether it is such a value.
    """
    if node.facts.of_shapes:
        return True
    plain = node.seed is None and not node.needs_run
    return plain and bool(node.inputs) and all(known)


def _infer_static(node: Node) -> Inferred:
    assert node.rule is not None, f"{node!r} is a leaf"
    results = []
    for which in range(len(PROBES)):
        values = [
            np.broadcast_to(np.zeros((), t.dtype), _probed(t, which)) if t.static is None else t.static[which]
            for t in node.inputs
        ]
        args, kwargs = node.fill(values)
        results.append(compute_static(node.rule, args, kwargs))
    first, structure = jax.tree.flatten(results[0])
    statics: list[tuple[Any, Any] | None] = []
    specs: list[Spec] = []
    for x, y in zip(first, jax.tree.leaves(results[1]), strict=True):
        shape, multiples = _merged(x.shape, y.shape)
        specs.append((shape, x.dtype, multiples, False))
        statics.append((x, y))
    return specs, structure, statics


def compute_static(rule: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Runs a rule on NumPy values while a program is compiled; the results are NumPy values, too."""
    with jax.ensure_compile_time_eval():
        return jax.tree.map(np.asarray, rule(*args, **kwargs))


class Run:
    """What one run of a program adds to the graph: random keys folded from (seed, step).

    Attributes:
        step: uint32 scalar, how often the program ran before.
    """

    def __init__(self, step: ArrayLike) -> None:
        self.step = step

    def key(self, seed: int) -> jax.Array:
        """The random key of the op with this seed."""
        return jax.random.fold_in(jax.random.key(seed), self.step)

    def at(self, iteration: jax.Array) -> "Run":
        """The run for one iteration of a loop, which draws its own numbers."""
        return _LoopRun(self, iteration)


class _LoopRun(Run):
    def __init__(self, outer: Run, iteration: jax.Array) -> None:
        self.outer = outer
        self.iteration = iteration

    def key(self, seed: int) -> jax.Array:
        return jax.random.fold_in(self.outer.key(seed), self.iteration)


def _cache_key(node: Node) -> tuple[dict[Hashable, Any], Hashable] | tuple[None, None]:
    """(cache, key) of the node's op, or (None, None) if the arguments cannot be hashed."""
    owner = node.op
    if owner is None or any(tensor.static is not None for tensor in node.inputs):
        return None, None
    key = (
        node.tree,
        tuple(node.positions),
        tuple((type(value), value) for value in node.constants),
        tuple((tensor.shape, tensor.dtype, tensor.multiples, tensor.sparse) for tensor in node.inputs),
    )
    try:
        hash(key)
    except TypeError:
        return None, None
    if not owner.inferred:
        _ops_with_cache.add(owner)
    return owner.inferred, key
