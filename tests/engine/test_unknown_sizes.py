"""Losses, steps and layers of users on tensors of unknown sizes."""

import numpy as np

from keras import backend as K
from keras.layers import Dense, Input, Layer, Merge
from keras.models import Model, Sequential

_random = np.random.RandomState(0)


def numbers(*shape):
    return _random.uniform(-1, 1, shape).astype("float32")


def loss_of(function, x, y):
    """The loss of a layer `Dense(6)` before training, and its outputs."""
    model = Sequential([Dense(6, input_dim=4)])
    model.compile("sgd", function)
    return model.evaluate(x, y, batch_size=len(x), verbose=0), model.predict(x)


def test_a_loss_may_reshape_targets_and_outputs():
    def in_pairs(y_true, y_pred):
        y_true, y_pred = K.reshape(y_true, (-1, 2, 3)), K.reshape(y_pred, (-1, 2, 3))
        return K.mean(K.sum(K.square(y_true - y_pred), axis=-1), axis=-1)

    x, y = numbers(8, 4), numbers(8, 6)
    loss, outputs = loss_of(in_pairs, x, y)
    np.testing.assert_allclose(loss, np.square(y - outputs).sum(1).mean() / 2, rtol=1e-5)


def test_a_loss_may_take_targets_with_more_columns_than_outputs():
    def with_weight(y_true, y_pred):
        return K.mean(K.square(y_true[:, :6] - y_pred), axis=-1) * y_true[:, 6]

    x, y = numbers(8, 4), numbers(8, 7)
    loss, outputs = loss_of(with_weight, x, y)
    np.testing.assert_allclose(loss, (np.square(y[:, :6] - outputs).mean(1) * y[:, 6]).mean(), rtol=1e-4)


def test_a_loss_may_compare_halves_of_a_batch():
    def halves(y_true, y_pred):
        half = K.shape(y_pred)[0] // 2
        distance = K.mean(K.square(y_pred[:half] - y_pred[half:]), axis=1)
        return K.concatenate([distance, distance], axis=0) + 0 * y_true[:, 0]

    x, y = numbers(8, 4), numbers(8, 6)
    loss, outputs = loss_of(halves, x, y)
    np.testing.assert_allclose(loss, np.square(outputs[:4] - outputs[4:]).mean(), rtol=1e-5)


def test_a_loss_may_use_a_variable_with_a_row_for_each_sample():
    centers = numbers(8, 6)
    variable = K.variable(centers)
    x, y = numbers(8, 4), numbers(8, 6)
    loss, outputs = loss_of(lambda y_true, y_pred: K.mean(K.square(y_pred - variable), axis=-1), x, y)
    np.testing.assert_allclose(loss, np.square(outputs - centers).mean(), rtol=1e-5)


def test_values_of_chosen_actions():
    """As in programs of reinforcement learning: by a mask, and by gathering from the flat values."""
    state = Input((4,))
    dense = Dense(3)
    values = dense(state)
    action = K.placeholder(ndim=1, dtype="int32")
    by_mask = K.sum(values * K.one_hot(action, 3), axis=1)
    places = K.arange(K.shape(values)[0]) * 3 + action
    by_place = K.gather(K.flatten(values), places)
    run = K.function([state, action], [by_mask, by_place])
    W, b = dense.get_weights()
    for samples in (2, 5):
        x, chosen = numbers(samples, 4), _random.randint(0, 3, samples)
        expected = (x @ W + b)[np.arange(samples), chosen]
        for result in run([x, chosen]):
            np.testing.assert_allclose(result, expected, rtol=1e-4, atol=1e-6)


def test_a_declared_shape_fills_in_what_cannot_be_inferred():
    class FirstHalf(Layer):
        def call(self, x, mask=None):
            return x[:, : K.shape(x)[1] // 2]

        def get_output_shape_for(self, input_shape):
            return (input_shape[0], 3)

    x = Input((None,))
    half = FirstHalf()(x)
    assert K.int_shape(half) == (None, 3)
    dense = Dense(2)
    model = Model(x, dense(half))
    data = numbers(5, 6)
    W, b = dense.get_weights()
    np.testing.assert_allclose(model.predict(data), data[:, :3] @ W + b, rtol=1e-4, atol=1e-6)


def test_sequences_of_different_unknown_lengths():
    query, key = Input((None, 8)), Input((None, 8))
    scores = Merge(mode="dot", dot_axes=[2, 2])([query, key])
    assert K.int_shape(scores) == (None, None, None)
    model = Model([query, key], scores)
    for steps in (3, 5):
        q, k = numbers(2, 4, 8), numbers(2, steps, 8)
        expected = np.einsum("ntd,nsd->nts", q, k)
        np.testing.assert_allclose(model.predict([q, k]), expected, rtol=1e-4, atol=1e-5)
