"""Frozen layers: BatchNormalization with its running means in training, and files."""

import numpy as np
from numpy.testing import assert_allclose, assert_array_equal

from keras.layers import BatchNormalization, Dense, Input
from keras.models import Model, load_model
from keras.training import freeze

X = np.random.RandomState(0).randn(8, 3).astype("float32") + 2
Y = np.random.RandomState(1).randn(8, 2).astype("float32")


def base_and_model(nested):
    a = Input(shape=(3,))
    base = Model(input=a, output=BatchNormalization(name="norm")(a), name="base")
    x = Input(shape=(3,))
    inputs, features = (x, base(x)) if nested else (a, base.output)
    return base, Model(input=inputs, output=Dense(2)(features))


def test_training_uses_and_keeps_the_running_means(tmp_path):
    for nested in (True, False):
        base, model = base_and_model(nested)
        freeze(base)  # after the call: the graph is the same
        model.compile(optimizer="sgd", loss="mse")
        before = base.get_weights()
        model.train_on_batch(X, Y)
        for own, other in zip(base.get_weights(), before, strict=True):
            assert_array_equal(own, other)
    model.save(tmp_path / "model.h5")
    assert load_model(tmp_path / "model.h5").get_layer("norm").frozen


def test_first_loss_is_that_of_evaluate():
    base, model = base_and_model(nested=True)
    freeze(base)
    model.compile(optimizer="sgd", loss="mse")
    expected = model.evaluate(X, Y, verbose=0)
    assert_allclose(model.train_on_batch(X, Y), expected, rtol=1e-6)


def test_trainable_alone_is_as_in_keras_1():
    base, model = base_and_model(nested=True)
    base.trainable = False
    model.compile(optimizer="sgd", loss="mse")
    expected = model.evaluate(X, Y, verbose=0)
    assert abs(model.train_on_batch(X, Y) - expected) > 0.01
    assert "frozen" not in base.get_layer("norm").get_config()
