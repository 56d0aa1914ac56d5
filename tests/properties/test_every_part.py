"""Properties of every optimizer, objective and activation in `catalog`."""

import numpy as np
import pytest
from catalog import ACTIVATIONS, OBJECTIVES, OPTIMIZERS
from compilations import compilations

from keras import activations, objectives, optimizers
from keras import backend as K
from keras.layers import Dense
from keras.models import Sequential, load_model

X = np.random.RandomState(0).standard_normal((16, 5)).astype("float32")
CLASSES = np.random.RandomState(1).randint(0, 3, 16)


def targets(kind):
    numbers = np.random.RandomState(2).standard_normal((16, 3))
    return {
        "any": numbers,
        "positive": abs(numbers) + 0.1,
        "signs": np.sign(numbers),
        "parts": 1 / (1 + np.exp(-numbers)),
        "classes": np.eye(3)[CLASSES],
        "ids": CLASSES[:, None],
    }[kind]


def small_model(optimizer="sgd", loss="mse"):
    np.random.seed(3)
    model = Sequential([Dense(4, activation="tanh", input_dim=5), Dense(3, activation="softmax")])
    model.compile(optimizer, loss)
    return model


def optimizer_id(value):
    return value.__name__ if isinstance(value, type) else ",".join(f"{k}={v}" for k, v in value.items())


each_optimizer = pytest.mark.parametrize("cls, kwargs", OPTIMIZERS, ids=optimizer_id)


def test_every_optimizer_objective_and_activation_has_a_row():
    listed = {cls for cls, _ in OPTIMIZERS}
    assert {vars(optimizers)[name] for name in ("SGD", "RMSprop", "Adagrad", "Adadelta")} <= listed
    assert {vars(optimizers)[name] for name in ("Adam", "Adamax", "Nadam")} <= listed
    functions = {f for f in vars(objectives).values() if getattr(f, "__module__", "") == "keras.objectives"}
    named = {f.__name__ for f in functions if not f.__name__.startswith("_")} - {"get"}
    assert named == set(OBJECTIVES)
    functions = {f for f in vars(activations).values() if getattr(f, "__module__", "") == "keras.activations"}
    assert {f.__name__ for f in functions if not f.__name__.startswith("_")} - {"get"} == set(ACTIVATIONS)


@each_optimizer
def test_optimizer_survives_its_config(cls, kwargs):
    config = cls(**kwargs).get_config()
    again = optimizers.optimizer_from_config({"class_name": cls.__name__, "config": config})
    assert type(again) is cls and again.get_config() == config
    for name, value in kwargs.items():
        assert config[name] == pytest.approx(value)


@each_optimizer
def test_training_continues_from_a_file_bit_for_bit(cls, kwargs, tmp_path):
    if cls is optimizers.Nadam or (cls is optimizers.Adagrad and kwargs):
        pytest.skip("as in Keras 1.2.2, files hold neither Nadam's schedule nor Adagrad's count of steps")
    model, y = small_model(cls(**kwargs)), targets("classes")
    for _ in range(3):
        model.train_on_batch(X, y)
    model.save(tmp_path / "model.h5")
    loaded = load_model(tmp_path / "model.h5")
    for m in (model, loaded):
        m.train_on_batch(X, y)
    for ours, theirs in zip(model.get_weights(), loaded.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)


@each_optimizer
def test_second_step_compiles_nothing(cls, kwargs):
    model, y = small_model(cls(**kwargs)), targets("classes")
    model.train_on_batch(X, y)
    before = compilations()
    model.train_on_batch(X, y)
    assert compilations() == before


@pytest.mark.parametrize("name, kind", OBJECTIVES.items())
def test_model_learns_with_the_objective(name, kind, tmp_path):
    model, y = small_model(optimizers.SGD(lr=0.01), name), targets(kind)
    losses = [float(model.train_on_batch(X, y)) for _ in range(20)]
    assert losses[-1] < losses[0] and np.isfinite(losses).all()
    model.save(tmp_path / "model.h5")
    assert load_model(tmp_path / "model.h5").evaluate(X, y, verbose=0) == model.evaluate(X, y, verbose=0)


@pytest.mark.parametrize("name, kind", OBJECTIVES.items())
def test_objective_gradient_equals_finite_differences(name, kind):
    y_true = K.variable(targets(kind))
    point = np.random.RandomState(4).dirichlet(np.ones(3) * 3, 16).astype("float32")
    check_gradient(lambda x: objectives.get(name)(y_true, x), point)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activation_gradient_equals_finite_differences(name):
    check_gradient(activations.get(name), X)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activation_is_saved_by_name(name):
    layer = Dense(2, activation=name)
    config = layer.get_config()
    assert config["activation"] == name
    assert Dense.from_config(config).activation is activations.get(name)


def check_gradient(function, point):
    """Compares the derivative in a random direction with float32 differences, to about a percent."""
    x = K.placeholder(point.shape)
    y = function(x)
    random = np.random.RandomState(5)
    loss = K.sum(y * K.variable(random.standard_normal(K.int_shape(y))))
    f = K.function([x], [loss, *K.gradients(loss, x)])
    direction = random.standard_normal(point.shape).astype("float32")
    direction /= np.linalg.norm(direction)
    quotient = (f([point + 3e-3 * direction])[0] - f([point - 3e-3 * direction])[0]) / 6e-3
    slope = (f([point])[1] * direction).sum()
    assert slope == pytest.approx(quotient, rel=1e-2, abs=1e-2)
