"""Dropout and noise in training: which elements share a draw, and the scale of the noise.

Which elements share a number was recorded from Keras 1.2.2 on TensorFlow 1.2.
"""

import numpy as np
import pytest

from keras import backend as K
from keras import layers as L


def train(layer, data):
    x = L.Input(batch_shape=data.shape)
    return K.function([x, K.learning_phase()], [layer(x)])([data, 1])[0]


@pytest.mark.parametrize(
    "layer, axes",
    [
        (L.SpatialDropout1D(0.5), 1),
        (L.SpatialDropout2D(0.5, dim_ordering="tf"), (1, 2)),
        (L.SpatialDropout2D(0.5, dim_ordering="th"), (2, 3)),
        (L.SpatialDropout3D(0.5, dim_ordering="tf"), (1, 2, 3)),
        (L.SpatialDropout3D(0.5, dim_ordering="th"), (2, 3, 4)),
    ],
    ids=lambda value: getattr(value, "name", None),
)
def test_features_are_dropped_whole(layer, axes):
    rank = layer.input_spec[0].ndim
    result = train(layer, np.ones((6, 5, 4, 3, 5)[:rank], "float32"))
    assert set(np.unique(result)) == {0.0, 2.0}
    np.testing.assert_array_equal(result.min(axis=axes), result.max(axis=axes))


def test_gaussian_noise_has_the_given_spread():
    result = train(L.GaussianNoise(0.3), np.full((300, 300), 2, "float32"))
    assert result.mean() == pytest.approx(2, abs=0.01)
    assert result.std() == pytest.approx(0.3, rel=0.02)


def test_gaussian_dropout_has_the_spread_of_dropout():
    data = np.full((300, 300), 2, "float32")
    result = train(L.GaussianDropout(0.3), data)
    assert result.mean() == pytest.approx(2, abs=0.02)
    assert result.std() == pytest.approx(2 * np.sqrt(0.3 / 0.7), rel=0.02)
    assert result.std() == pytest.approx(train(L.Dropout(0.3), data).std(), rel=0.02)


def test_embedding_drops_whole_words():
    layer = L.Embedding(50, 3, dropout=0.5, init="one")
    x = L.Input((50,), dtype="int32")
    words = np.stack([np.arange(50), np.arange(50)[::-1]])
    result = K.function([x, K.learning_phase()], [layer(x)])([words, 1])[0]
    assert set(np.unique(result)) == {0.0, 2.0}
    np.testing.assert_array_equal(result.min(axis=2), result.max(axis=2))
    np.testing.assert_array_equal(result[0], result[1, ::-1])


def masks_of_steps(layer, steps):
    """Returns outputs (samples, steps, ...) linear in the dropped inputs: W is all ones, without state."""
    x = L.Input(batch_shape=steps.shape)
    y = layer(x)
    layer.set_weights([np.ones(w.shape) if "_W" in w.name else np.zeros(w.shape) for w in layer.weights])
    return K.function([x, K.learning_phase()], [y])([steps, 1])[0]


def test_recurrent_dropout_is_the_same_in_all_steps():
    layer = L.SimpleRNN(1, activation="linear", dropout_W=0.5, return_sequences=True)
    result = masks_of_steps(layer, np.ones((40, 4, 1), "float32"))[..., 0]
    assert set(np.unique(result)) == {0.0, 2.0}
    np.testing.assert_array_equal(result.min(axis=1), result.max(axis=1))


@pytest.mark.parametrize("mode", ["cpu", "mem", "gpu"])
def test_states_are_dropped_by_the_same_mask_in_all_steps(mode):
    """The original's outputs, too, double in each step or stay 0."""
    options = {"activation": "linear", "init": "one", "inner_init": "identity", "consume_less": mode}
    layer = L.SimpleRNN(50, dropout_U=0.5, return_sequences=True, **options)
    first_only = np.zeros((1, 4, 1), "float32")
    first_only[:, 0] = 1
    outputs = train(layer, first_only)[0]
    np.testing.assert_array_equal(outputs[0], 1)
    assert set(outputs[1]) == {0.0, 2.0}
    np.testing.assert_array_equal(outputs[2:], [2 * outputs[1], 4 * outputs[1]])


@pytest.mark.parametrize("ordering", ["th", "tf"])
def test_states_of_a_conv_lstm_are_dropped_by_the_same_mask_in_all_steps(ordering):
    layer = L.ConvLSTM2D(1, 1, 1, dropout_U=0.5, return_sequences=True, dim_ordering=ordering)
    steps = np.zeros((1, 6, 1, 8, 8) if ordering == "th" else (1, 6, 8, 8, 1), "float32")
    kernels = {"_W_c": 0.1, "_U_c": 10.0, "_b_f": -9.0, "_b_i": 9.0, "_b_o": 9.0, "_b_c": 0.02}
    x = L.Input(batch_shape=steps.shape)
    y = layer(x)
    layer.set_weights(
        [
            np.full(w.shape, next((v for k, v in kernels.items() if w.name.endswith(k)), 0))
            for w in layer.weights
        ]
    )
    outputs = K.function([x, K.learning_phase()], [y])([steps, 1])[0][0].reshape(6, 64)
    kept = outputs[1] > outputs[0] * 1.5
    assert 10 < kept.sum() < 54
    # A dropped state is the step's input alone, in every step; another grows.
    np.testing.assert_allclose(outputs[2:, ~kept], outputs[0, 0], rtol=1e-2)
    assert (outputs[2:, kept] > 2 * outputs[0, 0]).all()


@pytest.mark.parametrize("ordering", ["th", "tf"])
def test_conv_lstm_dropout_is_the_same_in_all_steps(ordering):
    layer = L.ConvLSTM2D(1, 1, 1, dropout_W=0.5, dropout_U=0.5, return_sequences=True, dim_ordering=ordering)
    shape = (2, 3, 1, 8, 8) if ordering == "th" else (2, 3, 8, 8, 1)
    x = L.Input(batch_shape=shape)
    layer(x)
    masks = K.function([x, K.learning_phase()], layer.get_constants(x)[0])([np.ones(shape), 1])
    assert [mask.shape for mask in masks] == [(2, *shape[2:])] * 4
    assert all(set(np.unique(mask)) == {0.0, 2.0} for mask in masks)
    assert not any((masks[0] == mask).all() for mask in masks[1:])
    parts = K.function([x, K.learning_phase()], [layer.input_sums(x)])([np.ones(shape), 1])[0]
    np.testing.assert_array_equal(parts[:, 0], parts[:, 1])
    assert len(np.unique(parts[:, 0])) > 2
