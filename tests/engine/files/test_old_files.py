"""Files and configs of earlier versions of Keras 1; the expected results are those of 1.2.2."""

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
def test_convolution1d_kernels_of_keras_1_0_load(by_name, tmp_path):
    """Their layout was (filters, channels, length, 1). 1.2.2 reads them, though not by name."""
    path, model, again = tmp_path / "old.h5", convolution(), convolution()
    model.save_weights(path)
    path.write_bytes(path.read_bytes()[512:])  # without the digest, which would no longer match
    with h5py.File(path, "a") as file:
        name = file["c"].attrs["weight_names"][0].decode()
        kernel = file["c"][name][...]
        del file["c"][name]
        file["c"].create_dataset(name, data=kernel.transpose(3, 2, 0, 1))
    again.load_weights(path, by_name=by_name)
    for found, expected in zip(again.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_array_equal(found, expected)


def test_kernel_of_another_size_is_refused(tmp_path):
    convolution().save_weights(tmp_path / "weights.h5")
    model = Sequential([Convolution1D(4, 2, input_shape=(5, 4)), Flatten(), Dense(2)])
    with pytest.raises(ValueError, match="the file has"):
        model.load_weights(tmp_path / "weights.h5")


def without(config, keys):
    """Returns the config without these keys, as an earlier version wrote it."""
    if isinstance(config, dict):
        return {key: without(value, keys) for key, value in config.items() if key not in keys}
    return [without(value, keys) for value in config] if isinstance(config, list) else config


def test_configs_without_newer_keys_are_read():
    x = Input((4, 3))
    joined = merge([LSTM(2, unroll=False)(x), LSTM(2)(x)], mode="concat")
    config = {"class_name": "Model", "config": Model(x, Dense(2)(joined)).get_config()}
    new = {"unroll", "consume_less", "dropout_W", "dropout_U", "arguments", "output_mask", "stateful"}
    new |= {"bias", "trainable", "output_mask_type", "mode_type", "keras_version", "input_dtype", "sparse"}
    again = model_from_config(without(copy.deepcopy(config), new))
    assert again.get_config() == config["config"]


@pytest.mark.parametrize("modes", [("cpu", "gpu"), ("gpu", "cpu")])
def test_weights_of_lstm_gpu_and_cpu_do_not_mix(modes, tmp_path):
    """As in 1.2.2: a file with one array per gate does not fit a model with one for all, nor vice versa."""
    one, other = (Sequential([LSTM(2, input_shape=(4, 3), consume_less=mode)]) for mode in modes)
    one.save_weights(tmp_path / "weights.h5")
    with pytest.raises(ValueError, match="the file has"):
        other.load_weights(tmp_path / "weights.h5")


def test_unknown_argument_of_highway_only_warns():
    with pytest.warns(UserWarning, match="transform_bias"):
        layer = Highway(transform_bias=-2)
    assert "transform_bias" not in layer.get_config()
