"""Optimizers: their training against Keras 1.2.2, their arguments and their state."""

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose

from keras import backend as K
from keras import constraints, optimizers, regularizers

GOLDEN = Path(__file__).parents[1] / "golden"
CASES = json.loads((GOLDEN / "training.json").read_text())
NAMES = ["SGD", "RMSprop", "Adagrad", "Adadelta", "Adam", "Adamax", "Nadam"]


def make(case):
    """Returns (optimizer, penalty or None, constraint or None) of a recorded case."""
    if case["kind"] == "optimizer":
        return getattr(optimizers, case["name"])(**case["kwargs"]), None, None
    if case["kind"] == "regularizer":
        return optimizers.SGD(), getattr(regularizers, case["name"])(**case["kwargs"]), None
    return optimizers.SGD(lr=0.1), None, getattr(constraints, case["name"])(**case["kwargs"])


@pytest.mark.parametrize("case", CASES, ids=[f"{case['name']}-{case['id']}" for case in CASES])
def test_training_matches_1_2_2(case):
    with np.load(GOLDEN / "training.npz") as stored:
        arrays = {key.partition("/")[2]: stored[key] for key in stored if key.startswith(f"{case['id']}/")}
    optimizer, penalty, constraint = make(case)
    W, b, V, c = weights = [K.variable(arrays[f"weight_before_{i}"]) for i in range(4)]
    x, y = K.placeholder((None, 5)), K.placeholder((None, 2))
    hidden = K.tanh(K.dot(x, W) + b)
    loss = K.mean(K.square(K.dot(hidden, V) + c - y))
    if penalty:
        loss = loss + penalty(W if case["place"] == "W_regularizer" else hidden)
    train = K.function(
        [x, y], loss, optimizer.get_updates(weights, {W: constraint} if constraint else {}, loss)
    )

    for epoch in range(case["nb_epoch"]):
        total = 0
        for start in range(0, len(arrays["X"]), case["batch_size"]):
            batch = slice(start, start + case["batch_size"])
            total += len(arrays["X"][batch]) * train([arrays["X"][batch], arrays["Y"][batch]])[0]
        assert_allclose(total / len(arrays["X"]), arrays[f"loss_{epoch}"], rtol=1e-5)
    for i, weight in enumerate(weights):
        assert_allclose(K.get_value(weight), arrays[f"weight_after_{i}"], rtol=1e-4, atol=1e-6)


def parabola(optimizer, dtype="float32", start=(2.0, -1.0)):
    """Returns (a step of training on sum((w - 1)**2), the variable w)."""
    w = K.variable(np.array(start), dtype=dtype)
    loss = K.sum(K.square(w - 1.0))
    return K.function([], loss, optimizer.get_updates([w], {}, loss)), w


# Rates at which 300 steps are enough; Adadelta's first steps are about sqrt(epsilon) long.
@pytest.mark.parametrize(
    "optimizer",
    [
        optimizers.SGD(lr=0.1),
        optimizers.SGD(lr=0.05, momentum=0.8, nesterov=True),
        optimizers.RMSprop(lr=0.05, decay=0.05),
        optimizers.Adagrad(lr=1.0),
        optimizers.Adadelta(epsilon=1e-3),
        optimizers.Adam(lr=0.1),
        optimizers.Adamax(lr=0.1),
        optimizers.Nadam(lr=0.05),
    ],
    ids=lambda optimizer: type(optimizer).__name__,
)
def test_minimizes_a_parabola(optimizer):
    step, w = parabola(optimizer)
    for _ in range(300):
        step([])
    assert_allclose(K.get_value(w), [1.0, 1.0], atol=0.02)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32"])
@pytest.mark.parametrize("name", NAMES)
def test_weights_keep_their_dtype(name, dtype):
    optimizer = optimizers.get(name)
    step, w = parabola(optimizer, dtype)
    for _ in range(3):
        step([])
    assert K.dtype(w) == dtype == str(w.value.dtype)
    assert np.isfinite(K.get_value(w).astype("float32")).all()
    assert {K.dtype(memory) for memory in optimizer.weights} == {"float32"}


