"""Layers beyond the recorded cases: configs, unknown sizes, errors."""

import numpy as np
import pytest

from keras import backend as K
from keras import layers as L
from keras.layers import Input
from keras.models import Model

FORGOTTEN = [
    (L.Dropout(0.5, noise_shape=(1, 4), seed=3), {"noise_shape": (1, 4), "seed": 3}),
    (L.SpatialDropout2D(0.5, dim_ordering="tf"), {"dim_ordering": "tf"}),
    (L.ZeroPadding2D(dim_ordering="tf"), {"dim_ordering": "tf"}),
    (L.ZeroPadding3D(dim_ordering="tf"), {"dim_ordering": "tf"}),
    (L.Cropping3D(dim_ordering="tf"), {"dim_ordering": "tf"}),
    (L.UpSampling2D(dim_ordering="tf"), {"dim_ordering": "tf"}),
    (L.PReLU(shared_axes=[1]), {"shared_axes": [1]}),
    (L.SReLU(shared_axes=2), {"shared_axes": [2]}),
    (L.ConvLSTM2D(2, 3, 3, subsample=(2, 1), dropout_W=0.5), {"subsample": (2, 1), "dropout_W": 0.5}),
]


@pytest.mark.parametrize("layer, options", FORGOTTEN, ids=lambda value: getattr(value, "name", None))
def test_options_missing_in_the_original_config_are_in_ours(layer, options):
    config = layer.get_config()
    assert {key: config[key] for key in options} == options
    again = type(layer).from_config(config)
    assert {key: getattr(again, key) for key in options} == options


@pytest.mark.parametrize(
    "layer", [L.Dropout(0.5), L.PReLU(), L.SReLU(), L.ConvLSTM2D(2, 3, 3)], ids=lambda layer: layer.name
)
def test_options_missing_in_the_original_config_are_left_out_at_their_default(layer):
    more = {"noise_shape", "seed", "shared_axes", "subsample", "dropout_W", "W_regularizer"}
    assert not more & set(layer.get_config())


def test_shared_axes_may_have_unknown_sizes():
    x = Input((None, None, 3))
    layer = L.PReLU(shared_axes=[1, 2], init="one")
    model = Model(x, layer(x))
    assert layer.get_weights()[0].shape == (1, 1, 3)
    data = np.random.RandomState(0).standard_normal((2, 4, 5, 3)).astype("float32")
    np.testing.assert_allclose(model.predict(data), data, rtol=1e-6)


def test_deconvolution_takes_any_batch_size():
    x = Input((2, 5, 5))
    layer = L.Deconvolution2D(3, 3, 3, output_shape=(None, 3, 7, 7), dim_ordering="th")
    model = Model(x, layer(x))
    assert model.output_shape == (None, 3, 7, 7)
    assert model.predict(np.ones((4, 2, 5, 5))).shape == (4, 3, 7, 7)


def test_deconvolution_is_the_adjoint_of_convolution():
    """<conv(x), y> = <x, deconv(y)> with the kernel's channels swapped, in both orderings."""
    random = np.random.RandomState(0)
    kernel = random.standard_normal((3, 2, 4, 5)).astype("float32")
    x, y = random.standard_normal((2, 8, 7, 4)), random.standard_normal((2, 4, 4, 5))
    forward = K.eval(K.conv2d(K.variable(x), K.variable(kernel), (2, 2), "same", "tf"))
    swapped = K.variable(kernel.transpose(0, 1, 3, 2))
    back = K.eval(K.deconv2d(K.variable(y), swapped, (2, 8, 7, 4), (2, 2), "same", "tf"))
    assert (forward * y).sum() == pytest.approx((x * back).sum(), rel=1e-4)
    first = K.variable(kernel.transpose(2, 3, 0, 1)), K.variable(y.transpose(0, 3, 1, 2))
    other = K.eval(K.deconv2d(first[1], first[0], (2, 4, 8, 7), (2, 2), "same", "th"))
    np.testing.assert_allclose(other.transpose(0, 2, 3, 1), back, rtol=1e-4, atol=1e-5)


