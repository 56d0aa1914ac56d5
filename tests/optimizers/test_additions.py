"""Keyword arguments of all optimizers: accumulated gradients, averages of weights, factors by layer."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from keras import optimizers
from keras.layers import Dense, Input
from keras.models import Model, load_model

X = np.random.RandomState(0).randn(24, 3).astype("float32")
Y = np.random.RandomState(1).randn(24, 1).astype("float32")


def model_of(optimizer, weights=None):
    x = Input(shape=(3,))
    model = Model(input=x, output=Dense(1, name="last")(Dense(2, name="first")(x)))
    model.compile(optimizer=optimizer, loss="mse")
    if weights is not None:
        model.set_weights(weights)
    return model


def train(model, batch_size, nb_epoch=1):
    model.fit(X, Y, batch_size=batch_size, nb_epoch=nb_epoch, shuffle=False, verbose=0)
    return model.get_weights()


@pytest.mark.parametrize("clipping", [{}, {"clipnorm": 0.5}])
def test_accumulated_gradients_are_those_of_the_larger_batch(clipping):
    model = model_of(optimizers.Adam(lr=0.1, gradient_accumulation_steps=3, **clipping))
    large = model_of(optimizers.Adam(lr=0.1, **clipping), model.get_weights())
    for own, other in zip(train(model, 4), train(large, 12), strict=True):
        assert_allclose(own, other, rtol=1e-4, atol=1e-6)


def test_weights_wait_until_the_last_batch():
    model = model_of(optimizers.SGD(gradient_accumulation_steps=5))
    before = model.get_weights()
    assert_array_equal(train(model, 6)[0], before[0])  # four batches


def test_fit_ends_with_the_running_averages():
    model = model_of(optimizers.SGD(lr=0.1, use_ema=True, ema_momentum=0.75))
    plain = model_of(optimizers.SGD(lr=0.1), model.get_weights())
    expected = plain.get_weights()
    for start in range(0, 24, 8):
        plain.train_on_batch(X[start : start + 8], Y[start : start + 8])
        expected = [0.75 * a + 0.25 * w for a, w in zip(expected, plain.get_weights(), strict=True)]
    for own, other in zip(train(model, 8), expected, strict=True):
        assert_allclose(own, other, rtol=1e-5, atol=1e-6)


def test_steps_are_multiplied_by_layer_and_weight():
    model = model_of(optimizers.SGD(lr=0.1, lr_multipliers={"first": 0, "last": 0.5, "last_b": 2}))
    before = model.get_weights()
    plain = model_of(optimizers.SGD(lr=0.1), before)
    steps = [new - old for new, old in zip(train(model, 24), before, strict=True)]
    full = [new - old for new, old in zip(train(plain, 24), before, strict=True)]
    for step, other, factor in zip(steps, full, [0, 0, 0.5, 2], strict=True):
        assert_allclose(step, factor * other, rtol=1e-4, atol=1e-7)


def test_unknown_layer_is_refused():
    with pytest.raises(
        ValueError, match="lr_multipliers names 'frist'; .* are first, first_W, first_b, last"
    ):
        model_of(optimizers.SGD(lr_multipliers={"frist": 0.1}))


def test_additions_and_their_state_are_saved(tmp_path):
    options = {
        "gradient_accumulation_steps": 2,
        "use_ema": True,
        "ema_momentum": 0.5,
        "lr_multipliers": {"first": 0.1},
        "global_clipnorm": 1.0,
    }
    model = model_of(optimizers.Adam(**options))
    train(model, 8)
    model.save(tmp_path / "model.h5")
    loaded = load_model(tmp_path / "model.h5")
    assert {name: loaded.optimizer.get_config()[name] for name in options} == options
    for own, other in zip(loaded.optimizer.get_weights(), model.optimizer.get_weights(), strict=True):
        assert_array_equal(own, other)


@pytest.mark.parametrize(
    "arguments, message",
    [
        (
            {"gradient_accumulation_steps": 0},
            "gradient_accumulation_steps must be an int of 1 or more; got 0",
        ),
        ({"ema_momentum": 2}, "ema_momentum must be a number in 0 .. 1; got 2"),
        ({"lr_multipliers": {"first": -1}}, r"lr_multipliers\['first'\] must be finite > 0"),
        ({"clipnorm": 1, "global_clipnorm": 1}, "are the same; pass one"),
    ],
)
def test_wrong_argument_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        optimizers.SGD(**arguments)
