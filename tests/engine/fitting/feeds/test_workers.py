"""Training, evaluating and predicting from generators; errors of a worker are reported at once."""

import itertools
import os
import pickle
import threading
import time

import numpy as np
import pytest

from keras import backend as K
from keras.engine.fitting.feeds.worker_process import as_bytes, own_items
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
    """A generator that can be pickled and sent to a process."""

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


def test_fit_generator_equals_fit_without_shuffling():
    one, other = model(), model()
    by_fit = one.fit(X, Y, batch_size=4, nb_epoch=3, shuffle=False, verbose=0)
    by_generator = other.fit_generator(batches(), 12, 3, verbose=0, validation_data=(X, Y))
    for key in ("loss", "mean_absolute_error"):
        np.testing.assert_allclose(by_generator.history[key], by_fit.history[key], rtol=1e-5)
    assert by_generator.history["val_loss"][-1] < by_generator.history["val_loss"][0]


def test_evaluate_and_predict_generator_equal_those_of_arrays():
    net = model()
    np.testing.assert_allclose(
        net.evaluate_generator(batches(), 12), net.evaluate(X, Y, verbose=0), rtol=1e-5
    )
    np.testing.assert_allclose(net.predict_generator(batches(), 12), net.predict(X), rtol=1e-5)


def test_validation_generator_needs_nb_val_samples():
    with pytest.raises(ValueError, match="nb_val_samples"):
        model().fit_generator(batches(), 12, 1, verbose=0, validation_data=batches())
    history = model().fit_generator(batches(), 12, 1, verbose=0, validation_data=batches(), nb_val_samples=8)
    assert "val_loss" in history.history


@pytest.mark.parametrize("pickle_safe", [False, True], ids=["G3-thread", "G3-process"])
def test_exception_in_the_generator_reaches_the_caller(pickle_safe):
    with pytest.raises(KeyError, match="lost key") as caught:
        model().fit_generator(Batches("raise"), 12, 1, verbose=0, pickle_safe=pickle_safe)
    assert "Raised by the generator, in a worker" in caught.value.__notes__[0]


def test_a_dead_worker_is_an_error():
    with pytest.raises(RuntimeError, match="died with exit code 3"):
        model().fit_generator(Batches("die"), 400, 1, verbose=0, pickle_safe=True)


@pytest.mark.parametrize("count", [pytest.param(0, id="G2-empty"), pytest.param(1, id="G2-short")])
def test_a_generator_that_ends_is_an_error_with_its_position(count):
    words = f"ended after {count} batches with {4 * count} samples; wanted 12.*while True"
    with pytest.raises(ValueError, match=words):
        model().fit_generator(iter([(X[:4], Y[:4])] * count), 12, 1, verbose=0)


@pytest.mark.parametrize(
    "batch, words",
    [
        ((X,), "batch 0 is a tuple of 1"),
        (None, "batch 0 is NoneType"),
        ((X, Y, X, Y), "batch 0 is a tuple of 4"),
        ((X[:, :2], Y), r"Generator, batch 0: .*dense_.* shape \(None, 3\), but got .* shape \(12, 2\)"),
    ],
    ids=["G1-one", "G1-none", "G1-four", "G4"],
)
def test_wrong_batches_are_named(batch, words):
    with pytest.raises(ValueError, match=words):
        model().fit_generator(iter([batch]), 12, 1, verbose=0)


@pytest.mark.parametrize("method", ["evaluate_generator", "predict_generator"])
@pytest.mark.parametrize(
    "batch, words", [((X,), "batch 0 is a tuple of 1"), (None, "batch 0"), ((X[:, :2], Y), "batch 0: ")]
)
def test_wrong_batches_are_named_by_every_method(method, batch, words):
    with pytest.raises(ValueError, match=words):
        getattr(model(), method)(iter([batch]), 12)


def test_worker_threads_stop_after_training():
    enqueuer = GeneratorEnqueuer(batches())
    enqueuer.start(nb_worker=2, max_q_size=2)
    enqueuer.get()
    enqueuer.stop()
    assert not enqueuer.is_running()
    assert not any(worker.is_alive() for worker in enqueuer._threads)


