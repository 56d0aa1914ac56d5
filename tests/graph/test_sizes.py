"""The algebra of unknown sizes."""

from fractions import Fraction

import pytest

from keras._graph.sizes import (
    SAMPLES,
    Size,
    added,
    fresh,
    joined,
    made_of,
    matched,
    multiplied,
    solved,
    under,
)

S, T = fresh(), fresh()
s, t = S.symbol, T.symbol


def test_sums_and_products_are_polynomials():
    assert added(S, T).at({s: 3, t: 4}) == 7
    assert added(S, T, -1).at({s: 5, t: 4}) == 1
    assert multiplied([S, T, 2]).at({s: 3, t: 4}) == 24
    assert multiplied([added(S, 1), added(S, 1)]) == made_of({(s, s): 1, (s,): 2, (): 1})


def test_a_polynomial_without_symbols_is_a_number():
    assert added(S, S, -1) == 0 and added(added(S, 3), S, -1) == 3


def test_a_part_of_a_size_is_rounded_down_and_marked():
    half = multiplied([S], Fraction(1, 2))
    assert half.at({s: 7}) == 3 and half.rounded
    assert multiplied([half], 2).rounded and multiplied([half], 2) != S


@pytest.mark.parametrize(
    "first, second, equation",
    [
        (S, 4, (s, 4)),
        (4, S, (s, 4)),
        (S, T, (t, S)),  # the newer symbol is replaced
        (SAMPLES, S, (s, SAMPLES)),
        (multiplied([S], 6), multiplied([T], 2), (t, multiplied([S], 3))),  # without fractions
        (added(S, 2), S, None),
        (multiplied([S], 2), 3, None),
        (S, 0, None),
        (3, 4, None),
    ],
)
def test_an_equation_is_solved_for_a_symbol(first, second, equation):
    assert solved(first, second) == equation


def test_equations_apply_to_each_other():
    equations = joined(joined({}, s, added(T, 1)), t, 4)
    assert equations == {s: 5, t: 4}
    assert under((S, multiplied([S, T]), 3), equations) == (5, 20, 3)


def test_shapes_are_matched():
    assert matched((SAMPLES, S, 3), (None, 5, 3)) == {s: 5}
    assert matched((S, S), (4, 4)) == {s: 4}
    assert matched((S, S), (4, 5)) is None
    assert matched((S, 3), (4, 5)) is None


def test_repr_is_readable():
    assert repr(made_of({(SAMPLES.symbol,): 2, (): 1})) == "2 s0 + 1"
    assert isinstance(S, Size)
