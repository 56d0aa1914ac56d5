"""A placement of one's own: one class, registered in one line."""

import contextlib

import numpy as np
import pytest

from keras._graph import Function
from keras.engine.fitting import strategies
from keras.engine.fitting.strategies.base import Strategy
from keras.layers import Dense
from keras.models import Sequential
from keras.optimizers import SGD


class _Halves:
    """Stands for a placement that changes what updates are made of: here, every mean is halved."""

    has_means = True
    function = Function

    def mean_of(self, value):
        return value * 0.5 if getattr(value, "ndim", 0) else value


class Halved(Strategy):
    entered = 0
    runs_epochs = False

    @classmethod
    def is_active(cls):
        return True

    def step_builder(self):
        return _Halves()

    def check_method(self, method):
        if method == "fit_generator":
            raise NotImplementedError("fit_generator is not for Halved")

    @contextlib.contextmanager
    def training(self, model, facts):
        assert facts["samples"] == 4 and facts["nb_epoch"] == 1
        type(self).entered += 1
        yield


@pytest.fixture
def halved():
    strategies.register(Halved)
    yield Halved
    strategies.unregister(Halved)


def trained():
    model = Sequential([Dense(1, input_dim=3, bias=False, weights=[np.ones((3, 1))])])
    model.compile(SGD(lr=0.1), "mse")
    model.fit(np.ones((4, 3)), np.zeros((4, 1)), batch_size=4, nb_epoch=1, verbose=0)
    return model


def test_optimizer_receives_the_gradients_of_the_strategy(halved):
    # loss = (3 w)^2 with w = 1 in each of three weights: the gradient is 6, the step 0.6, halved 0.3
    np.testing.assert_allclose(trained().get_weights()[0], 1 - 0.3, rtol=1e-6)
    assert halved.entered == 1


def test_default_strategy_is_one_device():
    np.testing.assert_allclose(trained().get_weights()[0], 1 - 0.6, rtol=1e-6)


def test_strategy_may_refuse_methods(halved):
    with pytest.raises(NotImplementedError, match="not for Halved"):
        trained().fit_generator(iter([]), 4, 1)
