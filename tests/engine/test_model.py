"""Training and predicting with models of the functional API, beyond the recorded models."""

import gc
import weakref

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from keras import backend as K
from keras.callbacks import LambdaCallback
from keras.layers import (
    LSTM,
    BatchNormalization,
    Dense,
    Dropout,
    Input,
    Lambda,
    TimeDistributed,
)
from keras.models import Model, Sequential, load_model
from keras.optimizers import SGD


def small(seed=0, shape=(8, 3)):
    return np.random.RandomState(seed).rand(*shape).astype("float32")


@pytest.mark.parametrize("function", [jnp.sin, lambda x: jax.nn.silu(x) * 2], ids=["sin", "silu"])
def test_lambda_accepts_jax_functions(function):
    x = Input(shape=(3,))
    model = Model(x, Lambda(function)(x))
    np.testing.assert_allclose(model.predict(small()), function(small()), rtol=1e-5)


def test_jax_functions_serve_as_activation_and_loss():
    x = Input(shape=(3,))
    model = Model(x, Dense(2, activation=jax.nn.silu)(x))
    model.compile("sgd", lambda y, p: jnp.mean(jnp.abs(y - p), axis=-1))
    y = np.zeros((8, 2))
    loss = model.evaluate(small(), y, verbose=0)
    np.testing.assert_allclose(loss, np.abs(model.predict(small())).mean(), rtol=1e-5)


def dense_net(seed=3):
    np.random.seed(seed)
    x = Input(shape=(3,))
    h = BatchNormalization()(Dropout(0.5)(Dense(8, activation="relu")(x)))
    model = Model(x, Dense(2, activation="softmax")(h))
    model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
    return model


def test_watching_batches_does_not_change_the_history():
    """A callback that looks at batches switches to single steps; numbers and dropout stay the same."""
    x, y = small(shape=(50, 3)), np.eye(2)[np.random.RandomState(0).randint(0, 2, 50)]
    histories = []
    for callbacks in ([], [LambdaCallback(on_batch_end=lambda batch, logs: None)]):
        model = dense_net()
        history = model.fit(x, y, batch_size=8, nb_epoch=3, verbose=0, callbacks=callbacks)
        histories.append((history.history, model.get_weights()))
    for key in histories[0][0]:
        np.testing.assert_allclose(histories[0][0][key], histories[1][0][key], rtol=1e-5)
    for one, other in zip(histories[0][1], histories[1][1], strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-6)


def test_metric_function_is_averaged_over_the_samples():
    def twice_the_error(y_true, y_pred):
        return 2 * K.mean(K.abs(y_true - y_pred), axis=-1)

    x = Input(shape=(3,))
    model = Model(x, Dense(2)(x))
    model.compile("sgd", "mae", metrics=[twice_the_error])
    loss, metric = model.evaluate(small(), np.zeros((8, 2)), verbose=0)
    assert metric == pytest.approx(2 * loss)


def test_same_seed_repeats_the_run():
    x, y = small(shape=(50, 3)), np.eye(2)[np.random.RandomState(0).randint(0, 2, 50)]
    runs = [dense_net(7).fit(x, y, batch_size=8, nb_epoch=2, verbose=0).history for _ in range(2)]
    assert runs[0] == runs[1]
    assert runs[0] != dense_net(8).fit(x, y, batch_size=8, nb_epoch=2, verbose=0).history


def test_frozen_part_of_a_gan_is_not_trained():
    """`trainable` counts at compile: the combined model trains the generator only."""
    critic = Sequential([Dense(1, activation="sigmoid", input_dim=3)])
    critic.compile("sgd", "binary_crossentropy")
    maker = Sequential([Dense(3, input_dim=2)])
    z = Input(shape=(2,))
    critic.trainable = False
    both = Model(z, critic(maker(z)))
    both.compile("sgd", "binary_crossentropy")
    before = [model.get_weights()[0].copy() for model in (critic, maker)]
    both.train_on_batch(small(shape=(8, 2)), np.ones((8, 1)))
    assert np.array_equal(critic.get_weights()[0], before[0])
    assert not np.array_equal(maker.get_weights()[0], before[1])
    critic.train_on_batch(small(), np.ones((8, 1)))
    assert not np.array_equal(critic.get_weights()[0], before[0])


