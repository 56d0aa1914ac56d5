"""Expresses the sizes of a result by those of the inputs, from their values under two probes."""

import itertools
from collections.abc import Iterator, Sequence
from fractions import Fraction

from .problem import Numbers, Problem
from .sizes import AnySize, Size, added, fresh, multiplied

#: Larger constant terms are not believed: a size is rarely another one plus a thousand.
_LARGEST_TERM = 420


class Namer:
    """Finds the size that has two given values.

    It tries the sizes of the inputs, then multiples of them with a small constant term, sums, and products.
    A size that is none of these gets a symbol of its own.

    Args:
        problem: the rule and its inputs.
        probes: the numbers of the symbols under the two probes.
        check: further numbers, under which `name` can check its answer.
    """

    def __init__(
        self, problem: Problem, probes: tuple[Numbers, Numbers], check: Numbers | None = None
    ) -> None:
        self.problem = problem
        self.probes = probes
        self.check = check
        self._named: dict[tuple[int, int], AnySize] = {}
        for size in problem.unknown:
            self._named.setdefault(self._values(size), size)

    def name(self, first: int, second: int, third: int | None = None) -> AnySize:
        """The size that has these values under the probes and, if given, under `check`."""
        if first == second and third in (None, first):
            return first
        found = self._named.get((first, second)) if first != second else None
        if found is None and first != second:
            found = self._computed(first, second)
        wrong = third is not None and isinstance(found, Size) and found.at(self.check or {}) != third
        if found is None or wrong:
            found = fresh()
        if not wrong:
            self._named[first, second] = found
        return found

    def _values(self, size: AnySize) -> tuple[int, int]:
        if isinstance(size, int):
            return size, size
        return size.at(self.probes[0]), size.at(self.probes[1])

    def _computed(self, first: int, second: int) -> AnySize | None:
        """The simplest expression with these values, or None."""
        fits = []
        for base in itertools.chain(self.problem.unknown, self._sums()):
            low, high = self._values(base)
            if low != high:
                factor = Fraction(second - first, high - low)
                constant = first - factor * low
                if constant.denominator == 1 and abs(constant) <= _LARGEST_TERM and factor.denominator <= 64:
                    complexity = (factor.denominator, abs(constant), len(base.terms), abs(factor))
                    fits.append((complexity, base, factor, int(constant)))
        if fits:
            _, base, factor, constant = min(fits, key=lambda fit: fit[0])
            return added(multiplied([base], factor), constant)
        for base in self._products():
            low, high = self._values(base)
            if low and high and Fraction(first, low) == Fraction(second, high):
                return multiplied([base], Fraction(first, low))
        return None

    def _sums(self) -> Iterator[Size]:
        """Sums of two sizes, their difference, and the sums of all inputs along an axis."""
        for one, other in itertools.combinations(self.problem.unknown, 2):
            for total in (added(one, other), added(one, other, -1)):
                if isinstance(total, Size):
                    yield total
        shapes = [operand.sizes for operand in self.problem.operands]
        for axis in range(min(map(len, shapes), default=0)):
            total: AnySize = 0
            for sizes in shapes:
                total = added(total, sizes[axis])
            if isinstance(total, Size):
                yield total

    def _products(self) -> Iterator[Size]:
        """Products of the sizes of an input, and of any two sizes."""
        for operand in self.problem.operands:
            for start, stop in itertools.combinations(range(len(operand.sizes) + 1), 2):
                yield from _unknown([multiplied(operand.sizes[start:stop])])
            if operand.static is not None and operand.static.dtype.kind in "iu":
                yield from _unknown([multiplied(operand.static.entries)])
        pairs = itertools.combinations_with_replacement(self.problem.unknown, 2)
        yield from _unknown([multiplied(pair) for pair in pairs])


def _unknown(sizes: Sequence[AnySize]) -> Iterator[Size]:
    return (size for size in sizes if isinstance(size, Size))
