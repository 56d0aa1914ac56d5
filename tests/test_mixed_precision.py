"""Policies: products in a narrow float type, and float32 where its digits or its range are needed."""

import numpy as np
import pytest
from catalog import LAYERS
from test_every_layer import Built

from keras import backend as K

NARROW = {"mixed_bfloat16": "bfloat16", "mixed_float16": "float16"}
#: Distance from float32 for numbers near 1: a few roundings to 8 and to 11 bits.
TOLERANCE = {"mixed_bfloat16": 4e-2, "mixed_float16": 5e-3}

each_policy = pytest.mark.parametrize("policy", NARROW)


@pytest.fixture(scope="module", params=LAYERS, ids=str)
def exact(request):
    """A layer in float32; pytest runs all tests of a layer together."""
    np.random.seed(0)
    return Built(request.param)


@each_policy
def test_a_layer_agrees_with_float32(exact, policy):
    """Results are near those of float32; weights stay float32; training changes each of them."""
    row = exact.row
    expected = exact.model.predict(row.data())
    K.set_policy(policy)
    made = Built(row)
    made.model.set_weights(exact.model.get_weights())
    result = made.model.predict(row.data())
    assert result.dtype == np.float32
    np.testing.assert_allclose(result, expected, rtol=TOLERANCE[policy], atol=TOLERANCE[policy])
    made.model.compile("sgd", "mse")
    before = [K.get_value(weight) for weight in made.layer.trainable_weights]
    target = np.random.RandomState(1).standard_normal(result.shape)
    for _ in range(4):  # float16 may find a step too large three times
        assert np.isfinite(made.model.train_on_batch(row.data(), target))
    assert {weight.dtype for weight in made.layer.get_weights()} <= {np.dtype("float32")}
    for old, weight in zip(before, made.layer.trainable_weights, strict=True):
        new = K.get_value(weight)
        assert np.isfinite(new).all() and (new != old).any(), weight
