"""Every recorded expression over K gives the original's value (origin: golden/README.md)."""

import numpy as np
import pytest
from recorded import GOLDEN, OUTPUT, TRAJECTORY, cases

from keras import backend as K


def inputs(file):
    arrays = np.load(GOLDEN / f"{file}.npz")
    return {key[3:]: arrays[key] for key in arrays.files if key.startswith("in_")}


INPUTS = {file: inputs(file) for file in ("backend", "expressions")}


def names_of(case, arrays):
    """The names that an expression uses: variables or arrays."""
    names = {"K": K, "np": np, "X": K.variable(arrays["x"]), **arrays}
    if case["names"] == "variables":
        # An expression that makes a variable of `i` itself needs the plain array.
        own = "K.variable(i" in case["expression"]
        names.update({n: K.variable(v) for n, v in arrays.items() if not (own and n == "i")})
    return names


def check(found, expected):
    assert found.shape == expected.shape
    np.testing.assert_allclose(found.astype("float64"), expected.astype("float64"), **OUTPUT)


@pytest.mark.parametrize("case", cases("backend"), ids=lambda case: case["expression"])
def test_expression(case):
    value = K.eval(eval(case["expression"], names_of(case, INPUTS["backend"])))
    check(value, case.whole())


@pytest.mark.parametrize(
    "case", cases("expressions"), ids=lambda case: f"{case['expression']}-{case['names']}"
)
def test_expression_and_gradients(case):
    arrays = INPUTS["expressions"]
    names = {**names_of(case, arrays), **{f"{name}_": value for name, value in arrays.items()}}
    result = eval(case["expression"], names)
    check(np.asarray(result if np.ndim(result) == 0 and not hasattr(result, "shape") else K.eval(result)), case.whole())
    if case["grad_of"]:
        weighted = K.sum(result * case.array("cotangent"))
        for name, gradient in zip(case["grad_of"], K.gradients(weighted, [names[n] for n in case["grad_of"]])):
            np.testing.assert_allclose(K.eval(gradient), case.array(f"grad_{name}"), err_msg=name, **TRAJECTORY)
