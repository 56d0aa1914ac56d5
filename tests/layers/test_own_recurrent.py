"""Recurrent layers that users derive in the manner of Keras 1."""

import numpy as np

from keras import backend as K
from keras.engine import InputSpec
from keras.layers import LSTM, Recurrent
from keras.models import Sequential


class Sums(Recurrent):
    """Adds up its inputs; `build` and `reset_states` are written as those of SimpleRNN in Keras 1.2.2."""

    def __init__(self, output_dim, **kwargs):
        self.output_dim = output_dim
        super().__init__(**kwargs)

    def build(self, input_shape):
        self.input_spec = [InputSpec(shape=input_shape)]
        if self.stateful:
            self.reset_states()
        else:
            self.states = [None]
        self.built = True

    def reset_states(self):
        shape = (self.input_spec[0].shape[0], self.output_dim)
        if hasattr(self, "states"):
            K.set_value(self.states[0], np.zeros(shape))
        else:
            self.states = [K.zeros(shape)]

    def step(self, x, states):
        total = states[0] + x
        return total, [total]


def test_a_stateful_layer_that_asks_whether_it_has_states_keeps_and_resets_them():
    model = Sequential([Sums(3, stateful=True, batch_input_shape=(2, 4, 3))])
    x = np.ones((2, 4, 3))
    assert model.predict(x, batch_size=2).tolist() == [[4.0] * 3] * 2
    assert model.predict(x, batch_size=2).tolist() == [[8.0] * 3] * 2
    model.reset_states()
    assert model.predict(x, batch_size=2).tolist() == [[4.0] * 3] * 2


def test_states_do_not_exist_before_build():
    assert not hasattr(LSTM(3), "states")