def test_generators_that_cannot_be_pickled_run_in_threads_with_a_warning():
    with pytest.warns(UserWarning, match="cannot be pickled"):
        GeneratorEnqueuer(batches(), pickle_safe=True)


def test_hanging_generator_raises():
    """The setting limits the wait for a batch; the test measures no time."""
    free = threading.Event()

    def hanging():
        yield X[:4], Y[:4]
        free.wait()

    with pytest.raises(TimeoutError, match="its item 1 did not come within 0.2 seconds.*batch_timeout"):
        model().fit_generator(hanging(), 12, 1, verbose=0, batch_timeout=0.2)
    free.set()


def first_items(generator, count, workers, **options):
    enqueuer = GeneratorEnqueuer(generator, **options)
    enqueuer.start(nb_worker=workers, max_q_size=3)
    items = [enqueuer.get() for _ in range(count)]
    enqueuer.stop()
    return enqueuer, items


@pytest.mark.parametrize("workers", [1, 2, 4])
def test_several_threads_keep_the_order(workers):
    assert first_items(itertools.count(), 200, workers)[1] == list(range(200))


def test_pause_keeps_the_items_that_are_left():
    enqueuer = GeneratorEnqueuer(itertools.count())
    got = []
    for _ in range(3):
        enqueuer.start(nb_worker=2, max_q_size=4)
        got += [enqueuer.get() for _ in range(5)]
        enqueuer.pause()
    assert got == list(range(15))


def test_a_validation_generator_continues_from_epoch_to_epoch():
    def validation():
        for number in itertools.count():
            yield np.full((4, 3), number, "float32"), Y[:4]

    net = Sequential([Dense(2, input_dim=3, trainable=False, weights=[np.ones((3, 2)) / 3, np.zeros(2)])])
    net.compile("sgd", "mse", metrics=[lambda y_true, y_pred: K.mean(y_pred)])
    net.fit_generator(batches(), 4, 3, verbose=0, validation_data=validation(), nb_val_samples=8)
    (means,) = [values for name, values in net.history.history.items() if name.startswith("val_<lambda>")]
    np.testing.assert_allclose(means, [0.5, 2.5, 4.5])  # batches 0 and 1, 2 and 3, 4 and 5


class Counter:
    """A generator with get_state, set_state and skip."""

    def __init__(self):
        self.number = 0

    def __next__(self):
        self.number += 1
        return self.number - 1, float(np.random.rand())

    def skip(self):
        self.number += 1

    def get_state(self):
        return {"number": self.number}

    def set_state(self, state):
        self.number = state["number"]


def test_go_to_a_position():
    _, wanted = first_items(Counter(), 9, 1)
    np.random.seed(0)
    enqueuer, first = first_items(Counter(), 5, 2, keep_positions=True)
    numpy_state, place = enqueuer.position()
    assert first == wanted[:5] and place == {"number": 5, "state": {"number": 5}}
    np.random.set_state(numpy_state)
    again = GeneratorEnqueuer(Counter())
    again.go_to(place)
    again.start(nb_worker=1, max_q_size=3)
    assert [again.get() for _ in range(4)] == wanted[5:]
    again.stop()


def test_items_do_not_depend_on_the_number_of_processes():
    """The work of the processes, done here: each makes its own items of one sequence."""
    whole = list(itertools.islice(own_items(Counter(), 7, 0, 1, 0), 8))
    for workers in (2, 3):
        parts = [own_items(Counter(), 7, worker, workers, 0) for worker in range(workers)]
        assert [next(parts[number % workers]) for number in range(8)] == whole
    assert list(itertools.islice(own_items(Counter(), 7, 0, 1, 5), 3)) == whole[5:]


def test_errors_that_cannot_be_pickled_are_reported():
    class Local(Exception):
        pass

    kind, (error, _) = pickle.loads(as_bytes("error", (Local("lost"), "text")))
    assert kind == "error" and str(error) == "Local: lost"
    kind, (error, _) = pickle.loads(as_bytes("item", lambda: 0))
    assert kind == "error" and "cannot be sent between processes" in str(error)