REFUSED = [
    (lambda: L.MaxoutDense(3, nb_feature=0), "MaxoutDense: nb_feature must be a positive int"),
    (lambda: L.Convolution3D(2, 3, 3, 3, subsample=(1, 1)), "Convolution3D: subsample must be a tuple of 3"),
    (lambda: L.Deconvolution2D(3, 3, 3, (7, 7, 3)), "Deconvolution2D: output_shape must have 4 sizes"),
    (
        lambda: L.LocallyConnected1D(3, 2, border_mode="same"),
        'LocallyConnected1D: border_mode must be "valid"',
    ),
    (lambda: L.Cropping1D((1, 2, 3)), "Cropping1D: cropping must be a pair"),
    (lambda: L.Cropping2D((1, 1, 1)), "Cropping2D: cropping must be 2 pairs"),
    (lambda: L.Cropping2D(((1, -1), (0, 0))), "Cropping2D: cropping must be 2 pairs of int >= 0"),
    (lambda: L.UpSampling2D((2, 0)), "UpSampling2D: size must be a positive int"),
    (lambda: L.GaussianNoise(-1), "GaussianNoise: sigma must be a finite number >= 0"),
    (lambda: L.GaussianDropout(1.0), "GaussianDropout: needs 0 <= p < 1"),
    (lambda: L.PReLU(shared_axes=[0]), "PReLU: shared_axes must be axes counted from 1"),
    (lambda: L.ELU("a"), "ELU: alpha must be a finite number"),
    (lambda: L.PReLU()(Input((None, 3))), "PReLU 'prelu_[0-9]+' has weights for each element"),
    (lambda: L.PReLU(shared_axes=[3])(Input((4, 3))), "shared_axes has 3; the input shape"),
    (
        lambda: L.Cropping1D((2, 4))(Input((5, 3))),
        "less than nothing is left: the input shape is .None, 5, 3.",
    ),
    (lambda: L.LocallyConnected1D(3, 2)(Input((None, 3))), "has weights for each position"),
    (lambda: L.Convolution1D(3, 4)(Input((3, 2))), "the output would be empty"),
    (
        lambda: L.Deconvolution2D(3, 3, 3, (None, 8, 7, 3), dim_ordering="tf")(Input((5, 5, 2))),
        "a convolution of 8 with filter size 3, step 1 and border_mode 'valid' gives 6, but axis 1",
    ),
    (
        lambda: L.Deconvolution2D(3, 3, 3, (None, 7, 7, 4), dim_ordering="tf")(Input((5, 5, 2))),
        "must have nb_filter = 3 at axis 3",
    ),
    (
        lambda: L.SeparableConvolution2D(3, 3, 3, dim_ordering="tf")(Input((5, 5, None))),
        "the number of channels must be known",
    ),
]


@pytest.mark.parametrize("make, message", REFUSED, ids=[message[:40] for _, message in REFUSED])
def test_error_message(make, message):
    with pytest.raises(ValueError, match=message):
        make()


# --- attributes of Keras 1.2.2 that programs read; the answers are those of the original

PHASE = [
    (L.Dropout(0.1), True),
    (L.Dropout(0.0), False),
    (L.SpatialDropout3D(0.1), True),
    (L.GaussianNoise(0.0), True),
    (L.GaussianDropout(0.1), True),
    (L.GaussianDropout(0.0), False),
    (L.Embedding(4, 3), False),
    (L.Embedding(4, 3, dropout=0.1), True),
    (L.LSTM(3), False),
    (L.GRU(3, dropout_W=0.1), True),
    (L.SimpleRNN(3, dropout_U=0.1), True),
    (L.ConvLSTM2D(3, 2, 2, dropout_W=0.2), True),
    (L.BatchNormalization(), True),
    (L.BatchNormalization(mode=1), False),
    (L.BatchNormalization(mode=2), False),
    (L.TimeDistributed(L.Dropout(0.5)), True),
    (L.Bidirectional(L.LSTM(3, dropout_W=0.1)), True),
]


@pytest.mark.parametrize("layer, uses", PHASE, ids=lambda value: getattr(value, "name", None))
def test_a_layer_knows_before_its_call_whether_it_uses_the_learning_phase(layer, uses):
    assert layer.uses_learning_phase is uses


def plain_init(shape, name=None):
    return K.variable(np.full(shape, 0.5), name=name)


