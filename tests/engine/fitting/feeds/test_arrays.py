"""Arrays as a feed: batches, orders, splits."""

import numpy as np
import pytest

from keras.engine.fitting.feeds.arrays import ArrayFeed
from keras.engine.fitting.feeds.base import Position

ARRAYS = [np.arange(10), np.arange(10) * 2]


def test_batches_cover_the_samples_and_the_last_may_be_short():
    batches = list(ArrayFeed(ARRAYS, 4).batches())
    assert [(batch.number, batch.size) for batch in batches] == [(0, 4), (1, 4), (2, 2)]
    np.testing.assert_array_equal(np.concatenate([batch.load()[1] for batch in batches]), ARRAYS[1])


def test_an_epoch_that_is_resumed_has_the_order_it_began_with():
    feed, position = ArrayFeed(ARRAYS, 4, shuffle=True), Position()
    order = feed.order(position)
    np.random.rand(7)  # callbacks draw, too
    position.batch = 1
    np.testing.assert_array_equal(feed.order(position), order)
    (number, *_), *_ = feed.batches(position)
    assert number == 1


def test_batch_shuffle_keeps_batches_together():
    order = ArrayFeed(ARRAYS, 4, shuffle="batch").order(Position())
    assert sorted(tuple(order[i : i + 4]) for i in (0, 4)) == [(0, 1, 2, 3), (4, 5, 6, 7)]
    assert tuple(order[8:]) == (8, 9)


def test_split_takes_the_last_samples_for_validation():
    training, validation = ArrayFeed(ARRAYS, 4, shuffle=True).split(0.3)
    assert (training.samples, validation.samples) == (7, 3)
    assert training.shuffle and not validation.shuffle
    np.testing.assert_array_equal(validation.arrays[0], [7, 8, 9])


@pytest.mark.parametrize("fraction", [0.0, 0.99, 1, -0.5, True, "half"])
def test_a_split_with_an_empty_part_is_refused(fraction):
    with pytest.raises(ValueError, match="validation_split"):
        ArrayFeed(ARRAYS, 4).split(fraction)
