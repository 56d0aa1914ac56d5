"""The NumPy helpers; numbers marked "1.2.2" are answers of Keras 1.2.2 (Python 3.6, NumPy 1.16)."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from keras.utils import np_utils


@pytest.mark.parametrize("y", [[0, 2, 1], [[0], [2], [1]], [0.7, 2.2, 1.9]])
def test_to_categorical(y):  # 1.2.2: flattened, fractions cut off, float64
    categorical = np_utils.to_categorical(y)
    assert_array_equal(categorical, [[1, 0, 0], [0, 0, 1], [0, 1, 0]])
    assert categorical.dtype == np.float64


def test_to_categorical_with_more_classes():
    assert np_utils.to_categorical([0, 1], 4).shape == (2, 4)


@pytest.mark.parametrize("y, wrong", [([0, 3], "3 at position 1"), ([-1, 1], "-1 at position 0")])
def test_to_categorical_refuses_classes_out_of_range(y, wrong):
    # 1.2.2 took -1 for the last class without a word
    with pytest.raises(ValueError, match=f"class number {wrong}.*0..1"):
        np_utils.to_categorical(y, 2)


def test_normalize_keeps_zeros():
    assert_allclose(np_utils.normalize(np.array([[3.0, 4.0], [0, 0]])), [[0.6, 0.8], [0, 0]])


def test_normalize_along_another_axis_and_norm():
    given = np.array([[1.0, 2.0], [3.0, 2.0]])
    assert_allclose(np_utils.normalize(given, axis=0, order=1), [[0.25, 0.5], [0.75, 0.5]])


def test_binary_logloss():  # 1.2.2
    loss = np_utils.binary_logloss(np.array([0.1, 0.9, 1.0]), np.array([0, 1, 0]))
    assert_allclose(loss, 11.583432341218842, rtol=1e-12)


def test_binary_logloss_of_columns():  # 1.2.2
    loss = np_utils.binary_logloss(np.array([[0.1, 0.9], [0.3, 0.2]]), np.array([[0, 1], [1, 0]]))
    assert_allclose(loss, [0.65466666, 0.16425203], rtol=1e-6)


def test_multiclass_logloss_counts_classes_from_one():  # 1.2.2
    loss = np_utils.multiclass_logloss(np.array([[0.1, 0.9], [0.3, 0.7]]), np.array([1, 2]))
    assert_allclose(loss, 1.329630018466389, rtol=1e-12)


def test_accuracy():
    assert np_utils.accuracy([1, 2, 3], [1, 2, 4]) == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    "probas, classes",
    [([[0.1], [0.6], [0.5]], [0, 1, 0]), ([0.1, 0.6], [0, 1]), ([[0.1, 0.9], [0.8, 0.2]], [1, 0])],
)
def test_probas_to_classes(probas, classes):  # 1.2.2
    assert_array_equal(np_utils.probas_to_classes(np.array(probas)), classes)


def test_categorical_probas_to_classes():
    assert_array_equal(np_utils.categorical_probas_to_classes(np.eye(3)), [0, 1, 2])


@pytest.mark.parametrize(
    "shape, ordering, mirrored",
    [
        ((2, 3, 4, 5), "th", np.s_[:, :, ::-1, ::-1]),
        ((4, 5, 3, 2), "tf", np.s_[::-1, ::-1]),
        ((2, 3, 4, 5, 6), "th", np.s_[:, :, ::-1, ::-1, ::-1]),
        ((4, 5, 6, 3, 2), "tf", np.s_[::-1, ::-1, ::-1]),
    ],
)
def test_convert_kernel_mirrors_space(shape, ordering, mirrored):  # checked against 1.2.2
    kernel = np.arange(np.prod(shape)).reshape(shape)
    assert_array_equal(np_utils.convert_kernel(kernel, ordering), kernel[mirrored])


def test_convert_kernel_takes_the_backends_ordering():
    kernel = np.arange(81).reshape(3, 3, 3, 3)
    expected = np_utils.convert_kernel(kernel, np_utils.K.image_dim_ordering())
    assert_array_equal(np_utils.convert_kernel(kernel), expected)


@pytest.mark.parametrize("shape, ordering", [((2, 3, 4), "th"), ((2, 2, 2, 2), "channels_first")])
def test_convert_kernel_refuses(shape, ordering):
    with pytest.raises(ValueError, match="convert_kernel"):
        np_utils.convert_kernel(np.zeros(shape), ordering)


@pytest.mark.parametrize(
    "border_mode, dilation, expected",
    [
        ("valid", 1, [6, 3, 2]),
        ("same", 1, [8, 4, 3]),
        ("full", 1, [10, 5, 4]),
        ("valid", 2, [4, 2, 2]),
        ("same", 2, [8, 4, 3]),
        ("full", 2, [12, 6, 4]),
    ],
)
def test_conv_output_length(border_mode, dilation, expected):  # 1.2.2: length 8, filter 3
    lengths = [np_utils.conv_output_length(8, 3, border_mode, stride, dilation) for stride in (1, 2, 3)]
    assert lengths == expected


@pytest.mark.parametrize(
    "border_mode, filter_size, expected",
    [("valid", 3, [10, 17, 24]), ("same", 3, [8, 15, 22]), ("full", 3, [6, 13, 20])]
    + [("valid", 4, [11, 18, 25]), ("same", 4, [7, 14, 21]), ("full", 4, [5, 12, 19])],
)
def test_conv_input_length(border_mode, filter_size, expected):  # 1.2.2: output length 8
    lengths = [np_utils.conv_input_length(8, filter_size, border_mode, s) for s in (1, 2, 3)]
    assert lengths == expected


def test_unknown_lengths_stay_unknown():
    assert np_utils.conv_output_length(None, 3, "valid", 1) is None
    assert np_utils.conv_input_length(None, 3, "valid", 1) is None


@pytest.mark.parametrize("function", ["conv_output_length", "conv_input_length"])
def test_unknown_border_modes_are_refused(function):
    with pytest.raises(ValueError, match="'valid', 'same', 'full'.*got 'vaild'"):
        getattr(np_utils, function)(5, 3, "vaild", 1)
