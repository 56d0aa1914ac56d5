"""Equations between unknown sizes that make a rule work: `solutions`."""

import itertools
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeAlias

import jax
import numpy as np

from .._base.budget import charge_running
from .problem import Problem, probes, sizes_at
from .sizes import (
    NO_EQUATIONS,
    SAMPLES_SYMBOL,
    AnySize,
    Equations,
    Size,
    fresh,
    joined,
    multiplied,
    solved,
    under,
)

#: How often a rule may run to find equations; and if its message names no size, so that it fails for another
#: reason, most likely.
_MOST_RUNS, _FEW_RUNS = 150, 20
#: Longer runs of numbers are no shapes, and longer messages repeat numbers that an argument holds.
_MOST_AXES, _MOST_CHARACTERS = 64, 4_000
# What comparing two shapes, and two sizes, costs, for a `Budget`.
_STEPS_PER_SHAPES, _STEPS_PER_SIZES = 6, 1
#: Probes that are larger multiples would overflow JAX's integers.
_LARGEST_FACTOR = 10**5
#: A solution: the equations, and the order and factor of the probes.
Solution: TypeAlias = tuple[Equations, str, int]
#: Two sizes that may have to be equal.
Pair: TypeAlias = tuple[AnySize, AnySize]


def solutions(problem: Problem, error: Exception) -> list[Solution]:
    """The smallest sets of equations with which the rule works, all of the same number of equations.

    First come other probes, which assume nothing: symbols in another order (a rule may take the difference
    of two), or multiples of the numbers at hand (a reshape may need them).

    Args:
        problem: a rule that fails, and its inputs.
        error: how it failed.
    """
    shapes, unknown = len(_shapes(problem)), len(problem.unknown)
    pairs = _STEPS_PER_SHAPES * shapes**2 // 2 + _STEPS_PER_SIZES * unknown**2 // 2
    charge_running(pairs, "sizes that do not fit together")
    numbers = _numbers(problem)
    return _other_probes(problem, numbers) or _joint_solutions(problem) or _searched(problem, numbers, error)


def _other_probes(problem: Problem, numbers: Sequence[int]) -> list[Solution]:
    factor = math.lcm(*(number for number in numbers if number < 1000))
    factor = factor if factor < _LARGEST_FACTOR else 1
    for order, multiple in (("crossed", factor), ("up", 1), ("down", 1)):
        if _works(problem, order, multiple, count=2):
            return [(NO_EQUATIONS, order, multiple)]
    return []


def _searched(problem: Problem, numbers: Sequence[int], error: Exception) -> list[Solution]:
    """The solutions of one equation, else of two, else of three, as far as the number of runs allows."""
    message = str(error)[:_MOST_CHARACTERS]
    likely, others, ones = _pairs(problem, numbers, message)
    runs = iter(range(_MOST_RUNS if _names_a_size(problem, message) else _FEW_RUNS))
    for count in range(1, 4):
        for equations, pairs in _systems(likely if count > 1 else [], count):
            if next(runs, None) is not None and _works(problem.under(equations)):
                return _with_broadcasts(problem, pairs)
        systems = (equations for equations, _ in _systems([*likely, *others, *ones], count))
        affordable = itertools.takewhile(lambda _: next(runs, None) is not None, systems)
        found = [(e, "crossed", 1) for e in affordable if _works(problem.under(e))]
        if found:
            return found
    return []


def _joint_solutions(problem: Problem) -> list[Solution]:
    """The solutions in which all shapes agree: along the last axes, the first ones, or the first one."""
    shapes = _shapes(problem)
    for axes in (slice(None, None, -1), slice(None), slice(1)):
        aligned = [
            zip(one[axes], other[axes], strict=False) for one, other in itertools.combinations(shapes, 2)
        ]
        pairs: list[Pair] = []
        for pair in _useful(pair for pair in itertools.chain(*aligned) if 1 not in pair):
            if len(_system([*pairs, pair])) > len(pairs):
                pairs.append(pair)
        if not _works(problem.under(_system(pairs))):
            continue
        for pair in list(pairs):
            without = [other for other in pairs if other != pair]
            if _works(problem.under(_system(without))):
                pairs = without
        return _with_broadcasts(problem, pairs)
    return []


def _with_broadcasts(problem: Problem, pairs: Sequence[Pair]) -> list[Solution]:
    """The solution in which these sizes are equal, and those in which one of them is 1 instead."""
    systems = [_system(pairs)]
    for place, pair in enumerate(pairs):
        for size in pair:
            if isinstance(size, Size) and size.symbol != SAMPLES_SYMBOL and solved(size, 1):
                changed = _system([*pairs[:place], (size, 1), *pairs[place + 1 :]])
                if _works(problem.under(changed)):
                    systems.append(changed)
    return [(equations, "crossed", 1) for equations in systems]