# Arguments that are variables; the others are plain numbers, as in the configs Keras 1.2.2 saved.
@pytest.mark.parametrize(
    "name, variables",
    [
        ("SGD", {"lr", "momentum", "decay"}),
        ("RMSprop", {"lr", "rho", "decay"}),
        ("Adagrad", {"lr", "decay"}),
        ("Adadelta", {"lr", "decay"}),
        ("Adam", {"lr", "beta_1", "beta_2", "decay"}),
        ("Adamax", {"lr", "beta_1", "beta_2", "decay"}),
        ("Nadam", {"lr", "beta_1", "beta_2"}),
    ],
)
def test_config_is_plain_data_and_restores_the_optimizer(name, variables):
    optimizer = optimizers.get(name)
    config = optimizer.get_config()
    assert {key for key in config if hasattr(getattr(optimizer, key), "get_value")} == variables
    assert all(config[key] == float(np.float32(config[key])) for key in variables)
    assert json.loads(json.dumps(config)) == config
    assert type(optimizer).from_config(config).get_config() == config


# Which arrays Keras 1.2.2 saved beside a model of two parameters: whether the count, how many each.
@pytest.mark.parametrize(
    "name, counts, slots",
    [
        ("SGD", 1, 1),
        ("RMSprop", 0, 1),
        ("Adagrad", 0, 1),
        ("Adadelta", 0, 2),
        ("Adam", 1, 2),
        ("Adamax", 1, 2),
        ("Nadam", 1, 2),
    ],
)
def test_saved_state(name, counts, slots):
    optimizer, params = optimizers.get(name), [K.variable(np.ones((2, 3))), K.variable(np.ones(3))]
    optimizer.get_updates(params, {}, K.sum(params[0]) + K.sum(params[1]))
    shapes = [K.int_shape(memory) for memory in optimizer.weights]
    assert shapes == [()] * counts + [(2, 3), (3,)] * slots


@pytest.mark.parametrize("name", NAMES[:4])
def test_steps_are_counted_only_for_a_decay(name):
    # As in the files of Keras 1.2.2. Adam, Adamax and Nadam always count.
    for decay, expected in ((0.0, 0), (0.1, 2)):
        optimizer = optimizers.get(name, {"decay": decay})
        step, _ = parabola(optimizer)
        step([]), step([])
        assert K.get_value(optimizer.iterations) == expected


def test_lr_can_be_changed_between_steps():
    optimizer = optimizers.SGD(lr=0.25)
    step, w = parabola(optimizer, start=[3.0])
    step([])  # 3 - 0.25 * 2 * (3 - 1)
    K.set_value(optimizer.lr, 0.0)
    step([])
    assert K.get_value(w) == [2.0]


def test_decay_counts_earlier_steps():
    step, w = parabola(optimizers.SGD(lr=0.25, decay=1.0), start=[3.0])
    step([])  # rate 0.25 / 1: to 2
    step([])  # rate 0.25 / 2: by 0.125 * 2 * (2 - 1)
    assert K.get_value(w) == [1.75]


# The gradient is (3, 4) on top of (0, 12): norm 13 together.
@pytest.mark.parametrize(
    "clipping, expected",
    [
        ({}, [[3, 4], [0, 12]]),
        ({"clipnorm": 6.5}, [[1.5, 2], [0, 6]]),
        ({"clipnorm": 20.0}, [[3, 4], [0, 12]]),
        ({"clipvalue": 3.5}, [[3, 3.5], [0, 3.5]]),
        ({"clipnorm": 6.5, "clipvalue": 1.75}, [[1.5, 1.75], [0, 1.75]]),
        ({"clipnorm": 0}, [[3, 4], [0, 12]]),
    ],
)
def test_clipvalue_and_clipnorm_bound_the_gradient(clipping, expected):
    params = [K.variable([1.0, 1.0]), K.variable([1.0, 1.0])]
    factors = [K.variable([3.0, 4.0]), K.variable([0.0, 12.0])]
    loss = K.sum(params[0] * factors[0]) + K.sum(params[1] * factors[1])
    optimizer = optimizers.SGD(**clipping)
    gradients = optimizer.get_gradients(loss, params)
    assert_allclose([K.eval(gradient) for gradient in gradients], expected, rtol=1e-6)
    assert {key: optimizer.get_config()[key] for key in clipping} == clipping


def test_clipnorm_with_a_gradient_of_zero():
    w = K.variable([1.0])
    (gradient,) = optimizers.SGD(clipnorm=1.0).get_gradients(K.sum(w * 0.0), [w])
    assert K.eval(gradient) == [0.0]


