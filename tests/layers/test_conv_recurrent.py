"""ConvLSTM2D: masks, states, penalties. The original fails on masks of images with TensorFlow."""

import numpy as np
import pytest

from keras import backend as K
from keras.layers import ConvLSTM2D, Input, Masking, TimeDistributed
from keras.models import Model

X = np.random.RandomState(0).standard_normal((2, 4, 5, 5, 1)).astype("float32")


def conv_lstm(**kwargs):
    return ConvLSTM2D(2, 2, 2, dim_ordering="tf", **kwargs)


def test_step_is_masked_if_all_its_pixels_are():
    data = X.copy()
    data[0, 1] = 0
    data[1, 3] = 0
    data[1, 2, 0, 0] = 0  # one pixel only: the step counts
    x = Input((None, 5, 5, 1))
    layer = conv_lstm(return_sequences=True)
    y = layer(Masking()(x))
    assert K.int_shape(layer.get_output_mask_at(0)) == (None, None)
    plain = Model(x, layer(x))
    result = Model(x, y).predict(data)
    np.testing.assert_array_equal(result[0, 1], result[0, 0])
    np.testing.assert_array_equal(result[1, 3], result[1, 2])
    without = plain.predict(data[:1, [0, 2, 3]])
    np.testing.assert_allclose(result[0, [0, 2, 3]], without[0], rtol=1e-5, atol=1e-6)


def test_mask_is_passed_to_the_next_layer():
    x = Input((4, 5, 5, 1))
    y = conv_lstm(return_sequences=True)(Masking()(x))
    last = Model(x, conv_lstm()(y))
    data = X.copy()
    data[:, -1] = 0
    expected = last.predict(data)
    assert expected.shape == (2, 3, 3, 2)
    np.testing.assert_allclose(last.predict(data[:, [0, 1, 2, 3]]), expected)


def test_states_are_kept_until_reset():
    layer = conv_lstm(stateful=True, return_sequences=True)
    x = Input(batch_shape=(2, 2, 5, 5, 1))
    model = Model(x, layer(x))
    halves = [model.predict(X[:, :2]), model.predict(X[:, 2:])]
    again = conv_lstm(return_sequences=True)
    z = Input((4, 5, 5, 1))
    whole = Model(z, again(z))
    again.set_weights(layer.get_weights())
    np.testing.assert_allclose(np.concatenate(halves, axis=1), whole.predict(X), rtol=1e-5, atol=1e-6)
    model.reset_states()
    np.testing.assert_array_equal(model.predict(X[:, :2]), halves[0])


def test_stateful_layer_needs_known_sizes():
    with pytest.raises(ValueError, match="complete input_shape"):
        conv_lstm(stateful=True)(Input((3, 5, 5, 1)))
    with pytest.raises(ValueError, match="complete input_shape"):
        conv_lstm(stateful=True)(Input(batch_shape=(2, 3, None, 5, 1)))
    with pytest.raises(RuntimeError, match="must be stateful"):
        conv_lstm().reset_states()


def test_image_sizes_may_be_unknown():
    x = Input((None, None, None, 1))
    layer = conv_lstm(border_mode="same", subsample=(2, 2), return_sequences=True)
    model = Model(x, layer(x))
    assert model.output_shape == (None, None, None, None, 2)
    assert model.predict(X).shape == (2, 4, 3, 3, 2)
    assert model.predict(X[:, :2, :3]).shape == (2, 2, 2, 3, 2)


def test_penalties_are_added_to_the_loss():
    # The original warns and leaves them out: docs/differences.md.
    layer = conv_lstm(W_regularizer="l2", U_regularizer="l1", b_regularizer="l2")
    layer(Input((3, 5, 5, 1)))
    assert len(layer.losses) == 12
    assert type(layer).from_config(layer.get_config()).U_regularizer.l1 == layer.U_regularizer.l1


def test_conv_lstm_in_time_distributed():
    x = Input((2, 4, 5, 5, 1))
    assert Model(x, TimeDistributed(conv_lstm())(x)).output_shape == (None, 2, 4, 4, 2)
