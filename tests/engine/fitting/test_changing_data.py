"""Callbacks that change the training data: the next epoch uses the new values, as in Keras 1.2.2."""

import numpy as np
import pytest

from keras import backend as K
from keras.callbacks import Callback, CallbackList, EarlyStopping, History, LambdaCallback
from keras.layers import Dense
from keras.models import Sequential


class Doubling(Callback):
    def __init__(self, *arrays):
        super().__init__()
        self.arrays = arrays

    def on_epoch_begin(self, epoch, logs=None):
        for array in self.arrays:
            array *= 2


@pytest.mark.parametrize("of_lambdas", [False, True])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_next_epoch_uses_data_changed_by_a_callback(dtype, of_lambdas):
    x, y, val_y = np.zeros((8, 3), dtype), np.ones((8, 1), dtype), np.ones((4, 1), dtype)
    model = Sequential([Dense(1, input_dim=3)])
    model.compile("sgd", "mse")
    K.set_value(model.optimizer.lr, 0)
    callback = Doubling(y, val_y)
    if of_lambdas:
        callback = LambdaCallback(on_epoch_begin=callback.on_epoch_begin)
    history = model.fit(
        x, y, batch_size=4, nb_epoch=3, verbose=0, validation_data=(x[:4], val_y), callbacks=[callback]
    ).history
    assert history["loss"] == history["val_loss"] == [4, 16, 64]


def test_only_user_callbacks_may_change_data():
    assert not CallbackList([History(), EarlyStopping()]).has_others
    assert CallbackList([History(), Doubling()]).has_others
