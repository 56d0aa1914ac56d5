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


@pytest.mark.parametrize("one_by_one", [True, False])
def test_a_model_compiled_by_a_callback_is_trained_to_the_end_as_before(one_by_one):
    """As in 1.2.2: the program of `fit` is made once; the new optimizer and loss come with the next call."""

    class Compile(Callback):
        def on_epoch_end(self, epoch, logs=None):
            self.model.compile(SGD(lr=0.0), "mae")

    class CompileAndWatchBatches(Compile):
        def on_batch_end(self, batch, logs=None):
            pass

    def trained(callbacks):
        model = Sequential([Dense(1, input_dim=2, weights=[np.ones((2, 1)), np.zeros(1)])])
        model.compile(SGD(lr=0.1), "mse", metrics=["mae"])
        history = model.fit(
            X, Y, batch_size=2, nb_epoch=3, verbose=0, callbacks=callbacks, validation_data=(X, Y)
        )
        return history.history, model.get_weights()

    history, weights = trained([CompileAndWatchBatches() if one_by_one else Compile()])
    expected, expected_weights = trained([Callback()])
    assert set(history) == {"loss", "mean_absolute_error", "val_loss", "val_mean_absolute_error"}
    for name, values in expected.items():
        np.testing.assert_allclose(history[name], values, rtol=1e-5, atol=1e-12)
    for ours, theirs in zip(weights, expected_weights, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-5)


def test_predict_generator_returns_the_rows_of_batches_that_are_lists():
    """A list counts by its first item, as in 1.2.2; no row of the output is lost by that."""
    model = Sequential([Dense(1, input_dim=2)])
    rows = [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]
    assert model.predict_generator(iter([rows]), 2).shape == (3, 1)


def test_a_generator_needs_the_number_of_samples():
    model = Sequential([Dense(1, input_dim=2)])
    with pytest.raises(TypeError, match="need the number of samples"):
        model.predict_generator(iter([X]), None)


@pytest.mark.parametrize("train", [fit, fit_generator])
def test_overridden_standardize_user_data_is_used(train):
    class Doubling(Sequential):
        def _standardize_user_data(self, *args, **kwargs):
            xs, ys, weights = super()._standardize_user_data(*args, **kwargs)
            return [2 * x for x in xs], ys, weights

    model = Doubling([Dense(1, input_dim=2, bias=False, weights=[np.ones((2, 1))])])
    model.compile(SGD(lr=0.0), "mse")
    assert train(model, Callback()).history["loss"] == [16.0]  # (2 + 2)^2, not (1 + 1)^2
