"""Shapes and dtypes of a node's outputs, by running its rule abstractly on two probes.

Each unknown size is a polynomial over symbols (`sizes`). The rule runs twice, with different numbers for the
symbols; a size of the result that comes out equal is known, and any other is expressed by the sizes of the
inputs (`naming`). Plain Python in a rule (`if x.shape[0] > 2`, `math.prod(x.shape)`, a reshape with computed
sizes) works, which it does not with symbols in place of numbers. If the rule fails because sizes do not fit,
equations are tried that make them fit (`unify`). See docs/decisions/0011-unknown-sizes.md.
"""

import math
import weakref
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import jax
import numpy as np

from .._base.budget import OverBudget
from .._base.types import Shape
from .facts import Op
from .naming import Namer
from .problem import Numbers, Operand, Problem, entries, odd_numbers, probes
from .sizes import (
    NO_EQUATIONS,
    SAMPLES_SYMBOL,
    AnySize,
    Equations,
    Static,
    fresh,
    joined,
    known,
    matched,
    solved,
    symbol_size,
    symbols_of,
    under,
)
from .sparse import SparseMatrix, flatten
from .tensor import Node, Tensor
from .unify import solutions, without_rounded

#: Static values with more elements are treated as unknown: nobody takes so many sizes from a tensor.
_MOST_STATIC = 64

_ops_with_cache: "weakref.WeakSet[Op]" = weakref.WeakSet()  # weak, because users may make ops for each model


class Spec(NamedTuple):
    """What is inferred of one output."""

    sizes: tuple[AnySize, ...]
    dtype: Any
    sparse: bool
    static: Static | None


class Inferred(NamedTuple):
    """What is inferred of a node.

    Attributes:
        specs: list of `Spec`, one for each output.
        structure: the tree structure of the rule's result.
        equations: what the symbols of the inputs must equal for the node to have a value.
    """

    specs: list[Spec]
    structure: Any
    equations: Equations


def clear_inferred() -> None:
    """Forgets the shapes inferred so far: needed when a default dtype changes."""
    for op in _ops_with_cache:
        op.inferred.clear()


def infer(node: Node) -> Inferred:
    """Infers the outputs of a node.

    Raises:
        TypeError, ValueError: the rule fails, whatever the unknown sizes are.
    """
    chooses = node.facts.by_phase and len(node.inputs) == 3
    if (
        chooses
        and node.inputs[1].sizes != node.inputs[2].sizes
        and len({t.ndim for t in node.inputs[1:]}) == 1
    ):
        return _infer_choice(*node.inputs[1:])
    equations = NO_EQUATIONS if chooses else _together(node.inputs)
    operands = [Operand.of(tensor, equations) for tensor in node.inputs]
    names = _local_names(operands)
    if names:
        operands = [operand.under(names) for operand in operands]
    cache, key = _cache_key(node, operands)
    found: tuple[Inferred, list[int]] | None = cache.get(key) if cache is not None else None
    if found is None:
        result = _infer(Problem(node, operands))
        sizes = (size for spec in result.specs for size in (*spec.sizes, *entries(spec.static)))
        own = [s for s in dict.fromkeys(symbols_of(sizes)) if s != SAMPLES_SYMBOL and s > len(names)]
        found = result, own
        if cache is not None:
            cache[key] = found
    return _renamed(*found, names, equations)


def _infer_choice(in_training: Tensor, in_testing: Tensor) -> Inferred:
    """The result of a choice between two tensors of different shapes by the learning phase."""
    sizes = []
    for one, other in zip(in_training.sizes, in_testing.sizes, strict=True):
        # What a size of the test phase must be in training is no contradiction.
        same = under([one], in_testing.equations) == under([other], in_training.equations)
        sizes.append(other if same or one == other else fresh())
    spec = Spec(tuple(sizes), in_training.dtype, in_training.sparse, None)
    return Inferred([spec], jax.tree.structure(0), NO_EQUATIONS)


def _together(tensors: Iterable[Tensor]) -> Equations:
    """The equations of all tensors. One that contradicts the others is left out; the program will fail."""
    result = NO_EQUATIONS
    for tensor in tensors:
        if not result:
            result = tensor.equations
        elif tensor.equations is not result:
            for symbol, value in tensor.equations.items():
                equation = solved(*under((symbol_size(symbol), value), result))
                if equation is not None:
                    result = joined(result, *equation)
    return result


