"""Recurrent layers that users derive in the manner of Keras 1."""

import runpy

import numpy as np
import pytest
from recorded import GOLDEN, OUTPUT

from keras import backend as K
from keras.engine import InputSpec
from keras.layers import GRU, LSTM, ConvLSTM2D, Input, Recurrent, SimpleRNN
from keras.models import Model, Sequential

OWN = runpy.run_path(str(GOLDEN / "own_recurrent.py"))


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


@pytest.mark.parametrize("case", OWN["CASES"], ids=OWN["case_name"])
def test_layers_of_users_answer_as_in_the_original(case):  # origin: golden/record_own_recurrent.py
    recorded = np.load(GOLDEN / "own_recurrent.npz")
    found, _ = OWN["answer"](case)
    for i, array in enumerate(found):
        expected = recorded[f"{OWN['case_name'](case)}/{i}"]
        assert np.isfinite(expected).all()
        np.testing.assert_allclose(array, expected, **OUTPUT, err_msg=str(i))


@pytest.mark.parametrize("mode", ["cpu", "mem", "gpu"])
@pytest.mark.parametrize("cls, gates", [(SimpleRNN, 1), (GRU, 3), (LSTM, 4)])
def test_the_constants_are_B_U_and_B_W_in_every_mode(cls, gates, mode):  # forms: asked of the original
    def forms(masks):
        masks = masks if gates > 1 else [masks]
        return [getattr(mask, "shape", ()) for mask in masks]

    x = Input((4, 5))
    plain, dropping = cls(3, consume_less=mode), cls(3, consume_less=mode, dropout_U=0.3, dropout_W=0.2)
    for layer, shape_U, shape_W in ((plain, (), ()), (dropping, (None, 3), (None, 5))):
        layer(x)
        B_U, B_W = layer.get_constants(x)
        assert forms(B_U) == [shape_U] * gates
        assert forms(B_W) == [shape_W] * gates


@pytest.mark.parametrize("cls, names", [(GRU, "zrh"), (LSTM, "ifco")])
def test_preprocess_input_puts_the_gates_in_the_order_of_the_original(cls, names):  # asked of the original
    layer = cls(1)
    x = Input((1, 1))
    layer(x)
    for number, name in enumerate(names, 1):
        K.set_value(getattr(layer, f"W_{name}"), [[0.0]])
        K.set_value(getattr(layer, f"b_{name}"), [10.0 * number])
    sums = K.function([x], [layer.preprocess_input(x)])([np.ones((1, 1, 1))])[0]
    assert sums.ravel().tolist() == [10.0 * number for number in range(1, len(names) + 1)]


class PlainStep(ConvLSTM2D):
    """Makes ConvLSTM2D run the methods of Keras 1 instead of its fast form."""

    def step(self, x, states):
        return super().step(x, states)


@pytest.mark.parametrize("ordering", ["th", "tf"])
def test_the_step_of_a_convolutional_lstm_takes_the_images(ordering):
    shape = (3, 2, 6, 5) if ordering == "th" else (3, 6, 5, 2)
    x = Input(shape)
    fast, stepped = (
        cls(4, 3, 2, dim_ordering=ordering, return_sequences=True) for cls in (ConvLSTM2D, PlainStep)
    )
    models = [Model(x, layer(x)) for layer in (fast, stepped)]
    stepped.set_weights(fast.get_weights())
    data = np.random.RandomState(0).rand(2, *shape)
    np.testing.assert_allclose(*(model.predict(data) for model in models), rtol=1e-5, atol=1e-6)


class Shouting(LSTM):
    def get_constants(self, x):
        return [*super().get_constants(x), K.mean(x, axis=1)]


def test_an_extra_constant_leaves_the_recurrent_part_as_it_is():
    x = Input((4, 5))
    models = [Model(x, cls(3)(x)) for cls in (LSTM, Shouting)]
    models[1].set_weights(models[0].get_weights())
    data = np.random.RandomState(0).rand(2, 4, 5)
    np.testing.assert_allclose(*(model.predict(data) for model in models), rtol=1e-5, atol=1e-6)