def test_batch_normalization_in_time_distributed_model_is_updated():
    inner = Sequential([BatchNormalization(input_shape=(3,), momentum=0.5)])
    x = Input(shape=(4, 3))
    model = Model(x, TimeDistributed(inner)(x))
    model.compile("sgd", "mse")
    data = small(shape=(6, 4, 3))
    model.train_on_batch(data, data)
    mean = inner.layers[0].get_weights()[2]
    np.testing.assert_allclose(mean, data.reshape(-1, 3).mean(axis=0) / 2, rtol=1e-4)


def test_user_loss_may_take_targets_of_another_shape():
    """A user's loss decides what its targets look like: here class and weight in one array."""

    def weighted(y_true, y_pred):
        return y_true[:, 1] * K.square(y_true[:, 0] - y_pred[:, 0])

    x = Input(shape=(3,))
    model = Model(x, Dense(1)(x))
    model.compile("sgd", weighted)
    y = np.stack([np.zeros(8), np.arange(8.0)], axis=1)
    expected = np.mean(np.arange(8) * model.predict(small())[:, 0] ** 2)
    np.testing.assert_allclose(model.evaluate(small(), y, verbose=0), expected, rtol=1e-5)


def test_loss_weights_may_be_variables(tmp_path):
    """They are changed without compiling anew, and saved as their values (1.2.2 cannot save)."""
    x = Input(shape=(3,))
    model = Model(x, [Dense(1, name="p")(x), Dense(1, name="q")(x)])
    part = K.variable(1.0)
    model.compile("sgd", "mse", loss_weights=[1.0, part])
    y = [np.ones((8, 1)), np.ones((8, 1))]
    total, p, q = model.evaluate(small(), y, verbose=0)
    np.testing.assert_allclose(total, p + q, rtol=1e-5)
    K.set_value(part, 0.0)
    np.testing.assert_allclose(model.evaluate(small(), y, verbose=0)[0], p, rtol=1e-5)
    model.save(tmp_path / "m.h5")
    assert load_model(tmp_path / "m.h5").loss_weights == [1.0, 0.0]


def test_model_is_freed_with_its_programs():
    model = dense_net()
    model.fit(small(), np.eye(2)[[0, 1] * 4], nb_epoch=1, verbose=0)
    model.predict(small())
    gone = weakref.ref(model)
    del model
    gc.collect()
    assert gone() is None


def test_stateful_predict_continues_until_reset():
    model = Sequential([LSTM(2, stateful=True, batch_input_shape=(2, 3, 1))])
    x = small(shape=(2, 3, 1))
    first, second = model.predict(x, batch_size=2), model.predict(x, batch_size=2)
    assert not np.allclose(first, second)
    model.reset_states()
    np.testing.assert_allclose(model.predict(x, batch_size=2), first, rtol=1e-6)


def test_programs_do_not_exist_before_compile():
    """As in 1.2.2, where `hasattr(model, "train_function")` says whether a model is compiled."""
    x = Input(shape=(3,))
    model = Model(x, Dense(2)(x))
    assert not hasattr(model, "train_function") and not hasattr(model, "test_function")
    model.compile("sgd", "mse")
    assert hasattr(model, "train_function") and hasattr(model, "test_function")


# --- hooks and attributes of Keras 1.2.2 that programs override and read


def dropped_model(cls=Model):
    x = Input(shape=(3,))
    return cls(x, Dense(2)(Dropout(0.5)(x)))


