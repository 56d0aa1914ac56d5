"""`RNN`: constants, dropout of cells on top of each other; TimeDistributed over several inputs."""

import numpy as np
import pytest

from keras import backend as K
from keras import layers
from keras.models import Model

X = np.random.RandomState(0).rand(2, 5, 3).astype("float32")
C = np.random.RandomState(1).rand(2, 4).astype("float32")


class Conditioned(layers.Layer):
    """h' = tanh(x W + h + c V), where c is a constant."""

    def __init__(self, units, **kwargs):
        self.units = self.state_size = units
        super().__init__(**kwargs)

    def build(self, input_shape):
        step, constant = input_shape
        self.W = self.add_weight(name="W", shape=(step[-1], self.units), initializer="uniform")
        self.V = self.add_weight(name="V", shape=(constant[-1], self.units), initializer="uniform")
        self.built = True

    def call(self, inputs, states, constants=None):
        h = K.tanh(K.dot(inputs, self.W) + states[0] + K.dot(constants[0], self.V))
        return h, [h]

    def get_config(self):
        return {**super().get_config(), "units": self.units}


def test_constants_reach_the_cell_in_every_step_and_are_saved():
    x, c, h = layers.Input((5, 3)), layers.Input((4,)), layers.Input((2,))
    layer = layers.RNN(Conditioned(2), return_sequences=True)
    model = Model([x, h, c], layer(x, initial_state=h, constants=c))
    W, V = model.get_weights()
    state = start = np.ones((2, 2))
    expected = []
    for step in X.swapaxes(0, 1):
        state = np.tanh(step @ W + state + C @ V)
        expected.append(state)
    np.testing.assert_allclose(model.predict([X, start, C]), np.stack(expected, axis=1), rtol=1e-5)
    again = Model.from_config(model.get_config(), custom_objects={"Conditioned": Conditioned})
    again.set_weights(model.get_weights())
    np.testing.assert_array_equal(again.predict([X, start, C]), model.predict([X, start, C]))
    with pytest.raises(ValueError, match="it was built with 1"):
        layer(x, constants=[c, c])


def test_constants_reach_those_of_several_cells_that_take_them():
    x, c = layers.Input((5, 3)), layers.Input((4,))
    y = layers.RNN([layers.GRUCell(6), Conditioned(2)])(x, constants=[c])
    model = Model([x, c], y)
    assert not np.allclose(model.predict([X, C]), model.predict([X, 0 * C]))


def test_a_cell_that_takes_no_constants_refuses_them():
    with pytest.raises(ValueError, match="LSTMCell takes no constants"):
        layers.RNN(layers.LSTMCell(2))(layers.Input((5, 3)), constants=layers.Input((4,)))


@pytest.mark.parametrize("place", [0, 1])
def test_each_of_several_cells_drops_in_training(place):
    """A cell without weights but for its inputs: with all of them dropped, its output is 0."""
    rates = [0.0, 0.0]
    rates[place] = 1 - 1e-7
    cells = [layers.SimpleRNNCell(4, dropout=rate) for rate in rates]
    x = layers.Input((5, 3))
    y = layers.RNN(cells, return_sequences=True)(x)
    train = K.function([x, K.learning_phase()], [y])
    assert train([X, 0])[0].all() and not train([X, 1])[0].any()


def test_a_cell_of_the_programs_own_derives_from_ours():
    class Doubled(layers.LSTMCell):
        def call(self, inputs, states, training=None):
            h, states = super().call(inputs, states, training=training)
            return 2 * h, states

    x, plain = layers.Input((5, 3)), layers.LSTMCell(2)
    plain_y, own_y = layers.RNN(plain)(x), layers.RNN(Doubled(2, dropout=0.5))(x)
    model = Model(x, [plain_y, own_y])
    weights = model.get_weights()
    model.set_weights([*weights[:3], *weights[:3]])
    one, two = model.predict(X)
    np.testing.assert_allclose(two, 2 * one, rtol=1e-5)


@pytest.mark.parametrize("steps", [5, None])
def test_time_distributed_takes_a_model_with_several_inputs(steps):
    a, b = layers.Input((3,)), layers.Input((2, 3))
    step = Model([a, b], [layers.Dense(2)(a), layers.Dot(axes=(1, 2))([a, b])])
    xs, ys = layers.Input((None, 3)), layers.Input((steps, 2, 3))
    outputs = layers.TimeDistributed(step)([xs, ys])
    model = Model([xs, ys], outputs)
    Y = np.random.RandomState(2).rand(2, 5, 2, 3).astype("float32")
    found = model.predict([X, Y])
    for i in range(5):
        for whole, one in zip(found, step.predict([X[:, i], Y[:, i]]), strict=True):
            np.testing.assert_allclose(whole[:, i], one, rtol=1e-5)
    again = Model.from_config(model.get_config())
    again.set_weights(model.get_weights())
    np.testing.assert_array_equal(again.predict([X, Y])[1], found[1])


def test_time_distributed_passes_on_the_steps_that_no_input_masks():
    a, b = layers.Input((5, 3)), layers.Input((5, 3))
    y = layers.TimeDistributed(layers.Add())([layers.Masking()(a), layers.Masking()(b)])
    maker, node, place = y._keras_history
    mask = K.function([a, b], [maker.inbound_nodes[node].output_masks[place]])
    one, two = X.copy(), X.copy()
    one[0, 1], two[1, 3] = 0, 0
    expected = np.ones((2, 5))
    expected[0, 1] = expected[1, 3] = 0
    np.testing.assert_array_equal(mask([one, two])[0], expected)


def test_time_distributed_refuses_inputs_of_different_lengths():
    with pytest.raises(ValueError, match="must have the same number of steps"):
        layers.TimeDistributed(layers.Add())([layers.Input((5, 3)), layers.Input((4, 3))])


def test_a_mean_over_steps_without_any_is_zero():
    x = layers.Input((5, 3))
    model = Model(x, layers.GlobalAveragePooling1D()(layers.Masking()(x)))
    assert model.predict(np.concatenate([X, 0 * X]))[2:].tolist() == [[0, 0, 0]] * 2
    gradient = K.function([x], K.gradients(K.sum(model.output), [x]))
    assert np.isfinite(gradient([0 * X])[0]).all()
