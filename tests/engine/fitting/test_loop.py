"""The training loop: the order of callbacks and steps, for every feed."""

import itertools

import numpy as np
import pytest

from keras import backend as K
from keras.callbacks import Callback
from keras.layers import Dense
from keras.models import Sequential
from keras.optimizers import SGD

X, Y = np.ones((4, 2), "float32"), np.zeros((4, 1), "float32")


def fit(model, callback):
    return model.fit(X, Y, batch_size=2, nb_epoch=1, verbose=0, callbacks=[callback])


def fit_generator(model, callback):
    batches = itertools.cycle([(X[:2], Y[:2])])
    return model.fit_generator(batches, 4, 1, verbose=0, callbacks=[callback])


@pytest.mark.parametrize("train", [fit, fit_generator])
def test_lr_set_in_on_batch_begin_applies_to_that_batch(train):
    """As in 1.2.2, where `on_batch_begin` comes before the step."""

    class Schedule(Callback):
        def on_batch_begin(self, batch, logs=None):
            K.set_value(self.model.optimizer.lr, 0.0 if batch == 0 else 0.1)
            self.weights = [*getattr(self, "weights", []), self.model.get_weights()[0]]

    model = Sequential([Dense(1, input_dim=2, bias=False, weights=[np.ones((2, 1))])])
    model.compile(SGD(lr=0.5), "mse")
    schedule = Schedule()
    train(model, schedule)
    np.testing.assert_array_equal(schedule.weights[1], schedule.weights[0])  # batch 0 had the rate 0
    assert (model.get_weights()[0] != schedule.weights[1]).all()


@pytest.mark.parametrize("train", [fit, fit_generator])
def test_a_stop_between_batches_ends_the_epoch(train):
    class Stop(Callback):
        def on_batch_end(self, batch, logs=None):
            self.model.stop_training = True

    model = Sequential([Dense(1, input_dim=2)])
    model.compile("sgd", "mse")
    train(model, Stop())
    assert model.train_function.step == 1
