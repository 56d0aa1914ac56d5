"""Sizes of axes: ints, and expressions over unknown sizes (`Size`)."""

import functools
import itertools
import math
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from typing import Any, NamedTuple, TypeAlias

import jax.numpy as jnp
import numpy as np

from .._base.types import Shape

#: The number of samples: all inputs of a model have the same, by Keras' convention.
SAMPLES_SYMBOL = 0

#: Small numbers are left to `infer`, which names the symbols of a node 1, 2, ... for its cache.
_symbols = itertools.count(10**6)

#: The terms of a polynomial: (symbols of the product, coefficient), without zeros.
Terms: TypeAlias = Mapping[tuple[int, ...], Fraction | int]


class Size:
    """An unknown size: a polynomial over symbols, such as 2 s + 1. It is immutable; a known size is an int.

    A symbol stands for one unknown number. It is an int: 0 is the number of samples, and `fresh` makes the
    others. A coefficient may be a fraction: s / 2 stands for either way to round.

    Args:
        terms: dict product of symbols (sorted tuple) -> coefficient; () is the constant term.
        rounded: whether the size may be wrong by rounding.

    Attributes:
        symbols: tuple of the symbols in it.
        symbol: the symbol, if the size is nothing else; None if it is.
    """

    __slots__ = ("_hash", "rounded", "symbol", "symbols", "terms")

    def __init__(self, terms: Terms, rounded: bool = False) -> None:
        terms = terms if len(terms) == 1 else dict(sorted(terms.items()))
        self.terms = {p: c.numerator if c.denominator == 1 else c for p, c in terms.items()}
        self.rounded = rounded or any(c.denominator > 1 for c in self.terms.values())
        self.symbols = tuple(dict.fromkeys(symbol for product in self.terms for symbol in product))
        alone = len(self.symbols) == 1 and self.terms.get(self.symbols) == 1 and len(self.terms) == 1
        self.symbol = self.symbols[0] if alone else None
        self._hash = hash((self.rounded, *self.terms.items()))

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        return isinstance(other, Size) and self.terms == other.terms and self.rounded == other.rounded

    def __repr__(self) -> str:
        names = {product: " ".join(f"s{symbol}" for symbol in product) for product in self.terms}
        parts = [
            f"{c} {names[product]}".strip() if c != 1 or not product else names[product]
            for product, c in self.terms.items()
        ]
        return " + ".join(reversed(parts))

    def at(self, numbers: Mapping[int, int]) -> int:
        """Its value for these values of the symbols, rounded down."""
        return math.floor(
            sum(c * math.prod(numbers[s] for s in product) for product, c in self.terms.items())
        )

    def under(self, equations: "Equations") -> "AnySize":
        """The size with symbols replaced by what they equal."""
        if self.symbol is not None and not self.rounded:
            return equations.get(self.symbol, self)
        if not any(symbol in equations for symbol in self.symbols):
            return self
        result: AnySize = 0
        for product, coefficient in self.terms.items():
            factors = [equations.get(symbol, symbol_size(symbol)) for symbol in product]
            result = added(result, multiplied(factors, coefficient))
        return rounded(result) if self.rounded else result


AnySize: TypeAlias = int | Size
#: Symbol -> what it equals.
Equations: TypeAlias = Mapping[int, AnySize]

NO_EQUATIONS: Equations = {}


class Static(NamedTuple):
    """The value of a tensor that depends on shapes only, such as `K.shape(x)[0]`.

    Attributes:
        dtype, shape: those of the value; all sizes are known.
        entries: the elements in order, ints or other numbers, or a `Size` where they depend on one.
    """

    dtype: "np.dtype[Any]"
    shape: tuple[int, ...]
    entries: tuple[Any, ...]

    def at(self, numbers: Mapping[int, int]) -> np.ndarray:
        """The value for these values of the symbols."""
        values = [entry.at(numbers) if isinstance(entry, Size) else entry for entry in self.entries]
        return np.array(values, self.dtype).reshape(self.shape)

    def under(self, equations: Equations) -> "Static":
        """The value with symbols replaced by what they equal."""
        return Static(self.dtype, self.shape, under(self.entries, equations)) if equations else self


@functools.lru_cache(4096)
def symbol_size(symbol: int) -> Size:
    """The size that a symbol stands for."""
    return Size({(symbol,): 1})


def fresh() -> Size:
    """A size about which nothing is known."""
    return symbol_size(next(_symbols))


SAMPLES = symbol_size(SAMPLES_SYMBOL)


def rounded(size: AnySize) -> AnySize:
    """The same size, marked as one that may be wrong by rounding."""
    return Size(size.terms, rounded=True) if isinstance(size, Size) else size