def _local_names(operands: Iterable[Operand]) -> dict[int, AnySize]:
    """Symbol -> size of the symbol that stands for it in the cache: 1, 2, ... in order of appearance."""
    names: dict[int, AnySize] = {}
    for operand in operands:
        for size in operand.unknown:
            for symbol in size.symbols:
                if symbol != SAMPLES_SYMBOL and symbol not in names:
                    names[symbol] = symbol_size(len(names) + 1)
    return names


def _renamed(
    result: Inferred, own: Sequence[int], names: Mapping[int, AnySize], equations: Equations
) -> Inferred:
    """The result with the symbols of the node's inputs, and new ones for its own symbols."""
    if not (own or names or result.equations or equations):
        return result
    back: dict[int, AnySize] = {place: symbol_size(symbol) for place, symbol in enumerate(names, 1)}
    back.update((symbol, fresh()) for symbol in own)
    specs = [
        Spec(under(spec.sizes, back), spec.dtype, spec.sparse, spec.static and spec.static.under(back))
        for spec in result.specs
    ]
    actual = [SAMPLES_SYMBOL, *names]
    for symbol, value in result.equations.items():
        equations = joined(equations, actual[symbol], *under([value], back))
    return Inferred(specs, result.structure, equations)


def shapes_for(outputs: Sequence[Tensor], inputs: Sequence[Tensor], shapes: Sequence[Shape]) -> list[Shape]:
    """The shapes of tensors if those that they are computed from had other shapes.

    Args:
        outputs, inputs: lists of tensors.
        shapes: list of shapes, one for each input. Where they are not a case of the inputs' own shapes, as
            with another known size, an output whose shape is that of an input has the given one, and others
            keep their own.
    """
    equations = NO_EQUATIONS
    for tensor, shape in zip(inputs, shapes, strict=True):
        same_rank = len(shape) == tensor.ndim
        found = matched(under(tensor.sizes, equations), shape) if same_rank else None
        if found is None:
            given = {tensor.sizes: tuple(shape) for tensor, shape in zip(inputs, shapes, strict=True)}
            return [given.get(output.sizes, output.shape) for output in outputs]
        for symbol, value in found.items():
            equations = joined(equations, symbol, value)
    return [known(under(output.sizes, equations)) for output in outputs]


def _infer(problem: Problem) -> Inferred:
    static = is_static(problem.node, (operand.static is not None for operand in problem.operands))
    if static and problem.node.facts.of_shapes:
        return _infer_static(problem)
    try:
        result = _infer_abstract(problem, probes(problem))
        return _infer_static(problem) if static and _is_small(result) else result
    except OverBudget:
        raise  # no equation makes the rule cost less
    except (TypeError, ValueError, OverflowError) as error:
        if not problem.symbols:
            raise
        result = _infer_under_equations(problem, error)
        if result is None:
            raise
        return result


def _is_small(result: Inferred) -> bool:
    """Whether no output has so many elements that its value is not worth knowing."""
    return all(_fits(spec.sizes) for spec in result.specs)


def _fits(sizes: Iterable[AnySize]) -> bool:
    shape = known(sizes)
    return None not in shape and math.prod(size for size in shape if size is not None) <= _MOST_STATIC


def _infer_under_equations(problem: Problem, error: Exception) -> Inferred | None:
    """The result under the fewest equations with which the rule works; None if there are none.

    If different equations serve, the result is what all of their results have in common.
    """
    results: list[Inferred] = []
    for equations, order, factor in solutions(problem, error):
        simpler = problem.under(equations)
        try:
            found = _infer_abstract(simpler, probes(simpler, order, factor))
        except (TypeError, ValueError, OverflowError):
            continue
        results.append(found._replace(equations=equations))
    if not results:
        forgetful = without_rounded(problem)
        return None if forgetful is None else _infer(forgetful)._replace(equations=NO_EQUATIONS)
    return _in_common(results, problem)


def _in_common(results: Sequence[Inferred], problem: Problem) -> Inferred:
    first, *others = results
    kinds = [(len(spec.sizes), spec.dtype, spec.sparse) for spec in first.specs]
    others = [o for o in others if [(len(s.sizes), s.dtype, s.sparse) for s in o.specs] == kinds]
    specs = []
    for place, spec in enumerate(first.specs):
        axes = zip(spec.sizes, *(other.specs[place].sizes for other in others), strict=True)
        sizes = tuple(one if all(one == size for size in rest) else fresh() for one, *rest in axes)
        specs.append(spec._replace(sizes=sizes))
    shared = first.equations.items()
    for other in others:
        shared = [(s, value) for s, value in shared if other.equations.get(s) == value]
    return Inferred(specs, first.structure, dict(shared))


