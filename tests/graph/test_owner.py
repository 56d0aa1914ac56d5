"""An error at run time names the layer whose op failed."""

import numpy as np
import pytest

from keras import backend as K
from keras._graph.owner import owned_by, owner
from keras.layers import LSTM, Dense, Input, Lambda, Reshape, TimeDistributed
from keras.models import Model, Sequential


def test_the_owner_is_that_of_the_innermost_block():
    assert owner() is None
    with owned_by("a"), owned_by("b"):
        assert owner() == "b"
    assert owner() is None


def test_a_lambda_that_fails_at_run_time_is_named():
    x = Input((3,))
    model = Model(x, Lambda(lambda z: K.reshape(z, (-1, 4)), name="pairs")(x))
    with pytest.raises(TypeError, match=r"Layer 'pairs': reshape failed on an input of shape \(5, 3\)"):
        model.predict(np.ones((5, 3)))


def test_a_reshape_that_fails_at_run_time_is_named_also_in_training_and_inside_a_model():
    x = Input((None, 3))
    inner = Model(x, Reshape((2, 3), name="two_steps")(x))
    model = Sequential([TimeDistributed(Dense(3), input_shape=(None, 3)), inner, LSTM(2)])
    model.compile("sgd", "mse")
    with pytest.raises((TypeError, ValueError), match="two_steps"):
        model.train_on_batch(np.ones((1, 5, 3)), np.ones((1, 2)))
