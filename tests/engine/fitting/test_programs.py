"""The programs of a model, and the gradients that are handed to its optimizer."""

import numpy as np
import pytest

from keras import backend as K
from keras.engine.fitting.programs import _with_gradients
from keras.layers import Dense
from keras.models import Sequential
from keras.optimizers import SGD, Adam, Optimizer

X = np.random.RandomState(0).uniform(-1, 1, (8, 3)).astype("float32")
Y = X[:, :1] * X[:, 1:2]


class Handed(SGD):
    """Overrides `get_updates`, as optimizers of the time do, so it takes a loss and not gradients."""

    def get_updates(self, params, constraints, loss):
        gradients = self.get_gradients(loss, params)
        return [(p, p - self.lr * g) for p, g in zip(params, gradients, strict=True)]


def test_a_loss_with_other_gradients_keeps_its_value():
    w = K.variable(np.array([1.0, 2.0]))
    loss = _with_gradients(K.sum(w * w), [w], [w * 10])
    values = K.function([], [loss, *K.gradients(loss, [w])])([])
    assert values[0] == 5
    np.testing.assert_array_equal(values[1], [10, 20])  # those of the loss itself are [2, 4]


def test_an_optimizer_of_the_users_makes_the_same_steps():
    models = []
    for optimizer in (SGD(lr=0.1), Handed(lr=0.1)):
        model = Sequential([Dense(1, input_dim=3, weights=[np.ones((3, 1)), np.zeros(1)])])
        model.compile(optimizer, "mse")
        model.fit(X, Y, batch_size=4, nb_epoch=2, verbose=0, shuffle=False)
        models.append(model)
    for ours, theirs in zip(*(model.get_weights() for model in models), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-6)


@pytest.mark.parametrize("clipping", [{"clipnorm": 0.1}, {"clipvalue": 0.05}])
def test_gradients_that_are_handed_in_are_clipped(clipping):
    optimizer, p = SGD(lr=1.0, **clipping), K.variable(np.array([3.0, 4.0]))
    (clipped,) = optimizer.clipped([p], [p * 1.0])
    wanted = [0.06, 0.08] if "clipnorm" in clipping else [0.05, 0.05]
    np.testing.assert_allclose(K.eval(clipped), wanted, rtol=1e-6)


def test_nothing_stays_on_the_optimizer():
    optimizer = Adam()
    before = set(vars(optimizer))
    model = Sequential([Dense(1, input_dim=3)])
    model.compile(optimizer, "mse")
    model._make_train_function()
    assert set(vars(optimizer)) == before


def steps_of(optimizer):
    model = Sequential([Dense(1, input_dim=3, weights=[np.ones((3, 1)), np.zeros(1)])])
    model.compile(optimizer, "mse")
    model.fit(X, Y, batch_size=4, nb_epoch=2, verbose=0, shuffle=False)
    return model.get_weights()


def half_gradients(own):
    return lambda *args: [g * 0.5 for g in own(*args)]


def half_loss(own):
    return lambda params, constraints, loss: own(params, constraints, loss * 0.5)


@pytest.mark.parametrize(("name", "halved"), [("get_gradients", half_gradients), ("get_updates", half_loss)])
def test_a_method_that_is_replaced_on_one_optimizer_is_called(name, halved):
    """Programs of the time change single optimizers so, for example to gather the gradients of batches."""
    optimizer = SGD(lr=0.1)
    setattr(optimizer, name, halved(getattr(optimizer, name)))
    for ours, theirs in zip(steps_of(optimizer), steps_of(SGD(lr=0.05)), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-6)


def test_get_gradients_that_is_replaced_in_the_base_class_is_called(monkeypatch):
    monkeypatch.setattr(Optimizer, "get_gradients", half_gradients(Optimizer.get_gradients))
    changed = steps_of(SGD(lr=0.1))
    monkeypatch.undo()
    for ours, theirs in zip(changed, steps_of(SGD(lr=0.05)), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-6)
