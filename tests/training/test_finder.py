"""The search for a learning rate."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from keras.layers import Dense, Input
from keras.models import Model
from keras.training import find_learning_rate

optax = pytest.importorskip("optax")

X = np.random.RandomState(0).randn(64, 3).astype("float32")
Y = X @ np.array([[1.0], [2.0], [3.0]], "float32")


def line(optimizer):
    x = Input(shape=(3,))
    model = Model(input=x, output=Dense(1)(x))
    model.compile(optimizer=optimizer, loss="mse")
    return model


def test_suggested_rate_is_below_divergence_and_the_model_is_unchanged():
    # Gradient descent on this parabola diverges above 1 / (largest eigenvalue of X'X / 64), about 0.7.
    model = line("sgd")
    before = [*model.get_weights(), model.optimizer.get_config()["lr"]]
    found = find_learning_rate(model, X, Y, lowest=1e-4, highest=10.0, batch_size=64)
    assert 1e-3 < found.suggestion < 0.7
    assert len(found.rates) == len(found.losses) < 100
    assert_array_equal(model.get_weights()[0], before[0])
    assert model.optimizer.get_config()["lr"] == before[2]


def test_a_rate_that_cannot_be_set_is_refused():
    with pytest.raises(ValueError, match="Optax has no learning rate that can be set"):
        find_learning_rate(line(optax.sgd(0.1)), X, Y)
