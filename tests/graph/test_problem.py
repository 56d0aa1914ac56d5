"""The numbers that stand for unknown sizes."""

import itertools

import pytest

from keras import backend as K
from keras._graph.problem import Operand, Problem, odd_numbers, probes


def problem(*shapes):
    tensors = [K.placeholder(shape) for shape in shapes]
    return Problem(None, [Operand.of(tensor, {}) for tensor in tensors])


@pytest.mark.parametrize("order", ["crossed", "up", "down"])
@pytest.mark.parametrize("count", [1, 2, 3, 5, 9])
def test_different_symbols_differ_under_a_probe(order, count):
    made = problem((None,) * count)
    first, second = probes(made, order)
    pairs = [(first[symbol], second[symbol]) for symbol in made.symbols]
    assert len(set(pairs)) == count
    assert all(one != other for one, other in pairs)
    assert all(number % 840 == 0 for pair in pairs for number in pair)


def test_two_symbols_are_ordered_both_ways():
    made = problem((None, None))
    signs = {probe[made.symbols[0]] < probe[made.symbols[1]] for probe in probes(made)}
    assert signs == {True, False}
    assert {probe[made.symbols[0]] < probe[made.symbols[1]] for probe in probes(made, "up")} == {True}


def test_parts_of_sizes_are_whole():
    x = K.placeholder((None, 2))
    part = K.reshape(x, (-1, 11))
    made = Problem(None, [Operand.of(part, {})])
    assert all(probe[made.symbols[0]] % 11 == 0 for probe in probes(made))


def test_odd_numbers_have_no_small_divisors():
    numbers = odd_numbers(problem((None,) * 4)).values()
    assert all(number % divisor for number, divisor in itertools.product(numbers, (2, 3, 5, 7)))
