"""A loss that is not finite: it changes no weights, and the first is reported with where it began."""

import warnings

import numpy as np
import pytest

from keras import backend as K
from keras.callbacks import LambdaCallback, ModelCheckpoint
from keras.layers import Dense, Dropout, Input, Lambda
from keras.models import Model, Sequential

X = np.random.RandomState(0).rand(16, 3).astype("float32")
Y = np.zeros((16, 2), "float32")


def logarithm(dropout=0.0):
    """A model that takes the logarithm of negative numbers."""
    first = Dense(4, init="one", input_dim=3, name="first")
    model = Sequential(
        [first, Dropout(dropout), Lambda(lambda x: K.log(-x), name="logs"), Dense(2, name="out")]
    )
    model.compile("sgd", "mse")
    return model


def fit(model, y=Y, **options):
    return model.fit(X, y, **{"batch_size": 4, "nb_epoch": 2, "verbose": 0, **options})


@pytest.mark.parametrize("watched", [False, True], ids=["program", "batch by batch"])
def test_the_layer_is_named_once_and_training_goes_on(watched):
    model = logarithm()
    before = model.get_weights()
    callbacks = [LambdaCallback(on_batch_end=lambda *_: None)] if watched else []
    with pytest.warns(RuntimeWarning) as caught:
        history = fit(model, callbacks=callbacks)
    assert len(caught) == 1 and caught[0].filename == __file__
    told = str(caught[0].message)
    assert (
        "loss of epoch 0, batch 0 is nan. It begins in layer 'logs' (its call 0): the step 'log' made" in told
    )
    assert "(shape (4, 4), 16 of 16 NaN)" in told
    assert np.isnan(history.history["loss"]).all() and len(history.history["loss"]) == 2
    for was, now in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(was, now)


def test_raise_stops_there():
    with pytest.raises(FloatingPointError, match="layer 'logs'"):
        fit(logarithm(), check_numerics="raise")


def test_nothing_is_said_where_that_is_not_wanted():
    model = logarithm()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fit(model, check_numerics=False)
    assert np.isnan(model.get_weights()[0]).all()  # as in 1.2.2


def test_generators_are_watched_too():
    def batches():
        while True:
            yield X[:4], Y[:4]

    with pytest.raises(FloatingPointError, match="epoch 0, batch 0 is nan. It begins in layer 'logs'"):
        logarithm().fit_generator(batches(), 8, 1, verbose=0, check_numerics="raise")


def test_one_bad_batch_is_left_out():
    """The weights are those of training without it."""
    x = X.copy()
    x[5] = np.nan  # in the second of four batches
    one, other = (Sequential([Dense(2, init="one", input_dim=3)]) for _ in range(2))
    for model in (one, other):
        model.compile("sgd", "mse")
    for start in (0, 4, 8, 12):
        rows = slice(start, start + 4)
        one._train_on([x[rows], Y[rows], np.ones(4)])  # without the check of the data
        if start != 4:
            other.train_on_batch(x[rows], Y[rows])
    np.testing.assert_array_equal(one.get_weights()[0], other.get_weights()[0])


def test_the_loss_is_named():
    def broken(y_true, y_pred):
        return K.log(K.mean(y_pred, axis=-1) * 0 - 1)

    model = Sequential([Dense(2, input_dim=3)])
    model.compile("sgd", broken)
    with pytest.warns(RuntimeWarning, match=r"begins in the loss \(broken\): the step 'log'"):
        fit(model)


def test_infinity_without_effect_is_passed_over():
    """As a mask for a softmax has it: the logarithm of 0 comes before, and does no harm."""
    x = Input(shape=(3,))
    masked = Lambda(lambda t: K.softmax(t + K.log(K.cast(K.greater(t, 0.3), "float32"))), name="masked")(x)
    model = Model(x, Lambda(lambda t: K.log(t * 0 - 1), name="logs")(Dense(2, name="out")(masked)))
    model.compile("sgd", "mse")
    with pytest.warns(RuntimeWarning, match="begins in layer 'logs'"):
        fit(model)


def test_weights_that_are_not_finite_are_named():
    model = Sequential([Dense(2, input_dim=3, name="out")])
    model.compile("sgd", "mse")
    model.set_weights([np.full((3, 2), np.inf), np.zeros(2)])
    with pytest.warns(RuntimeWarning, match="weight 'out_W' of layer 'out' is not finite.*6 of 6 infinite"):
        fit(model)


def test_the_same_numbers_are_dropped_when_the_batch_is_run_again():
    """With other draws of drop-out the first half of the columns would not be looked at."""
    model = logarithm(dropout=0.5)
    with pytest.warns(RuntimeWarning, match="begins in layer 'logs'"):
        fit(model)


def test_nan_is_never_the_best(tmp_path):
    path = tmp_path / "best.h5"
    with pytest.warns(RuntimeWarning):
        fit(logarithm(), callbacks=[ModelCheckpoint(path, monitor="loss", save_best_only=True)])
    assert not path.exists()
