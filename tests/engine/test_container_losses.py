"""Penalties and updates of layers: how often each counts in a model.

The numbers of losses and updates are those of Keras 1.2.2 on TensorFlow 1.2, except where noted.
"""

import numpy as np
import pytest

from keras.layers import ActivityRegularization, BatchNormalization, Dense, Input, TimeDistributed, merge
from keras.models import Model, Sequential


def penalized():
    return Dense(2, init="one", activity_regularizer="activity_l2", input_shape=(4,))


def loss_on_ones(model):
    """Returns the loss of inputs of ones against zeros: the mean square plus the penalties."""
    model.compile("sgd", "mse")
    shape = model.output_shape[1:]
    data = [np.ones((8, *x.shape[1:])) for x in model.inputs]
    return model.evaluate(data, np.zeros((8, *shape)), verbose=0)


# An output of Dense is 4, its square 16; 8 * 2 of them give the penalty 0.01 * 256.
def test_compile_adds_a_penalty_once():
    assert loss_on_ones(Sequential([penalized()])) == pytest.approx(16 + 2.56)


def test_shared_layer_adds_a_penalty_for_each_call():
    layer, a, b = penalized(), Input((4,)), Input((4,))
    model = Model([a, b], merge([layer(a), layer(b)], mode="sum"))
    assert loss_on_ones(model) == pytest.approx(64 + 2 * 2.56)


def test_penalty_in_a_nested_sequential_counts_once():
    model = Sequential([Sequential([penalized()]), Dense(1, init="zero")])
    assert loss_on_ones(model) == pytest.approx(2.56)
    assert len(model.losses) == 1


def test_penalty_in_a_model_used_as_a_layer_counts():
    # The original loses this one: docs/differences.md.
    x = Input((4,))
    assert loss_on_ones(Model(x, Sequential([penalized()])(x))) == pytest.approx(16 + 2.56)


def test_time_distributed_penalty_covers_every_step():
    x = Input((3, 4))
    model = Model(x, TimeDistributed(ActivityRegularization(l2=0.1))(x))
    assert loss_on_ones(model) == pytest.approx(1 + 0.1 * 8 * 12)


def test_running_statistics_are_updated_once_a_batch():
    inner = Sequential([BatchNormalization(momentum=0.5, input_shape=(4,))])
    x = Input((4,))
    for model in (inner, Sequential([inner, Dense(1)]), Model(x, inner(x))):
        inner.set_weights([np.ones(4), np.zeros(4), np.zeros(4), np.ones(4)])
        model.compile("sgd", "mse")
        assert len(model.updates) == 2
        model.train_on_batch(2 * np.ones((8, 4)), np.zeros((8, *model.output_shape[1:])))
        np.testing.assert_allclose(inner.get_weights()[2:], [[1.0] * 4, [0.5] * 4])