def test_flags_of_other_engines_are_ignored_with_a_warning():
    model = dropped_model()
    with pytest.warns(UserWarning, match="mode, profile is ignored"):
        model.compile("sgd", "mse", mode="FAST_RUN", profile=True)
    with pytest.raises(TypeError, match="unknown keyword arguments \\['metric'\\]"):
        model.compile("sgd", "mse", metric=["mae"])


def test_make_train_function_makes_the_state_of_the_optimizer():
    model = dropped_model()
    model.compile("adam", "mse")
    model._make_train_function()
    assert [w.shape for w in model.optimizer.get_weights()] == [(), (3, 2), (2,), (3, 2), (2,)]  # 1.2.2


class HalfSteps(Model):
    """Makes its train function itself, any function of a list of arrays; counts its runs."""

    runs = 0

    def _make_train_function(self):
        if self.train_function is None:
            inputs = self.inputs + self.targets + self.sample_weights
            inputs += [K.learning_phase()] if self.uses_learning_phase else []
            updates = self.optimizer.get_updates(
                self._collected_trainable_weights, self.constraints, 0.5 * self.total_loss
            )
            step = K.function(
                inputs, [self.total_loss, *self.metrics_tensors], updates, **self._function_kwargs
            )

            def counted(arrays):
                assert not self.uses_learning_phase or arrays[-1] == 1
                self.runs += 1
                return step(arrays)

            self.train_function = counted


def test_fit_runs_the_train_function_of_a_subclass():
    x, y = small(), small(1, (8, 2))
    model = dropped_model(HalfSteps)
    model.compile("sgd", "mse", metrics=["mae"])
    history = model.fit(x, y, nb_epoch=2, batch_size=4, verbose=0, validation_split=0.5)
    assert model.runs == 2 and len(history.history["mean_absolute_error"]) == 2
    model.train_on_batch(x, y)
    model.fit_generator(iter([(x, y)] * 3), samples_per_epoch=8, nb_epoch=1, verbose=0, max_q_size=1)
    assert model.runs == 4


def test_the_steps_of_a_subclass_are_its_own():
    x, y = small(), small(1, (8, 2))
    moved = []
    for cls, lr in ((HalfSteps, 0.2), (Model, 0.1)):
        inputs = Input(shape=(3,))
        model = cls(inputs, Dense(2, init="one")(inputs))
        model.compile(SGD(lr=lr), "mse")
        model.fit(x, y, nb_epoch=3, batch_size=4, verbose=0, shuffle=False)
        moved.append(model.get_weights())
    for ours, plain in zip(*moved, strict=True):
        np.testing.assert_allclose(ours, plain, rtol=1e-5)


def test_a_loss_that_is_not_finite_does_not_hold_back_the_steps_of_a_subclass():
    x, y = small(), small(1, (8, 2))
    model = dropped_model(HalfSteps)
    model.compile(SGD(lr=1e38), "mse")
    history = model.fit(x, y, nb_epoch=6, verbose=0)
    assert not np.isfinite(history.history["loss"][-1])


def test_validation_data_end_with_the_phase_if_the_model_uses_it():  # 1.2.2
    x, y = small(), small(1, (8, 2))
    seen = []
    callback = LambdaCallback(on_train_end=lambda logs: seen.append(model.validation_data))
    for model in (dropped_model(), Sequential([Dense(2, input_dim=3)])):
        model.compile("sgd", "mse")
        model.fit(x, y, nb_epoch=1, verbose=0, validation_data=(x, y), callbacks=[callback])
    assert [np.shape(a) for a in seen[0]] == [(8, 3), (8, 2), (8,), ()]
    assert [np.shape(a) for a in seen[1]] == [(8, 3), (8, 2), (8,)]


def test_the_model_of_a_sequential_is_there_once_it_is_built():
    model = Sequential([Dense(2, input_dim=3)])
    assert model.model is None
    model.build()
    assert isinstance(model.model, Model) and model.model.input_layers_node_indices == [0]
