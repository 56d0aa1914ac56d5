"""Training, evaluating and predicting from generators; what goes wrong in a worker is said at once."""

import os
import time

import numpy as np
import pytest

from keras.engine.training import GeneratorEnqueuer
from keras.layers import Dense
from keras.models import Sequential

X = np.random.RandomState(0).rand(12, 3).astype("float32")
Y = np.random.RandomState(1).rand(12, 2).astype("float32")


def model():
    np.random.seed(4)
    net = Sequential([Dense(2, input_dim=3)])
    net.compile("sgd", "mse", metrics=["mae"])
    return net


def batches(size=4):
    while True:
        for start in range(0, len(X), size):
            yield X[start : start + size], Y[start : start + size]


class Batches:
    """A generator that can be pickled, and sent to a process."""

    def __init__(self, fault=None):
        self.fault = fault
        self.inner = 0

    def __next__(self):
        self.inner += 1
        if self.fault == "raise" and self.inner == 2:
            raise KeyError("lost key")
        if self.fault == "die" and self.inner == 2:
            time.sleep(0.5)  # let the first item get through
            os._exit(3)
        return X[:4], Y[:4]


def test_fit_generator_is_fit_without_shuffling():
    one, other = model(), model()
    by_fit = one.fit(X, Y, batch_size=4, nb_epoch=3, shuffle=False, verbose=0)
    by_generator = other.fit_generator(batches(), 12, 3, verbose=0, validation_data=(X, Y))
    for key in ("loss", "mean_absolute_error"):
        np.testing.assert_allclose(by_generator.history[key], by_fit.history[key], rtol=1e-5)
    assert by_generator.history["val_loss"][-1] < by_generator.history["val_loss"][0]


def test_evaluate_and_predict_generator():
    net = model()
    np.testing.assert_allclose(
        net.evaluate_generator(batches(), 12), net.evaluate(X, Y, verbose=0), rtol=1e-5
    )
    np.testing.assert_allclose(net.predict_generator(batches(), 12), net.predict(X), rtol=1e-5)


def test_validation_generator_needs_a_number():
    with pytest.raises(ValueError, match="nb_val_samples"):
        model().fit_generator(batches(), 12, 1, verbose=0, validation_data=batches())
    history = model().fit_generator(batches(), 12, 1, verbose=0, validation_data=batches(), nb_val_samples=8)
    assert "val_loss" in history.history


@pytest.mark.parametrize("pickle_safe", [False, True], ids=["thread", "process"])
def test_an_exception_in_the_generator_reaches_the_caller(pickle_safe):
    with pytest.raises(KeyError, match="lost key") as caught:
        model().fit_generator(Batches("raise"), 12, 1, verbose=0, pickle_safe=pickle_safe)
    assert "Raised by the generator, in a worker" in caught.value.__notes__[0]


def test_a_dead_worker_is_an_error_and_no_hang():
    with pytest.raises(RuntimeError, match="died with exit code 3"):
        model().fit_generator(Batches("die"), 400, 1, verbose=0, pickle_safe=True)


def test_generator_that_ends_says_how_far_it_came():
    with pytest.raises(ValueError, match="ended after 1 batches with 4 samples; wanted 12"):
        model().fit_generator(iter([(X[:4], Y[:4])]), 12, 1, verbose=0)


@pytest.mark.parametrize(
    "batch, words",
    [
        ((X,), "batch 0 is a tuple of 1"),
        (None, "batch 0 is NoneType"),
        ((X, Y, X, Y), "batch 0 is a tuple of 4"),
        ((X[:, :2], Y), "Generator, batch 0: .*dense_"),
    ],
    ids=["G1-one", "G1-none", "G1-four", "G4"],
)
def test_wrong_batches_are_named(batch, words):
    with pytest.raises(ValueError, match=words):
        model().fit_generator(iter([batch]), 12, 1, verbose=0)


def test_threads_stop():
    enqueuer = GeneratorEnqueuer(batches())
    enqueuer.start(nb_worker=2, max_q_size=2)
    enqueuer.get()
    enqueuer.stop()
    assert not enqueuer.is_running()
    assert not any(worker.is_alive() for worker in enqueuer._workers)


def test_what_cannot_be_pickled_runs_in_threads_with_a_warning():
    with pytest.warns(UserWarning, match="cannot be pickled"):
        GeneratorEnqueuer(batches(), pickle_safe=True)
