"""A node's rule run abstractly on numbers in place of its unknown sizes: `Problem`, `probes`."""

import functools
import inspect
import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

import jax
import numpy as np

from .._base.budget import charge_running, running_budget
from .._host.platform import for_any_device
from .run import Run
from .sizes import AnySize, Equations, Size, Static, symbols_of, under
from .sparse import abstract_sparse
from .tensor import Node, Tensor

#: A number for each symbol.
Numbers: TypeAlias = Mapping[int, int]

#: A multiple of all numbers up to 8, so that most reshapes of an unknown size divide.
_UNIT = 840

# What one abstract run costs, for a `Budget`: about 1.8 ms, and more if there are many arguments to join.
_STEPS, _STEPS_PER_ARGUMENT, _FREE_ARGUMENTS = 360, 30, 8
# A rule that is given a tensor in place of a list takes it apart, row by row.
_STEPS_PER_ROW = 200


class Operand(NamedTuple):
    """What inference knows of an input: hashable, and equal for inputs that look the same."""

    sizes: tuple[AnySize, ...]
    dtype: Any
    sparse: bool
    static: Static | None

    @classmethod
    def of(cls, tensor: Tensor, equations: Equations) -> "Operand":
        """The operand for a tensor whose symbols obey equations."""
        sizes, static = tensor.sizes, tensor.static
        if equations:
            sizes, static = under(sizes, equations), static and static.under(equations)
        return cls(sizes, tensor.dtype, tensor.sparse, static)

    @property
    def unknown(self) -> list[Size]:
        """The unknown sizes of its axes and in its value."""
        return [size for size in (*self.sizes, *entries(self.static)) if isinstance(size, Size)]

    def under(self, equations: Equations) -> "Operand":
        """The operand with symbols replaced by what they equal."""
        static = self.static and self.static.under(equations)
        return Operand(under(self.sizes, equations), self.dtype, self.sparse, static)


class Problem:
    """A node's rule and what is known of its inputs.

    Args:
        node: node with a rule.
        operands: list of `Operand`, one for each input.
    """

    def __init__(self, node: Node, operands: Sequence[Operand]) -> None:
        self.node = node
        self.operands = operands

    @functools.cached_property
    def unknown(self) -> list[Size]:
        """The different unknown sizes of the inputs."""
        return list(dict.fromkeys(size for operand in self.operands for size in operand.unknown))

    @functools.cached_property
    def symbols(self) -> list[int]:
        """The symbols in the sizes, the number of samples first."""
        return sorted(set(symbols_of(self.unknown)))

    def under(self, equations: Equations) -> "Problem":
        """The same problem with symbols replaced by what they equal."""
        return Problem(self.node, [operand.under(equations) for operand in self.operands])

    def arguments(self, values: Sequence[Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """The rule's (args, kwargs) for values of the inputs."""
        args, kwargs = self.node.fill(values)
        if self.node.seed is not None:
            args = (jax.random.key(0), *args)
        elif self.node.needs_run:
            args = (Run(np.uint32(0)), *args)
        return args, kwargs

    def run(self, numbers: Numbers) -> Any:
        """The rule's result as ShapeDtypeStructs; inputs known from shapes are passed as NumPy values."""
        more = max(0, len(self.node.constants) - _FREE_ARGUMENTS)
        charge_running(_STEPS + _STEPS_PER_ARGUMENT * more, "ops")
        rule = self.node.rule
        assert rule is not None, f"{self.node!r} is a leaf"

        def body(*arrays: Any) -> Any:
            given = iter(arrays)
            values = [o.static.at(numbers) if o.static else next(given) for o in self.operands]
            args, kwargs = self.arguments(values)
            if running_budget() is not None:
                _charge_rows(rule, args, kwargs)
            return rule(*args, **kwargs)

        # The kernels for CPUs have the same shapes, and take many times longer to trace.
        with for_any_device():
            return jax.eval_shape(body, *(_abstract(o, numbers) for o in self.operands if o.static is None))

    def at(self, operand: Operand, numbers: Numbers) -> Any:
        """A NumPy value for an input of an op of shapes: its static value, or zeros of its shape."""
        if operand.static is not None:
            return operand.static.at(numbers)
        return np.broadcast_to(np.zeros((), operand.dtype), sizes_at(operand.sizes, numbers))


def _charge_rows(rule: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    """Charges the rows of arrays that stand where the rule wants a list; a file may claim 10**9 of them."""
    try:
        given = inspect.signature(rule).bind(*args, **kwargs).arguments
    except (TypeError, ValueError):
        return  # the call will say why the arguments do not fit
    for name in _lists_of(rule).intersection(given):
        shape = getattr(given[name], "shape", ())
        charge_running(_STEPS_PER_ROW * shape[0] if shape else 0, "rows of a tensor in place of a list")


@functools.lru_cache(maxsize=512)
def _lists_of(rule: Callable[..., Any]) -> frozenset[str]:
    """The parameters of a rule that are lists or tuples, by their annotations."""
    parameters = inspect.signature(rule).parameters.values()
    return frozenset(
        p.name for p in parameters if any(kind in str(p.annotation) for kind in ("equence", "tuple"))
    )


def entries(static: Static | None) -> tuple[Any, ...]:
    """The elements of a static value; none if there is no value."""
    return () if static is None else static.entries


def sizes_at(sizes: Sequence[AnySize], numbers: Numbers) -> tuple[int, ...]:
    """The sizes for these values of the symbols."""
    return tuple(size.at(numbers) if isinstance(size, Size) else size for size in sizes)


def _abstract(operand: Operand, numbers: Numbers) -> Any:
    make = abstract_sparse if operand.sparse else jax.ShapeDtypeStruct
    return make(sizes_at(operand.sizes, numbers), operand.dtype)


def probes(problem: Problem, order: str = "crossed", factor: int = 1) -> tuple[Numbers, Numbers]:
    """Two numbers for each symbol, such that sizes which differ, differ under the first or the second.

    Args:
        order: whether the first symbol is the smallest under both ("up"), the largest under both ("down"), or
            the smallest under one and the largest under the other ("crossed").
        factor: int that the numbers are multiples of.
    """
    count = len(problem.symbols)
    coefficients = itertools.chain.from_iterable(size.terms.values() for size in problem.unknown)
    unit = _UNIT * math.lcm(factor, *(coefficient.denominator for coefficient in coefficients))
    up, down = range(1, count + 1), range(count, 0, -1)
    first, second = {"crossed": (up, down), "up": (up, up), "down": (down, down)}[order]
    # Even multiples and odd ones, so that no symbol has the same number twice.
    return (
        {symbol: unit * 2 * place for symbol, place in zip(problem.symbols, first, strict=True)},
        {symbol: unit * (4 * place + 1) for symbol, place in zip(problem.symbols, second, strict=True)},
    )


def odd_numbers(problem: Problem) -> Numbers:
    """Numbers that have few divisors: what a remainder or a rounded quotient is can be seen by them."""
    return {symbol: 1009 + 210 * place for place, symbol in enumerate(problem.symbols)}
