"""Values as plain data for JSON, and back."""

import json

import numpy as np
import pytest

from keras._base.budget import Budget
from keras.engine.fitting.plain_data import decode, encode


@pytest.mark.parametrize(
    "value",
    [None, True, 3, -0.5, "text", float("inf"), [1, [2.5, None]], {"a": {"b": [float("-inf")]}}],
    ids=str,
)
def test_plain_values_come_back(value):
    assert decode(json.loads(json.dumps(encode(value, "value"), allow_nan=False)), Budget("f", 0)) == value


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "int8", "uint32", "bool"])
def test_arrays_come_back_with_shape_and_dtype(dtype):
    array = np.arange(6).reshape(2, 3).astype(dtype)
    found = decode(
        json.loads(json.dumps(encode({"array": array, "scalar": array[1, 2]}, "value"))), Budget("f", 0)
    )
    np.testing.assert_array_equal(found["array"], array)
    assert found["array"].dtype == np.asarray(found["scalar"]).dtype == dtype
    assert found["array"].flags.writeable


@pytest.mark.parametrize(
    "value",
    [object(), {1: 2}, {"$array": 1}, np.array(["text"])],
    ids=["object", "int key", "reserved key", "array of str"],
)
def test_other_values_are_refused_by_their_place(value):
    with pytest.raises(TypeError, match=r"state\['a'\]\[1\] is "):
        encode({"a": [0, value]}, "state")
