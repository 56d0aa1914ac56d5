"""Copies and pickles of models, layers and optimizers are whole."""

import copy
import pickle

import numpy as np
import pytest

from keras import backend as K
from keras import optimizers
from keras.engine import Layer
from keras.layers import LSTM, BatchNormalization, Bidirectional, Dense, Input, Lambda, Merge
from keras.models import Model, Sequential

X = np.random.RandomState(0).rand(8, 3)
Y = np.random.RandomState(1).rand(8, 1)


class Loss:
    """A callable loss with a setting."""

    def __init__(self, factor):
        self.factor = factor

    def __call__(self, y_true, y_pred):
        return self.factor * K.mean(K.square(y_true - y_pred), axis=-1)


class Scale(Layer):
    def __init__(self, factor=1.0, **kwargs):
        self.factor = factor
        super().__init__(**kwargs)

    def call(self, x, mask=None):
        return x * self.factor

    def get_config(self):
        return {**super().get_config(), "factor": self.factor}


def positive(x):
    return K.square(x)


def shared():
    x, layer = Input((3,)), Dense(3)
    return Model(x, Dense(1)(layer(layer(x))))


def nested():
    x = Input((3,))
    inner = Sequential([Dense(3, input_dim=3), BatchNormalization()])
    inner.layers[0].trainable = False
    return Model(x, Dense(1)(inner(x)))


def branches():
    branch = Sequential([Dense(2, input_dim=3)])
    model = Sequential()
    model.add(Merge([branch, branch], mode="concat"))
    model.add(Dense(1))
    return model


def shared_without_weights():
    x, y, twice, dense = Input((3,)), Input((3,)), Lambda(lambda x: x * 2), Dense(3)
    encoder, a = Model(x, dense(x)), Model(x, twice(dense(x)))
    z = Input((3,))
    return Model(z, Dense(1)(Merge(mode="sum")([encoder(z), a(z), Model(y, dense(twice(y)))(z)])))


def act(factor):
    return lambda x: factor * x


MODELS = {
    "branches": branches,
    "shared without weights": shared_without_weights,
    "sequential": lambda: Sequential([Dense(4, input_dim=3), Dense(1)]),
    "shared": shared,
    "nested with a frozen layer": nested,
    "custom": lambda: Sequential([Dense(4, input_dim=3, activation=positive), Scale(3.0), Dense(1)]),
}
COPIES = {"deepcopy": copy.deepcopy, "pickle": lambda object_: pickle.loads(pickle.dumps(object_))}


@pytest.mark.parametrize("way", COPIES)
@pytest.mark.parametrize("kind", MODELS)
def test_a_copy_of_a_model_continues_its_training(kind, way):
    model = MODELS[kind]()
    model.compile(optimizers.Adam(0.01), Loss(2.0), metrics=["mae"])
    model.fit(X, Y, nb_epoch=2, shuffle=False, verbose=0)
    twin = COPIES[way](model)
    assert twin.loss.factor == 2.0
    np.testing.assert_array_equal(twin.predict(X), model.predict(X))
    assert not {id(layer) for layer in model.layers} & {id(layer) for layer in twin.layers}
    for _ in range(2):
        np.testing.assert_allclose(twin.train_on_batch(X, Y), model.train_on_batch(X, Y), rtol=1e-6)
    for found, expected in zip(twin.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_a_lambda_is_copied():
    model = Sequential([Lambda(lambda x: x * 2, input_shape=(3,)), Lambda(lambda x: x - 1)])
    for copied in COPIES.values():
        np.testing.assert_array_equal(copied(model).predict(X), model.predict(X))


def test_functions_of_one_name_stay_apart_in_a_copy():
    model = Sequential([Dense(4, activation=act(2.0), input_dim=3), Dense(4, activation=act(3.0))])
    np.testing.assert_array_equal(copy.deepcopy(model).predict(X), model.predict(X))
    with pytest.raises(ValueError, match="two of its layers .* different functions named '<lambda>'"):
        pickle.dumps(model)


def test_the_branches_of_a_merge_are_copied_with_their_weights():
    left, right = (Sequential([Dense(2, input_dim=3)]) for _ in range(2))
    model = Sequential()
    model.add(Merge([left, right], mode="sum"))
    for copied in COPIES.values():
        np.testing.assert_array_equal(copied(model).predict([X, X]), model.predict([X, X]))


def test_classes_of_one_name_are_refused(tmp_path):
    other = type("Scale", (Layer,), {"call": lambda self, x, mask=None: x + 1})
    model = Sequential([Scale(2.0, input_shape=(3,), name="a"), other(name="b")])
    for save in (copy.deepcopy, pickle.dumps, lambda model: model.save(tmp_path / "m.h5")):
        with pytest.raises(ValueError, match="'a' and 'b' are of two different classes named 'Scale'"):
            save(model)


@pytest.mark.parametrize("make", [lambda: LSTM(3), lambda: Bidirectional(LSTM(3))])
def test_a_built_layer_is_pickled_with_its_weights(make):
    layer = make()
    layer(Input((4, 2)))
    twin = pickle.loads(pickle.dumps(layer))
    for found, expected in zip(twin.get_weights(), layer.get_weights(), strict=True):
        np.testing.assert_array_equal(found, expected)


def test_a_pickled_optimizer_continues_from_its_state():
    model = MODELS["sequential"]()
    model.compile("adam", "mse")
    model.fit(X, Y, nb_epoch=2, shuffle=False, verbose=0)
    twin = Sequential.from_config(model.get_config())
    twin.set_weights(model.get_weights())
    twin.compile(pickle.loads(pickle.dumps(model.optimizer)), "mse")
    model.train_on_batch(X, Y)
    twin.train_on_batch(X, Y)
    for found, expected in zip(twin.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_a_learning_rate_that_is_assigned_after_training_counts():
    model = MODELS["sequential"]()
    model.compile("adam", "mse")
    model.fit(X, Y, nb_epoch=1, verbose=0)
    before = model.get_weights()
    model.optimizer.lr = 0.0
    model.fit(X, Y, nb_epoch=1, verbose=0)
    for found, expected in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(found, expected)
    assert float(K.get_value(model.optimizer.lr)) == 0
