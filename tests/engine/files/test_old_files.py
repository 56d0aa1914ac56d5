"""Files and configs as earlier versions of Keras 1 wrote them. What 1.2.2 makes of each was asked of it."""

import copy

import h5py
import numpy as np
import pytest

from keras.layers import LSTM, Convolution1D, Dense, Flatten, Highway, Input, merge
from keras.models import Model, Sequential, model_from_config


def convolution():
    return Sequential(
        [Convolution1D(3, 2, input_shape=(5, 4), name="c"), Flatten(name="f"), Dense(2, name="d")]
    )


@pytest.mark.parametrize("by_name", [False, True])
def test_kernels_of_convolution1d_from_keras_1_0(by_name, tmp_path):
    """They were laid out as (filters, channels, length, 1). 1.2.2 reads them, though not by name."""
    path, model, again = tmp_path / "old.h5", convolution(), convolution()
    model.save_weights(path)
    path.write_bytes(path.read_bytes()[512:])  # no digest, which the change would not fit
    with h5py.File(path, "a") as file:
        name = file["c"].attrs["weight_names"][0].decode()
        kernel = file["c"][name][...]
        del file["c"][name]
        file["c"].create_dataset(name, data=kernel.transpose(3, 2, 0, 1))
    again.load_weights(path, by_name=by_name)
    for found, expected in zip(again.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_array_equal(found, expected)


def test_a_kernel_of_another_size_is_refused(tmp_path):
    convolution().save_weights(tmp_path / "weights.h5")
    model = Sequential([Convolution1D(4, 2, input_shape=(5, 4)), Flatten(), Dense(2)])
    with pytest.raises(ValueError, match="the file has"):
        model.load_weights(tmp_path / "weights.h5")


def without(config, keys):
    """The config as a version wrote it that did not know these keys."""
    if isinstance(config, dict):
        return {key: without(value, keys) for key, value in config.items() if key not in keys}
    return [without(value, keys) for value in config] if isinstance(config, list) else config


def test_configs_of_fewer_keys():
    x = Input((4, 3))
    joined = merge([LSTM(2, unroll=False)(x), LSTM(2)(x)], mode="concat")
    config = {"class_name": "Model", "config": Model(x, Dense(2)(joined)).get_config()}
    new = {"unroll", "consume_less", "dropout_W", "dropout_U", "arguments", "output_mask", "stateful"}
    new |= {"bias", "trainable", "output_mask_type", "mode_type", "keras_version", "input_dtype", "sparse"}
    again = model_from_config(without(copy.deepcopy(config), new))
    assert again.get_config() == config["config"]


@pytest.mark.parametrize("modes", [("cpu", "gpu"), ("gpu", "cpu")])
def test_weights_of_lstm_gpu_and_cpu_are_no_exchange(modes, tmp_path):
    """As in 1.2.2: one array for each gate, or one for all, which must be the model's own."""
    one, other = (Sequential([LSTM(2, input_shape=(4, 3), consume_less=mode)]) for mode in modes)
    one.save_weights(tmp_path / "weights.h5")
    with pytest.raises(ValueError, match="the file has"):
        other.load_weights(tmp_path / "weights.h5")


def test_an_argument_of_highway_that_1_2_2_only_warns_of():
    with pytest.warns(UserWarning, match="transform_bias"):
        layer = Highway(transform_bias=-2)
    assert "transform_bias" not in layer.get_config()