def _infer_abstract(problem: Problem, numbers: tuple[Numbers, Numbers]) -> Inferred:
    first = problem.run(numbers[0])
    second = problem.run(numbers[1]) if problem.symbols else first
    leaves, structure = flatten(first)
    namer = Namer(problem, numbers)
    specs: list[Spec] = []
    for one, other in zip(leaves, flatten(second)[0], strict=True):
        extended = jax.dtypes.issubdtype(one.dtype, jax.dtypes.extended)
        sizes = tuple(namer.name(*pair) for pair in zip(one.shape, other.shape, strict=True))
        dtype = one.dtype if extended else np.dtype(one.dtype)
        specs.append(Spec(sizes, dtype, isinstance(one, SparseMatrix), None))
    return Inferred(specs, structure, NO_EQUATIONS)


def is_static(node: Node, known: Iterable[bool]) -> bool:
    """Whether a node is computed as numpy values while a program is compiled. A random op never is.

    Args:
        known: for each input, whether it is such a value.
    """
    if node.facts.of_shapes:
        return True
    plain = node.seed is None and not node.needs_run
    return plain and bool(node.inputs) and all(known)


def _infer_static(problem: Problem) -> Inferred:
    first, second = probes(problem)
    check = odd_numbers(problem)
    ones, structure = jax.tree.flatten(_values(problem, first))
    others = jax.tree.leaves(_values(problem, second))
    thirds = jax.tree.leaves(_values(problem, check))
    namer = Namer(problem, (first, second), check)
    specs = [_static_spec(namer, *values) for values in zip(ones, others, thirds, strict=True)]
    return Inferred(specs, structure, NO_EQUATIONS)


def _values(problem: Problem, numbers: Numbers) -> Any:
    assert problem.node.rule is not None, f"{problem.node!r} is a leaf"
    args, kwargs = problem.arguments([problem.at(operand, numbers) for operand in problem.operands])
    return compute_static(problem.node.rule, args, kwargs)


def _static_spec(namer: Namer, one: np.ndarray, other: np.ndarray, third: np.ndarray) -> Spec:
    """What is known of a value from three examples of it."""
    if one.shape != other.shape or one.shape != third.shape:
        triples = zip(one.shape, other.shape, third.shape, strict=True)
        return Spec(tuple(namer.name(*triple) for triple in triples), one.dtype, False, None)
    static = None
    if one.size <= _MOST_STATIC:
        rows = zip(one.flat, other.flat, third.flat, strict=True)
        elements = [_entry(namer, *(value.item() for value in row)) for row in rows]
        if None not in elements:
            static = Static(one.dtype, one.shape, tuple(elements))
    return Spec(one.shape, one.dtype, False, static)


def _entry(namer: Namer, *values: Any) -> Any:
    """An element of a static value from three examples of it; None if it cannot be a size."""
    one, other, third = values
    if one == other == third:
        return one
    if all(isinstance(value, int | float) and value == int(value) for value in values):
        return namer.name(int(one), int(other), int(third))
    return None


def compute_static(rule: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Runs a rule on NumPy values while a program is compiled; the results are NumPy values, too."""
    with jax.ensure_compile_time_eval():
        return jax.tree.map(_as_numpy, rule(*args, **kwargs))


def _as_numpy(value: Any) -> np.ndarray:
    is_symbol = not isinstance(value, np.ndarray | np.generic | jax.Array | int | float)
    return np.asarray(value, object if is_symbol else None)


def _cache_key(
    node: Node, operands: Sequence[Operand]
) -> tuple[dict[Hashable, Any], Hashable] | tuple[None, None]:
    """(cache, key) of the node's op, or (None, None) if the arguments cannot be hashed."""
    owner = node.op
    if owner is None:
        return None, None
    key = (
        node.tree,
        tuple(node.positions),
        tuple((type(value), value) for value in node.constants),
        tuple(operands),
    )
    try:
        hash(key)
    except TypeError:
        return None, None
    if not owner.inferred:
        _ops_with_cache.add(owner)
    return owner.inferred, key
