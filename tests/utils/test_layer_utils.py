"""layer_utils: kernels of the other backend; the rest is re-exported."""

import numpy as np

from keras.engine import registry, summary
from keras.layers import Convolution2D, Dense, Flatten
from keras.models import Sequential
from keras.utils import layer_utils


def test_convert_all_kernels_flips_space_of_convolutions_only():
    model = Sequential(
        [
            Convolution2D(2, 3, 2, input_shape=(1, 6, 6), dim_ordering="th"),
            Flatten(),
            Dense(2),
        ]
    )
    before = model.get_weights()
    layer_utils.convert_all_kernels_in_model(model)
    after = model.get_weights()
    np.testing.assert_array_equal(after[0], before[0][:, :, ::-1, ::-1])
    for old, new in zip(before[1:], after[1:], strict=True):
        np.testing.assert_array_equal(old, new)
    layer_utils.convert_all_kernels_in_model(model)
    np.testing.assert_array_equal(model.get_weights()[0], before[0])


def test_each_layer_is_converted_in_its_own_ordering():
    model = Sequential([Convolution2D(2, 3, 2, input_shape=(6, 6, 1), dim_ordering="tf")])
    before = model.get_weights()[0]
    layer_utils.convert_all_kernels_in_model(model)
    np.testing.assert_array_equal(model.get_weights()[0], before[::-1, ::-1])


def test_the_rest_is_the_engine():
    assert layer_utils.layer_from_config is registry.layer_from_config
    assert layer_utils.print_summary is summary.print_summary
    assert layer_utils.count_total_params is summary.count_total_params