def _system(pairs: Iterable[Pair]) -> Equations:
    """The equations of pairs of sizes, without those that say nothing new or cannot be solved."""
    equations: Equations = NO_EQUATIONS
    for pair in pairs:
        equation = solved(*under(pair, equations))
        if equation is not None:
            equations = joined(equations, *equation)
    return equations


def without_rounded(problem: Problem) -> Problem | None:
    """The problem with a symbol of its own for each size that may be wrong by rounding; None without any."""
    new: dict[AnySize, Size] = {size: fresh() for size in problem.unknown if size.rounded}
    if not new:
        return None
    return Problem(
        problem.node,
        [o._replace(sizes=tuple(new.get(size, size) for size in o.sizes)) for o in problem.operands],
    )


def _works(problem: Problem, order: str = "crossed", factor: int = 1, count: int = 1) -> bool:
    """Whether the rule works under the first `count` probes."""
    try:
        for numbers in probes(problem, order, factor)[:count]:
            problem.run(numbers)
    except (TypeError, ValueError, OverflowError):
        return False
    return True


def _names_a_size(problem: Problem, message: str) -> bool:
    named = set(map(int, re.findall(r"\d+", message)))
    return any(named.intersection(sizes_at(problem.unknown, numbers)) for numbers in probes(problem))


def _systems(pairs: Sequence[Pair], count: int) -> Iterator[tuple[Equations, Sequence[Pair]]]:
    """The different systems of `count` equations among pairs of sizes, and their pairs."""
    seen = set()
    for chosen in itertools.combinations(pairs, count):
        equations = _system(chosen)
        key = frozenset(equations.items())
        if len(equations) == count and key not in seen:
            seen.add(key)
            yield equations, chosen


def _pairs(
    problem: Problem, numbers: Sequence[int], message: str
) -> tuple[list[Pair], list[Pair], list[Pair]]:
    """Pairs of sizes that may have to be equal: aligned ones, others, and sizes with 1."""
    shapes = _shapes(problem)
    likely: dict[Pair, None] = {}
    for one, other in itertools.combinations(shapes, 2):
        likely.update(dict.fromkeys(zip(one, other, strict=False)))
        likely.update(dict.fromkeys(zip(one[::-1], other[::-1], strict=False)))
    others: dict[Pair, None] = {}
    totals = [multiplied(shape) for shape in shapes]
    said = [[int(n) for n in re.findall(r"\d+", text)] for text in re.findall(r"\(([\d, ]+)\)", message)]
    totals += [math.prod(numbers) for numbers in said]
    others.update(dict.fromkeys(itertools.combinations(totals, 2)))
    others.update(dict.fromkeys(itertools.combinations(problem.unknown, 2)))
    probed = {n for probe in probes(problem) for n in sizes_at(problem.unknown, probe)}
    mentioned = [number for numbers in said for number in numbers if number not in probed]
    charge_running(_STEPS_PER_SIZES * len(problem.unknown) * len(mentioned), "sizes that do not fit together")
    others.update(dict.fromkeys(itertools.product(problem.unknown, [*numbers, *mentioned])))
    # An axis of size 1 broadcasts. A batch of one sample is rare.
    ones: list[Pair] = [(size, 1) for size in problem.unknown if size.symbol != SAMPLES_SYMBOL]
    return _useful(likely), _useful(pair for pair in others if pair not in likely), _useful(ones)


def _useful(pairs: Iterable[Pair]) -> list[Pair]:
    return [pair for pair in pairs if pair[0] != pair[1] and solved(*pair) is not None]


def _shapes(problem: Problem) -> list[tuple[AnySize, ...]]:
    """The different shapes at hand: of the inputs, of arrays, and the runs of ints among the settings."""
    shapes: list[tuple[AnySize, ...]] = [operand.sizes for operand in problem.operands if operand.sizes]
    run: list[AnySize] = []
    statics = iter([o.static for o in problem.operands])
    positions = set(problem.node.positions)
    for place, value in enumerate([*problem.node.constants, None]):
        static = next(statics) if place in positions else None
        entries: tuple[Any, ...] = static.entries if static is not None else (value,)
        if all(_is_size(entry) for entry in entries):
            run.extend(entries)
            continue
        if 0 < len(run) <= _MOST_AXES:
            shapes.append(tuple(run))
        run = []
        if isinstance(value, np.ndarray | jax.Array) and value.ndim:
            shapes.append(value.shape)
    return list(dict.fromkeys(shapes))


def _is_size(value: Any) -> bool:
    is_int = isinstance(value, int | np.integer) and not isinstance(value, bool)
    return isinstance(value, Size) or bool(is_int and value > 0)


def _numbers(problem: Problem) -> list[int]:
    """The known sizes at hand."""
    sizes = itertools.chain.from_iterable(_shapes(problem))
    return list(dict.fromkeys(int(size) for size in sizes if not isinstance(size, Size)))[:12]
