"""The scale of initial weights where Keras 1.2.2 counts inputs and outputs in an unusual way.

`largest` is sqrt(6 / (inputs + outputs)), with the numbers that fit the weights of Keras 1.2.2 on
TensorFlow 1.2. The 4-D weights of Convolution1D and ConvLSTM2D are read as
(outputs, inputs, rows, cols) in both orderings.
"""

import numpy as np
import pytest

from keras import layers as L


@pytest.mark.parametrize(
    "layer, shape, weight, largest",
    [
        (L.MaxoutDense(40), (30,), 0, 0.2081),
        (L.Convolution1D(30, 3), (9, 6), 0, 0.0913),
        (L.LocallyConnected1D(40, 3), (20, 6), 0, 0.1623),
        (L.LocallyConnected2D(40, 3, 2, dim_ordering="tf"), (9, 9, 6), 0, 0.1028),
        (L.SeparableConvolution2D(30, 3, 3, depth_multiplier=2, dim_ordering="tf"), (9, 9, 6), 0, 0.2887),
        (L.SeparableConvolution2D(30, 3, 3, depth_multiplier=2, dim_ordering="tf"), (9, 9, 6), 1, 0.3780),
        (L.Convolution3D(20, 3, 3, 4, dim_ordering="tf"), (5, 5, 6, 6), 0, 0.1601),
        (L.Convolution3D(20, 3, 3, 4, dim_ordering="th"), (6, 5, 5, 6), 0, 0.0801),
        (L.ConvLSTM2D(12, 3, 3, dim_ordering="tf"), (3, 5, 5, 7), 0, 0.1091),
        (L.ConvLSTM2D(12, 3, 3, dim_ordering="th"), (3, 7, 5, 5), 0, 0.1873),
    ],
    ids=lambda value: getattr(value, "name", None),
)
def test_spread_of_initial_weights_is_that_of_1_2_2(layer, shape, weight, largest):
    layer(L.Input(shape))
    values = np.abs(layer.get_weights()[weight])
    assert 0.95 * largest < values.max() < 1.002 * largest


def test_only_gate_biases_start_away_from_zero():
    highway = L.Highway()
    highway(L.Input((3,)))
    np.testing.assert_array_equal(highway.get_weights()[2:], [[0.0] * 3, [1.0] * 3])
    lstm = L.ConvLSTM2D(2, 2, 2, dim_ordering="tf")
    lstm(L.Input((3, 4, 4, 1)))
    biases = {w.name[-1]: v[0] for w, v in zip(lstm.weights, lstm.get_weights(), strict=True) if v.ndim == 1}
    assert biases == {"i": 0, "c": 0, "f": 1, "o": 0}
