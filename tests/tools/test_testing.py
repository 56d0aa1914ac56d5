"""The helpers of `keras.utils.test_utils`."""

import numpy as np
import pytest

from keras import backend as K
from keras.layers import LSTM, Dense, Embedding, Layer
from keras.utils.test_utils import get_test_data, keras_test, layer_test


@pytest.mark.parametrize("classification", [True, False])
def test_get_test_data_draws_the_numbers_of_the_original(classification):
    np.random.seed(3)
    (x, y), (x_test, y_test) = get_test_data(4, 2, (2, 3), (5,), classification, nb_class=3)
    np.random.seed(3)  # Keras 1.2.2 draws sample by sample
    if classification:
        place = np.random.randint(0, 3, size=(6,))
        expected = [(np.random.normal(p, 0.7, (2, 3)), p) for p in place]
    else:
        place = np.random.random((6,))
        expected = [(np.random.normal(p, 0.7, (2, 3)), np.random.normal(p, 0.7, (5,))) for p in place]
    np.testing.assert_array_equal(np.concatenate([x, x_test]), [pair[0] for pair in expected])
    np.testing.assert_array_equal(np.concatenate([y, y_test]), [pair[1] for pair in expected])


@pytest.mark.parametrize(
    "args",
    [
        {"layer_cls": Dense, "kwargs": {"output_dim": 3}, "input_shape": (3, 2)},
        {"layer_cls": LSTM, "kwargs": {"output_dim": 3}, "input_shape": (None, 4, 2)},
        {
            "layer_cls": Embedding,
            "kwargs": {"input_dim": 10, "output_dim": 4},
            "input_shape": (3, 2),
            "input_dtype": "int32",
            "expected_output_dtype": "float32",
            "fixed_batch_size": True,
        },
    ],
    ids=lambda args: args["layer_cls"].__name__,
)
def test_layer_test_accepts_correct_layers(args):
    layer_test(**args)


class Liar(Layer):
    def get_output_shape_for(self, input_shape):
        return (*input_shape[:-1], 7)


def test_layer_test_detects_wrong_shapes_and_values():
    with pytest.raises(AssertionError, match=r"declares the output shape \(2, 7\); it is \(2, 3\)"):
        layer_test(Liar, input_shape=(2, 3))
    x = np.ones((2, 3), "float32")
    layer_test(Layer, input_data=x, expected_output=x)
    with pytest.raises(AssertionError):
        layer_test(Layer, input_data=x, expected_output=x * 2)


def test_keras_test_resets_layer_names():
    @keras_test
    def test():
        return Dense(2).name

    assert test() == test() and K.get_uid("dense") == 1
