"""Penalties and their configs; optimizers/test_optimizers.py trains with them."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from keras import backend as K
from keras import regularizers

X = np.array([[1.0, -2.0], [3.0, 0.5]])


@pytest.mark.parametrize(
    "penalty, expected",
    [
        (regularizers.l1(0.1), 0.1 * 6.5),
        (regularizers.l2(0.1), 0.1 * 14.25),
        (regularizers.l1l2(0.1, 0.2), 0.1 * 6.5 + 0.2 * 14.25),
        (regularizers.activity_l1(0.1), 0.1 * 6.5),
        (regularizers.activity_l2(0.1), 0.1 * 14.25),
        (regularizers.activity_l1l2(0.1, 0.2), 0.1 * 6.5 + 0.2 * 14.25),
    ],
)
def test_value_equals_the_formula(penalty, expected):
    assert_allclose(K.eval(penalty(K.variable(X))), expected, rtol=1e-6)


def test_penalty_without_factors_is_zero():
    assert regularizers.L1L2Regularizer()(K.variable(X)) == 0


def test_eigenvalue_is_the_largest_singular_value():
    # sqrt(largest eigenvalue of x^T x); nine steps suffice, since 3 is well above 1.
    x = K.variable([[3.0, 0.0], [0.0, 1.0], [0.0, 0.0]])
    assert_allclose(K.eval(regularizers.EigenvalueRegularizer(0.5)(x)), 1.5, rtol=1e-6)


def test_eigenvalue_does_not_overflow():
    x = K.variable(np.full((50, 50), 100.0))  # the ninth power of x^T x is beyond float32
    assert_allclose(K.eval(regularizers.EigenvalueRegularizer(1.0)(x)), 5000.0, rtol=1e-5)


def test_eigenvalue_refuses_other_ranks():
    with pytest.raises(ValueError, match="rank 2"):
        regularizers.EigenvalueRegularizer(0.5)(K.variable(np.zeros((1, 2, 3))))


def test_config_is_that_of_1_2_2():
    # Recorded from Keras 1.2.2: 0.01 is rounded to float32.
    expected = {"name": "L1L2Regularizer", "l1": 0.0, "l2": 0.009999999776482582}
    assert regularizers.l2(0.01).get_config() == expected


@pytest.mark.parametrize(
    "penalty",
    [regularizers.l1l2(0.1, 0.2), regularizers.EigenvalueRegularizer(0.5), regularizers.Regularizer()],
)
def test_regularizer_survives_its_config(penalty):
    config = penalty.get_config()
    assert regularizers.get(dict(config)).get_config() == config


@pytest.mark.parametrize("name", ["WeightRegularizer", "ActivityRegularizer"])
def test_old_class_names_are_known(name):
    assert regularizers.get({"name": name, "l1": 0.0, "l2": 0.5}).l2 == 0.5


def test_get_resolves_names_configs_and_objects():
    assert regularizers.get(None) is None
    assert regularizers.get("l1", {"l": 0.5}).l1 == 0.5
    with pytest.raises(ValueError, match="Did you mean 'l1l2'"):
        regularizers.get("l1-l2")


@pytest.mark.parametrize("method", ["set_param", "set_layer"])
def test_methods_of_keras_1_0_warn(method):
    with pytest.warns(UserWarning, match=method):
        getattr(regularizers.l1(), method)(None)


def test_get_knows_the_words_of_keras_2():
    entry = regularizers.serialize(regularizers.get("l2"))
    assert regularizers.get(entry).l2 == regularizers.get({"class_name": "L1L2", "config": {"l2": 0.01}}).l2
    assert type(regularizers.get("l1_l2")) is type(regularizers.get("l1l2"))
