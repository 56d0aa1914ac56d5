"""Every recorded expression of K functions has the value of the original (origin: golden/README.md)."""

import functools

import numpy as np
import pytest
from recorded import GOLDEN, OUTPUT, TRAJECTORY, cases

from keras import backend as K
from keras._graph import Tensor


def inputs(file):
    arrays = np.load(GOLDEN / f"{file}.npz")
    return {key[3:]: arrays[key] for key in arrays.files if key.startswith("in_")}


INPUTS = {file: inputs(file) for file in ("backend", "expressions")}
EXPRESSIONS = cases("expressions")
TOGETHER = 32  # expressions in a program


def names_of(case, arrays, plain=()):
    """Returns the names in an expression: variables or arrays; those in `plain` are always arrays."""
    names = {"K": K, "np": np, "X": K.variable(arrays["x"]), **arrays}
    if case["names"] == "variables":
        names.update({n: K.variable(v) for n, v in arrays.items() if n not in plain})
    return names


def check(found, expected):
    assert found.shape == expected.shape
    np.testing.assert_allclose(found.astype("float64"), expected.astype("float64"), **OUTPUT)


@pytest.mark.parametrize("case", cases("backend"), ids=lambda case: case["expression"])
def test_expression_equals_the_record(case):
    # An expression that makes a variable of `i` itself needs the plain array.
    plain = "i" if "K.variable(i" in case["expression"] else ()
    result = eval(case["expression"], names_of(case, INPUTS["backend"], plain))
    check(np.asarray(result) if isinstance(result, bool | int) else K.eval(result), case.whole())


def build(case):
    """Returns (value, {name: variable} to differentiate by, tensor to differentiate) of an expression."""
    arrays = INPUTS["expressions"]
    names = {**names_of(case, arrays), **{f"{name}_": value for name, value in arrays.items()}}
    result = eval(case["expression"], names)
    K.clear_session()  # some expressions set the learning phase
    variables = {name: names[name] for name in case["grad_of"]}
    return result, variables, K.sum(result * case.array("cotangent")) if variables else None


@functools.cache
def answers(part):
    """Returns (value, {name: gradient}) of each expression, by one program: many take minutes."""
    built = [build(case) for case in EXPRESSIONS[part * TOGETHER : (part + 1) * TOGETHER]]
    symbolic = [value for value, _, _ in built if isinstance(value, Tensor)]
    variables = [variable for _, by_name, _ in built for variable in by_name.values()]
    if variables:
        # No two expressions share a variable: the gradients of the sum are those of its parts.
        symbolic += K.gradients(sum(weighted for _, _, weighted in built if weighted is not None), variables)
    found = iter(K.function([], symbolic)([]))
    values = [next(found) if isinstance(value, Tensor) else np.asarray(value) for value, _, _ in built]
    return [(v, {name: next(found) for name in b}) for v, (_, b, _) in zip(values, built, strict=True)]


def expression_of(number):
    return f"{EXPRESSIONS[number]['expression']}-{EXPRESSIONS[number]['names']}"


@pytest.mark.parametrize("number", range(len(EXPRESSIONS)), ids=expression_of)
def test_expression_and_gradients_equal_the_record(number):
    value, gradients = answers(number // TOGETHER)[number % TOGETHER]
    check(value, EXPRESSIONS[number].whole())
    for name, gradient in gradients.items():
        expected = EXPRESSIONS[number].array(f"grad_{name}")
        np.testing.assert_allclose(gradient, expected, err_msg=name, **TRAJECTORY)
