"""`keras.layers.time_distributed_dense`, a function. Numbers: Keras 1.2.2 on TensorFlow 1.2."""

import numpy as np
import pytest

from keras import backend as K
from keras.layers import time_distributed_dense

X = np.arange(24, dtype="float32").reshape(2, 3, 4) / 24
W = np.arange(20, dtype="float32").reshape(4, 5) / 10
B = np.arange(5, dtype="float32") / 5


@pytest.mark.parametrize("shape", [(2, 3, 4), (None, 3, 4), (None, None, 4)])
@pytest.mark.parametrize(
    "bias, first",
    [
        (None, [0.2916667, 0.31666666, 0.3416667, 0.36666667, 0.39166665]),
        (B, [0.2916667, 0.51666665, 0.7416667, 0.9666667, 1.1916666]),
    ],
)
def test_values_are_those_of_1_2_2(shape, bias, first):
    x = K.placeholder(shape)
    b = None if bias is None else K.variable(bias)
    y = time_distributed_dense(x, K.variable(W), b, input_dim=4, output_dim=5, timesteps=3)
    assert K.int_shape(y) == (*shape[:2], 5)
    (result,) = K.function([x], [y])([X])
    np.testing.assert_allclose(result[0, 0], first, rtol=1e-6)


def test_dropout_is_shared_by_all_steps_and_off_at_test_time():
    x = K.placeholder((None, 3, 4))
    y = time_distributed_dense(x, K.variable(W), K.variable(B), dropout=0.5, output_dim=5, timesteps=3)
    function = K.function([x, K.learning_phase()], [y])
    ones = np.ones((50, 3, 4))
    np.testing.assert_allclose(function([ones, 0])[0][0, 0], [3.0, 3.6, 4.2, 4.8, 5.4], rtol=1e-6)
    (trained,) = function([ones, 1])
    np.testing.assert_allclose(trained[:, 0], trained[:, 2], rtol=1e-6)
    # Each feature is dropped or doubled: x W has at most these values, and takes several of them.
    possible = np.array(np.meshgrid(*[[0, 2]] * 4)).reshape(4, -1).T @ W[:, 0]
    assert np.all(np.isclose(trained[:, 0, :1], possible).any(axis=1))
    assert len(np.unique(trained[:, 0, 0].round(4))) > 4
