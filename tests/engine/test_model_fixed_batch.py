"""Models with a fixed number of samples in a batch."""

import numpy as np

from keras.layers import Dense, Input
from keras.models import Model


def test_predict_with_batches_that_are_not_a_power_of_two():
    x = Input(batch_shape=(3, 2))
    model = Model(x, Dense(4)(x))
    assert model.predict(np.ones((3, 2))).shape == (3, 4)
    assert model.predict(np.ones((6, 2)), batch_size=3).shape == (6, 4)
