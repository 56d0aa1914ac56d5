"""Layers as makers of the graph: nodes, histories, masks, and layers that users write."""

import numpy as np
import pytest

from keras import backend as K
from keras.engine import InputSpec, Layer
from keras.layers import (
    Activation,
    Dense,
    Dropout,
    Flatten,
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
        Flatten()(x * 1)


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


# --- attributes that programs of the time set and read; the answers are those of Keras 1.2.2


class Sum(Layer):
    """The sum of two inputs, of which the only spec describes the first."""

    def __init__(self, **kwargs):
        self.input_spec = [InputSpec(ndim=2)]
        super().__init__(**kwargs)

    def call(self, x, mask=None):
        return x[0] + x[1]

    def get_output_shape_for(self, input_shape):
        return input_shape[0]


def test_one_spec_of_a_users_layer_is_that_of_its_first_input():
    a, b, images = Input(shape=(3,)), Input(shape=(3,)), Input(shape=(3, 3))
    assert Sum()([a, b]).shape == (None, 3)
    with pytest.raises(ValueError, match="Input 0 is incompatible with layer sum.*expected ndim=2"):
        Sum()([images, b])
    with pytest.raises(ValueError, match="got 2 inputs; it expects 1"):
        Dense(2)([a, b])


class Starts(Layer):
    """Sets the shape of its input without the dtype."""

    def __init__(self, **kwargs):
        self.batch_input_shape = (None, 3)
        super().__init__(**kwargs)


def test_a_layer_may_set_its_batch_input_shape_alone():
    layer = Starts(name="starts")
    assert not hasattr(layer, "input_dtype")
    assert layer.get_config() == {"name": "starts", "trainable": True, "batch_input_shape": (None, 3)}
    model = Sequential([layer])
    assert model.output_shape == (None, 3)
    assert model.get_config()[0]["config"]["input_dtype"] == "float32"


def test_outputs_of_a_layer_that_uses_the_learning_phase_do():
    a, b = Input(shape=(3,)), Input(shape=(3,))
    dropped, plain = Dropout(0.5)(a), Dense(2)(b)
    assert dropped._uses_learning_phase and not plain._uses_learning_phase
    inner = Model([a, b], [dropped, plain])
    assert all(y._uses_learning_phase for y in inner([Input(shape=(3,)), Input(shape=(3,))]))


def test_variables_and_placeholders_have_the_attributes_of_keras_tensors():
    made = [
        K.variable(np.ones((2, 3))),
        K.zeros((2,)),
        K.ones((3,)),
        K.placeholder((None, 2)),
        K.placeholder(ndim=3),
    ]
    shapes = [(2, 3), (2,), (3,), (None, 2), (None, None, None)]
    assert [x._keras_shape for x in made] == shapes
    assert not any(x._uses_learning_phase for x in made)
    assert not hasattr(made[0] * 2, "_keras_shape")
