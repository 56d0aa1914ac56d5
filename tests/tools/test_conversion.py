"""layer_utils: weight conversion, and re-exported names."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from keras._tools import conversion
from keras.engine import summary
from keras.engine.files import registry
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
    conversion.convert_all_kernels_in_model(model)
    after = model.get_weights()
    np.testing.assert_array_equal(after[0], before[0][:, :, ::-1, ::-1])
    for old, new in zip(before[1:], after[1:], strict=True):
        np.testing.assert_array_equal(old, new)
    conversion.convert_all_kernels_in_model(model)
    np.testing.assert_array_equal(model.get_weights()[0], before[0])


def test_layers_are_converted_in_their_own_ordering():
    model = Sequential([Convolution2D(2, 3, 2, input_shape=(6, 6, 1), dim_ordering="tf")])
    before = model.get_weights()[0]
    conversion.convert_all_kernels_in_model(model)
    np.testing.assert_array_equal(model.get_weights()[0], before[::-1, ::-1])


def ordered_model(ordering):
    shape = (2, 5, 6) if ordering == "th" else (5, 6, 2)
    return Sequential([Convolution2D(3, 2, 2, input_shape=shape, dim_ordering=ordering), Flatten(), Dense(4)])


@pytest.mark.parametrize(
    "source, target, maps, name",
    [("th", "tf", (4, 5, 3), "channels_last"), ("tf", "th", (3, 4, 5), "channels_first")],
)
def test_converted_model_in_other_ordering_predicts_the_same(source, target, maps, name):
    """Converts the kernels, the Dense after the Flatten, and the images."""
    model, other = ordered_model(source), ordered_model(target)
    kernel, *rest = model.get_weights()
    to = (2, 3, 1, 0) if target == "tf" else (3, 2, 0, 1)
    other.set_weights([kernel.transpose(to), *rest])
    conversion.convert_dense_weights_data_format(other.layers[2], maps, name)
    images = np.random.RandomState(0).rand(2, *model.input_shape[1:]).astype("float32")
    turned = images.transpose(0, 2, 3, 1) if target == "tf" else images.transpose(0, 3, 1, 2)
    np.testing.assert_allclose(other.predict(turned), model.predict(images), rtol=1e-5, atol=1e-6)


def test_mismatched_feature_map_shape_is_refused():
    dense = ordered_model("th").layers[2]
    with pytest.raises(ValueError, match="product is 60, got"):
        conversion.convert_dense_weights_data_format(dense, (3, 4, 4))
    with pytest.raises(ValueError, match="target_data_format must be one of"):
        conversion.convert_dense_weights_data_format(dense, (3, 4, 5), "theano")


def test_other_names_are_reexported_from_engine():
    assert layer_utils.layer_from_config is registry.layer_from_config
    assert layer_utils.print_summary is summary.print_summary
    assert layer_utils.count_total_params is summary.count_total_params


@pytest.mark.parametrize(
    "shape, ordering, mirrored",
    [
        ((2, 3, 4, 5), "th", np.s_[:, :, ::-1, ::-1]),
        ((4, 5, 3, 2), "tf", np.s_[::-1, ::-1]),
        ((2, 3, 4, 5, 6), "th", np.s_[:, :, ::-1, ::-1, ::-1]),
        ((4, 5, 6, 3, 2), "tf", np.s_[::-1, ::-1, ::-1]),
    ],
)
def test_convert_kernel_mirrors_space(shape, ordering, mirrored):  # checked against 1.2.2
    kernel = np.arange(np.prod(shape)).reshape(shape)
    assert_array_equal(conversion.convert_kernel(kernel, ordering), kernel[mirrored])


def test_convert_kernel_uses_the_current_ordering():
    kernel = np.arange(81).reshape(3, 3, 3, 3)
    expected = conversion.convert_kernel(kernel, conversion.K.image_dim_ordering())
    assert_array_equal(conversion.convert_kernel(kernel), expected)


@pytest.mark.parametrize("shape, ordering", [((2, 3, 4), "th"), ((2, 2, 2, 2), "channels_first")])
def test_convert_kernel_refuses_other_ranks(shape, ordering):
    with pytest.raises(ValueError, match="convert_kernel"):
        conversion.convert_kernel(np.zeros(shape), ordering)
