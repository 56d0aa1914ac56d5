"""The LSTM step and its gradients, compared with JAX's derivatives of the formula."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from keras import activations
from keras._graph import ancestors
from keras._kernels.cells import ACTIVATIONS, lstm, lstm_sequence
from keras.layers import LSTM, Input
from keras.models import Model


def formula(z, c, activation, inner_activation):
    """Gers et al. 2000, with the gates in the order i, f, candidate, o."""
    a, s = ACTIVATIONS[activation][0], ACTIVATIONS[inner_activation][0]
    i, f, g, o = jnp.split(z, 4, axis=1)
    new = s(f) * c + s(i) * a(g)
    return s(o) * a(new), new


def loss(step, z, c, *names):
    h, new = step(z, c, *names)
    weights = np.linspace(0.5, 2, h.size).reshape(h.shape)
    return jnp.sum(weights * h**2) + jnp.sum(weights[::-1] * new**3)


def case():
    numbers = np.random.RandomState(0)
    return jnp.asarray(2 * numbers.randn(3, 20)), jnp.asarray(numbers.randn(3, 5))


@pytest.mark.parametrize("inner_activation", ACTIVATIONS)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_step_and_gradients_equal_the_formula(activation, inner_activation):
    with jax.enable_x64(True):
        names = activation, inner_activation
        ours = jax.value_and_grad(lambda z, c: loss(lstm, z, c, *names), (0, 1))(*case())
        plain = jax.value_and_grad(lambda z, c: loss(formula, z, c, *names), (0, 1))(*case())
    for one, other in zip(jax.tree.leaves(ours), jax.tree.leaves(plain), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-12)


def test_second_gradient_equals_the_formula():
    def curvature(step):
        def slope(z, c):
            return jnp.sum(jax.grad(lambda z: loss(step, z, c, "tanh", "sigmoid"))(z) ** 2)

        return jax.grad(slope, (0, 1))(*case())

    with jax.enable_x64(True):
        for one, other in zip(curvature(lstm), curvature(formula), strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-10)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations_equal_those_of_the_layers(name):
    x = np.linspace(-4, 4, 41, dtype="float32")
    np.testing.assert_array_equal(ACTIVATIONS[name][0](x), getattr(activations, name)(x))


@pytest.mark.parametrize("backwards", [False, True])
def test_sequence_equals_single_steps(backwards):
    def by_steps(z, U, b, h, c, activation, inner_activation, backwards):
        outputs = []
        for sums in z[::-1] if backwards else z:
            h, c = formula(sums + b + h @ U, c, activation, inner_activation)
            outputs.append(h)
        return jnp.stack(outputs[::-1] if backwards else outputs), h, c

    def slope(function, *values):
        def loss(*values):
            outputs, h, c = function(*values, "tanh", "hard_sigmoid", backwards)
            weights = np.linspace(0.5, 2, outputs.size).reshape(outputs.shape)
            return jnp.sum(weights * outputs**2) + jnp.sum(h**3) + jnp.sum(c * h)

        return jax.value_and_grad(loss, range(5))(*values)

    def curvature(function, *values):
        return jax.grad(lambda *values: sum(jnp.sum(g**2) for g in slope(function, *values)[1]), range(5))(
            *values
        )

    numbers = np.random.RandomState(0)
    with jax.enable_x64(True):
        values = [jnp.asarray(numbers.randn(*shape)) for shape in ((6, 3, 8), (2, 8), (8,), (3, 2), (3, 2))]
        for of in (slope, curvature):
            ours, plain = jax.tree.leaves(of(lstm_sequence, *values)), jax.tree.leaves(of(by_steps, *values))
            for one, other in zip(ours, plain, strict=True):
                np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-12)


class _Derived(LSTM):
    def step(self, x, states):
        return super().step(x, states)


OPTIONS = {
    "plain": {},
    "sequences backwards": {"return_sequences": True, "go_backwards": True},
    "stateful": {"stateful": True, "return_sequences": True},
}


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
@pytest.mark.parametrize("features", [3, 40])
def test_all_steps_at_once_equal_the_layer_step_by_step(options, features):
    numbers = np.random.RandomState(0).randn(2, 4, features).astype("float32")
    results = []
    for kind in (LSTM, _Derived):
        x = Input(batch_shape=(2, 4, features))
        model = Model(x, kind(5, **options)(x))
        draw = np.random.RandomState(1)
        model.set_weights([draw.randn(*w.shape) / 4 for w in model.get_weights()])
        model.compile("sgd", "mse")
        target = np.ones(model.output_shape)
        results.append([model.train_on_batch(numbers, target), *model.get_weights(), model.predict(numbers)])
        assert _has_sequence(model) == (kind is LSTM)
    for one, other in zip(*results, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("kind", [LSTM, _Derived])
def test_other_activations_use_the_formula(kind):
    numbers = np.random.RandomState(0).randn(2, 4, 3).astype("float32")
    outputs = []
    for activation in ("tanh", lambda x: activations.tanh(x)):
        x = Input((4, 3))
        model = Model(x, kind(5, activation=activation)(x))
        model.set_weights([np.random.RandomState(1).randn(*w.shape) for w in model.get_weights()])
        outputs.append(model.predict(numbers))
        assert _has_sequence(model) == (kind is LSTM and activation == "tanh")
        for body in (node.body for node in ancestors(model.outputs) if node.body):
            assert ("lstm" in {node.name for node in ancestors(body.outputs)}) == (activation == "tanh")
    np.testing.assert_allclose(*outputs, rtol=1e-5)


def _has_sequence(model):
    return "lstm_sequence" in {node.name for node in ancestors(model.outputs)}
