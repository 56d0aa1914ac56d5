"""The warning of slow batch hooks, with a clock that the test sets."""

import time
import warnings

import pytest

from keras.callbacks import CallbackList, LambdaCallback


@pytest.fixture
def clock(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(time, "perf_counter", lambda: now[0])
    return now


def run_batch(listed, clock, seconds):
    listed.on_batch_begin(0)
    clock[0] += seconds
    listed.on_batch_end(0)


def hooks_that_take(clock, seconds):
    """A list of one callback whose `on_batch_end` takes the given times, one after the other."""
    left = iter(seconds)

    def wait(batch, logs):
        clock[0] += next(left)

    return CallbackList([LambdaCallback(on_batch_end=wait)], queue_length=3)


def test_the_warning_names_the_line_that_called_the_list(clock):
    listed = hooks_that_take(clock, [0.5])
    listed.on_epoch_begin(0)
    with pytest.warns(UserWarning, match=r"on_batch_end\(\) is slow") as caught:
        run_batch(listed, clock, 0.2)
    assert [warning.filename for warning in caught] == [__file__]


def test_one_slow_call_among_fast_ones_is_not_warned_of(clock):
    listed = hooks_that_take(clock, [0.0, 0.0, 0.5])
    listed.on_epoch_begin(0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for _ in range(3):
            run_batch(listed, clock, 0.2)


def test_only_the_last_batches_count(clock):
    listed = hooks_that_take(clock, [0.0, 0.0, 0.0, 0.5, 0.5])
    listed.on_epoch_begin(0)
    with pytest.warns(UserWarning, match="is slow") as caught:
        for _ in range(5):
            run_batch(listed, clock, 0.2)
    assert len(caught) == 1  # at the second slow call of the last three


def test_an_epoch_starts_without_the_times_of_the_one_before(clock):
    listed = hooks_that_take(clock, [0.0, 0.0, 0.5])
    for _ in range(2):
        listed.on_epoch_begin(0)
        run_batch(listed, clock, 0.2)
    listed.on_epoch_begin(0)
    with pytest.warns(UserWarning, match="is slow"):
        run_batch(listed, clock, 0.2)
