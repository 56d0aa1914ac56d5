"""Every recorded expression over K gives the original's value (origin: golden/README.md)."""

import numpy as np
import pytest
from recorded import GOLDEN, OUTPUT, cases

from keras import backend as K

ARRAYS = np.load(GOLDEN / "backend.npz")
INPUTS = {key[3:]: ARRAYS[key] for key in ARRAYS.files if key.startswith("in_")}


@pytest.mark.parametrize("case", cases("backend"), ids=lambda case: case["expression"])
def test_expression(case):
    names = {"K": K, "np": np, "X": K.variable(INPUTS["x"]), **INPUTS}
    if case["names"] == "variables":
        # An expression that makes a variable of `i` itself needs the plain array.
        own = "K.variable(i" in case["expression"]
        names.update({n: K.variable(v) for n, v in INPUTS.items() if not (own and n == "i")})
    value = K.eval(eval(case["expression"], names))
    expected = ARRAYS[str(case.number)]
    assert value.shape == expected.shape
    np.testing.assert_allclose(value.astype("float64"), expected.astype("float64"), **OUTPUT)
