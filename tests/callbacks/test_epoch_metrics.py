"""Metrics over all data of an epoch: against the same numbers from `predict`."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from keras.callbacks import EarlyStopping, EpochMetrics, ModelCheckpoint
from keras.layers import Dense, Input
from keras.models import Model

X = np.random.RandomState(0).randn(12, 3).astype("float32")
Y = np.random.RandomState(1).randn(12, 1).astype("float32")


def correlation(y_true, y_pred):
    return abs(np.corrcoef(y_true[:, 0], y_pred[:, 0])[0, 1]) + 5


def fit(callbacks, **options):
    x = Input(shape=(3,))
    model = Model(input=x, output=Dense(1)(x))
    model.compile(optimizer="sgd", loss="mse")
    history = model.fit(X, Y, batch_size=5, nb_epoch=2, verbose=0, callbacks=callbacks, **options)
    return model, history.history


def test_metric_is_computed_once_over_all_validation_data():
    stopping = EarlyStopping("val_correlation", mode="max", patience=9)
    model, history = fit([EpochMetrics(correlation, batch_size=5), stopping], validation_data=(X, Y))
    assert len(history["val_correlation"]) == 2
    assert_allclose(history["val_correlation"][-1], correlation(Y, model.predict(X)), rtol=1e-5)
    assert stopping.best == max(history["val_correlation"])


def test_names_and_data_of_ones_own():
    model, history = fit([EpochMetrics({"r": correlation}, data=(X[:7], Y[:7]))])
    assert_allclose(history["r"][-1], correlation(Y[:7], model.predict(X[:7])), rtol=1e-5)


def test_names_are_known_to_other_callbacks_before_training(tmp_path):
    saving = ModelCheckpoint(str(tmp_path / "{val_correlation:.0f}.h5"))
    fit([EpochMetrics(correlation), saving], validation_data=(X, Y))
    assert [path.suffix for path in tmp_path.iterdir()] == [".h5"]


def test_no_data_is_an_error():
    with pytest.raises(ValueError, match=r"correlation need data; .* EpochMetrics\(metrics, data=\(x, y\)\)"):
        fit([EpochMetrics(correlation)])
