"""Precision policies: what stays in float32, and what they do not change."""

import numpy as np
import pytest

from keras import backend as K
from keras import layers as L
from keras.engine import Layer
from keras.layers import Dense, Input
from keras.models import Model, Sequential, load_model

RANDOM = np.random.RandomState(0)


@pytest.fixture(params=["mixed_bfloat16", "mixed_float16"])
def policy(request):
    K.set_policy(request.param)
    return request.param


def narrow(policy):
    return policy.removeprefix("mixed_")


# --- the setting ----------------------------------------------------------------------------------


def test_set_policy_affects_only_later_layers():
    assert K.policy() is None
    before = Dense(3)
    K.set_policy("mixed_bfloat16")
    assert K.policy() == "mixed_bfloat16"
    after, own = Dense(3), Dense(3, policy="float32")
    K.set_policy(None)
    assert (before.compute_dtype, after.compute_dtype, own.compute_dtype) == (None, "bfloat16", "float32")


def test_unknown_policies_are_refused():
    with pytest.raises(
        ValueError, match="set_policy: unknown policy 'bfloat16'; wanted None or one of float32"
    ):
        K.set_policy("bfloat16")
    with pytest.raises(ValueError, match="Dense 'wide': unknown policy 'half'"):
        Dense(3, name="wide", policy="half")


def test_mixed_policies_require_float32_weights():
    K.set_floatx("bfloat16")
    with pytest.raises(ValueError, match="needs weights in float32, and floatx is 'bfloat16'"):
        K.set_policy("mixed_bfloat16")
    K.set_floatx("float32")
    K.set_policy("mixed_bfloat16")
    with pytest.raises(ValueError, match=r"set_floatx\('float64'\): the policy 'mixed_bfloat16'"):
        K.set_floatx("float64")


# --- types ----------------------------------------------------------------------------------------


def test_outputs_are_narrow_between_layers_and_float32_for_the_model(policy):
    x = Input((4,))
    hidden = Dense(8)(x)
    normal = L.BatchNormalization()(hidden)
    output = Dense(3, activation="softmax")(L.Activation("relu")(normal))
    assert [K.dtype(t) for t in (hidden, normal, output)] == [narrow(policy)] * 3
    probabilities = Model(x, output).predict(RANDOM.rand(50, 4))
    # Sums of numbers that were rounded to 8 or 11 bits are 1 to 1e-3 at best.
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-6)


def test_time_distributed_softmax_is_not_rounded(policy):
    model = Sequential([L.TimeDistributed(Dense(9, activation="softmax"), input_shape=(5, 4))])
    assert K.dtype(model.output) == narrow(policy)
    np.testing.assert_allclose(model.predict(RANDOM.rand(6, 5, 4)).sum(axis=-1), 1, atol=1e-6)


def test_data_without_products_keep_their_dtype(policy):
    """Among them ids that come as floats: in bfloat16 257 is 256, in float16 2049 is 2048."""
    ids = np.array([[257.0, 2049.0]])
    x = Input((2,))
    joined = L.merge([L.Reshape((2, 1))(x), L.Reshape((2, 1))(x)], mode="concat")
    table = np.arange(2050.0)[:, None]
    found = L.Embedding(2050, 1, weights=[table])(L.Flatten()(L.Activation("linear")(joined)))
    assert Model(x, found).predict(ids).ravel().tolist() == [257, 257, 2049, 2049]


def test_single_mixed_layer_in_a_float32_model():
    x = Input((6, 6, 2))
    y = L.Convolution2D(4, 3, 3, dim_ordering="tf", policy="mixed_bfloat16")(x)
    z = L.Convolution2D(2, 3, 3, dim_ordering="tf")(y)
    assert [K.dtype(t) for t in (x, y, z)] == ["float32", "bfloat16", "float32"]
    assert K.dtype(L.Activation("relu", policy="float32")(y)) == "float32"
    assert Model(x, y).predict(RANDOM.rand(1, 6, 6, 2)).dtype == np.float32


@pytest.mark.parametrize("make", [L.SimpleRNN, L.GRU, L.LSTM])
def test_a_recurrent_layer_without_a_policy_after_a_mixed_one(make):
    x = Input((5, 3))
    y = make(4)(L.TimeDistributed(Dense(3, policy="mixed_bfloat16"))(x))
    model = Model(x, y)
    model.compile("sgd", "mse")
    before = model.get_weights()
    assert np.isfinite(model.train_on_batch(RANDOM.rand(2, 5, 3), RANDOM.rand(2, 4)))
    assert all((old != new).any() for old, new in zip(before, model.get_weights(), strict=True))


def test_shared_layers_and_models_within_models(policy):
    """A model called on a tensor, and a layer called twice, return what they return by themselves."""
    inner = Sequential([Dense(5, activation="tanh", input_dim=4), Dense(3, activation="softmax")])
    a, b = Input((4,)), Input((4,))
    shared = Dense(4)
    model = Model([a, b], [inner(shared(a)), inner(shared(b))])
    data = RANDOM.rand(7, 4)
    first, second = model.predict([data, data])
    np.testing.assert_array_equal(first, second)
    expected = inner.predict(Model(a, shared(a)).predict(data))
    np.testing.assert_allclose(first, expected, atol=1e-2)
    np.testing.assert_allclose(first.sum(axis=1), 1, atol=1e-6)


# --- what is added up in float32 ------------------------------------------------------------------


def test_gradient_of_a_bias_over_many_positions(policy):
    """In 8 bits the sum over 100 * 30 * 30 places would stop growing at 512, in 11 bits at 4096."""
    layer = L.Convolution2D(2, 1, 1, dim_ordering="tf", init="zero")
    x = Input((30, 30, 1))
    y = layer(x)
    (gradient,) = K.gradients(K.sum(y), [layer.b])
    assert K.function([x], [gradient])([np.ones((100, 30, 30, 1))])[0].tolist() == [90000, 90000]


