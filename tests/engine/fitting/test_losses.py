"""Objects where functions are expected: losses, metrics, options of layers, schedules; their names; files."""

import functools

import numpy as np
import pytest

from keras import backend as K
from keras import metrics, objectives
from keras.callbacks import LearningRateScheduler
from keras.layers import Dense
from keras.models import Sequential, load_model

X = np.random.RandomState(0).rand(8, 3)
Y = np.random.RandomState(1).rand(8, 1)


class Scaled:
    """A loss with a setting."""

    def __init__(self, factor=2.0):
        self.factor = factor

    def __call__(self, y_true, y_pred):
        return self.factor * K.mean(K.square(y_true - y_pred), axis=-1)

    def method(self, y_true, y_pred):
        return self(y_true, y_pred)


class Tanh:
    def __call__(self, x):
        return K.tanh(x)


class Ones:
    def __call__(self, shape, name=None):
        return K.variable(np.ones(shape), name=name)


class Sum:
    def __call__(self, weights):
        return 0.1 * K.sum(weights)


class Half:
    def __call__(self, weights):
        return 0.5 * weights


def train(loss="mse", metrics=(), **options):
    """Returns the history of one epoch from weights of one."""
    model = Sequential([Dense(4, input_dim=3, **options), Dense(1, init="one")])
    model.set_weights([np.ones(weight.shape) / 2 for weight in model.get_weights()])
    model.compile("sgd", loss, metrics=list(metrics))
    return model.fit(X, Y, nb_epoch=1, shuffle=False, verbose=0).history


@pytest.mark.parametrize("loss", [Scaled(), Scaled, Scaled().method, functools.partial(Scaled().method)])
def test_a_callable_object_method_partial_or_class_is_a_loss(loss):
    np.testing.assert_allclose(train(loss)["loss"][0], 2 * train("mse")["loss"][0], rtol=0.02)


def test_metrics_have_readable_names():
    top_1 = functools.partial(metrics.top_k_categorical_accuracy, k=1)
    found = train(metrics=[Scaled(), Scaled(3.0), Scaled().method, top_1, Scaled])
    assert set(found) == {"loss", "Scaled_1", "Scaled_2", "Scaled_3", "method", "top_k_categorical_accuracy"}


@pytest.mark.parametrize(
    "option, value, same",
    [
        ("activation", Tanh(), "tanh"),
        ("activation", Tanh, "tanh"),
        ("activation", functools.partial(K.relu, alpha=0.0), "relu"),
        ("init", Ones(), "one"),
        ("W_regularizer", Sum(), lambda weights: 0.1 * K.sum(weights)),
        ("W_regularizer", Sum, lambda weights: 0.1 * K.sum(weights)),
        ("W_constraint", Half(), lambda weights: 0.5 * weights),
        ("W_constraint", Half, lambda weights: 0.5 * weights),
    ],
)
def test_a_callable_object_or_class_is_an_option_of_a_layer(option, value, same):
    np.testing.assert_allclose(train(**{option: value})["loss"], train(**{option: same})["loss"], rtol=1e-6)


def test_a_class_that_needs_arguments_is_refused():
    class Needs:
        def __init__(self, factor):
            pass

    with pytest.raises(TypeError, match="got the class Needs itself"):
        train(Needs)


def test_a_partial_is_a_schedule():
    model = Sequential([Dense(1, input_dim=3)])
    model.compile("sgd", "mse")
    schedule = functools.partial(lambda base, epoch: base / (epoch + 1), 0.1)
    model.fit(X, Y, nb_epoch=2, verbose=0, callbacks=[LearningRateScheduler(schedule)])
    np.testing.assert_allclose(K.get_value(model.optimizer.lr), 0.05, rtol=1e-6)


def saved(path, loss, **options):
    model = Sequential([Dense(4, input_dim=3, **options), Dense(1)])
    model.compile("sgd", loss, metrics=[Scaled().method])
    model.save(path)
    return model


def test_a_file_has_the_names_and_its_reader_passes_the_objects(tmp_path):
    path = tmp_path / "model.h5"
    model = saved(path, Scaled(3.0), activation=Tanh(), W_regularizer=Sum())
    own = {"Scaled": Scaled(3.0), "method": Scaled().method, "Tanh": Tanh(), "Sum": Sum()}
    twin = load_model(path, custom_objects=own)
    np.testing.assert_allclose(twin.evaluate(X, Y, verbose=0), model.evaluate(X, Y, verbose=0), rtol=1e-6)


def test_load_model_without_compile_needs_no_loss(tmp_path):
    path = tmp_path / "model.h5"
    model = saved(path, Scaled())
    twin = load_model(path, compile=False)
    assert not hasattr(twin, "optimizer")
    np.testing.assert_array_equal(twin.predict(X), model.predict(X))


@pytest.mark.parametrize(
    "loss, options",
    [
        (functools.partial(objectives.mean_squared_error), {}),
        ("mse", {"activation": functools.partial(K.relu, alpha=0.1)}),
    ],
)
def test_a_partial_is_not_saved_as_the_function_without_its_arguments(tmp_path, loss, options):
    with pytest.raises(TypeError, match="cannot be saved"):
        saved(tmp_path / "model.h5", loss, **options)


def test_load_weights_by_name_without_a_match_is_refused(tmp_path):
    path = tmp_path / "weights.h5"
    Sequential([Dense(1, input_dim=3, name="old")]).save_weights(path)
    with pytest.raises(ValueError, match="The file has old; the model has new"):
        Sequential([Dense(1, input_dim=3, name="new")]).load_weights(path, by_name=True)
