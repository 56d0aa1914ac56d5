"""Warnings of `compile`."""

import warnings

import numpy as np
import pytest

from keras.layers import Activation, Dense, Input, TimeDistributed
from keras.models import Model, Sequential


@pytest.mark.parametrize(
    "layers",
    [
        lambda: [Dense(1, input_dim=3, activation="softmax", name="one")],
        lambda: [Dense(1, input_dim=3), Activation("softmax", name="one")],
        lambda: [TimeDistributed(Dense(1, activation="softmax"), input_shape=(4, 3), name="one")],
        lambda: [Sequential([Dense(1, input_dim=3, activation="softmax", name="one")])],
    ],
)
def test_softmax_over_one_unit_is_named(layers):
    with pytest.warns(UserWarning, match="layer 'one' applies softmax to one unit"):
        Sequential(layers()).compile("sgd", "mse")


def test_a_target_of_one_column_is_refused_for_categorical_crossentropy():  # as in the original
    with pytest.warns(UserWarning, match="softmax"):
        model = Sequential([Dense(1, input_dim=3, activation="softmax")])
        model.compile("sgd", "categorical_crossentropy")
    with pytest.raises(ValueError, match="target array of shape .*categorical_crossentropy"):
        model.train_on_batch(np.ones((2, 3)), np.ones((2, 1)))


def frozen_base():
    x = Input((3,))
    base = Model(x, Dense(3, name="part")(x), name="base")
    base.trainable = False
    return x, base


def test_a_frozen_model_whose_layers_are_trained_by_another_is_named():
    x, base = frozen_base()
    with pytest.warns(UserWarning, match="model 'base' has trainable=False.*'part'.*so they are trained"):
        Model(x, Dense(1)(base.output)).compile("sgd", "mse")


def test_a_frozen_model_that_is_called_does_not_warn():
    x, base = frozen_base()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        Model(x, Dense(1)(base(x))).compile("sgd", "mse")
        base.compile("sgd", "mse")
