"""Objectives, compared with Keras 1.2.2, and their names."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from recorded import TRAJECTORY, cases

from keras import backend as K
from keras import objectives

CASES = [c for file in ("losses", "loss_options") for c in cases(file) if c["kind"] == "objectives"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['name']}-{case.number}")
def test_value_is_that_of_1_2_2(case):
    arrays = [case.array(name) for name in ("y_true", "y_pred")]
    true, pred, cotangent = inputs = [
        K.placeholder((None, *y.shape[1:])) for y in (*arrays, case.array("value"))
    ]
    loss = objectives.get(case["name"])(true, pred)
    assert K.int_shape(loss) == K.int_shape(cotangent)
    value, gradient = K.function(inputs, [loss, *K.gradients(K.sum(loss * cotangent), [pred])])(
        [
            *arrays,
            case.array("cotangent") if "cotangent" in case["arrays"] else np.ones_like(case.array("value")),
        ]
    )
    assert_allclose(value, case.array("value"), rtol=2e-4, atol=1e-6)
    if "grad" in case["arrays"]:
        assert_allclose(gradient, case.array("grad"), **TRAJECTORY)


@pytest.mark.parametrize("name", sorted({c["name"] for c in CASES} - {"sparse_categorical_crossentropy"}))
def test_sequences_have_one_value_per_step(name):
    y = K.variable(np.full((2, 3, 4), 0.25))
    assert K.eval(objectives.get(name)(y, y)).shape == (2, 3)


@pytest.mark.parametrize(
    "name", ["binary_crossentropy", "categorical_crossentropy", "kullback_leibler_divergence", "poisson"]
)
def test_certain_but_wrong_prediction_has_a_finite_loss(name):
    loss = objectives.get(name)(K.variable([[1.0, 0.0]]), K.variable([[0.0, 1.0]]))
    assert np.isfinite(K.eval(loss)).all()


@pytest.mark.parametrize(
    "alias, name",
    [
        ("mse", "mean_squared_error"),
        ("MAE", "mean_absolute_error"),
        ("mape", "mean_absolute_percentage_error"),
        ("MSLE", "mean_squared_logarithmic_error"),
        ("kld", "kullback_leibler_divergence"),
        ("cosine", "cosine_proximity"),
    ],
)
def test_short_names_are_aliases(alias, name):
    assert objectives.get(alias) is objectives.get(name) is getattr(objectives, alias)


def test_get_resolves_names_and_functions():
    assert objectives.get(max) is max
    with pytest.raises(ValueError, match="Did you mean 'mse'"):
        objectives.get("msee")
