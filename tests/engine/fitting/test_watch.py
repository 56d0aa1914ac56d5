"""The first loss that is not finite is reported with its origin; training then continues as in 1.2.2."""

import warnings

import numpy as np
import pytest

from keras import backend as K
from keras.callbacks import LambdaCallback, ModelCheckpoint, TerminateOnNaN
from keras.layers import Dense, Dropout, Input, Lambda
from keras.models import Model, Sequential

X = np.random.RandomState(0).rand(16, 3).astype("float32")
Y = np.zeros((16, 2), "float32")


def logarithm(dropout=0.0):
    """Returns a model that takes the logarithm of negative numbers."""
    first = Dense(4, init="one", input_dim=3, name="first")
    model = Sequential(
        [first, Dropout(dropout), Lambda(lambda x: K.log(-x), name="logs"), Dense(2, name="out")]
    )
    model.compile("sgd", "mse")
    return model


def fit(model, y=Y, **options):
    return model.fit(X, y, **{"batch_size": 4, "nb_epoch": 2, "verbose": 0, **options})


@pytest.mark.parametrize("watched", [False, True], ids=["program", "batch by batch"])
def test_one_warning_names_the_layer_and_training_continues(watched):
    model = logarithm()
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
    assert np.isnan(model.get_weights()[0]).all()  # as in 1.2.2


def test_raise_stops_before_the_update():
    model = logarithm()
    before = model.get_weights()
    with pytest.raises(FloatingPointError, match="layer 'logs'"):
        fit(model, check_numerics="raise")
    for was, now in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(was, now)


def test_check_numerics_false_is_silent():
    model = logarithm()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fit(model, check_numerics=False)
    assert np.isnan(model.get_weights()[0]).all()  # as in 1.2.2


def test_generators_are_watched():
    def batches():
        while True:
            yield X[:4], Y[:4]

    with pytest.raises(FloatingPointError, match="epoch 0, batch 0 is nan. It begins in layer 'logs'"):
        logarithm().fit_generator(batches(), 8, 1, verbose=0, check_numerics="raise")


@pytest.mark.parametrize("watched", [False, True], ids=["program", "batch by batch"])
@pytest.mark.parametrize("samples", [16, 14], ids=["in a full batch", "in a short one"])
def test_the_watch_does_not_change_training(samples, watched):
    """An infinite loss with finite gradients is reported and takes part in training."""

    def infinite_in_places(y_true, y_pred):
        return K.mean(K.square(y_pred - y_true), axis=-1) + K.stop_gradient(1 / y_true[:, 0])

    y = np.ones((samples, 2), "float32")
    y[samples - 1, 0] = 0.0
    trained = []
    for check in (True, False):
        np.random.seed(1)
        model = Sequential([Dense(4, init="one", input_dim=3), Dropout(0.5), Dense(2, init="one")])
        model.compile("rmsprop", infinite_in_places)
        callbacks = [LambdaCallback(on_batch_end=lambda *_: None)] if watched else []
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            model.fit(
                X[:samples],
                y,
                batch_size=4,
                nb_epoch=3,
                shuffle=False,
                verbose=0,
                callbacks=callbacks,
                check_numerics=check,
            )
        assert sum("epoch 0, batch 3 is inf" in str(w.message) for w in caught) == check
        trained.append(model.get_weights())
    for one, other in zip(*trained, strict=True):
        assert np.isfinite(one).all()
        np.testing.assert_array_equal(one, other)


def test_non_finite_loss_is_named():
    def broken(y_true, y_pred):
        return K.log(K.mean(y_pred, axis=-1) * 0 - 1)

    model = Sequential([Dense(2, input_dim=3)])
    model.compile("sgd", broken)
    with pytest.warns(RuntimeWarning, match=r"begins in the loss \(broken\): the step 'log'"):
        fit(model)


def test_infinity_without_effect_is_ignored():
    """The logarithm of 0 in a mask for a softmax comes first and has no effect."""
    x = Input(shape=(3,))
    masked = Lambda(lambda t: K.softmax(t + K.log(K.cast(K.greater(t, 0.3), "float32"))), name="masked")(x)
    model = Model(x, Lambda(lambda t: K.log(t * 0 - 1), name="logs")(Dense(2, name="out")(masked)))
    model.compile("sgd", "mse")
    with pytest.warns(RuntimeWarning, match="begins in layer 'logs'"):
        fit(model)


def test_non_finite_weights_are_named():
    model = Sequential([Dense(2, input_dim=3, name="out")])
    model.compile("sgd", "mse")
    model.set_weights([np.full((3, 2), np.inf), np.zeros(2)])
    with pytest.warns(RuntimeWarning, match="weight 'out_W' of layer 'out' is not finite.*6 of 6 infinite"):
        fit(model)


def test_the_second_run_of_a_batch_drops_the_same_elements():
    """With other draws of drop-out the first half of the columns would not be looked at."""
    model = logarithm(dropout=0.5)
    with pytest.warns(RuntimeWarning, match="begins in layer 'logs'"):
        fit(model)


def test_checkpoint_never_saves_a_nan_epoch_as_best(tmp_path):
    path = tmp_path / "best.h5"
    with pytest.warns(RuntimeWarning):
        fit(logarithm(), callbacks=[ModelCheckpoint(path, monitor="loss", save_best_only=True)])
    assert not path.exists()


def test_terminate_on_nan_ends_with_the_batch():
    model = logarithm()
    with pytest.warns(RuntimeWarning):
        history = fit(model, callbacks=[TerminateOnNaN()])
    assert model.train_function.step == 1  # of 8 batches
    assert np.isnan(history.history["loss"]).tolist() == [True]
