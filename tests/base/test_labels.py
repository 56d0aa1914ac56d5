"""Labels and simple scores; values marked "1.2.2" are answers of Keras 1.2.2 (Python 3.6, NumPy 1.16)."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import keras
from keras._base import labels


@pytest.mark.parametrize("y", [[0, 2, 1], [[0], [2], [1]], [0.7, 2.2, 1.9]])
def test_to_categorical_is_one_hot(y):  # 1.2.2: flattened, fractions cut off, float64
    categorical = labels.to_categorical(y)
    assert_array_equal(categorical, [[1, 0, 0], [0, 0, 1], [0, 1, 0]])
    assert categorical.dtype == np.float64


def test_to_categorical_adds_columns_up_to_nb_classes():
    assert labels.to_categorical([0, 1], 4).shape == (2, 4)


@pytest.mark.parametrize("y, wrong", [([0, 3], "3 at position 1"), ([-1, 1], "-1 at position 0")])
def test_to_categorical_refuses_classes_out_of_range(y, wrong):
    # 1.2.2 took -1 for the last class without a word
    with pytest.raises(ValueError, match=f"class number {wrong}.*0..1"):
        labels.to_categorical(y, 2)


def test_normalize_leaves_zero_rows():
    assert_allclose(labels.normalize(np.array([[3.0, 4.0], [0, 0]])), [[0.6, 0.8], [0, 0]])


def test_normalize_along_another_axis_and_norm():
    given = np.array([[1.0, 2.0], [3.0, 2.0]])
    assert_allclose(labels.normalize(given, axis=0, order=1), [[0.25, 0.5], [0.75, 0.5]])


def test_binary_logloss_value():  # 1.2.2
    loss = labels.binary_logloss(np.array([0.1, 0.9, 1.0]), np.array([0, 1, 0]))
    assert_allclose(loss, 11.583432341218842, rtol=1e-12)


def test_binary_logloss_of_columns():  # 1.2.2
    loss = labels.binary_logloss(np.array([[0.1, 0.9], [0.3, 0.2]]), np.array([[0, 1], [1, 0]]))
    assert_allclose(loss, [0.65466666, 0.16425203], rtol=1e-6)


def test_multiclass_logloss_numbers_classes_from_one():  # 1.2.2
    loss = labels.multiclass_logloss(np.array([[0.1, 0.9], [0.3, 0.7]]), np.array([1, 2]))
    assert_allclose(loss, 1.329630018466389, rtol=1e-12)


def test_accuracy_value():
    assert labels.accuracy([1, 2, 3], [1, 2, 4]) == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    "probas, classes",
    [([[0.1], [0.6], [0.5]], [0, 1, 0]), ([0.1, 0.6], [0, 1]), ([[0.1, 0.9], [0.8, 0.2]], [1, 0])],
)
def test_probas_to_classes_thresholds_or_takes_the_largest(probas, classes):  # 1.2.2
    assert_array_equal(labels.probas_to_classes(np.array(probas)), classes)


def test_categorical_probas_to_classes_takes_the_largest():
    assert_array_equal(labels.categorical_probas_to_classes(np.eye(3)), [0, 1, 2])


@pytest.mark.parametrize("shape, expected", [((2, 3), (2, 3, 4)), ((3, 1), (3, 4)), ((3,), (3, 4))])
def test_labels_keep_their_axes_in_the_words_of_keras_2(shape, expected):
    labels = np.arange(np.prod(shape)).reshape(shape) % 4
    rows = keras.utils.to_categorical(labels, num_classes=4)
    assert rows.shape == expected
    np.testing.assert_array_equal(rows.argmax(-1).ravel(), labels.ravel())
    assert keras.utils.to_categorical(labels, 4).shape == (labels.size, 4)
