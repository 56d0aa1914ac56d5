"""Metrics, compared with Keras 1.2.2, and their names."""

import pytest
from numpy.testing import assert_allclose
from recorded import cases

from keras import backend as K
from keras import metrics

CASES = [c for file in ("losses", "loss_options") for c in cases(file) if c["kind"] == "metrics"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['name']}-{case.number}")
def test_value_is_that_of_1_2_2(case):
    arrays = [case.array(name) for name in ("y_true", "y_pred")]
    true, pred = (K.placeholder((None, *y.shape[1:])) for y in arrays)
    result = metrics.get(case["name"])(true, pred, **case.get("kwargs", {}))
    assert K.int_shape(result) == ()
    assert_allclose(K.function([true, pred], result)(arrays)[0], case.array("value"), rtol=2e-4, atol=1e-6)


def value(metric, y_true, y_pred, **settings):
    return float(K.eval(metric(K.variable(y_true), K.variable(y_pred), **settings)))


def test_probability_of_one_half_rounds_to_zero():
    assert value(metrics.binary_accuracy, [[0.0], [1.0]], [[0.5], [0.5]]) == 0.5


@pytest.mark.parametrize("k, expected", [(1, 0.0), (2, 0.5), (3, 1.0)])
def test_top_k_accuracy_counts_the_k_largest(k, expected):
    y_true = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]
    y_pred = [[0.3, 0.6, 0.1], [0.4, 0.1, 0.5]]
    assert value(metrics.top_k_categorical_accuracy, y_true, y_pred, k=k) == expected


TRUE, PREDICTED = [[1.0, 1.0, 1.0, 0.0, 0.0]], [[0.9, 0.8, 0.2, 0.7, 0.1]]  # 2 tp, 1 fn, 1 fp, 1 tn


@pytest.mark.parametrize(
    "metric, expected",
    [
        (metrics.precision, 2 / 3),
        (metrics.recall, 2 / 3),
        (metrics.fmeasure, 2 / 3),
        (metrics.matthews_correlation, (2 * 1 - 1 * 1) / (3 * 3 * 2 * 2) ** 0.5),
    ],
)
def test_metric_counts_thresholded_predictions(metric, expected):
    assert_allclose(value(metric, TRUE, PREDICTED), expected, rtol=1e-5)


@pytest.mark.parametrize("beta", [0, 0.5, 2])
def test_fbeta_score_is_the_weighted_harmonic_mean(beta):
    p, r = 1 / 2, 1 / 1
    expected = (1 + beta**2) * p * r / (beta**2 * p + r)
    assert_allclose(value(metrics.fbeta_score, [[1.0, 0.0]], [[1.0, 1.0]], beta=beta), expected, rtol=1e-5)


@pytest.mark.parametrize("metric", [metrics.precision, metrics.recall, metrics.fmeasure])
def test_metrics_without_true_positives_are_zero(metric):
    assert value(metric, [[0.0, 0.0]], [[0.1, 0.9]]) == 0


def test_fractional_labels_are_multiplied_before_they_are_rounded():
    # 0.6 rounds to 1, 0.6 * 0.6 to 0; Keras 1.2.2 answered 0.
    assert value(metrics.precision, [[0.6]], [[0.6]]) == 0


def test_negative_beta_is_refused():
    with pytest.raises(ValueError, match="got -1"):
        metrics.fbeta_score(K.variable(TRUE), K.variable(PREDICTED), beta=-1)


@pytest.mark.parametrize("wrong, meant", [("acuracy", "accuracy"), ("binary_acc", "binary_accuracy")])
def test_misspelled_name_gets_a_suggestion(wrong, meant):
    with pytest.raises(ValueError, match=f"Did you mean '{meant}'"):
        metrics.get(wrong)


def test_get_refuses_the_name_accuracy():
    with pytest.raises(ValueError, match="binary_accuracy"):
        metrics.get("accuracy")


def test_get_resolves_names_and_functions():
    assert metrics.get("fscore") is metrics.get("f1score") is metrics.fmeasure
    assert metrics.get(max) is max
