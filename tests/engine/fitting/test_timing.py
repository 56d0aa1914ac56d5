"""The report of where the time of a fit went."""

import threading
import time

import jax
import numpy as np
import pytest

from keras.callbacks import Callback
from keras.engine.fitting import feeds, timing
from keras.engine.fitting.feeds.base import Batch, Feed
from keras.layers import Dense, Input
from keras.models import Model

PARTS = {"compile": 0.0, "data": 0.0, "callbacks": 0.0, "steps": 0.0, "total": 9.0}


@pytest.mark.parametrize("part", ["compile", "data", "callbacks"])
def test_a_part_above_a_third_is_reported(part):
    assert f"of which {part} 44%" in timing.remark({**PARTS, part: 4.0})
    assert timing.remark({**PARTS, part: 2.9}) is None


def test_short_trainings_and_steps_are_not_reported():
    assert timing.remark({**PARTS, "compile": 0.9, "total": 1.0}) is None
    assert timing.remark({**PARTS, "steps": 8.0}) is None


def test_a_part_of_a_compilation_counts_once():
    assert timing.covered([(2, 3), (1, 4), (3.5, 5)]) == 4


class SlowFeed(Feed):
    """Three batches; each takes three seconds to load, of a clock that the test sets."""

    samples = 6

    def __init__(self, clock):
        self.clock = clock

    @classmethod
    def accepts(cls, data):
        return isinstance(data.x, list) and data.x[0] == "slow"

    @classmethod
    def of(cls, model, data, purpose):
        return cls(data.x[1])

    def batches(self, position=None):
        for number in range(3):
            yield Batch(number, 2, 2, self.load)

    def load(self):
        self.clock[0] += 3.0
        return [np.ones((2, 3)), np.ones((2, 1)), np.ones(2)]


@pytest.fixture
def slow_feed():
    feeds.register(SlowFeed)
    yield
    feeds.unregister(SlowFeed)


def test_waiting_for_data_is_measured(capsys, monkeypatch, slow_feed):
    now = [0.0]
    monkeypatch.setattr(time, "perf_counter", lambda: now[0])
    x = Input(shape=(3,))
    model = Model(input=x, output=Dense(1)(x))
    model.compile(optimizer="sgd", loss="mse")
    model.fit(["slow", now], None, nb_epoch=1, verbose=2)
    seconds = model.history.seconds
    assert seconds["data"] == seconds["total"] == 9.0  # three batches
    assert seconds["steps"] == seconds["callbacks"] == 0.0
    assert "Time: 9.0 s, of which data 100%" in capsys.readouterr().out


def test_compilations_of_other_threads_are_not_counted():
    """Two models may be trained at the same time."""

    class Elsewhere(Callback):
        def on_epoch_begin(self, epoch, logs=None):
            time.sleep(0.3)  # no time of a compilation of this thread
            event = "/jax/core/compile/backend_compile_duration"
            report = jax.monitoring.record_event_duration_secs
            other = threading.Thread(target=report, args=(event, 5_000.0))
            other.start()
            other.join()

    x = Input(shape=(3,))
    model = Model(input=x, output=Dense(1)(x))
    model.compile(optimizer="sgd", loss="mse")
    model.fit(np.ones((2, 3)), np.ones((2, 1)), nb_epoch=1, verbose=0, callbacks=[Elsewhere()])
    seconds = model.history.seconds
    assert 0 < seconds["compile"] <= seconds["total"] - 0.3
