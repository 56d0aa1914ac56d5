"""A file may take memory and work in proportion to its size; more is refused before it is done."""

import pytest

from keras._base.budget import BASE_MEMORY, BASE_STEPS, MEMORY_PER_BYTE, Budget, OverBudget


def test_memory_grows_with_the_file():
    assert Budget("f", 0).memory == BASE_MEMORY
    assert Budget("f", 1000).memory == BASE_MEMORY + 1000 * MEMORY_PER_BYTE


def test_a_charge_over_the_limit_is_refused_and_takes_nothing():
    budget = Budget("f", 0)
    budget.take_memory(BASE_MEMORY, "weights")
    with pytest.raises(
        OverBudget, match="f: its names would take 1 bytes of memory; 0 are left for a file of 0 bytes"
    ):
        budget.take_memory(1, "names")
    budget.return_memory(10)
    budget.take_memory(10, "names")


def test_steps_are_counted_on_their_own():
    budget = Budget("f", 4)
    budget.take_steps(BASE_STEPS + 1, "nodes")
    with pytest.raises(OverBudget, match="nodes"):
        budget.take_steps(1, "nodes")
    assert budget.memory == BASE_MEMORY + 4 * MEMORY_PER_BYTE
