"""Many trainings in one program: each is that of `fit` with its seed or setting."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from keras.layers import LSTM, Dense, Input
from keras.models import Model, Sequential

X = np.random.RandomState(0).randn(10, 3).astype("float32")
Y = np.random.RandomState(1).randn(10, 1).astype("float32")


def compiled(optimizer="adam"):
    x = Input(shape=(3,))
    model = Model(input=x, output=Dense(1)(Dense(4, activation="tanh")(x)))
    model.compile(optimizer=optimizer, loss="mse", metrics=["mae"])
    return model


def test_each_member_is_a_fit_with_its_seed():
    model = compiled()
    before = model.get_weights()
    members = model.fit_many(X, Y, seeds=[0, 3], nb_epoch=2, batch_size=4, validation_data=(X, Y))
    assert_array_equal(model.get_weights()[0], before[0])
    np.random.seed(3)
    alone = compiled()
    history = alone.fit(X, Y, nb_epoch=2, batch_size=4, validation_data=(X, Y), verbose=0)
    assert members[1].seed == 3
    assert members[1].epoch == [0, 1]
    assert set(members[1].history) == set(history.history)
    for name, values in history.history.items():
        assert_allclose(members[1].history[name], values, rtol=1e-5)
    for own, other in zip(members[1].model.get_weights(), alone.get_weights(), strict=True):
        assert_allclose(own, other, rtol=1e-4, atol=1e-6)
    assert not np.array_equal(members[0].model.get_weights()[0], alone.get_weights()[0])


def test_settings_differ_between_members_of_one_seed():
    slow, fast = compiled("sgd").fit_many(X, Y, settings={"lr": [0.0, 0.1]}, nb_epoch=2, shuffle=False)
    assert slow.settings == {"lr": 0.0}
    assert slow.history["loss"][0] == slow.history["loss"][1] == fast.history["loss"][0]
    assert fast.history["loss"][1] < fast.history["loss"][0]


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"settings": {"nesterov": [0, 1]}}, "no number 'nesterov' .*; it has lr, momentum, decay"),
        ({"settings": {"lr": [1, 2], "momentum": [1]}}, "{'lr': 2, 'momentum': 1}"),
        ({"settings": {"lr": [1, 2]}, "seeds": 3}, "got 3 seeds and 2 values of each setting"),
        ({"seeds": 0}, "must be a number of 1 or more"),
    ],
)
def test_wrong_seeds_and_settings_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        compiled("sgd").fit_many(X, Y, **arguments)


def test_stateful_models_are_refused():
    model = Sequential([LSTM(1, stateful=True, batch_input_shape=(2, 3, 1))])
    model.compile("sgd", "mse")
    with pytest.raises(ValueError, match="is stateful"):
        model.fit_many(np.ones((2, 3, 1)), np.ones((2, 1)))
