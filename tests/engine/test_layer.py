"""Layers as makers of the graph: nodes, histories, masks, and layers that users write."""

import numpy as np
import pytest

from keras import backend as K
from keras.engine import Layer
from keras.layers import (
    Activation,
    Dense,
    Input,
    Lambda,
    Masking,
)
from keras.models import Model, Sequential


def small(seed=0, shape=(8, 3)):
    return np.random.RandomState(seed).rand(*shape).astype("float32")


def test_shared_layer_has_a_node_for_each_call():
    layer = Dense(2)
    a, b = Input(shape=(3,)), Input(shape=(3,))
    out_a = layer(a)
    assert layer.output is out_a and layer.input is a and layer.output == out_a
    out_b = layer(b)
    assert layer.get_output_at(0) is out_a and layer.get_output_at(1) is out_b
    assert layer.get_input_at(1) is b
    assert layer.output_shape == (None, 2)
    with pytest.raises(AttributeError, match="multiple inbound nodes"):
        _ = layer.output
    with pytest.raises(AssertionError, match="get_output_at"):
        _ = layer.output


def test_layer_that_returns_its_input_keeps_the_history():
    x = Input(shape=(3,))
    y = Activation("linear")(x)
    assert x._keras_history[0].name.startswith("input")
    model = Model(x, y)
    assert [type(layer).__name__ for layer in model.layers] == ["InputLayer", "Activation"]


def test_layers_without_mask_support_refuse_masks():
    x = Masking()(Input(shape=(4, 3)))
    with pytest.raises(TypeError, match="does not support masking"):
        Lambda(lambda t: t + 1)(x)
    with pytest.raises(TypeError, match="does not support masking"):
        Dense(2)(x * 1)


def test_custom_layer_in_1x_style():
    class Scale(Layer):
        def build(self, input_shape):
            self.W = K.variable(np.full((input_shape[-1],), 2.0), name=f"{self.name}_W")
            self.trainable_weights = [self.W]

        def call(self, x, mask=None):
            return x * self.W

    model = Sequential([Scale(input_shape=(3,))])
    np.testing.assert_allclose(model.predict(small()), 2 * small())
    model.compile("sgd", "mse")
    model.fit(small(), np.zeros((8, 3)), nb_epoch=1, verbose=0)
    assert np.all(model.get_weights()[0] < 2)


def test_a_changed_spec_of_one_layer_leaves_other_layers_as_they_were():
    changed = Dense(2)
    changed.input_spec[0].ndim = 5
    assert Dense(2).input_spec[0].ndim == "2+"
    assert Dense(2)(Input(shape=(3,))).shape == (None, 2)
