"""What is masked or has the weight 0 adds nothing to a loss and its gradients, whatever its value."""

import numpy as np
import pytest

from keras import backend as K
from keras.engine import Layer
from keras.engine.fitting.losses import weighted_objective
from keras.engine.fitting.uncounted import without_bad_values
from keras.layers import GRU, LSTM, Dense, Embedding, Input, Lambda, Masking, SimpleRNN, TimeDistributed
from keras.models import Model, Sequential
from keras.objectives import mean_squared_error

LOSSES = (
    *("mse", "mae", "mape", "msle", "hinge", "squared_hinge", "poisson", "kld", "cosine_proximity"),
    *("binary_crossentropy", "categorical_crossentropy"),
)


def step(model, x, y, **options):
    """Returns the losses of one step, and whether no weight changed; all weights must stay finite."""
    before = model.get_weights()
    losses = model.train_on_batch(x, y, **options)
    after = model.get_weights()
    assert all(np.isfinite(weight).all() for weight in after)
    return losses, all(np.array_equal(a, b) for a, b in zip(before, after, strict=True))


@pytest.mark.parametrize("cls", [SimpleRNN, GRU, LSTM])
@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_a_wholly_masked_batch_changes_no_weight(cls, optimizer):
    layers = [Embedding(5, 3, mask_zero=True), cls(4, return_sequences=True), TimeDistributed(Dense(2))]
    model = Sequential(layers)
    model.compile(optimizer, "mse")
    assert step(model, np.zeros((2, 4)), np.ones((2, 4, 2))) == (0, True)


@pytest.mark.parametrize("loss", LOSSES)
def test_a_batch_of_weight_zero_changes_no_weight_even_if_predictions_are_huge(loss):
    model = Sequential([Dense(4, input_dim=3, activation="relu"), Dense(2)])
    model.compile("sgd", loss)
    x = np.full((2, 3), 1e20)
    assert step(model, x, np.full((2, 2), 0.5), sample_weight=np.zeros(2)) == (0, True)


def test_an_output_whose_weights_are_all_zero_leaves_the_others_alone():
    x = Input((3,))
    hidden = Dense(4)(x)
    model = Model(x, [Dense(1, name="a")(hidden), Dense(1, name="b")(hidden)])
    model.compile("sgd", "mse")
    only_b = Model(x, model.outputs[1])
    only_b.compile("sgd", "mse")
    first = model.get_weights()
    data, y = np.ones((2, 3)), np.ones((2, 1))
    (total, a, b), _ = step(model, data, [y, y], sample_weight={"a": np.zeros(2)})
    assert a == 0
    assert total == b
    together = model.get_weights()
    model.set_weights(first)
    step(only_b, data, y)
    for found, expected in zip(together, model.get_weights(), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-6)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e20])
def test_rows_of_weight_zero_may_hold_anything(bad):
    model = Sequential([Dense(4, input_dim=3, activation="tanh"), Dense(1)])
    model.compile("sgd", "mse")
    x, y = np.ones((4, 3)), np.ones((4, 1))
    first = model.get_weights()
    clean = step(model, x, y, sample_weight=np.array([1.0, 1.0, 0.0, 0.0]))[0]
    expected = model.get_weights()
    model.set_weights(first)
    x[2:], y[2:] = bad, bad
    found = step(model, x, y, sample_weight=np.array([1.0, 1.0, 0.0, 0.0]))[0]
    np.testing.assert_allclose(found, clean, rtol=1e-6)
    for array, same in zip(model.get_weights(), expected, strict=True):
        np.testing.assert_allclose(array, same, rtol=1e-6)
    assert not np.isfinite(y).all() or bad == 1e20  # the caller's arrays are as they were


class UnderTheMask(Layer):
    """Makes masked steps infinite."""

    supports_masking = True

    def call(self, x, mask=None):
        return K.switch(K.expand_dims(mask), x, x + np.inf)


@pytest.mark.parametrize("cls", [SimpleRNN, GRU, LSTM])
@pytest.mark.parametrize("mode", ["cpu", "gpu"])
def test_infinity_under_a_mask_reaches_no_weight_of_a_recurrent_layer(cls, mode):
    model = Sequential([Masking(input_shape=(4, 3)), UnderTheMask(), cls(5, consume_less=mode)])
    model.compile("sgd", "mse")
    x = np.ones((2, 4, 3))
    x[0, 2:] = 0
    loss, unchanged = step(model, x, np.ones((2, 5)))
    assert np.isfinite(loss)
    assert not unchanged


def test_infinite_predictions_under_a_mask_do_not_count():
    model = Sequential([Masking(input_shape=(4, 3)), LSTM(3, return_sequences=True), UnderTheMask()])
    model.compile("sgd", "mse")
    x = np.ones((2, 4, 3))
    x[0, 2:] = 0
    assert np.isfinite(step(model, x, np.ones((2, 4, 3)))[0])


def test_masking_by_infinity_masks_infinity():
    model = Sequential([Masking(np.inf, input_shape=(2, 1))])
    assert model.predict(np.array([[[np.inf], [2.0]]])).ravel().tolist() == [0.0, 2.0]


def test_a_loss_of_weight_zero_adds_not_even_nan():
    x = Input((3,))
    bad = Lambda(lambda y: K.log(-K.square(y) - 1))(Dense(1)(x))
    model = Model(x, [Dense(1)(x), bad])
    model.compile("sgd", "mse", loss_weights=[1, 0])
    total, first, _ = step(model, np.ones((2, 3)), [np.ones((2, 1))] * 2)[0]
    assert total == first


def test_finite_values_have_the_weights_of_1_2_2():
    # NumPy: the mean of loss * mask * weight, divided by the means of mask and of weight != 0.
    numbers = np.random.RandomState(0)
    y, p = numbers.rand(3, 4, 2), numbers.rand(3, 4, 2)
    mask, weights = numbers.randint(0, 2, (3, 4)).astype(float), np.array([0.5, 0.0, 2.0])
    score = ((y - p) ** 2).mean(-1) * mask / mask.mean()
    expected = (score.mean(-1) * weights / (weights != 0).mean()).mean()
    tensors = [K.variable(array) for array in (y, p, weights, mask)]
    found = K.eval(weighted_objective(mean_squared_error)(*tensors))
    np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_a_loss_of_the_whole_batch_keeps_its_gradient_in_rows_of_weight_zero():
    model = Sequential([Dense(1, input_dim=2)])
    model.compile("sgd", lambda t, p: K.mean(K.square(t - p)))  # a scalar, as users wrote it
    x, y = np.array([[1.0, 0.0], [0.0, 1.0]]), np.ones((2, 1))
    before = model.get_weights()[0]
    step(model, x, y, sample_weight=np.array([1.0, 0.0]))
    assert (model.get_weights()[0] != before).all()


def test_steps_of_weight_zero_are_cleaned_one_by_one():
    y = np.ones((2, 3, 1))
    y[0, 1] = np.nan
    weights = np.ones((2, 3))
    weights[0, 1] = 0
    (x,), (cleaned,) = without_bad_values([np.full((2, 1), np.inf)], [y], [weights])
    assert np.isinf(x).all()  # each sample counts
    assert np.isnan(y[0, 1, 0])
    assert cleaned[0, :, 0].tolist() == [1.0, 0.0, 1.0]
