"""Transformations of optax as optimizers: against optax itself, their learning rate, their state in files."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from keras import backend as K
from keras import optimizers
from keras.callbacks import LearningRateScheduler, TrainingCheckpoint
from keras.layers import Dense, Input
from keras.models import Model, load_model
from keras.optimizers import SGD, AdamW, Lion

optax = pytest.importorskip("optax")

X = np.random.RandomState(0).randn(24, 3).astype("float32")
Y = np.random.RandomState(1).randn(24, 1).astype("float32")
COSINE = optax.cosine_decay_schedule(0.1, 100)


def line(optimizer):
    """Returns a compiled model with the weights 'line_W' and 'line_b'; equal in each call."""
    K.clear_session()
    np.random.seed(2)
    x = Input(shape=(3,))
    model = Model(input=x, output=Dense(1, name="line")(x))
    model.compile(optimizer=optimizer, loss="mse")
    return model


def trained(model, **options):
    return model.fit(X, Y, nb_epoch=2, batch_size=8, verbose=0, shuffle=False, **options)


def loop_of_optax(transform, steps=6):
    """Returns the weights (W, b) of `line` after steps of optax on the batches of `trained`."""
    weights = {
        "line": dict(zip(["line_W", "line_b"], map(jnp.asarray, line("sgd").get_weights()), strict=True))
    }
    state = transform.init(weights)

    @jax.jit
    def step(weights, state, x, y):
        def loss(w):
            return jnp.mean((x @ w["line"]["line_W"] + w["line"]["line_b"] - y) ** 2)

        updates, state = transform.update(jax.grad(loss)(weights), state, weights)
        return optax.apply_updates(weights, updates), state

    for i in range(steps):
        rows = slice(8 * (i % 3), 8 * (i % 3) + 8)
        weights, state = step(weights, state, X[rows], Y[rows])
    return [weights["line"]["line_W"], weights["line"]["line_b"]]


@pytest.mark.parametrize(
    "optimizer, transform",
    [
        (optax.adamw(COSINE), optax.adamw(COSINE)),
        (SGD(lr=COSINE), optax.sgd(COSINE)),
        (AdamW(lr=0.05, weight_decay=0.1), optax.adamw(0.05, weight_decay=0.1)),
        (Lion(lr=0.02), optax.lion(0.02)),
        (
            optax.masked(optax.sgd(0.1), {"line": {"line_W": True, "line_b": False}}),
            optax.masked(optax.sgd(0.1), {"line": {"line_W": True, "line_b": False}}),
        ),
        (SGD(lr=0.1, global_clipnorm=0.5), optax.chain(optax.clip_by_global_norm(0.5), optax.sgd(0.1))),
    ],
    ids=["adamw", "schedule", "AdamW", "Lion", "mask by names", "global_clipnorm"],
)
def test_weights_are_those_of_a_loop_of_optax(optimizer, transform):
    model = line(optimizer)
    trained(model)
    for own, other in zip(model.get_weights(), loop_of_optax(transform), strict=True):
        assert_allclose(own, other, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    "optimizer, rates",
    [
        (optax.adamw(COSINE), [COSINE(3), COSINE(6)]),
        (SGD(lr=COSINE), [COSINE(3), COSINE(6)]),
        (optax.adam(0.25), [0.25, 0.25]),
    ],
    ids=["inside of optax", "of an optimizer", "constant"],
)
def test_the_rate_of_the_next_step_is_in_the_logs(optimizer, rates):
    assert_allclose(trained(line(optimizer)).history["lr"], rates, rtol=1e-6)


def test_a_number_as_rate_is_not_in_the_logs():
    assert "lr" not in trained(line(SGD(lr=0.1))).history


def test_injected_rate_can_be_set_by_callbacks():
    model = line(optax.inject_hyperparams(optax.sgd)(learning_rate=1.0))
    history = trained(model, callbacks=[LearningRateScheduler(lambda epoch: 0.5 / (1 + epoch))])
    assert history.history["lr"] == [0.5, 0.25]


@pytest.mark.parametrize("optimizer", [optax.sgd(0.1), SGD(lr=COSINE)], ids=["optax", "schedule"])
def test_setting_another_rate_is_refused(optimizer):
    with pytest.raises(ValueError, match="cannot be set to 0.5: it (is inside|follows)"):
        trained(line(optimizer), callbacks=[LearningRateScheduler(lambda epoch: 0.5)])


@pytest.mark.parametrize(
    "optimizer, name, value",
    [
        (optax.adamw(COSINE), "Optax", optax.adamw(COSINE)),
        (SGD(lr=COSINE), "cosine_decay_schedule", COSINE),
        (AdamW(lr=0.01), None, None),
    ],
    ids=["optax", "schedule", "AdamW"],
)
def test_saved_model_continues(optimizer, name, value, tmp_path):
    model = line(optimizer)
    trained(model)
    model.save(tmp_path / "model.h5")
    if name:
        with pytest.raises(ValueError, match=f"custom_objects={{'{name}':.*compile=False"):
            load_model(tmp_path / "model.h5")
    loaded = load_model(tmp_path / "model.h5", custom_objects=name and {name: value})
    for own, other in zip(loaded.optimizer.get_weights(), model.optimizer.get_weights(), strict=True):
        assert_array_equal(own, other)
    assert trained(loaded).history == trained(model).history


@pytest.mark.parametrize(
    "make", [lambda: optax.adamw(COSINE), lambda: SGD(lr=COSINE)], ids=["optax", "schedule"]
)
def test_training_resumes_exactly(make, tmp_path):
    checkpoint = TrainingCheckpoint(tmp_path / "state.h5")
    whole = line(make())
    history = whole.fit(X, Y, nb_epoch=3, batch_size=8, verbose=0).history
    first = line(make())
    first.fit(X, Y, nb_epoch=1, batch_size=8, verbose=0, callbacks=[checkpoint])
    second = line(make())
    resumed = second.fit(
        X, Y, nb_epoch=3, batch_size=8, verbose=0, callbacks=[checkpoint], resume_from=tmp_path / "state.h5"
    )
    assert resumed.history == history
    assert_array_equal(second.get_weights()[0], whole.get_weights()[0])


def test_state_with_random_keys_is_kept():
    model = line(optax.add_noise(0.1, 0.5, key=0))
    before = model.get_weights()
    trained(model)
    assert not np.array_equal(before[0], model.get_weights()[0])


def test_function_in_place_of_transformation_is_refused():
    with pytest.raises(ValueError, match=r"such as Adam\(lr=0.001\) or optax.adam\(0.001\)"):
        line(optax.adam)
    with pytest.raises(TypeError, match=r"Call it first, as in optax.adamw\(1e-3\)"):
        optimizers.Optax(optax.adam)


@pytest.mark.parametrize(
    "schedule, message",
    [
        (lambda step: 0.1 if step < 3 else 0.2, r"choose with jnp.where"),
        (lambda step: jnp.zeros(2) + step, r"must return one number; got shape \(2,\)"),
    ],
)
def test_schedule_that_no_program_can_compute_is_refused(schedule, message):
    with pytest.raises(ValueError, match=message):
        SGD(lr=schedule)


def test_names_make_the_optimizers():
    assert optimizers.get("adamw", {"lr": 0.5}).get_config()["lr"] == 0.5
    assert isinstance(optimizers.get("lion"), Lion)
