"""Models as pure functions: values and gradients against the model itself, trees, state, random keys."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from keras import backend as K
from keras.layers import LSTM, BatchNormalization, Dense, Dropout, Input, merge
from keras.models import Model, Sequential

X = np.random.RandomState(0).randn(6, 3).astype("float32")
Y = np.random.RandomState(1).randn(6, 2).astype("float32")


@pytest.fixture
def model():
    """A layer that is shared by the model and a model inside it, running statistics and dropout."""
    shared = Dense(3, name="shared")
    a = Input(shape=(3,))
    inner = Model(input=a, output=BatchNormalization(name="norm")(shared(a)), name="inner")
    x = Input(shape=(3,), name="x")
    return Model(input=x, output=Dense(2, name="out")(Dropout(0.5)(shared(inner(x)))))


def test_predictions_are_those_of_the_model(model):
    apply, params, state = model.as_function()
    y, after = jax.jit(apply)(params, state, X)
    assert_allclose(y, model.predict(X), rtol=1e-6)
    assert_allclose(apply(params, state, {"x": X})[0], y, rtol=1e-6)
    assert_array_equal(after["inner"]["norm"]["norm_running_mean"], np.zeros(3))


def test_trees_have_the_names_of_layers_and_weights(model):
    _, params, state = model.as_function()
    assert jax.tree.map(jnp.shape, params) == {
        "inner": {
            "shared": {"shared_W": (3, 3), "shared_b": (3,)},
            "norm": {"norm_gamma": (3,), "norm_beta": (3,)},
        },
        "out": {"out_W": (3, 2), "out_b": (2,)},
    }
    assert list(state["inner"]["norm"]) == ["norm_running_mean", "norm_running_std"]


def test_frozen_weights_are_state(model):
    model.get_layer("out").trainable = False
    _, params, state = model.as_function()
    assert "out" not in params
    assert list(state["out"]) == ["out_W", "out_b"]


def test_a_step_of_gradients_and_state_is_that_of_fit():
    a = Input(shape=(3,))
    model = Model(input=a, output=Dense(2, name="out")(BatchNormalization(name="norm")(a)))
    model.compile(optimizer="sgd", loss="mse")
    apply, params, state = model.as_function()

    def loss(params, state):
        y, state = apply(params, state, X, train=True)
        return jnp.mean((y - Y) ** 2), state

    slopes, state = jax.grad(loss, has_aux=True)(params, state)
    model.train_on_batch(X, Y)
    trained = model.as_function()
    jax.tree.map(
        lambda p, g, new: assert_allclose(p - 0.01 * g, new, rtol=1e-5, atol=1e-6),
        params,
        slopes,
        trained.params,
    )
    jax.tree.map(lambda one, other: assert_allclose(one, other, rtol=1e-5), state, trained.state)


def test_dropout_needs_a_key_and_follows_it(model):
    apply, params, state = model.as_function()
    with pytest.raises(ValueError, match=r"draws random numbers, as in Dropout: pass key=jax"):
        apply(params, state, X, train=True)
    draws = jax.vmap(lambda key: apply(params, state, X, train=True, key=key)[0])(
        jax.random.split(jax.random.key(0), 2)
    )
    assert not np.array_equal(draws[0], draws[1])
    old, new = (apply(params, state, X, True, key)[0] for key in (jax.random.PRNGKey(3), jax.random.key(3)))
    assert_array_equal(old, new)


def test_states_of_layers_are_passed_on():
    model = Sequential([LSTM(2, stateful=True, batch_input_shape=(1, 2, 1), name="memory")])
    apply, params, state = model.as_function()
    assert list(state["memory"]) == ["state_0", "state_1"]
    x = np.ones((1, 2, 1), "float32")
    first, state = apply(params, state, x)
    second, _ = apply(params, state, x)
    assert_allclose(first, model.predict(x, batch_size=1), rtol=1e-6)
    assert_allclose(second, model.predict(x, batch_size=1), rtol=1e-6)


def test_several_inputs_and_outputs_are_lists():
    a, b = Input(shape=(3,)), Input(shape=(3,))
    apply, params, state = Model(input=[a, b], output=[merge([a, b], mode="sum"), a]).as_function()
    y, _ = apply(params, state, [X, X])
    assert_array_equal(y[0], 2 * X)
    with pytest.raises(ValueError, match="got 1 arrays for 2 inputs"):
        apply(params, state, X)


def test_set_params_is_the_way_back(model):
    apply, params, state = model.as_function()
    params = jax.tree.map(lambda w: w + 1, params)
    _, state = apply(params, state, X, train=True, key=jax.random.key(0))
    model.set_params(params, state)
    assert_allclose(model.predict(X), apply(params, state, X)[0], rtol=1e-6)
    mean = model.get_layer("inner").get_layer("norm").running_mean
    assert_array_equal(K.get_value(mean), state["inner"]["norm"]["norm_running_mean"])


@pytest.mark.parametrize(
    "change, message",
    [
        (lambda p: p.pop("out"), r"params has no params\['out'\]; it has inner"),
        (lambda p: p.update(other=1), r"has no params\['other'\]"),
        (
            lambda p: p["out"].update(out_b=np.zeros(3)),
            r"params\['out'\]\['out_b'\] has shape \(3,\); .* \(2,\)",
        ),
    ],
)
def test_set_params_refuses_another_tree(model, change, message):
    _, params, _ = model.as_function()
    before = model.get_weights()
    change(params)
    with pytest.raises(ValueError, match=message):
        model.set_params(params)
    assert_array_equal(model.get_weights()[0], before[0])


def test_inputs_of_another_shape_are_refused(model):
    apply, params, state = model.as_function()
    with pytest.raises(ValueError, match=r"input 'x' has shape \(None, 3\); got \(6, 2\)"):
        apply(params, state, X[:, :2])