def terms_of(size: AnySize) -> Terms:
    """The terms of a size, known or not."""
    return size.terms if isinstance(size, Size) else ({(): size} if size else {})


def made_of(terms: Terms, is_rounded: bool = False) -> AnySize:
    """The size with these terms, which may be zero: an int (rounded down) if no symbol is left."""
    left = {product: coefficient for product, coefficient in terms.items() if coefficient}
    if any(left):
        return Size(left, is_rounded)
    return math.floor(left.get((), 0))


def added(first: AnySize, second: AnySize, factor: int = 1) -> AnySize:
    """The sum of a size and `factor` times another one."""
    total = dict(terms_of(first))
    for product, coefficient in terms_of(second).items():
        total[product] = total.get(product, 0) + factor * coefficient
    return made_of(total, _is_rounded(first, second))


def multiplied(sizes: Iterable[AnySize], factor: Fraction | int = 1) -> AnySize:
    """The product of sizes and a number."""
    sizes = list(sizes)
    result: dict[tuple[int, ...], Fraction | int] = {(): factor}
    for size in sizes:
        product: dict[tuple[int, ...], Fraction | int] = {}
        for (left, a), (right, b) in itertools.product(result.items(), terms_of(size).items()):
            key = tuple(sorted(left + right))
            product[key] = product.get(key, 0) + a * b
        result = product
    return made_of(result, _is_rounded(*sizes))


def _is_rounded(*sizes: AnySize) -> bool:
    return any(isinstance(size, Size) and size.rounded for size in sizes)


def solved(first: AnySize, second: AnySize) -> tuple[int, AnySize] | None:
    """The equation first = second as (symbol, what it equals); None if it cannot be solved for one.

    Of several symbols the newest is replaced, if possible by a size without fractions.
    """
    difference = terms_of(added(first, second, -1))
    choices = []
    for (symbol,), coefficient in ((p, c) for p, c in difference.items() if len(p) == 1):
        rest = {p: Fraction(-c) / coefficient for p, c in difference.items() if p != (symbol,)}
        if any(symbol in product for product in rest):
            continue
        value = made_of(rest)
        whole = all(c.denominator == 1 for c in rest.values())
        if isinstance(value, Size) or (whole and value > 0):
            choices.append((whole, symbol, value))
    if not choices:
        return None
    _, symbol, value = max(choices, key=lambda choice: choice[:2])
    return symbol, value


def joined(equations: Equations, symbol: int, value: AnySize) -> Equations:
    """The equations with one more, each applied to the others."""
    one = {symbol: value}
    kept = {s: v.under(one) if isinstance(v, Size) else v for s, v in equations.items()}
    return {**kept, **one}


def known(sizes: Iterable[AnySize]) -> Shape:
    """The shape with None in place of each unknown size."""
    return tuple([None if isinstance(size, Size) else size for size in sizes])


def under(sizes: Iterable[AnySize], equations: Equations) -> tuple[AnySize, ...]:
    """Sizes with symbols replaced by what they equal."""
    return tuple([size.under(equations) if isinstance(size, Size) else size for size in sizes])


def symbols_of(sizes: Iterable[object]) -> Iterator[int]:
    """The symbols of sizes and of other values, in the order of their appearance."""
    for size in sizes:
        if isinstance(size, Size):
            yield from size.symbols


def matched(sizes: Iterable[AnySize], shape: Shape) -> Equations | None:
    """The equations under which sizes are those of a shape, None in which fits any; None without any."""
    equations: Equations = NO_EQUATIONS
    for size, wanted in zip(sizes, shape, strict=True):
        (own,) = under([size], equations)
        if wanted is None or own == wanted:
            continue
        equation = solved(own, wanted)
        if equation is None:
            return None
        equations = joined(equations, *equation)
    return equations


# In a program that is exported for any size, sizes are symbols of JAX, and a tensor of sizes is a NumPy array
# of them. Their sums and products are symbols, too.


def as_size(value: Any) -> Any:
    """A size from an argument of an op: an int, or a symbol of JAX."""
    return value.item() if is_symbolic(value) else int(value)


def as_shape_array(shape: Iterable[Any]) -> np.ndarray:
    """A shape as an int32 array, or as an array of symbols if a size is one."""
    sizes = tuple(shape)
    return np.asarray(sizes, "int32" if all(isinstance(size, int) for size in sizes) else object)


def is_symbolic(value: Any) -> bool:
    """Whether a value is an array of symbols of JAX."""
    return isinstance(value, np.ndarray) and value.dtype == object


def size_values(sizes: np.ndarray) -> Any:
    """The values that the symbols in an array have when the program runs, an int32 array."""
    return jnp.stack([jnp.asarray(size, "int32") for size in sizes.flat]).reshape(sizes.shape)
