"""Loss scaling in float16: its schedule, the steps that it skips, and gradients that would underflow."""

import warnings

import numpy as np
import pytest

from keras import backend as K
from keras import layers as L
from keras.callbacks import LambdaCallback, TrainingCheckpoint
from keras.engine.fitting import loss_scale
from keras.layers import Dense
from keras.models import Sequential
from keras.optimizers import SGD, Optimizer

RANDOM = np.random.RandomState(0)
X, Y = RANDOM.rand(32, 3), RANDOM.rand(32, 1)


def scale_of(model):
    return K.get_value(model._loss_scale.scale).item(), K.get_value(model._loss_scale.good_steps).item()


def mixed(*layers, optimizer="sgd", policy="mixed_float16"):
    K.set_policy(policy)
    np.random.seed(0)
    model = Sequential([make() for make in layers] or [Dense(1, input_dim=3)])
    model.compile(optimizer, "mse")
    return model


@pytest.mark.parametrize(
    "scale, good_steps, good, then",
    [
        (2.0**15, 0, True, (2.0**15, 1)),
        (2.0**15, 1998, True, (2.0**15, 1999)),
        (2.0**15, 1999, True, (2.0**16, 0)),  # 2000 good steps in a row
        (2.0**15, 1999, False, (2.0**14, 0)),
        (1.0, 7, False, (1.0, 0)),
        (2.0**100, 1999, True, (2.0**100, 0)),
    ],
)
def test_scale_doubles_after_2000_good_steps_and_halves_after_a_bad_one(scale, good_steps, good, then):
    """Computed by hand from the rule: double after 2000 good steps, halve after a bad one."""
    found = loss_scale._next(np.float32(scale), np.int32(good_steps), np.bool_(good))
    assert tuple(value.item() for value in found) == then


def test_only_float16_is_scaled():
    assert mixed()._loss_scale is not None
    assert mixed(policy="mixed_bfloat16")._loss_scale is None
    assert mixed(policy=None)._loss_scale is None
    inner = mixed()
    K.set_policy(None)
    outer = Sequential([Dense(3, input_dim=3), inner])
    outer.compile("sgd", "mse")
    assert scale_of(outer) == (2.0**15, 0)


@pytest.mark.parametrize("watched", [False, True], ids=["program", "batch by batch"])
def test_step_with_an_infinite_gradient_changes_only_the_scale(watched):
    """A mean square of 1e6 has the derivative 2e3; times 2**15 it exceeds float16's maximum of 65,504."""
    make = lambda: Dense(1, input_dim=3), L.BatchNormalization, lambda: Dense(1)
    model = mixed(*make, optimizer="adam")
    before, target = model.get_weights(), np.full((32, 1), 1e3)
    seen = []
    watch = LambdaCallback(on_batch_end=lambda *_: seen.append(scale_of(model)))
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # the loss is finite, so there is no warning
        options = {"nb_epoch": 3, "verbose": 0, "callbacks": [watch] if watched else []}
        history = model.fit(X, target, check_numerics="raise", **options)
    assert history.history["loss"][0] == pytest.approx(history.history["loss"][2], rel=1e-3)
    for old, new in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)
    assert all(not np.any(value) for value in model.optimizer.get_weights())
    assert scale_of(model) == (2.0**12, 0)
    assert not watched or seen == [(2.0**14, 0), (2.0**13, 0), (2.0**12, 0)]
    model.fit(X, target, nb_epoch=12, verbose=0)
    assert any((old != new).any() for old, new in zip(before, model.get_weights(), strict=True))


def test_small_gradients_do_not_underflow():
    """Of 1e-7 times the mean square, the derivative of each product is below 6e-8, float16's least number."""
    changes = {}
    for policy in (None, "mixed_float16"):
        model = mixed(lambda: Dense(4, input_dim=3), lambda: Dense(1), policy=policy)
        model.compile(SGD(lr=1e5), lambda true, predicted: 1e-7 * K.mean(K.square(predicted - true), axis=-1))
        before = model.get_weights()
        model.train_on_batch(X, Y)
        changes[policy] = [new - old for old, new in zip(before, model.get_weights(), strict=True)]
    for narrow, exact in zip(changes["mixed_float16"], changes[None], strict=True):
        assert exact.any()
        np.testing.assert_allclose(narrow, exact, rtol=2e-2, atol=2e-2 * np.abs(exact).max())
    fed = [*model.inputs, *model.targets, *model.sample_weights]
    unscaled = K.function(fed, K.gradients(model.total_loss, [model.layers[0].W]))([X, Y, np.ones(32)])
    assert not unscaled[0].any()


def test_non_finite_loss_is_reported_with_its_layer():
    model = mixed(
        lambda: Dense(1, input_dim=3, init="one", name="first"),
        lambda: L.Lambda(lambda x: K.log(-x), name="logs"),
    )
    with pytest.raises(FloatingPointError, match=r"batch 0 is nan. It begins in layer 'logs'"):
        model.fit(X, Y, verbose=0, check_numerics="raise")
    assert scale_of(model) == (2.0**15, 0)
    with pytest.warns(RuntimeWarning, match="'logs'"):
        model.fit(X, Y, verbose=0, nb_epoch=2)
    assert np.isfinite(model.get_weights()[0]).all()  # no gradient was: no step was made
    assert scale_of(model)[0] < 2.0**15


def test_an_optimizer_that_calls_K_gradients_gets_unscaled_ones():
    class Own(Optimizer):
        def get_updates(self, params, constraints, loss):
            return [(p, p - 0.1 * g) for p, g in zip(params, K.gradients(loss, params), strict=True)]

    own, built_in = (mixed(optimizer=optimizer) for optimizer in (Own(), SGD(lr=0.1)))
    built_in.set_weights(own.get_weights())
    for model in (own, built_in):
        model.train_on_batch(X, Y)
        assert scale_of(model) == (2.0**15, 1)
    for ours, theirs in zip(own.get_weights(), built_in.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_resumed_training_restores_the_scale(tmp_path):
    """The file holds the scale and the number of good steps; both end as in uninterrupted training."""
    path = str(tmp_path / "state.h5")

    def train(nb_epoch, **options):
        K.clear_session()
        model = mixed(lambda: Dense(8, input_dim=3), lambda: Dense(1), optimizer="adam")
        target = Y * 300  # two steps of the first epoch are left out
        history = model.fit(X, target, 8, nb_epoch, verbose=0, shuffle=False, **options)
        return model, history.history["loss"]

    whole, losses = train(4, callbacks=[TrainingCheckpoint(str(tmp_path / "other.h5"))])
    train(2, callbacks=[TrainingCheckpoint(path)])
    resumed, again = train(4, callbacks=[TrainingCheckpoint(path)], resume_from=path)
    assert again == losses
    assert scale_of(resumed) == scale_of(whole)
    assert scale_of(whole)[0] < 2.0**15 and 0 < scale_of(whole)[1] < 16
    for one, other in zip(resumed.get_weights(), whole.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
