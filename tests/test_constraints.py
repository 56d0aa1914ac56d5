"""Values of constraints; optimizers/test_optimizers.py trains with them."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from keras import backend as K
from keras import constraints

X = np.array([[3.0, 0.1], [-4.0, 0.0]])  # the columns have the norms 5 and 0.1


# By hand; K.epsilon() in the quotient changes the seventh digit.
@pytest.mark.parametrize(
    "constraint, expected",
    [
        (constraints.MaxNorm(2), [[1.2, 0.1], [-1.6, 0.0]]),
        (constraints.MaxNorm(2, axis=1), [[X[0, 0] * 2 / 9.01**0.5, 0.2 / 9.01**0.5], [-2.0, 0.0]]),
        (constraints.NonNeg(), [[3.0, 0.1], [0.0, 0.0]]),
        (constraints.UnitNorm(), [[0.6, 1.0], [-0.8, 0.0]]),
        (constraints.UnitNorm(axis=[0, 1]), X / 25.01**0.5),
        (constraints.MinMaxNorm(0.2, 1.0), [[0.6, 0.2], [-0.8, 0.0]]),
        (constraints.MinMaxNorm(0.2, 1.0, rate=0.5), [[1.8, 0.15], [-2.4, 0.0]]),
        (constraints.Constraint(), X),
    ],
)
def test_value_equals_the_formula(constraint, expected):
    assert_allclose(K.eval(constraint(K.variable(X))), expected, rtol=1e-5)


@pytest.mark.parametrize(
    "constraint", [constraints.MaxNorm(), constraints.UnitNorm(), constraints.MinMaxNorm()]
)
def test_zeros_are_not_divided(constraint):
    assert_allclose(K.eval(constraint(K.variable(np.zeros((2, 2))))), np.zeros((2, 2)))


@pytest.mark.parametrize(
    "constraint",
    [
        constraints.MaxNorm(0.5, axis=[0, 1]),
        constraints.NonNeg(),
        constraints.UnitNorm(1),
        constraints.MinMaxNorm(0.1, 0.9, 0.5, 1),
    ],
)
def test_constraint_survives_its_config(constraint):
    config = constraint.get_config()
    again = constraints.get(dict(config))
    assert type(again) is type(constraint) and again.get_config() == config


def test_get_resolves_names_configs_and_objects():
    assert constraints.get(None) is None
    assert constraints.get("maxnorm", {"m": 3}).m == 3
    with pytest.raises(ValueError, match="Did you mean 'nonneg'"):
        constraints.get("non-neg")


@pytest.mark.parametrize("dtype", ["float16", "float32"])
def test_dtype_is_kept(dtype):
    weight = K.variable(X, dtype=dtype)
    for constraint in (constraints.MaxNorm(), constraints.NonNeg(), constraints.UnitNorm()):
        assert K.dtype(constraint(weight)) == dtype


def test_get_knows_the_words_of_keras_2():
    entry = {"class_name": "MaxNorm", "config": {"max_value": 3, "axis": 1}}
    assert constraints.get(entry).get_config() == {"name": "MaxNorm", "m": 3, "axis": 1}
    assert type(constraints.get("non_neg")) is type(constraints.get("nonneg"))