def test_a_weight_without_effect_on_the_loss_is_unchanged():
    seen, unseen = K.variable([1.0]), K.variable([1.0])
    loss = K.sum(K.square(seen))
    K.function([], loss, optimizers.Adam().get_updates([seen, unseen], {}, loss))([])
    assert K.get_value(unseen) == [1.0] != K.get_value(seen)


def test_new_values_are_computed_from_old_ones():
    a, b = K.variable([1.0]), K.variable([2.0])
    loss = K.sum(a * b)
    K.function([], loss, optimizers.SGD(lr=1.0).get_updates([a, b], {}, loss))([])
    assert (K.get_value(a), K.get_value(b)) == ([-1.0], [1.0])


@pytest.mark.parametrize("name", NAMES)
def test_training_continues_from_saved_state(name):
    first = optimizers.get(name, {"lr": 0.1})
    step, w = parabola(first)
    for _ in range(3):
        step([])
    second = optimizers.get(name, {"lr": 0.1})
    other_step, other = parabola(second, start=K.get_value(w))
    second.set_weights(first.get_weights())
    if name == "Nadam":  # the product of its momenta is not saved, in Keras 1.2.2 neither
        K.set_value(second.m_schedule, K.get_value(first.m_schedule))
    step([]), other_step([])
    assert (K.get_value(w) == K.get_value(other)).all()


def test_state_of_another_shape_is_refused():
    optimizer = optimizers.SGD()
    with pytest.raises(ValueError, match="wanted 0 arrays, got 1"):
        optimizer.set_weights([np.zeros(2)])
    parabola(optimizer)
    with pytest.raises(ValueError, match=r"shape \(3,\)"):
        optimizer.set_weights([np.zeros(()), np.zeros(3)])


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "setting, value",
    [("lr", -1), ("lr", float("nan")), ("lr", "fast"), ("clipnorm", -1), ("clipvalue", float("inf"))],
)
def test_invalid_arguments_are_refused(name, setting, value):
    with pytest.raises(ValueError, match=f"{name}: {setting} must be finite > 0 .*; got {value!r}"):
        optimizers.get(name, {setting: value})


def test_unknown_arguments_are_refused():
    with pytest.raises(TypeError, match="SGD: unexpected argument 'momentun'. Did you mean 'momentum'"):
        optimizers.SGD(momentun=0.9)
    with pytest.raises(TypeError, match="It takes lr, "):
        optimizers.Adam(weight_decay=0.1)


@pytest.mark.parametrize("name", NAMES)
def test_names_ignore_case(name):
    optimizer = getattr(optimizers, name)
    assert getattr(optimizers, name.lower()) is optimizer
    for text in (name, name.lower(), name.upper()):
        assert type(optimizers.get(text)) is optimizer
        config = {"class_name": text, "config": {"lr": 0.5}}
        assert optimizers.optimizer_from_config(config).get_config()["lr"] == 0.5


def test_unknown_name_is_refused():
    with pytest.raises(ValueError, match="Did you mean 'adam'"):
        optimizers.get("adamm")
    with pytest.raises(ValueError, match="Did you mean 'adam'"):
        optimizers.optimizer_from_config({"class_name": "adamm", "config": {}})


@pytest.mark.parametrize("wrong", [None, optimizers.Adam, max])
def test_other_objects_are_refused(wrong):
    with pytest.raises(ValueError, match="an instance"):
        optimizers.get(wrong)


class Halving(optimizers.Optimizer):
    """A user's optimizer, written for Keras 1.2.2."""

    def get_updates(self, params, constraints, loss):
        self.get_gradients(loss, params)
        self.updates = [K.update(p, p * 0.5) for p in params]
        return self.updates


def test_user_defined_optimizer():
    optimizer = Halving(clipnorm=1.0)
    step, w = parabola(optimizer)
    step([])
    assert_allclose(K.get_value(w), [1.0, -0.5])
    assert optimizer.get_config() == {"clipnorm": 1.0}
    made = optimizers.optimizer_from_config({"class_name": "Halving", "config": {}}, {"Halving": Halving})
    assert type(made) is Halving
    assert optimizers.get(optimizer) is optimizer


def test_base_class_names_the_missing_method():
    with pytest.raises(NotImplementedError, match="get_updates"):
        parabola(optimizers.Optimizer())


def test_tensorflow_optimizers_are_refused():
    with pytest.raises(NotImplementedError, match="this package runs on JAX"):
        optimizers.TFOptimizer(object())
