"""Every recorded expression over K gives the original's value (origin: golden/README.md)."""

import numpy as np
import pytest
from recorded import GOLDEN, OUTPUT, TRAJECTORY, cases

from keras import backend as K


def inputs(file):
    arrays = np.load(GOLDEN / f"{file}.npz")
    return {key[3:]: arrays[key] for key in arrays.files if key.startswith("in_")}


INPUTS = {file: inputs(file) for file in ("backend", "expressions")}


def names_of(case, arrays, plain=()):
    """The names that an expression uses: variables or arrays; those of `plain` are arrays always."""
    names = {"K": K, "np": np, "X": K.variable(arrays["x"]), **arrays}
    if case["names"] == "variables":
        names.update({n: K.variable(v) for n, v in arrays.items() if n not in plain})
    return names


def value_of(result):
    return np.asarray(result) if isinstance(result, bool | int) else K.eval(result)


def check(found, expected):
    assert found.shape == expected.shape
    np.testing.assert_allclose(found.astype("float64"), expected.astype("float64"), **OUTPUT)


@pytest.mark.parametrize("case", cases("backend"), ids=lambda case: case["expression"])
def test_expression(case):
    # An expression that makes a variable of `i` itself needs the plain array.
    plain = "i" if "K.variable(i" in case["expression"] else ()
    value = value_of(eval(case["expression"], names_of(case, INPUTS["backend"], plain)))
    check(value, case.whole())


def expression_of(case):
    return f"{case['expression']}-{case['names']}"


@pytest.mark.parametrize("case", cases("expressions"), ids=expression_of)
def test_expression_and_gradients(case):
    arrays = INPUTS["expressions"]
    names = {**names_of(case, arrays), **{f"{name}_": value for name, value in arrays.items()}}
    result = eval(case["expression"], names)
    check(value_of(result), case.whole())
    if case["grad_of"]:
        weighted = K.sum(result * case.array("cotangent"))
        gradients = K.gradients(weighted, [names[name] for name in case["grad_of"]])
        for name, gradient in zip(case["grad_of"], gradients, strict=True):
            expected = case.array(f"grad_{name}")
            np.testing.assert_allclose(K.eval(gradient), expected, err_msg=name, **TRAJECTORY)