def test_gradient_of_recurrent_weights_over_many_steps(policy):
    """With U = 0 all h are 1, and dU of their sum is h_1 + ... + h_2999; at 11 bits it would stop at 2048."""
    layer = L.SimpleRNN(1, activation="linear", init="one", inner_init="zero", return_sequences=True)
    x = Input((3000, 1))
    (gradient,) = K.gradients(K.sum(K.cast(layer(x), "float32")), [layer.U])
    assert K.function([x], [gradient])([np.ones((1, 3000, 1))])[0].item() == 2999


def test_running_statistics_are_not_rounded(policy):
    """new = 0.99 old + 0.01 mean (the momentum of 1.2.2); 8 bits would drop the second term."""
    x = Input((1,))
    layer = L.BatchNormalization()
    model = Model(x, layer(Dense(1, init="one")(x)))
    model.compile("sgd", "mse")
    layer.set_weights([np.ones(1), np.zeros(1), np.full(1, 100.0), np.ones(1)])
    model.train_on_batch(np.full((4, 1), 64.0), np.zeros((4, 1)))
    assert K.get_value(layer.running_mean).item() == pytest.approx(0.99 * 100 + 0.01 * 64, rel=1e-6)


def test_penalties_are_summed_in_float32(policy):
    """0.5 * 3 * 3 samples * 1,000 units = 4,500, beyond the 2,048 up to which float16 holds all integers."""
    x = Input((1,))
    layer = Dense(1000, init="one", W_regularizer="l1", activity_regularizer=lambda y: 0.5 * K.sum(K.abs(y)))
    model = Model(x, layer(x))
    model.compile("sgd", lambda true, predicted: 0 * K.sum(predicted, axis=-1))
    loss = model.test_on_batch(np.full((3, 1), 3.0), np.zeros((3, 1000)))
    assert loss == pytest.approx(4500 + 0.01 * 1000, rel=1e-6)


def test_kept_states_are_float32(policy):
    """A state is carried from batch to batch as within one batch, without rounding."""
    make = {"batch_input_shape": (2, 3, 4), "return_sequences": True}
    stateful = Sequential([L.LSTM(5, stateful=True, **make)])
    whole = Sequential([L.LSTM(5, **{**make, "batch_input_shape": (2, 6, 4)})])
    whole.set_weights(stateful.get_weights())
    data = RANDOM.rand(2, 6, 4)
    parts = [stateful.predict(data[:, :3], batch_size=2), stateful.predict(data[:, 3:], batch_size=2)]
    np.testing.assert_array_equal(np.concatenate(parts, axis=1), whole.predict(data, batch_size=2))


# --- layers of the user's own ---------------------------------------------------------------------


class Count(Layer):
    """Multiplies a softmax by weights, and counts the samples it has seen."""

    def build(self, input_shape):
        self.W = self.add_weight((input_shape[-1], 2), "one", name="W")
        self.seen = self.add_weight((), lambda shape, name: K.variable(0.0, name=name), trainable=False)
        self.built = True

    def call(self, x, mask=None):
        self.inner_dtypes = K.dtype(x), K.dtype(K.dot(x, self.W)), K.dtype(K.exp(x)), K.dtype(self.W)
        samples = K.sum(K.ones_like(x[:, 0]))
        self.add_update([(self.seen, self.seen + samples)], x)
        return K.dot(K.softmax(x), self.W)

    def get_output_shape_for(self, input_shape):
        return input_shape[0], 2


def test_user_defined_layer(policy):
    """Products are narrow, softmax and sums are not; its updates are found, though its input is narrow."""
    x = Input((4,))
    layer = Count()
    model = Model(x, layer(Dense(4)(x)))
    assert layer.inner_dtypes == (narrow(policy), narrow(policy), "float32", "float32")
    model.compile("sgd", "mse")
    for _ in range(5):
        model.train_on_batch(RANDOM.rand(130, 4), RANDOM.rand(130, 2))
    assert K.get_value(layer.seen) == 650


def test_a_layer_may_require_float32(policy):
    class Wide(Count):
        computes_in_float32 = True

    x = Input((4,))
    layer = Wide()
    model = Model(x, layer(Dense(4)(x)))
    assert layer.inner_dtypes == ("float32",) * 4 and layer.compute_dtype == "float32"
    assert K.dtype(model.output) == narrow(policy)
    assert model.updates  # they were added for the input in float32, which the model does not know


# --- files ----------------------------------------------------------------------------------------


def test_files_hold_float32_weights_and_explicit_policies(policy, tmp_path):
    h5py = pytest.importorskip("h5py")
    model = Sequential([Dense(3, input_dim=4, policy=policy), Dense(2, activation="softmax")])
    model.compile("adam", "mse")
    data = RANDOM.rand(8, 4)
    model.train_on_batch(data, RANDOM.rand(8, 2))
    model.save(tmp_path / "model.h5")
    with h5py.File(tmp_path / "model.h5") as file:
        dtypes = []
        file["model_weights"].visititems(lambda _, item: dtypes.append(getattr(item, "dtype", None)))
    assert set(dtypes) - {None} == {np.dtype("float32")}
    again = load_model(tmp_path / "model.h5")
    np.testing.assert_array_equal(again.predict(data), model.predict(data))
    K.set_policy(None)
    assert [layer.compute_dtype for layer in load_model(tmp_path / "model.h5").layers] == [
        narrow(policy),
        None,
    ]
