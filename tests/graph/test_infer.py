"""Inference of shapes with unknown sizes."""

import numpy as np
import pytest

from keras import backend as K
from keras.layers import Dense, Input, TimeDistributed
from keras.models import Model


@pytest.mark.parametrize("steps", [1, 7, 11, 16, 100, 101, 840, 1681])
def test_joined_samples_and_steps_can_be_separated(steps):
    x = K.placeholder((None, steps, 3))
    joined = K.relu(K.reshape(x, (-1, 3)))
    assert joined.shape == (None, 3)
    assert K.reshape(joined, (-1, steps, 3)).shape == (None, steps, 3)


def test_sizes_joined_twice_can_be_separated():
    x = K.placeholder((None, 11, 13, 2))
    joined = K.reshape(K.reshape(x, (-1, 13, 2)), (-1, 2))
    assert K.reshape(joined, (-1, 11, 13, 2)).shape == (None, 11, 13, 2)


def test_unknown_sizes_are_assumed_equal_even_if_one_is_a_multiple():
    joined, other = K.reshape(K.placeholder((None, 11, 2)), (-1, 2)), K.placeholder((None, 2))
    assert (joined + other).shape == (None, 2)


def test_time_distributed_over_eleven_steps_predicts():
    x = Input(shape=(11, 3))
    dense = Dense(2)
    model = Model(x, TimeDistributed(dense)(x))
    data = np.random.random((5, 11, 3)).astype("float32")
    W, b = dense.get_weights()
    np.testing.assert_allclose(model.predict(data), data @ W + b, rtol=1e-5)


def test_an_unknown_number_of_samples_broadcasts_to_a_known_one():
    x = K.placeholder((None, 3))
    for known in (K.ones((5, 3)), np.ones((5, 3), "float32"), K.random_normal((5, 3))):
        assert (x + known).shape == (5, 3)
    total = K.function([x], [K.sum(x * np.full((2, 3), 2.0, "float32"))])
    assert total([np.ones((2, 3))])[0] == 12.0


def test_mismatched_sizes_are_rejected():
    for unknown, known in (((None, 3), (5, 4)), ((None, None, 3), (7, 2))):
        with pytest.raises((TypeError, ValueError), match="(?i)incompatible shapes"):
            K.placeholder(unknown) * np.ones(known, "float32")
