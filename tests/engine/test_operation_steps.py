"""Operators and functions of K between layers: recorded as steps of the model."""

import numpy as np
import pytest

from keras import backend as K
from keras.layers import Dense, Input
from keras.models import Model, load_model, model_from_json


def small(seed=0, shape=(8, 3)):
    return np.random.RandomState(seed).rand(*shape).astype("float32")


def operated():
    a, b = Input(shape=(3,), name="a"), Input(shape=(3,), name="b")
    h = Dense(3, name="h")(a)
    return Model([a, b], K.sqrt(K.abs(2 * h - b)) + h[:, :1])


def test_operators_compute_the_numpy_value():
    model = operated()
    a, b = small(0), small(1)
    W, bias = model.get_weights()
    h = a @ W + bias
    expected = np.sqrt(np.abs(2 * h - b)) + h[:, :1]
    np.testing.assert_allclose(model.predict([a, b]), expected, rtol=1e-5)


def test_operators_survive_json_and_file(tmp_path):
    model = operated()
    data = [small(0), small(1)]
    again = model_from_json(model.to_json())
    again.set_weights(model.get_weights())
    np.testing.assert_array_equal(again.predict(data), model.predict(data))
    model.save(tmp_path / "m.h5")
    np.testing.assert_array_equal(load_model(tmp_path / "m.h5").predict(data), model.predict(data))


def test_operators_are_replayed_on_new_inputs():
    model = operated()
    x = Input(shape=(3,))
    outer = Model(x, model([x, x * 2]))
    a = small()
    np.testing.assert_allclose(outer.predict(a), model.predict([a, 2 * a]), rtol=1e-6)


def test_model_with_a_free_variable_cannot_be_saved():
    x = Input(shape=(3,))
    model = Model(x, x * K.variable(np.ones(3), name="scale"))
    np.testing.assert_array_equal(model.predict(small()), small())
    with pytest.raises(ValueError, match="reads <Variable 'scale'.*belongs to no layer"):
        model.to_json()


def test_random_ops_survive_json():
    x = Input(shape=(3,))
    model = Model(x, x + K.random_normal((3,), seed=5))
    again = model_from_json(model.to_json())
    np.testing.assert_array_equal(again.predict(small()), model.predict(small()))
