"""A user-defined kind of data: one class, registered in one line, works in every loop."""

import functools

import numpy as np
import pytest

from keras import backend as K
from keras.callbacks import Callback, TrainingCheckpoint
from keras.engine.fitting import checks, feeds
from keras.engine.fitting.feeds.base import Batch, Feed
from keras.layers import Dense, Dropout
from keras.models import Sequential

X = np.random.RandomState(0).uniform(-1, 1, (24, 3)).astype("float32")
Y = X[:, :1] * X[:, 1:2]


class Shards:
    """Samples in a list of parts of any length, as files on a disk would be."""

    def __init__(self, *parts):
        self.parts = parts


class ShardFeed(Feed):
    """Each shard is a batch."""

    def __init__(self, model, data, purpose):
        self.model, self.shards, self.purpose = model, data.x.parts, purpose
        self.samples = sum(len(x) for x, _ in self.shards)

    @classmethod
    def accepts(cls, data):
        return isinstance(data.x, Shards)

    @classmethod
    def of(cls, model, data, purpose):
        return cls(model, data, purpose)

    def batches(self, position=None):
        for number, (x, y) in enumerate(self.shards):
            if position is None or number >= position.batch:
                yield Batch(number, len(x), len(x), functools.partial(self.load, x, y))

    def load(self, x, y):
        if self.purpose == "predict":
            return checks.prediction_arrays(self.model, x)
        return checks.training_arrays(self.model, x, y)


@pytest.fixture(autouse=True)
def registered():
    feeds.register(ShardFeed)
    yield
    feeds.unregister(ShardFeed)


def net():
    model = Sequential([Dense(4, activation="tanh", input_dim=3), Dropout(0.5), Dense(1)])
    model.compile("adam", "mse")
    return model


SHARDS = Shards(*((X[i : i + 8], Y[i : i + 8]) for i in range(0, 24, 8)))


def test_registered_feed_gives_the_numbers_of_arrays():
    ours, arrays = net(), net()
    ours.set_weights(arrays.get_weights())
    ours.train_function = arrays.train_function = None
    history = ours.fit(SHARDS, None, nb_epoch=3, verbose=0, validation_data=(SHARDS, None))
    assert len(history.history["val_loss"]) == 3
    loss = ours.evaluate(X, Y, batch_size=8, verbose=0)
    assert ours.evaluate(SHARDS, None, verbose=0) == pytest.approx(loss)
    np.testing.assert_allclose(ours.predict(SHARDS), ours.predict(X, batch_size=8), rtol=1e-6)


def test_training_on_a_registered_feed_resumes_within_an_epoch(tmp_path):
    path = str(tmp_path / "state.h5")

    class Lost(Exception):
        pass

    class PowerCut(Callback):
        def on_batch_begin(self, batch, logs=None):
            if self.model.train_function.step == 5:
                raise Lost

    def train(callbacks, **options):
        K.clear_session()
        np.random.seed(1)
        model = net()
        model.fit(SHARDS, None, nb_epoch=3, verbose=0, callbacks=callbacks, **options)
        return model.get_weights()

    whole = train([])
    with pytest.raises(Lost):
        train([TrainingCheckpoint(path, period=0, batches=1), PowerCut()])
    resumed = train([TrainingCheckpoint(path, period=0, batches=1)], resume_from=path)
    for ours, wanted in zip(resumed, whole, strict=True):
        np.testing.assert_array_equal(ours, wanted)


def test_feed_that_cannot_be_split_is_refused_with_a_remedy():
    with pytest.raises(ValueError, match="ShardFeed data cannot be split; pass validation_data"):
        net().fit(SHARDS, None, validation_split=0.5)