@pytest.mark.parametrize(
    "layer, shape",
    [
        (L.Convolution1D(2, 2, init=plain_init), (4, 3)),
        (L.Convolution2D(2, 2, 2, init=plain_init), (1, 4, 4)),
        (L.Convolution3D(2, 2, 2, 2, init=plain_init), (1, 4, 4, 4)),
        (L.SeparableConvolution2D(2, 2, 2, init=plain_init), (1, 4, 4)),
    ],
    ids=lambda value: getattr(value, "name", None),
)
def test_an_initialization_may_lack_dim_ordering(layer, shape):
    layer(Input(shape=shape))
    assert (layer.get_weights()[0] == 0.5).all()


def test_batch_normalization_in_mode_2_normalizes_along_any_axis():
    x = np.arange(24.0).reshape(2, 3, 4)
    inputs = Input(shape=(3, 4))
    model = Model(inputs, L.BatchNormalization(mode=2, axis=1)(inputs))
    row = [-1.2288, -1.0650, -0.9011, -0.7373]  # 1.2.2
    expected = [[row] * 3, [[-value for value in row[::-1]]] * 3]
    np.testing.assert_allclose(model.predict(x), expected, atol=1e-4)


def test_cropping_may_leave_nothing():
    assert L.Cropping1D((2, 2))(Input((4, 3))).shape == (None, 0, 3)


def test_zero_padding_has_its_widths():
    one, two = L.ZeroPadding1D((1, 2)), L.ZeroPadding2D((1, 2, 3, 4))
    assert (one.left_pad, one.right_pad) == (1, 2)
    assert (two.top_pad, two.bottom_pad, two.left_pad, two.right_pad) == (1, 2, 3, 4)


@pytest.mark.parametrize(
    "options, moved",
    [({"data_format": "channels_first"}, True), ({"data_format": "channels_last"}, False), ({}, False)],
    ids=str,
)
def test_flatten_of_channels_first_gives_the_order_of_channels_last(options, moved):
    """As in Keras 2.2 and later: layers/core.py of 2.3.1 moves the axis of the channels to the end."""
    images = np.arange(24, dtype="float32").reshape(1, 2, 3, 4)
    x = Input(shape=images.shape[1:])
    model = Model(input=x, output=L.Flatten(**options)(x))
    wanted = np.moveaxis(images, 1, -1) if moved else images
    np.testing.assert_array_equal(model.predict(images), wanted.reshape(1, -1))
    np.testing.assert_array_equal(
        Model.from_config(model.get_config()).predict(images), wanted.reshape(1, -1)
    )


@pytest.mark.parametrize("length, rate, step", [(2, 1, 1), (3, 2, 1), (3, 1, 2)])
def test_a_causal_convolution_depends_on_no_later_step(length, rate, step):
    numbers = np.random.RandomState(0)
    steps = numbers.rand(2, 7, 3).astype("float32")
    x = Input(shape=(7, 3))
    options = {"padding": "causal", "dilation_rate": rate, "strides": step}
    model = Model(input=x, output=L.Conv1D(4, length, **options)(x))
    kernel, bias = model.get_weights()
    padded = np.pad(steps, ((0, 0), ((length - 1) * rate, 0), (0, 0)))
    wanted = [
        bias + sum(padded[:, at + k * rate] @ kernel.reshape(length, 3, 4)[k] for k in range(length))
        for at in range(0, 7, step)
    ]
    assert model.output_shape == (None, len(wanted), 4)
    np.testing.assert_allclose(model.predict(steps), np.stack(wanted, 1), rtol=1e-5, atol=1e-6)
    again = Model.from_config(model.get_config())
    again.set_weights(model.get_weights())
    np.testing.assert_array_equal(again.predict(steps), model.predict(steps))


def test_a_dilated_convolution_over_volumes_skips_elements():
    volumes = np.random.RandomState(0).rand(1, 4, 5, 6, 1).astype("float32")
    x = Input(shape=volumes.shape[1:])
    options = {"dilation_rate": (2, 1, 3), "data_format": "channels_last"}
    model = Model(input=x, output=L.Conv3D(1, 2, **options)(x))
    kernel, bias = model.get_weights()
    wanted = np.full((2, 4, 3), bias[0])
    for a, b, c in np.ndindex(2, 2, 2):
        wanted += kernel[a, b, c, 0, 0] * volumes[0, 2 * a : 2 * a + 2, b : b + 4, 3 * c : 3 * c + 3, 0]
    np.testing.assert_allclose(model.predict(volumes)[0, ..., 0], wanted, rtol=1e-5)
