"""What one can say with the functional API, beyond the recorded models."""

import gc
import weakref

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from keras import backend as K
from keras.callbacks import LambdaCallback
from keras.engine import Layer
from keras.layers import (
    LSTM,
    Activation,
    BatchNormalization,
    Dense,
    Dropout,
    Input,
    Lambda,
    Masking,
    TimeDistributed,
    merge,
)
from keras.models import Model, Sequential, load_model, model_from_json


def small(seed=0, shape=(8, 3)):
    return np.random.RandomState(seed).rand(*shape).astype("float32")


# --- operators and K functions as steps of a model --------------------------------------------------


def operated():
    a, b = Input(shape=(3,), name="a"), Input(shape=(3,), name="b")
    h = Dense(3, name="h")(a)
    return Model([a, b], K.sqrt(K.abs(2 * h - b)) + h[:, :1])


def test_operators_compute():
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


def test_operators_are_run_again_on_new_inputs():
    model = operated()
    x = Input(shape=(3,))
    outer = Model(x, model([x, x * 2]))
    a = small()
    np.testing.assert_allclose(outer.predict(a), model.predict([a, 2 * a]), rtol=1e-6)


def test_a_variable_in_an_operator_cannot_be_saved():
    x = Input(shape=(3,))
    model = Model(x, x * K.variable(np.ones(3), name="scale"))
    np.testing.assert_array_equal(model.predict(small()), small())
    with pytest.raises(ValueError, match="reads <Variable 'scale'.*belongs to no layer"):
        model.to_json()


def test_random_ops_in_a_model_survive():
    x = Input(shape=(3,))
    model = Model(x, x + K.random_normal((3,), seed=5))
    again = model_from_json(model.to_json())
    np.testing.assert_array_equal(again.predict(small()), model.predict(small()))


# --- plain JAX where K code is asked for -----------------------------------------------------------


@pytest.mark.parametrize("function", [jnp.sin, lambda x: jax.nn.silu(x) * 2], ids=["sin", "silu"])
def test_lambda_takes_jax_functions(function):
    x = Input(shape=(3,))
    model = Model(x, Lambda(function)(x))
    np.testing.assert_allclose(model.predict(small()), function(small()), rtol=1e-5)


def test_jax_activation_and_loss():
    x = Input(shape=(3,))
    model = Model(x, Dense(2, activation=jax.nn.silu)(x))
    model.compile("sgd", lambda y, p: jnp.mean(jnp.abs(y - p), axis=-1))
    y = np.zeros((8, 2))
    loss = model.evaluate(small(), y, verbose=0)
    np.testing.assert_allclose(loss, np.abs(model.predict(small())).mean(), rtol=1e-5)


# --- nodes ------------------------------------------------------------------------------------------


def test_shared_layer_nodes():
    layer = Dense(2)
    a, b = Input(shape=(3,)), Input(shape=(3,))
    out_a = layer(a)
    assert layer.output is out_a and layer.input is a and layer.output == out_a
    out_b = layer(b)
    assert layer.get_output_at(0) is out_a and layer.get_output_at(1) is out_b
    assert layer.get_input_at(1) is b
    assert layer.output_shape == (None, 2)
    with pytest.raises(AttributeError, match="multiple inbound nodes"):
        _ = layer.output
    with pytest.raises(AssertionError, match="get_output_at"):
        _ = layer.output


def test_disconnected_graph_names_the_missing_input():
    a, b = Input(shape=(3,), name="here"), Input(shape=(3,), name="missing")
    x = Dense(2, name="first")(a)
    y = merge([x, Dense(2, name="second")(b)], mode="sum", name="joined")
    with pytest.raises(ValueError, match=r"Graph disconnected.*'missing'.*needed by 'second'.*'first'"):
        Model(a, y)


def test_a_layer_that_hands_on_its_input_keeps_the_history():
    x = Input(shape=(3,))
    y = Activation("linear")(x)
    assert x._keras_history[0].name.startswith("input")
    model = Model(x, y)
    assert [type(layer).__name__ for layer in model.layers] == ["InputLayer", "Activation"]


# --- masks ------------------------------------------------------------------------------------------


def test_mask_is_refused_by_layers_that_cannot_use_it():
    x = Masking()(Input(shape=(4, 3)))
    with pytest.raises(TypeError, match="does not support masking"):
        Lambda(lambda t: t + 1)(x)
    with pytest.raises(TypeError, match="does not support masking"):
        Dense(2)(x * 1)


# --- training ---------------------------------------------------------------------------------------


def dense_net(seed=3):
    np.random.seed(seed)
    x = Input(shape=(3,))
    h = BatchNormalization()(Dropout(0.5)(Dense(8, activation="relu")(x)))
    model = Model(x, Dense(2, activation="softmax")(h))
    model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
    return model


def test_one_program_and_single_steps_give_the_same_history():
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


def test_a_loss_as_a_metric_is_the_mean_over_the_samples():
    def twice_the_error(y_true, y_pred):
        return 2 * K.mean(K.abs(y_true - y_pred), axis=-1)

    x = Input(shape=(3,))
    model = Model(x, Dense(2)(x))
    model.compile("sgd", "mae", metrics=[twice_the_error])
    loss, metric = model.evaluate(small(), np.zeros((8, 2)), verbose=0)
    assert metric == pytest.approx(2 * loss)


def test_same_seed_same_run():
    x, y = small(shape=(50, 3)), np.eye(2)[np.random.RandomState(0).randint(0, 2, 50)]
    runs = [dense_net(7).fit(x, y, batch_size=8, nb_epoch=2, verbose=0).history for _ in range(2)]
    assert runs[0] == runs[1]
    assert runs[0] != dense_net(8).fit(x, y, batch_size=8, nb_epoch=2, verbose=0).history


def test_frozen_part_of_a_gan_stays():
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


def test_custom_layer_in_1x_style():
    class Scale(Layer):
        def build(self, input_shape):
            self.W = K.variable(np.full((input_shape[-1],), 2.0), name=f"{self.name}_W")
            self.trainable_weights = [self.W]

        def call(self, x, mask=None):
            return x * self.W

    model = Sequential([Scale(input_shape=(3,))])
    np.testing.assert_allclose(model.predict(small()), 2 * small())
    model.compile("sgd", "mse")
    model.fit(small(), np.zeros((8, 3)), nb_epoch=1, verbose=0)
    assert np.all(model.get_weights()[0] < 2)


def test_loss_may_want_targets_of_another_shape():
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


def test_stateful_predict_goes_on():
    model = Sequential([LSTM(2, stateful=True, batch_input_shape=(2, 3, 1))])
    x = small(shape=(2, 3, 1))
    first, second = model.predict(x, batch_size=2), model.predict(x, batch_size=2)
    assert not np.allclose(first, second)
    model.reset_states()
    np.testing.assert_allclose(model.predict(x, batch_size=2), first, rtol=1e-6)


def test_a_chain_of_a_thousand_layers_builds_and_runs():
    x = y = Input(shape=(2,))
    for _ in range(1000):
        y = Activation("linear")(y)
    model = Model(x, y)
    assert len(model.layers) == 1001
    assert len(Model.from_config(model.get_config()).layers) == 1001
