"""Padding and word pairs; "1.2.2" marks a result of Keras 1.2.2 (Python 3.6, NumPy 1.16)."""

import random

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from keras.preprocessing.sequence import make_sampling_table, pad_sequences, skipgrams


@pytest.mark.parametrize(
    "sequences, options, expected",
    [
        ([[1], [1, 2], [1, 2, 3]], {}, [[0, 0, 1], [0, 1, 2], [1, 2, 3]]),
        ([[1], [1, 2, 3]], {"maxlen": 2}, [[0, 1], [2, 3]]),
        ([[1], [1, 2, 3]], {"maxlen": 2, "padding": "post"}, [[1, 0], [2, 3]]),
        ([[1], [1, 2, 3]], {"maxlen": 2, "truncating": "post", "value": 9}, [[9, 1], [1, 2]]),
        ([[1], []], {"maxlen": 2, "dtype": "float32", "value": -1.5}, [[-1.5, 1], [-1.5, -1.5]]),
        ([[1.7, -1.7]], {}, [[1, -1]]),
        ([[[1, 2]], [[3, 4], [5, 6]]], {}, [[[0, 0], [1, 2]], [[3, 4], [5, 6]]]),
        ([[], []], {}, np.zeros((2, 0))),
        ([], {"maxlen": 5}, np.zeros((0, 5))),
    ],
)
def test_pad_sequences_is_that_of_1_2_2(sequences, options, expected):  # 1.2.2
    padded = pad_sequences(sequences, **options)
    assert_array_equal(padded, expected)
    assert padded.dtype == options.get("dtype", "int32")


def test_pad_sequences_accepts_arrays_and_generators():
    assert_array_equal(pad_sequences(np.array([[1, 2], [3, 4]]), maxlen=1), [[2], [4]])
    assert_array_equal(pad_sequences(([n] * n for n in range(1, 3)), maxlen=2), [[0, 1], [2, 2]])


def test_pad_sequences_to_length_zero():  # 1.2.2 fails
    assert pad_sequences([[1, 2]], maxlen=0).shape == (1, 0)


@pytest.mark.parametrize(
    "sequences, options, error, message",
    [
        ([[1]], {"padding": "left"}, ValueError, "padding='left'"),
        ([[1]], {"truncating": "left"}, ValueError, "truncating='left'"),
        ([[1]], {"maxlen": -1}, ValueError, "maxlen=-1"),
        ([], {}, ValueError, "pass maxlen"),
        ([1, 2], {}, TypeError, "sequence 0 is 1"),
        ([[[1, 2]], [[3]]], {}, ValueError, "steps of sequence 1"),
    ],
)
def test_pad_sequences_refuses(sequences, options, error, message):
    with pytest.raises(error, match=message):
        pad_sequences(sequences, **options)


def test_make_sampling_table_is_that_of_1_2_2():  # 1.2.2
    expected = [0.0031522478751942504, 0.0031522478751942504, 0.0054759726939176976, 0.007415564097374219]
    assert_allclose(make_sampling_table(4), expected, rtol=1e-14)
    assert_allclose(make_sampling_table(4, sampling_factor=1.0)[1:], [0.9968283035040019, 1, 1], rtol=1e-14)


@pytest.mark.parametrize(
    "arguments, options, couples, labels",
    [
        (
            ([1, 2, 3, 0, 4], 5),
            {"window_size": 1},
            [[2, 1], [2, 1], [2, 3], [1, 4], [2, 1], [3, 3], [1, 2], [3, 2]],
            [0, 1, 1, 0, 0, 0, 1, 1],
        ),
        (
            ([1, 2, 3, 0, 4], 5),
            {"window_size": 2, "negative_samples": 0.0, "shuffle": False},
            [[1, 2], [1, 3], [2, 1], [2, 3], [3, 1], [3, 2], [3, 4], [4, 3]],
            [1] * 8,
        ),
        (
            ([1, 2, 3], 5),
            {"window_size": 1, "categorical": True, "negative_samples": 0.6},
            [[1, 2], [2, 3], [3, 2], [1, 4], [2, 1], [3, 3]],
            [[0, 1], [0, 1], [0, 1], [1, 0], [0, 1], [1, 0]],
        ),
        (
            ([1, 2, 3, 4], 5),
            {"window_size": 1, "sampling_table": np.array([0.1, 0.2, 0.9, 0.5, 0.6])},
            [[2, 3], [3, 2], [2, 1], [2, 4], [3, 3], [2, 2], [3, 2], [3, 4]],
            [1, 0, 1, 0, 0, 0, 1, 1],
        ),
        (([], 5), {}, [], []),
    ],
)
def test_skipgrams_under_a_seed(arguments, options, couples, labels):  # 1.2.2
    random.seed(3)
    assert skipgrams(*arguments, **options) == (couples, labels)


def test_skipgrams_generator_state_afterwards():  # 1.2.2
    random.seed(3)
    skipgrams([1, 2, 3, 0, 4], 5, window_size=1)
    assert random.random() == 0.4698746916010641


def test_skipgrams_refuses_a_vocabulary_without_words():
    with pytest.raises(ValueError, match="vocabulary_size=1"):
        skipgrams([1, 2], 1)
