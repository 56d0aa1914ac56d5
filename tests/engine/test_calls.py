"""Layers that are built inside the call of another one."""

import warnings

import pytest

from keras.engine import Layer
from keras.layers import Dense, Input, Lambda, PReLU


def test_a_layer_made_in_a_lambda_is_named_in_a_warning():
    with pytest.warns(
        UserWarning, match="Layer 'f' .*makes 'lost' inside its call: .*neither trained nor saved"
    ):
        Lambda(lambda x: Dense(2, name="lost")(x), name="f")(Input((3,)))


def test_an_activation_with_weights_is_named_in_a_warning():
    with pytest.warns(UserWarning, match="makes 'slope' inside its call"):
        Dense(2, activation=PReLU(name="slope"))(Input((3,)))


class Composite(Layer):
    def __init__(self, **kwargs):
        self.inner = Dense(2)
        super().__init__(**kwargs)

    def call(self, x, mask=None):
        y = self.inner(x)
        self.trainable_weights = self.inner.trainable_weights
        return y


def test_a_layer_that_takes_the_weights_of_its_parts_does_not_warn():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        layer = Composite()
        layer(Input((3,)))
    assert len(layer.weights) == 2
