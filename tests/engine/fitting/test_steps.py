"""Steps: one by one or many in one program, with the same numbers."""

import numpy as np
import pytest

from keras.engine.fitting.feeds.arrays import ArrayFeed
from keras.engine.fitting.feeds.base import Position
from keras.engine.fitting.steps import Steps
from keras.layers import Dense, Dropout
from keras.models import Sequential

X = np.random.RandomState(0).uniform(-1, 1, (10, 3)).astype("float32")
Y = X[:, :1] * X[:, 1:2]


def epochs(one_by_one, count=2, position=None):
    np.random.seed(3)
    model = Sequential([Dense(4, input_dim=3), Dropout(0.5), Dense(1)])
    model.compile("adam", "mse", metrics=["mae"])
    feed = ArrayFeed([X, Y, np.ones(10, "float32")], batch_size=4, shuffle=True)
    steps = Steps(model, feed, "train", one_by_one=one_by_one)
    position = position or Position()
    found = []
    for _ in range(count):
        found += [(step.number, step.size, step.values()) for step in steps.run(position)]
        position.end_epoch()
    return found, model.get_weights()


def test_a_program_of_many_steps_has_the_numbers_of_single_steps():
    (single, weights), (many, others) = epochs(True), epochs(False)
    assert [step[:2] for step in single] == [step[:2] for step in many]
    assert [step[:2] for step in many] == [(0, 4), (1, 4), (2, 2)] * 2
    for ours, theirs in zip(single, many, strict=True):
        np.testing.assert_allclose(ours[2], theirs[2], rtol=1e-5)
    for ours, theirs in zip(weights, others, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("one_by_one", [True, False])
def test_an_epoch_continues_from_a_position(one_by_one):
    state = np.random.RandomState(5).get_state()
    position = Position(batch=1, order_generator=state)
    assert [step[0] for step in epochs(one_by_one, 1, position)[0]] == [1, 2]
